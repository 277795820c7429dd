"""Commits whose dates lie before the edits that they hold: kept by a rebase, made up, or from a clock that is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from histories.harbour import part, parts
from histories.program import Program, tokens_by_bucket
from histories.scene import AS_OF, BEGIN, Performance, Scene
from tokencoach.demo.stage import Stage

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tokencoach.demo.session import Session

    Play = Callable[[Scene], None]

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS


def _asked(scene: Scene, generation: str = "2.1") -> Session:
    scene.repo.human_write("log.py", parts("mast", "net"))
    scene.repo.commit("A log")
    scene.clock.advance(hours=1)
    return scene.asked("0.169" if generation == "0.169" else "2.1")


def _dated_back(scene: Scene, ms: int) -> None:
    scene.clock.advance(minutes=20)
    scene.repo.commit("More", at_ms=scene.clock.now_ms - ms)


def dated_before_its_parent(scene: Scene) -> None:
    _asked(scene).edit("log.py", part("mast"), parts("mast", "anchor", "barge"))
    _dated_back(scene, 5 * DAY_MS)


def dated_before_its_parent_by_codex(scene: Scene) -> None:
    _asked(scene, "0.169").edit("log.py", part("mast"), parts("mast", "anchor", "barge"))
    _dated_back(scene, 5 * DAY_MS)


def clock_of_a_container_is_behind(scene: Scene) -> None:
    _asked(scene).edit("log.py", part("mast"), parts("mast", "anchor", "barge"))
    _dated_back(scene, HOUR_MS)


def new_file_by_a_clock_that_is_behind(scene: Scene) -> None:
    scene.asked().write("new.py", parts("anchor", "barge"))
    _dated_back(scene, 2 * HOUR_MS)


def fixed_up_with_kept_dates(scene: Scene) -> None:
    _asked(scene)
    scene.repo.branch("topic")
    session = scene.sessions[0]
    session.edit("log.py", part("mast"), parts("mast", "anchor"))
    first = scene.committed("Work")
    scene.clock.advance(hours=4)
    session.prompt("More")
    session.edit("log.py", part("net"), parts("net", "barge", "crane"))
    scene.clock.advance(minutes=5)
    scene.repo.git("commit", "--quiet", "--all", "--fixup", first)
    _squashed_with_kept_dates(scene)


def _squashed_with_kept_dates(scene: Scene) -> None:
    keep = ("--autosquash", "--committer-date-is-author-date")
    scene.repo.git("-c", "sequence.editor=true", "rebase", "--quiet", "-i", *keep, "main")
    scene.repo.checkout("main")
    scene.repo.git("merge", "--quiet", "--ff-only", "topic")
    scene.repo.delete_branch("topic")


def fixed_up_a_little_with_kept_dates(scene: Scene) -> None:
    scene.repo.branch("topic")
    session = scene.asked()
    session.write("new.py", parts("anchor", "barge", "crane", "dock"))
    first = scene.committed("Work")
    scene.clock.advance(hours=4)
    session.prompt("More")
    session.edit("new.py", part("barge"), parts("barge", "engine"))
    scene.clock.advance(minutes=5)
    scene.repo.git("commit", "--quiet", "--all", "--fixup", first)
    _squashed_with_kept_dates(scene)


def part_of_its_own_landed_work_written_twice(scene: Scene) -> None:
    session = scene.asked()
    session.write("new.py", parts("anchor", "barge", "crane", "dock"))
    scene.committed("Work")
    session.prompt("Once more, below")
    session.edit("new.py", part("dock"), parts("dock", "barge"))
    scene.repo.git("checkout", "--quiet", "new.py")
    scene.marks["second"] = scene.turn_tokens(session, 2)


def typed_before_and_proposed_again(scene: Scene) -> None:
    session = _asked(scene)
    session.edit("log.py", part("net"), parts("net", "oar", "pier"))
    scene.repo.git("checkout", "--quiet", "log.py")


SHIPPED = (dated_before_its_parent, dated_before_its_parent_by_codex)
UNKNOWN = (clock_of_a_container_is_behind, new_file_by_a_clock_that_is_behind)


@pytest.fixture(scope="module")
def performance(tmp_path_factory: pytest.TempPathFactory) -> Performance:
    fixed = (fixed_up_with_kept_dates, fixed_up_a_little_with_kept_dates)
    again = (typed_before_and_proposed_again, part_of_its_own_landed_work_written_twice)
    plays = (*SHIPPED, *UNKNOWN, *fixed, *again)
    return Performance(tmp_path_factory.mktemp("dates"), *plays)


@pytest.mark.parametrize("play", SHIPPED)
def test_a_commit_that_is_dated_before_its_parent_holds_later_work(
    performance: Performance, play: Play
) -> None:
    verdict = performance.verdict(play)
    assert verdict.lines["landed"] == verdict.lines["generated"] == 8
    assert verdict.buckets == {"shipped": verdict.scene.tokens}


@pytest.mark.parametrize("play", UNKNOWN)
def test_what_stands_in_a_commit_dated_before_it_is_unknown_not_waste(
    performance: Performance, play: Play
) -> None:
    verdict = performance.verdict(play)
    assert verdict.buckets == {"unknown": verdict.scene.tokens}
    (row,) = verdict.audit["unknown"]
    assert row["reason"] == "stood_before"


@pytest.mark.parametrize(
    ("play", "landed", "unknown"),
    [(fixed_up_with_kept_dates, 4, 8), (fixed_up_a_little_with_kept_dates, 16, 4)],
)
def test_work_that_was_fixed_up_under_an_older_date_is_not_stranded(
    performance: Performance, play: Play, landed: int, unknown: int
) -> None:
    verdict = performance.verdict(play)
    assert verdict.waste == {}
    assert (verdict.lines["landed"], verdict.lines["unknown"]) == (landed, unknown)


def test_an_edit_that_nothing_holds_is_waste_all_the_same(performance: Performance) -> None:
    verdict = performance.verdict(typed_before_and_proposed_again)
    assert verdict.waste == {"uncommitted": verdict.scene.tokens}
    twice = performance.verdict(part_of_its_own_landed_work_written_twice)
    assert twice.waste == {"uncommitted": twice.scene.marks["second"]}


@pytest.mark.parametrize("play", [*SHIPPED, *UNKNOWN])
def test_the_same_is_said_where_the_edit_was_read_long_before_the_commit(tmp_path: Path, play: Play) -> None:
    stage = Stage(tmp_path, BEGIN)
    program = Program(stage.home, tmp_path / "state")
    scene = Scene(stage, "harbour")
    commit = scene.repo.commit

    def read_before(words: str, **when: int) -> str:
        if scene.sessions:
            program.ingest()
        return commit(words, **when)

    scene.repo.commit = read_before  # type: ignore[method-assign, assignment]
    play(scene)
    scene.clock.advance(days=3)
    scene.repo.human_write("own.py", "def keeper(lamp):\n    return lamp.lit_by_hand\n")
    commit("Own")
    program.ingest()
    once = Program(stage.home, tmp_path / "once")
    once.ingest()
    grown, read_at_once = (tokens_by_bucket(one.audit(as_of=AS_OF)) for one in (program, once))
    assert grown == read_at_once == {"shipped" if play in SHIPPED else "unknown": scene.tokens}
