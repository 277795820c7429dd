"""Prompts that are typed again and again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tokencoach.coach.detectors.retyped_prompt import DETECTOR
from tokencoach.prompts.typed import typed_tokens

if TYPE_CHECKING:
    from coach.made import Month
    from tokencoach.demo.truth import RequestTruth

RETYPED = "Please run all of the tests in {0} and then fix whatever fails there, one commit for each fix"


def others(month: Month) -> None:
    """Twenty short questions, each another one."""
    session = month.session()
    for letter in "abcdefghijklmnopqrst":
        session.prompt(f"Explain {letter * 3}")
        session.say("It is a part.")


def ask(month: Month, prompts: list[str], days: float = 1) -> list[RequestTruth]:
    """One session a prompt, the given time apart; the first request of each."""
    first = []
    for text in prompts:
        session = month.session()
        session.prompt(text)
        first.append(session.say("Done.").request)
        month.clock.advance(hours=24 * days)
    return first


def test_a_prompt_typed_on_three_days_is_named_with_what_varies(month: Month) -> None:
    others(month)
    typed = [RETYPED.format(f"tests/part_{n}.py") for n in range(3)]
    first = ask(month, typed)
    said = month.found(DETECTOR)
    again = sum(typed_tokens(text) for text in typed[1:])
    assert said.tokens == pytest.approx(again, abs=1)
    assert (said.rate.times, said.rate.of) == (2, 23)
    assert "3 times on 3 days" in said.evidence[0].words
    assert "<path>" in said.evidence[0].words
    assert said.low_nano is not None
    assert said.high_nano is not None
    assert 0 < said.low_nano < said.cost_nano < said.high_nano
    assert first


def test_evidence_shows_at_most_eighty_letters_of_a_prompt(month: Month) -> None:
    others(month)
    ask(
        month,
        [RETYPED.format("tests") + " and tell me afterwards what it was that had been wrong with it"] * 3,
    )
    words = month.found(DETECTOR).evidence[0].words
    assert len(words.split('"')[1]) == 80


def test_a_prompt_typed_thrice_on_one_day_is_no_habit(month: Month) -> None:
    others(month)
    ask(month, [RETYPED.format("tests")] * 3, days=0.05)
    assert month.quiet(DETECTOR).is_looked


def test_continue_is_reported_but_never_proposed(month: Month) -> None:
    others(month)
    ask(month, ["continue"] * 4)
    ask(month, [RETYPED.format("tests")] * 3)
    said = month.found(DETECTOR)
    assert '"continue" 4' in said.why
    assert len(said.evidence) == 1


def test_few_prompts_are_not_judged(month: Month) -> None:
    ask(month, [RETYPED.format("tests")] * 3)
    assert not month.quiet(DETECTOR).is_looked
