"""Which commits make one feature, of what kind, and what each feature took: every token once."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from histories.program import Program
from histories.scene import Performance, Scene, code

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from histories.program import Json

LATE = "2026-06-30"


def _work(scene: Scene, topic: str, path: str | None = None, lines: int = 6) -> None:
    session = scene.session()
    session.prompt(f"Work on {topic}")
    session.write(path or f"{topic}.py", code(topic, lines))
    scene.clock.advance(minutes=20)


def squashed_with_a_number(scene: Scene) -> None:
    scene.repo.branch("work")
    _work(scene, "export")
    scene.repo.commit("wip")
    _work(scene, "exportcsv")
    scene.repo.commit("wip again")
    scene.repo.checkout("main")
    scene.repo.squash("work", "Export to CSV (#41)")


def merged_request(scene: Scene) -> None:
    scene.repo.branch("feature/search")
    _work(scene, "search")
    scene.repo.commit("start")
    scene.repo.checkout("main")
    scene.clock.advance(hours=1)
    scene.repo.merge("feature/search", "Merge pull request #7 from robin/feature/search\n\nSearch everywhere")


def merged_branch(scene: Scene) -> None:
    scene.repo.branch("feature/search")
    _work(scene, "search")
    scene.repo.commit("start")
    scene.repo.checkout("main")
    scene.repo.merge("feature/search")


def run_of_one_scope(scene: Scene) -> None:
    for topic in ("first", "second"):
        _work(scene, topic)
        scene.repo.commit(f"feat(api): the {topic} part")
        scene.clock.advance(days=2)
    _work(scene, "third")
    scene.repo.commit("feat(shop): something else")
    scene.clock.advance(days=30)
    _work(scene, "fourth")
    scene.repo.commit("feat(api): a month later")


def run_of_one_issue(scene: Scene) -> None:
    for topic in ("first", "second"):
        _work(scene, topic)
        scene.repo.commit(f"The {topic} half\n\nRefs #99")
        scene.clock.advance(days=1)


def plain_commits_of_two_sittings(scene: Scene) -> None:
    for hours in (1, 30, 1):
        _work(scene, f"plain{scene.clock.now_ms}")
        scene.repo.commit("More of it")
        scene.clock.advance(hours=hours)


def plain_commits_between_releases(scene: Scene) -> None:
    scene.repo.tag("v1.0")
    for number in range(4):
        _work(scene, f"step{number}")
        scene.repo.commit("More of it")
        scene.clock.advance(days=2)
        if number == 1:
            scene.repo.tag("v1.1")


def useful_work(scene: Scene) -> None:
    _work(scene, "refactored")
    scene.repo.commit("refactor(core): simpler")
    scene.clock.advance(days=1)
    _work(scene, "tests", "tests/test_core.py")
    scene.repo.commit("Try everything")
    scene.clock.advance(days=1)
    _work(scene, "guide", "docs/guide.md")
    scene.repo.commit("Explain everything")


def fix_by_an_assistant(scene: Scene) -> None:
    _work(scene, "mended")
    scene.repo.commit("fix: the sum of nothing")


def reverted_soon(scene: Scene) -> None:
    _work(scene, "gone")
    commit = scene.repo.commit("feat: gone tomorrow")
    scene.clock.advance(days=1)
    scene.repo.revert(commit)


def asked_before_and_wasted(scene: Scene) -> None:
    session = scene.session()
    session.prompt("What is there?")
    session.say("This and that.")
    session.prompt("Build it")
    session.write("built.py", code("built", 5))
    session.prompt("And this")
    session.write("thrown.py", code("thrown", 5))
    scene.clock.advance(minutes=9)
    scene.repo.commit("feat: build it", "built.py")
    scene.repo.git("clean", "--quiet", "-fd")


PLAYS = (
    squashed_with_a_number, merged_request, merged_branch, run_of_one_scope, run_of_one_issue,
    plain_commits_of_two_sittings, plain_commits_between_releases, useful_work, fix_by_an_assistant, reverted_soon,
    asked_before_and_wasted,
)  # fmt: skip


@pytest.fixture(scope="module")
def acted(tmp_path_factory: pytest.TempPathFactory) -> Performance:
    """Every play acted once and read once."""
    return Performance(tmp_path_factory.mktemp("features"), *PLAYS)


def _features(acted: Performance, play: Callable[[Scene], None]) -> Json:
    features = acted.verdict(play, LATE).audit["features"]
    assert isinstance(features, dict)
    return features


def _titles(features: Json) -> dict[str, tuple[str, int]]:
    """Kind and number of commits, by title."""
    return {item["title"]: (item["kind"], len(item["commits"])) for item in features["items"]}


def test_a_squash_with_a_number_is_one_feature(acted: Performance) -> None:
    features = _features(acted, squashed_with_a_number)
    (item,) = features["items"]
    assert (item["id"], item["number"], item["title"], item["kind"]) == (
        "#41",
        41,
        "Export to CSV",
        "feature",
    )
    assert len(item["sessions"]) == 2
    assert item["lines"] == {"added": 12, "removed": 0, "alive": 12}
    assert item["tokens"] == acted.scenes[squashed_with_a_number].tokens == features["tokens_per_feature"]


def test_features_are_the_same_in_whatever_order_logs_are_found(acted: Performance, tmp_path: Path) -> None:
    ids = sorted(one.session_id for one in acted.scenes[squashed_with_a_number].sessions)
    repo = ("--repo", str(acted.scenes[squashed_with_a_number].repo.folder))
    told = []
    for number, order in enumerate((ids, ids[::-1])):
        found = Program(tmp_path / f"home{number}", tmp_path / f"state{number}")
        for session in order:
            (log,) = acted.program.logs_home.rglob(f"*{session}*.jsonl")
            target = found.logs_home / log.relative_to(acted.program.logs_home)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(log, target)
            found.ingest()
        told.append(found.audit(*repo, as_of=LATE)["features"])
    assert told[0] == told[1]
    assert told[0]["items"][0]["sessions"] == ids


def test_a_merged_pull_request_is_named_by_its_title(acted: Performance) -> None:
    (item,) = _features(acted, merged_request)["items"]
    assert (item["id"], item["title"], item["kind"], item["basis"]) == (
        "#7",
        "Search everywhere",
        "feature",
        "request",
    )


def test_a_merged_branch_is_one_feature(acted: Performance) -> None:
    assert _titles(_features(acted, merged_branch)) == {"feature/search": ("feature", 1)}


def test_commits_of_one_scope_within_a_week_are_one_feature(acted: Performance) -> None:
    features = _features(acted, run_of_one_scope)
    assert _titles(features) == {
        "a month later": ("feature", 1),
        "something else": ("feature", 1),
        "the first part": ("feature", 2),
    }
    assert features["shipped"] == 3


def test_commits_of_one_issue_are_one_feature(acted: Performance) -> None:
    assert _titles(_features(acted, run_of_one_issue)) == {"The first half": ("feature", 2)}


def test_plain_commits_of_one_sitting_are_one_feature(acted: Performance) -> None:
    found = _features(acted, plain_commits_of_two_sittings)["items"]
    assert [len(item["commits"]) for item in found] == [1, 2]


def test_where_there_are_releases_plain_commits_belong_to_the_next(acted: Performance) -> None:
    assert _titles(_features(acted, plain_commits_between_releases)) == {
        "release v1.1": ("feature", 2),
        "release to come": ("feature", 2),
    }


def test_refactoring_tests_and_docs_are_useful_but_no_features(acted: Performance) -> None:
    features = _features(acted, useful_work)
    assert {item["kind"] for item in features["items"]} == {"useful"}
    assert (features["shipped"], features["tokens_per_feature"]) == (0, None)
    landed = {part["what"]: part["tokens"] for part in features["landed"]}
    assert landed["useful"] == acted.scenes[useful_work].tokens


def test_a_fix_is_no_feature(acted: Performance) -> None:
    features = _features(acted, fix_by_an_assistant)
    assert [item["kind"] for item in features["items"]] == ["fix"]
    assert features["shipped"] == 0


def test_what_was_reverted_within_two_weeks_is_no_shipped_feature(acted: Performance) -> None:
    features = _features(acted, reverted_soon)
    assert [(item["shipped"], item["kind"]) for item in features["items"]] == [(False, "feature")]
    assert features["shipped"] == 0


def test_a_feature_takes_its_questions_but_not_what_was_thrown_away(acted: Performance) -> None:
    scene = acted.scenes[asked_before_and_wasted]
    (session,) = scene.sessions
    (item,) = _features(acted, asked_before_and_wasted)["items"]
    assert item["direct_tokens"] == scene.turn_tokens(session, 2)
    assert item["tokens"] == scene.turn_tokens(session, 1) + scene.turn_tokens(session, 2)


@pytest.mark.parametrize("play", PLAYS)
def test_what_landed_adds_up_to_shipped_and_reworked(
    acted: Performance, play: Callable[[Scene], None]
) -> None:
    verdict = acted.verdict(play, LATE)
    landed = verdict.audit["features"]["landed"]
    buckets = {row["bucket"]: row for row in verdict.audit["buckets"]}
    wanted = sum(buckets[name]["tokens"] for name in ("shipped", "reworked"))
    assert sum(part["tokens"] for part in landed) == wanted
    assert sum(part["cost_usd"] for part in landed) == pytest.approx(
        sum(buckets[name]["cost_usd"] for name in ("shipped", "reworked")), abs=1e-8
    )
    assert sum(item["tokens"] for item in verdict.audit["features"]["items"]) == wanted
