"""Two sessions that change the same file at the same time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokencoach.coach.detectors.parallel_sessions import DETECTOR

if TYPE_CHECKING:
    from coach.made import Month
    from tokencoach.demo.claude import ClaudeSession


def with_edits(month: Month, count: int) -> None:
    """Sessions that each add a file of their own."""
    for number in range(count):
        session = month.session()
        session.prompt(f"Add module {number}")
        session.write(f"module_{number}.py", f"def module_{number}():\n    return {number}\n")
        month.repo.commit(f"Add module {number}")


def pair(month: Month) -> tuple[ClaudeSession, ClaudeSession]:
    """Two open sessions in the same folder."""
    first = month.session()
    second = month.stage.claude(month.repo)
    first.prompt("Make part 3 faster")
    second.prompt("Write part 3 anew")
    return first, second


def test_lines_that_the_other_session_wrote_over_are_the_price(month: Month) -> None:
    with_edits(month, 3)
    first, second = pair(month)
    lost = first.edit("app.py", "    return 3 * 7\n", "    fast = 3 << 3\n    return fast - 3\n")
    second.edit("app.py", "    fast = 3 << 3\n    return fast - 3\n", "    return sum([7, 7, 7])\n")
    kept = first.edit("app.py", "    return 4 * 7\n", "    return 7 * 2 * 2\n")
    month.repo.commit("Faster parts")
    said = month.found(DETECTOR)
    # Of the turn's six lines, added and removed, two did not last.
    whole = lost.request.counts.total + kept.request.counts.total
    assert 0 < said.tokens < whole
    assert said.low_nano == 0 < said.cost_nano
    assert said.rate == (2, 5, "sessions")
    assert second.session_id[:8] in said.evidence[0].words


def test_two_sessions_at_once_on_files_of_their_own_are_no_finding(month: Month) -> None:
    with_edits(month, 3)
    first, second = pair(month)
    first.edit("app.py", "return 3 * 7", "return 21")
    second.edit("module_1.py", "return 1", "return 1 + 0")
    first.edit("app.py", "return 4 * 7", "return 28")
    month.repo.commit("Faster parts")
    assert month.quiet(DETECTOR).rate == (0, 5, "sessions")


def test_two_sessions_on_one_file_that_lose_nothing_are_no_finding(month: Month) -> None:
    with_edits(month, 3)
    first, second = pair(month)
    first.edit("app.py", "return 3 * 7", "return 21")
    second.edit("app.py", "return 5 * 7", "return 35")
    first.edit("app.py", "return 4 * 7", "return 28")
    month.repo.commit("Faster parts")
    said = month.quiet(DETECTOR)
    assert said.rate == (2, 5, "sessions")
    assert "nothing was lost" in said.why


def test_one_session_after_the_other_is_no_finding(month: Month) -> None:
    with_edits(month, 3)
    first, second = pair(month)
    first.edit("app.py", "return 3 * 7", "return 21")
    first.edit("app.py", "return 4 * 7", "return 28")
    second.edit("app.py", "return 21", "return 20 + 1")
    month.repo.commit("Faster parts")
    assert month.quiet(DETECTOR).is_looked


def test_a_session_laid_aside_for_hours_was_not_running(month: Month) -> None:
    with_edits(month, 3)
    first, second = pair(month)
    first.edit("app.py", "return 3 * 7", "return 21")
    month.clock.advance(hours=2)
    second.edit("app.py", "return 21", "return 20 + 1")
    month.clock.advance(hours=2)
    first.edit("app.py", "return 4 * 7", "return 28")
    month.repo.commit("Faster parts")
    assert month.quiet(DETECTOR).is_looked


def test_fewer_than_five_sessions_with_edits_are_not_judged(month: Month) -> None:
    first, second = pair(month)
    first.edit("app.py", "return 3 * 7", "return 21")
    second.edit("app.py", "return 21", "return 20 + 1")
    first.edit("app.py", "return 4 * 7", "return 28")
    assert not month.quiet(DETECTOR).is_looked
