"""Asking again and again whether a command has ended."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tokencoach.coach.detectors.waiting import DETECTOR

if TYPE_CHECKING:
    from coach.made import Month
    from tokencoach.demo.codex import CodexSession
    from tokencoach.demo.truth import RequestTruth


def ask(session: CodexSession, name: str = "write_stdin", **arguments: object) -> RequestTruth:
    """A request that does nothing but one call of a tool."""
    session.clock.advance(seconds=5)
    request = session.bill(20, 100)
    session.log_usage(request)
    call = session.identifiers.short("call_", 24)
    body = json.dumps(arguments or {"session_id": 7, "chars": "", "yield_time_ms": 1000})
    session.put("response_item", type="function_call", name=name, arguments=body, call_id=call)
    session.put("response_item", type="function_call_output", call_id=call, output="still running")
    return request


@pytest.fixture
def session(month: Month) -> CodexSession:
    """A session that has started a long command."""
    month.clock.advance(hours=1)
    opened = month.stage.codex(month.repo, generation="0.34")
    opened.context_tokens = 100_000
    opened.prompt("Run the whole suite and tell me what fails")
    opened.bash("make test", "session 7 is running")
    return opened


def test_requests_that_repeat_the_question_are_counted_at_their_price(
    month: Month, session: CodexSession
) -> None:
    asked = [ask(session) for _ in range(12)]
    session.say("All of it passed.")
    said = month.found(DETECTOR)
    again = asked[1:]
    assert said.title.startswith("11 requests only asked again")
    assert said.tokens == sum(request.counts.total for request in again)
    assert said.cost_nano == sum(one.cost_nano for one in said.evidence) > 0
    assert said.rate.times == said.cost_nano / 1e9
    assert [one.session_id for one in said.evidence] == [session.session_id]
    assert said.evidence[0].words.startswith("asked again 11 times, 10")
    assert said.evidence[0].turn is not None


def test_few_of_them_are_no_habit(month: Month, session: CodexSession) -> None:
    for _ in range(10):
        ask(session)
    said = month.quiet(DETECTOR)
    assert said.is_looked
    assert said.why.startswith("9 requests")


def test_a_question_after_a_minute_is_none_that_was_asked_in_haste(
    month: Month, session: CodexSession
) -> None:
    for _ in range(12):
        month.clock.advance(seconds=60)
        ask(session)
    assert month.quiet(DETECTOR).why.startswith("0 requests")


def test_what_is_typed_into_a_program_is_no_question(month: Month, session: CodexSession) -> None:
    for number in range(12):
        ask(session, session_id=7, chars=f"print({number})\n")
    assert month.quiet(DETECTOR).why.startswith("0 requests")


def test_work_between_two_questions_makes_each_the_first(month: Month, session: CodexSession) -> None:
    for number in range(12):
        ask(session)
        session.bash(f"ls part{number}", "app.py")
    assert month.quiet(DETECTOR).why.startswith("0 requests")


def test_the_same_command_run_again_is_no_waiting(month: Month, session: CodexSession) -> None:
    for _ in range(12):
        session.bash("make test", "1 failed")
    assert month.quiet(DETECTOR).why.startswith("0 requests")


def test_below_a_hundredth_of_the_spend_it_changes_nothing(month: Month, session: CodexSession) -> None:
    session.context_tokens = 1_000
    for _ in range(12):
        ask(session)
    session.context_tokens = 200_000
    for _ in range(40):
        session.say("Another part of the answer.")
    said = month.quiet(DETECTOR)
    assert said.why.startswith("11 requests")
    assert said.rate is not None
    assert 0 < (said.rate.share or 0) < 0.01
