"""Small turns that were thought about far longer than the person's others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from coach.counted import SONNET, cached, counted
from tokencoach.coach.detectors.reasoning import DETECTOR

if TYPE_CHECKING:
    from coach.made import Month


def questions(month: Month, patch: pytest.MonkeyPatch, thoughts: list[int]) -> list[str]:
    """One session of one question for each number of tokens thought; their ids."""
    opened = []
    for thought in thoughts:
        session = month.session()
        counted(patch, session, [cached(15_000, 100, output=thought + 50, reasoning=thought)])
        session.prompt("What does part 3 return?")
        session.say("A product.")
        opened.append(session.session_id)
    return opened


def test_what_lies_above_the_median_is_the_price(month: Month, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = questions(month, monkeypatch, [400] * 20 + [9_000])
    said = month.found(DETECTOR)
    assert [one.session_id for one in said.evidence] == [opened[-1]]
    assert said.cost_nano == pytest.approx(8_600 * SONNET["output"], rel=1e-6)
    assert said.low_nano == 0
    assert said.rate == (1, 21, "turns")


def test_five_times_next_to_nothing_is_not_much(month: Month, monkeypatch: pytest.MonkeyPatch) -> None:
    questions(month, monkeypatch, [40] * 20 + [1_500])
    assert month.quiet(DETECTOR).rate == (0, 21, "turns")


def test_who_always_thinks_long_is_measured_by_that(month: Month, monkeypatch: pytest.MonkeyPatch) -> None:
    questions(month, monkeypatch, [8_000] * 20 + [9_000])
    assert month.quiet(DETECTOR).is_looked


def test_a_large_change_may_be_thought_about(month: Month, monkeypatch: pytest.MonkeyPatch) -> None:
    questions(month, monkeypatch, [400] * 20)
    session = month.session()
    counted(monkeypatch, session, [cached(15_000, 100, output=9_100, reasoning=9_000)])
    session.prompt("Write the import")
    session.write("load.py", "".join(f"value_{n} = {n} * 11\n" for n in range(40)))
    assert month.quiet(DETECTOR).rate == (0, 20, "turns")


def test_a_log_without_reasoning_is_not_judged(month: Month, monkeypatch: pytest.MonkeyPatch) -> None:
    questions(month, monkeypatch, [0] * 25)
    assert not month.quiet(DETECTOR).is_looked


def test_a_median_of_too_few_turns_judges_nobody(month: Month, monkeypatch: pytest.MonkeyPatch) -> None:
    questions(month, monkeypatch, [400] * 10 + [9_000])
    assert not month.quiet(DETECTOR).is_looked
