"""Failures in storms, and turns that were sent again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tokencoach.coach.detectors.retry_storms import DETECTOR
from tokencoach.coach.finding import Basis

if TYPE_CHECKING:
    from coach.made import Month

ASKED = "Write the import of the price list, with a test for an empty file"


def test_three_failures_at_once_are_a_storm_that_cost_time(month: Month) -> None:
    month.quiet_sessions(4)
    session = month.session()
    session.prompt(ASKED)
    session.api_errors(3)
    month.clock.advance(minutes=4)
    session.say("Here it is.")
    said = month.found(DETECTOR)
    assert said.rate == (1, 5, "sessions")
    assert said.cost_nano == 0
    assert "3 failures in 4 min" in said.evidence[0].words


def test_a_storm_that_is_over_in_seconds_cost_nobody_anything(month: Month) -> None:
    month.quiet_sessions(4)
    session = month.session()
    session.prompt(ASKED)
    session.api_errors(3)
    session.say("Here it is.")
    assert month.quiet(DETECTOR).is_looked


@pytest.mark.parametrize(
    ("status", "word"), [(529, "status page"), (502, "status page"), (401, "Sign in again"), (429, "limit")]
)
def test_what_to_do_goes_by_what_the_service_said(month: Month, status: int, word: str) -> None:
    month.quiet_sessions(4)
    session = month.session()
    session.prompt(ASKED)
    session.api_errors(3, status)
    month.clock.advance(minutes=4)
    session.say("Here it is.")
    said = month.found(DETECTOR)
    assert word in said.next
    assert f"({status})" in said.evidence[0].words


def test_two_failures_are_the_networks(month: Month) -> None:
    month.quiet_sessions(4)
    session = month.session()
    session.prompt(ASKED)
    session.api_errors(2)
    session.say("Here it is.")
    assert month.quiet(DETECTOR).rate == (0, 5, "sessions")


def test_failures_with_calm_between_are_no_storm(month: Month) -> None:
    month.quiet_sessions(4)
    session = month.session()
    session.prompt(ASKED)
    for _ in range(4):
        session.api_errors(1)
        month.clock.advance(minutes=6)
    session.say("Here it is.")
    assert month.quiet(DETECTOR).is_looked


def test_a_turn_broken_off_and_sent_again_was_paid_for_twice(month: Month) -> None:
    month.quiet_sessions(4)
    session = month.session()
    session.prompt(ASKED)
    lost = [session.read("app.py"), session.bash("ls", "app.py")]
    session.interrupt()
    session.prompt(f"{ASKED} ")
    session.say("Here it is.")
    said = month.found(DETECTOR)
    assert said.tokens == sum(act.request.counts.total for act in lost)
    assert said.cost_nano > 0
    assert said.basis is Basis.MEASURED


def test_a_turn_broken_off_for_another_wish_is_steering(month: Month) -> None:
    month.quiet_sessions(4)
    session = month.session()
    session.prompt(ASKED)
    session.read("app.py")
    session.interrupt()
    session.prompt("Rather begin with the export, its format is settled")
    session.say("Here it is.")
    assert month.quiet(DETECTOR).is_looked


def test_a_prompt_that_comes_again_after_an_answer_was_not_broken_off(month: Month) -> None:
    month.quiet_sessions(4)
    session = month.session()
    for _ in range(2):
        session.prompt(ASKED)
        session.say("Here it is.")
    assert month.quiet(DETECTOR).is_looked


def test_fewer_than_five_sessions_are_not_judged(month: Month) -> None:
    session = month.session()
    session.prompt(ASKED)
    session.api_errors(9)
    session.say("Here it is.")
    assert not month.quiet(DETECTOR).is_looked
