"""Tests, builds and checks that printed a lot and were run again at once to see less of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokencoach.coach.detectors.big_outputs import DETECTOR

if TYPE_CHECKING:
    from coach.made import Month
    from tokencoach.demo.claude import ClaudeSession

LOUD = "test_parser PASSED in 0.01 s, nothing to see\n" * 1200
QUIET = "1 failed, 1199 passed\n"


def opened(month: Month, runs: int = 20) -> ClaudeSession:
    """A session in which the tests were run often and said little."""
    session = month.session(context=20_000)
    session.prompt("Get the tests to pass")
    for number in range(runs):
        session.bash(f"pytest tests/part_{number}", QUIET)
    return session


def loud(session: ClaudeSession, then: str, answer: str = LOUD, times: int = 3) -> None:
    """The whole suite printed, then something else asked; the prompt grows by the next request's own volume."""
    for _ in range(times):
        session.bash("pytest tests -v", LOUD)
        session.bash(then, answer)
        session.bash("ls", "app.py\n")
    session.say("One fails.")


def test_a_loud_run_that_came_again_for_its_tail_costs_what_it_had_more(month: Month) -> None:
    session = opened(month)
    loud(session, "pytest tests 2>&1 | tail -5")
    said = month.found(DETECTOR)
    assert len(said.evidence) == 3
    assert said.rate[:2] == (3, 26)
    assert said.basis == "estimated"
    assert 0 < (said.low_nano or 0) <= said.cost_nano <= (said.high_nano or 0)
    assert sum(one.cost_nano for one in said.evidence) == said.cost_nano
    assert {one.session_id for one in said.evidence} == {session.session_id}


def test_another_command_after_it_is_no_finding(month: Month) -> None:
    loud(opened(month), "pytest other 2>&1 | tail -5")
    said = month.quiet(DETECTOR)
    assert said.is_looked
    assert said.rate is not None
    assert said.rate.times == 0


def test_the_same_run_after_an_edit_is_no_finding(month: Month) -> None:
    session = opened(month)
    for number in range(3):
        session.bash("pytest tests -v", LOUD)
        session.write("fix.py", f"VALUE = {number}\n")
        session.bash("pytest tests 2>&1 | tail -5", LOUD)
        session.bash("ls", "app.py\n")
    session.say("All pass.")
    assert month.quiet(DETECTOR).is_looked


def test_a_run_again_that_prints_as_much_is_no_finding(month: Month) -> None:
    session = opened(month)
    for _ in range(3):
        session.bash("pytest tests -v", LOUD)
        session.bash("pytest tests -x -v", LOUD)
        session.bash("wc -l big.txt", LOUD)
    session.say("One fails.")
    assert month.quiet(DETECTOR).is_looked


def test_twice_is_chance(month: Month) -> None:
    loud(opened(month), "pytest tests 2>&1 | tail -5", times=2)
    said = month.quiet(DETECTOR)
    assert said.is_looked
    assert said.rate is not None
    assert said.rate.times == 2


def test_a_limit_of_the_person_is_the_limit(month: Month) -> None:
    loud(opened(month), "pytest tests 2>&1 | tail -5")
    month.read().close()
    month.set_threshold("big-outputs.tokens", 500_000)
    assert "your number" in month.quiet(DETECTOR).why


def test_fewer_than_twenty_runs_show_no_habit(month: Month) -> None:
    loud(opened(month, runs=3), "pytest tests 2>&1 | tail -5")
    assert not month.quiet(DETECTOR).is_looked
