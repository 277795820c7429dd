"""Reading a repository as it grows gives the same rows as reading it once, after every single step."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from watch.growing import NOW, Growing, code

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def growing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Growing:
    monkeypatch.setenv("TOKENCOACH_NOW", NOW)
    return Growing(tmp_path)


def _branches(growing: Growing) -> Iterator[None]:
    repo, clock = growing.repo, growing.clock
    session = growing.session()
    session.prompt("Add the meters")
    session.write("meters.py", code("meter", 12))
    yield
    clock.advance(hours=1)
    repo.commit("Add the meters")
    yield
    repo.branch("topic")
    session.edit("meters.py", "meter_total_3 = ", "meter_third = ")
    session.write("gauges.py", code("gauge", 8))
    clock.advance(hours=2)
    repo.commit("Gauges")
    yield
    session.edit("gauges.py", "gauge_total_5 = ", "gauge_fifth = ")
    clock.advance(hours=1)
    repo.commit("A better name")
    repo.checkout("main")
    yield
    clock.advance(days=1)
    repo.squash("topic", "Gauges (#1)")
    yield
    repo.delete_branch("topic")
    yield


def _undoing(growing: Growing) -> Iterator[None]:
    repo, clock = growing.repo, growing.clock
    session = growing.session("codex")
    session.prompt("Add the clocks")
    session.write("clocks.py", code("clock", 10))
    clock.advance(hours=1)
    sha = repo.commit("Add the clocks")
    yield
    clock.advance(days=1)
    undoing = repo.revert(sha)
    yield
    clock.advance(days=1)
    repo.revert(undoing)
    yield
    repo.rename("clocks.py", "lib/timers.py")
    clock.advance(hours=1)
    repo.commit("Move the clocks")
    yield
    session.edit("lib/timers.py", "clock_total_2 = ", "clock_second = ")
    session.edit("lib/timers.py", "clock_second = ", "clock_two = ")
    clock.advance(hours=1)
    repo.commit("Rename one")
    yield


def _rewriting(growing: Growing) -> Iterator[None]:
    repo, clock = growing.repo, growing.clock
    session = growing.session()
    session.prompt("Add the pumps")
    session.write("pumps.py", code("pump", 9))
    clock.advance(hours=1)
    base = repo.commit("Add the pumps")
    yield
    session.edit("pumps.py", "pump_total_4 = ", "pump_fourth = ")
    clock.advance(hours=1)
    repo.commit("Rename")
    yield
    session.edit("pumps.py", "pump_total_7 = ", "pump_seventh = ")
    clock.advance(hours=1)
    repo.amend()
    yield
    repo.git("reset", "--quiet", "--hard", base)
    yield
    session.write("valves.py", code("valve", 7))
    clock.advance(hours=3)
    repo.commit("Valves instead")
    yield


def _twins(growing: Growing) -> Iterator[None]:
    repo, clock = growing.repo, growing.clock
    session = growing.session()
    session.prompt("Add the lamps")
    session.write("lamps.py", code("lamp", 9))
    clock.advance(hours=1)
    repo.commit("Add the lamps")
    repo.push()
    yield
    session.write("bulbs.py", code("bulb", 6))
    clock.advance(hours=1)
    repo.commit("Bulbs, pushed from elsewhere")
    repo.push()
    repo.git("reset", "--quiet", "--hard", "HEAD~1")
    yield
    session.write("wires.py", code("wire", 5))
    clock.advance(hours=1)
    repo.commit("Wires, here only")
    yield
    clock.advance(hours=1)
    repo.merge("origin/main")
    yield
    repo.push()
    yield


@pytest.mark.parametrize("story", [_branches, _undoing, _rewriting, _twins])
def test_a_grown_database_equals_one_made_from_nothing(
    growing: Growing, story: Callable[[Growing], Iterator[None]]
) -> None:
    lines = 0
    for step in story(growing):
        del step
        grown = growing.follow()
        assert grown == growing.rebuilt()
        lines += len(grown["landing"])
    assert lines


def test_lines_on_a_diverged_twin_of_the_default_branch_have_landed(growing: Growing) -> None:
    story = _twins(growing)
    next(story)
    assert growing.landed() == 9
    next(story)
    assert growing.landed() == 15
    next(story)
    assert growing.landed() == 20
    next(story)
    assert growing.landed() == 20


def test_a_line_that_its_twin_lost_again_has_not_landed(growing: Growing) -> None:
    story = _twins(growing)
    for _ in range(3):
        next(story)
    growing.repo.git("update-ref", "refs/remotes/origin/main", "refs/heads/main")
    growing.follow()
    assert growing.landed() == 14


def test_a_log_that_turns_up_late_is_matched_with_commits_read_before(growing: Growing) -> None:
    session = growing.session()
    session.prompt("Add the doors")
    session.write("doors.py", code("door", 6))
    growing.clock.advance(hours=1)
    growing.repo.commit("Add the doors")
    late = growing.session("codex")
    late.prompt("Add the windows")
    late.write("windows.py", code("window", 7))
    growing.clock.advance(hours=1)
    growing.repo.commit("Add the windows")
    hidden = growing.stage.home / ".codex"
    away = hidden.rename(growing.folder / "away")
    assert growing.landed() == 6
    away.rename(hidden)
    assert growing.landed() == 13
    assert growing.follow() == growing.rebuilt()
