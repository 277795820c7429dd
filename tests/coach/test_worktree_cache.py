"""Sessions in several folders of one repository that each write the same beginning."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from coach.counted import SONNET, cached, counted
from tokencoach.coach.detectors.worktree_cache import DETECTOR, warm_starts

if TYPE_CHECKING:
    from pathlib import Path

    from coach.made import Month
    from tokencoach.usage.tokens import TokenCounts


@pytest.fixture
def worktree(month: Month, tmp_path: Path) -> Path:
    """A second folder of the month's repository."""
    folder = tmp_path / "code" / "service-2"
    month.repo.git("worktree", "add", "-q", "-b", "other", str(folder))
    return folder


def begin(
    month: Month, patch: pytest.MonkeyPatch, counts: TokenCounts, where: Path | None = None, minutes: int = 10
) -> str:
    """A session of one answer, so many minutes after the last one; its id."""
    month.clock.advance(minutes=minutes)
    session = month.stage.claude(where or month.repo)
    counted(patch, session, [counts])
    session.prompt("What does part 3 return?")
    session.say("A product.")
    return session.session_id


def warm(month: Month, patch: pytest.MonkeyPatch, times: int) -> None:
    """A cold session and some warm ones in the same folder, all within an hour."""
    begin(month, patch, cached(0, 30_000, hour=True))
    for _ in range(times):
        begin(month, patch, cached(25_000, 5_000, hour=True))


def move(month: Month, patch: pytest.MonkeyPatch, folder: Path, reads: list[int]) -> list[str]:
    """Sessions in another folder, each after one in the first, that read so much of 30,000 tokens; their ids."""
    moved = []
    for read in reads:
        month.clock.advance(hours=2)
        begin(month, patch, cached(0, 30_000, hour=True))
        moved.append(begin(month, patch, cached(read, 30_000 - read, hour=True), folder))
    return moved


def test_worktrees_pay_for_what_the_same_folder_reads(
    month: Month, worktree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    warm(month, monkeypatch, 3)
    moved = move(month, monkeypatch, worktree, [4_000, 4_000, 4_000])
    said = month.found(DETECTOR)
    assert {one.session_id for one in said.evidence} == set(moved)
    assert said.cost_nano == pytest.approx(3 * 21_000 * (SONNET["1h"] - SONNET["read"]), rel=1e-6)
    assert said.high_nano == pytest.approx(3 * 26_000 * (SONNET["1h"] - SONNET["read"]), rel=1e-6)
    assert said.rate.times == 3


def test_a_cold_beginning_now_and_then_happens_in_any_folder(
    month: Month, worktree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    warm(month, monkeypatch, 3)
    move(month, monkeypatch, worktree, [25_000, 0, 25_000])
    assert month.quiet(DETECTOR).is_looked


def test_a_worktree_that_reads_as_much_is_no_finding(
    month: Month, worktree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    warm(month, monkeypatch, 3)
    move(month, monkeypatch, worktree, [24_000, 24_000, 24_000])
    assert month.quiet(DETECTOR).is_looked


def test_a_worktree_after_the_cache_has_died_is_no_finding(
    month: Month, worktree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    warm(month, monkeypatch, 3)
    begin(month, monkeypatch, cached(0, 30_000, hour=True), worktree, minutes=90)
    assert month.quiet(DETECTOR).is_looked


def test_without_warm_beginnings_of_ones_own_nothing_is_judged(
    month: Month, worktree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    warm(month, monkeypatch, 1)
    for _ in range(3):
        begin(month, monkeypatch, cached(0, 30_000, hour=True), worktree, minutes=50)
        month.clock.advance(hours=2)
        begin(month, monkeypatch, cached(0, 30_000, hour=True))
    assert not month.quiet(DETECTOR).is_looked


def test_fewer_than_five_sessions_show_no_habit(
    month: Month, worktree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    warm(month, monkeypatch, 2)
    begin(month, monkeypatch, cached(0, 30_000, hour=True), worktree)
    assert not month.quiet(DETECTOR).is_looked


def test_a_folder_of_another_home_is_on_another_computer(
    month: Month, worktree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    warm(month, monkeypatch, 3)
    move(month, monkeypatch, worktree, [4_000, 4_000, 4_000])
    with month.read() as reader:
        traces = month.material(reader).traces
    homes = {str(month.repo.folder): "/Users/robin/service", str(worktree): "/Users/alex/service"}
    moved = [
        replace(
            trace,
            judged=replace(trace.judged, facts=trace.facts._replace(folder=homes[trace.facts.folder or ""])),
        )
        for trace in traces
    ]
    assert all(start.is_same for start in warm_starts(moved))


def test_another_repository_is_no_worktree(month: Month, monkeypatch: pytest.MonkeyPatch) -> None:
    warm(month, monkeypatch, 4)
    other = month.stage.repository("other")
    other.human_write("a.py", "print(1)\n")
    other.commit("Start", at_ms=month.clock.now_ms)
    begin(month, monkeypatch, cached(0, 30_000, hour=True), other.folder)
    assert month.quiet(DETECTOR).is_looked
