"""Sessions that went on with something new after a commit, and what they carried along."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from coach.counted import SONNET, cached, counted
from tokencoach.coach.detectors.carried_work import DETECTOR

if TYPE_CHECKING:
    from coach.made import Month
    from tokencoach.demo.claude import ClaudeSession

COMMIT = "git commit -qam 'Land the parser'"
NEXT = "Now write the exporter for monthly invoices"
"""It is no follow-up: it asks for something else."""


def edited(month: Month, number: int, patch: pytest.MonkeyPatch) -> ClaudeSession:
    """A session that begins with 20,000 tokens and changes a file at 50,000."""
    session = month.session()
    counted(patch, session, [cached(0, 20_000), cached(20_000, 30_000)])
    session.prompt(f"Write module {number}")
    session.read("app.py")
    session.edit("app.py", f"return {number} * 7", f"return {number} * 9")
    return session


@pytest.fixture
def last(month: Month, monkeypatch: pytest.MonkeyPatch) -> ClaudeSession:
    """The last of six sessions that changed a file; it has committed at a context of 300,000 tokens."""
    for number in range(5):
        edited(month, number, monkeypatch)
    session = edited(month, 5, monkeypatch)
    counted(monkeypatch, session, [cached(50_000, 250_000)])
    session.bash(COMMIT, "[main 1] Land the parser")
    return session


def test_what_stood_there_before_a_commit_costs_as_often_as_it_is_sent(
    month: Month, last: ClaudeSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    month.clock.advance(minutes=1)
    last.prompt(NEXT)
    counted(monkeypatch, last, [cached(300_000, 1_000)] * 10)
    for _ in range(10):
        last.say("It is written.")
    said = month.found(DETECTOR)
    # The context of Sonnet 4.5 beyond 200,000 tokens has twice the price of that below.
    carried = 10 * (300_012 - 50_002) * SONNET["read"] * 2
    read_in = 30_000 * SONNET["5m"] * 2
    assert said.cost_nano == pytest.approx(carried - read_in, rel=1e-3)
    assert said.rate.unit == "dollars"
    assert [one.session_id for one in said.evidence] == [last.session_id]
    assert said.low_nano is not None
    assert said.high_nano is not None
    assert said.low_nano <= said.cost_nano < said.high_nano
    assert "1 new task after a commit, 10 requests" in said.evidence[0].words


def test_going_on_with_what_was_committed_carries_nothing(
    month: Month, last: ClaudeSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    last.prompt("it still fails")
    counted(monkeypatch, last, [cached(300_000, 1_000)] * 10)
    for _ in range(10):
        last.say("It is mended.")
    assert month.quiet(DETECTOR).is_looked


def test_a_fork_carries_the_finished_work_of_the_session_it_goes_on_with(
    month: Month, last: ClaudeSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    month.clock.advance(minutes=1)
    fork = last.fork()
    fork.prompt(NEXT)
    counted(monkeypatch, fork, [cached(300_000, 1_000)] * 10)
    for _ in range(10):
        fork.say("It is written.")
    said = month.found(DETECTOR)
    carried = 10 * (300_012 - 50_002) * SONNET["read"] * 2
    assert said.cost_nano == pytest.approx(carried - 30_000 * SONNET["5m"] * 2, rel=1e-3)
    assert [(one.session_id, one.words.split(", 300 k")[0]) for one in said.evidence] == [
        (fork.session_id, "1 new task after a commit, 10 requests")
    ]


def test_a_task_that_a_fork_goes_on_with_is_told_of_both_and_each_request_once(
    month: Month, last: ClaudeSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    last.prompt(NEXT)
    counted(monkeypatch, last, [cached(300_000, 1_000)] * 5)
    for _ in range(5):
        last.say("It is written.")
    fork = last.fork()
    fork.prompt("Now write the importer too")
    counted(monkeypatch, fork, [cached(305_000, 1_000)] * 5)
    for _ in range(5):
        fork.say("It is written too.")
    said = month.found(DETECTOR)
    carried = 10 * (300_012 - 50_002) * SONNET["read"] * 2
    assert said.cost_nano == pytest.approx(carried - 30_000 * SONNET["5m"] * 2, rel=1e-3)
    assert {one.session_id for one in said.evidence} == {last.session_id, fork.session_id}


def test_a_task_after_no_commit_carries_nothing(month: Month, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(6):
        session = edited(month, number, monkeypatch)
    counted(monkeypatch, session, [cached(50_000, 250_000), *[cached(300_000, 1_000)] * 10])
    session.bash("git status", "clean")
    session.prompt(NEXT)
    for _ in range(10):
        session.say("It is written.")
    said = month.quiet(DETECTOR)
    assert said.rate is not None
    assert said.rate.times == 0


def test_a_context_made_anew_carries_nothing(
    month: Month, last: ClaudeSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    last.prompt(NEXT)
    counted(monkeypatch, last, [cached(20_000, 4_000 * n) for n in range(1, 11)])
    for _ in range(10):
        last.say("It is written.")
    said = month.quiet(DETECTOR)
    assert said.rate is not None
    assert said.rate.times == 0


def test_a_short_look_up_between_two_long_requests_ends_nothing(
    month: Month, last: ClaudeSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    last.prompt(NEXT)
    long = cached(300_000, 1_000)
    counted(monkeypatch, last, [long, cached(0, 900), *[long] * 9])
    for _ in range(11):
        last.say("It is written.")
    assert "10 requests" in month.found(DETECTOR).evidence[0].words


def test_a_task_too_short_to_have_paid_for_a_fresh_session_is_not_counted(
    month: Month, last: ClaudeSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    last.prompt(NEXT)
    counted(monkeypatch, last, [cached(60_000, 100)])
    last.say("It is written.")
    said = month.quiet(DETECTOR)
    assert said.rate is not None
    assert said.rate.times == 0


def test_fewer_than_five_sessions_with_an_edit_tell_nothing(
    month: Month, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        edited(month, number, monkeypatch)
    month.quiet_sessions(4)
    assert not month.quiet(DETECTOR).is_looked
