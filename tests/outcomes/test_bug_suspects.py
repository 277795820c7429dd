"""Histories 43 to 45 and more: which fixes point at which feature, and how surely."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from histories.scene import Performance, Scene, code, human_code
from tokencoach.clock import DAY_MS

if TYPE_CHECKING:
    from collections.abc import Callable

    from histories.program import Json

BODY = "def balance(entries):\n    amount_total = sum(entry.amount for entry in entries)\n    return amount_total\n"


def _feature(scene: Scene, topic: str = "ledger", path: str | None = None, text: str | None = None) -> str:
    session = scene.session()
    session.prompt(f"Add the {topic}")
    session.write(path or f"{topic}.py", text or code(topic, 8))
    scene.clock.advance(minutes=30)
    return scene.repo.commit(f"feat({topic}): add the {topic}")


def _mended(
    scene: Scene, message: str, *, days: float = 20, line: str = "ledger_total_3 = 0  # safe value\n"
) -> None:
    _feature(scene)
    scene.clock.advance(days=days)
    lines = scene.repo.read("ledger.py").splitlines(keepends=True)
    scene.repo.human_write("ledger.py", "".join([*lines[:3], line, *lines[4:]]))
    scene.repo.commit(message)


def fixed_on_day_20(scene: Scene) -> None:
    _feature(scene, "invoice")
    _mended(scene, "fix: a ledger of no entries")


def fixed_in_plain_words(scene: Scene) -> None:
    _mended(scene, "Do not crash on an empty ledger")


def fixed_by_closing_an_issue_that_is_labelled_a_bug(scene: Scene) -> None:
    _mended(scene, "Totals of nothing are nothing\n\nCloses #12\n\nLabels: totals, bug")


def fixed_after_100_days(scene: Scene) -> None:
    _mended(scene, "fix: a ledger of no entries", days=100)


def typo_fixed(scene: Scene) -> None:
    _mended(scene, "Fix typo in the ledger")


def runner_fixed(scene: Scene) -> None:
    _mended(scene, "fix(ci): the runner")


def improved_without_a_bug(scene: Scene) -> None:
    _mended(scene, "refactor(ledger): simpler words")


def fixed_by_addition(scene: Scene) -> None:
    _feature(scene, text=BODY)
    scene.clock.advance(days=10)
    guard = "    if not entries:\n        return the_empty_balance()\n"
    scene.repo.human_edit("ledger.py", "def balance(entries):\n", "def balance(entries):\n" + guard)
    scene.repo.commit("fix: the balance of nothing")


def fixed_far_from_it(scene: Scene) -> None:
    scene.repo.human_write("far.py", human_code(40))
    scene.repo.commit("Add settings")
    session = scene.session()
    session.prompt("Add a total")
    session.edit(
        "far.py",
        "SETTING_39 = read_setting('name_39')\n",
        "SETTING_39 = read_setting('name_39')\n" + code("far", 3),
    )
    scene.clock.advance(minutes=30)
    scene.repo.commit("feat(far): add a total")
    scene.clock.advance(days=5)
    scene.repo.human_edit("far.py", "SETTING_2 =", "CHECK_SETTINGS_FIRST = True\nSETTING_2 =")
    scene.repo.commit("fix: check the settings first")


def comment_fixed(scene: Scene) -> None:
    _feature(scene, text="# the grand total of everything\n" + BODY)
    scene.clock.advance(days=10)
    scene.repo.human_edit("ledger.py", "# the grand total of everything\n", "# the sum of all amounts\n")
    scene.repo.commit("fix: a misleading comment")


def reformatted_in_a_fix(scene: Scene) -> None:
    _feature(scene, text=BODY)
    scene.clock.advance(days=10)
    scene.repo.human_write("ledger.py", scene.repo.read("ledger.py").replace("    ", "        "))
    scene.repo.commit("fix: indentation that crashes the linter")


def moved_in_a_fix(scene: Scene) -> None:
    _feature(scene)
    scene.clock.advance(days=10)
    scene.repo.rename("ledger.py", "books.py")
    scene.repo.commit("fix: the module's name")


def reverted(scene: Scene) -> None:
    commit = _feature(scene)
    scene.clock.advance(days=20)
    scene.repo.revert(commit)


def merged_from_a_fix_branch(scene: Scene) -> None:
    _feature(scene)
    scene.clock.advance(days=9)
    scene.repo.branch("fix/empty-ledger")
    lines = scene.repo.read("ledger.py").splitlines(keepends=True)
    scene.repo.human_write("ledger.py", "".join(lines[1:]))
    scene.repo.commit("Take out a line")
    scene.repo.checkout("main")
    scene.repo.merge(
        "fix/empty-ledger", "Merge pull request #12 from robin/fix/empty-ledger\n\nEmpty ledgers"
    )


def written_by_the_shell(scene: Scene) -> None:
    session = scene.session()
    session.prompt("Generate the table")
    session.bash("python generate.py > table.py", "")
    scene.repo.human_write("table.py", code("table", 8))
    scene.clock.advance(minutes=5)
    scene.repo.commit("feat(table): the table")
    scene.clock.advance(days=20)
    scene.repo.human_write("table.py", "".join(code("table", 8).splitlines(keepends=True)[2:]))
    scene.repo.commit("fix: wrong rows in the table")


def two_features_in_one_fix(scene: Scene) -> None:
    _feature(scene, "ledger")
    _feature(scene, "invoice")
    scene.clock.advance(days=9)
    ledger = scene.repo.read("ledger.py").splitlines(keepends=True)
    invoice = scene.repo.read("invoice.py").splitlines(keepends=True)
    scene.repo.human_write("ledger.py", "".join(ledger[3:]))
    scene.repo.human_write("invoice.py", "".join(invoice[1:]))
    scene.repo.commit("fix: wrong totals in both")


def fixed_before_both_landed(scene: Scene) -> None:
    """A branch that was rebased and merged: its commits have one committer time, and their own author times."""
    session = scene.session()
    session.prompt("Add the ledger")
    session.write("ledger.py", code("ledger", 8))
    written_ms = scene.clock.now_ms
    landed_ms = written_ms + 2 * DAY_MS
    scene.repo.commit("feat(ledger): add the ledger", at_ms=landed_ms, authored_ms=written_ms)
    lines = scene.repo.read("ledger.py").splitlines(keepends=True)
    scene.repo.human_write("ledger.py", "".join(lines[2:]))
    fixed_ms = written_ms + DAY_MS
    scene.repo.commit("fix(totals): a ledger of no entries", at_ms=landed_ms, authored_ms=fixed_ms)


PLAYS = (
    fixed_on_day_20, fixed_in_plain_words, fixed_by_closing_an_issue_that_is_labelled_a_bug,
    fixed_after_100_days, typo_fixed, runner_fixed, improved_without_a_bug,
    fixed_by_addition, fixed_far_from_it, comment_fixed, reformatted_in_a_fix, moved_in_a_fix, reverted,
    merged_from_a_fix_branch, two_features_in_one_fix, written_by_the_shell, fixed_before_both_landed,
)  # fmt: skip
LATE = "2026-06-30"


@pytest.fixture(scope="module")
def acted(tmp_path_factory: pytest.TempPathFactory) -> Performance:
    """Every play acted once and read once."""
    return Performance(tmp_path_factory.mktemp("suspects"), *PLAYS)


def _features(acted: Performance, play: Callable[[Scene], None], as_of: str = LATE) -> Json:
    features = acted.verdict(play, as_of).audit["features"]
    assert isinstance(features, dict)
    return features


def _suspected(features: Json) -> dict[str, list[tuple[float, float]]]:
    """Weight and confidence of each suspicion, by the feature's title."""
    return {
        item["title"]: [(found["weight"], found["confidence"]) for found in item["bug_suspects"]]
        for item in features["items"]
    }


def test_a_fix_that_deletes_a_line_on_day_20_is_a_suspect_on_the_right_feature(acted: Performance) -> None:
    features = _features(acted, fixed_on_day_20)
    assert _suspected(features) == {"add the ledger": [(1.0, 1.0)], "add the invoice": []}
    assert (features["bug_suspects"], features["bugs_per_feature"]) == (1, 0.5)


def test_a_fix_is_no_suspect_before_it_was_made(acted: Performance) -> None:
    assert _features(acted, fixed_on_day_20, "2026-02-10")["bug_suspects"] == 0


def test_a_fix_that_only_adds_beside_generated_lines_is_a_suspect_of_little_confidence(
    acted: Performance,
) -> None:
    assert _suspected(_features(acted, fixed_by_addition)) == {"add the ledger": [(1.0, 0.4)]}


@pytest.mark.parametrize(
    "play",
    [
        fixed_in_plain_words,
        fixed_by_closing_an_issue_that_is_labelled_a_bug,
        reverted,
        merged_from_a_fix_branch,
    ],
)
def test_a_fix_is_told_by_its_words_its_branch_or_being_a_revert(
    acted: Performance, play: Callable[[Scene], None]
) -> None:
    assert _suspected(_features(acted, play))["add the ledger"] == [(1.0, 1.0)]


@pytest.mark.parametrize(
    "play",
    [
        typo_fixed,
        runner_fixed,
        improved_without_a_bug,
        fixed_after_100_days,
        fixed_far_from_it,
        comment_fixed,
        reformatted_in_a_fix,
        moved_in_a_fix,
        fixed_before_both_landed,
    ],
)
def test_no_bug_is_seen_where_there_is_none(acted: Performance, play: Callable[[Scene], None]) -> None:
    assert _features(acted, play)["bug_suspects"] == 0


def test_of_lines_that_the_shell_wrote_a_suspicion_is_half_as_sure(acted: Performance) -> None:
    assert _suspected(_features(acted, written_by_the_shell)) == {"the table": [(1.0, 0.5)]}


def test_a_fix_of_two_features_is_shared_by_their_lines(acted: Performance) -> None:
    features = _features(acted, two_features_in_one_fix)
    assert _suspected(features) == {"add the ledger": [(0.75, 1.0)], "add the invoice": [(0.25, 1.0)]}
    assert features["bug_suspects"] == 1


def test_a_feature_is_mature_a_month_after_it_shipped(acted: Performance) -> None:
    young = _features(acted, fixed_on_day_20, "2026-03-01")["items"]
    assert [item["mature"] for item in young] == [False, False]
    assert [item["mature"] for item in _features(acted, fixed_on_day_20)["items"]] == [True, True]
