"""Sessions dearer than nearly all of the person's own, of which nothing shipped."""

from __future__ import annotations

import statistics
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokencoach.coach.detectors import dear_session
from tokencoach.coach.detectors.dear_session import DETECTOR
from tokencoach.coach.finding import Quiet
from tokencoach.coach.findings import Findings

if TYPE_CHECKING:
    from coach.made import Month
    from tokencoach.demo.claude import ClaudeSession

LATER = datetime(2026, 3, 20, tzinfo=UTC)
SOON = datetime(2026, 2, 10, tzinfo=UTC)


def dear(month: Month) -> ClaudeSession:
    """A session that pays for a long context many times, and writes a file."""
    session = month.session("claude-opus-4-5-20251101", context=120_000)
    session.prompt("Write a scheduler that the service can use for its nightly work")
    for number in range(6):
        session.bash(f"grep -n part_{number} app.py", f"{number}: part")
    session.write("scheduler.py", "".join(f"def schedule_{n}():\n    return {n} * 1000\n" for n in range(9)))
    return session


def test_a_dear_session_that_never_landed_costs_all_its_requests(month: Month) -> None:
    month.quiet_sessions(20)
    session = dear(month)
    (month.repo.folder / "scheduler.py").unlink()
    said = month.found_at(DETECTOR, LATER)
    truth = [one for one in month.stage.truth.requests if one.session_id == session.session_id]
    assert said.tokens == sum(one.counts.total for one in truth)
    assert said.basis == "measured"
    assert [one.session_id for one in said.evidence] == [session.session_id]
    assert (said.rate.times, said.rate.unit) == (1, "dear sessions")


def test_a_dear_session_that_shipped_is_no_finding(month: Month) -> None:
    month.quiet_sessions(20)
    dear(month)
    month.repo.commit("Add the scheduler")
    assert month.quiet_at(DETECTOR, LATER).is_looked


def test_a_dear_session_that_may_still_ship_is_no_finding(month: Month) -> None:
    month.quiet_sessions(20)
    dear(month)
    (month.repo.folder / "scheduler.py").unlink()
    assert month.quiet_at(DETECTOR, SOON).is_looked


def test_a_dear_question_is_no_finding(month: Month) -> None:
    month.quiet_sessions(20)
    session = month.session("claude-opus-4-5-20251101", context=150_000)
    session.prompt("Explain the whole of the service to me, every part of it")
    for _ in range(5):
        session.say("It multiplies.")
    assert month.quiet_at(DETECTOR, LATER).is_looked


def test_a_dear_experiment_is_no_finding(month: Month) -> None:
    month.quiet_sessions(20)
    month.repo.branch("spike/scheduler")
    dear(month)
    (month.repo.folder / "scheduler.py").unlink()
    assert month.quiet_at(DETECTOR, LATER).is_looked


def test_of_fewer_than_twenty_sessions_nobody_knows_the_dear_ones(month: Month) -> None:
    month.quiet_sessions(18)
    dear(month)
    assert not month.quiet_at(DETECTOR, LATER).is_looked


@given(st.lists(st.integers(0, 10_000).map(float), min_size=2))
def test_the_quantile_is_that_of_the_statistics_module(values: list[float]) -> None:
    known = statistics.quantiles(values, n=20, method="inclusive")[-1]
    assert dear_session._quantile(sorted(values), 0.95) == pytest.approx(known)


def test_only_a_habit_without_data_is_not_judged() -> None:
    quiet = (Quiet("a", "too few", is_looked=False), Quiet("b", "nothing wrong"), Quiet("c", "nothing wrong"))
    assert Findings((), quiet).unjudged == 1
