"""Prompts in a row that say nothing but that it failed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokencoach.coach.detectors.slot_machine import DETECTOR
from tokencoach.settings import Settings
from tokencoach.sources.base import LogsHome
from tokencoach.watch.refresh import Upkeep, refresh

if TYPE_CHECKING:
    from coach.made import Month

BLIND = ("fix it", "TypeError: part() takes 0 positional arguments but 1 was given", "still broken")


def test_all_turns_but_the_first_of_a_run_are_its_price(month: Month) -> None:
    month.quiet_sessions(4)
    session = month.session()
    session.prompt("Add a part that takes an argument")
    session.say("Done.")
    acts = []
    for text in BLIND:
        session.prompt(text)
        acts.append([session.read("app.py"), session.say("Now it works.")])
    said = month.found(DETECTOR)
    assert said.tokens == sum(act.request.counts.total for turn in acts[1:] for act in turn)
    assert said.rate == (1, 5, "sessions")
    assert "3 in a row" in said.evidence[0].words


def test_a_prompt_with_a_direction_ends_the_run(month: Month) -> None:
    month.quiet_sessions(4)
    session = month.session()
    for text in (BLIND[0], BLIND[1], "The argument is missing in part_3, pass n on", BLIND[2], BLIND[0]):
        session.prompt(text)
        session.say("Now it works.")
    assert month.quiet(DETECTOR).rate == (0, 5, "sessions")


def test_runs_do_not_reach_over_sessions(month: Month) -> None:
    month.quiet_sessions(3)
    for text in BLIND:
        session = month.session()
        session.prompt(text)
        session.say("Now it works.")
    assert month.quiet(DETECTOR).is_looked


def test_a_long_error_is_quoted_in_one_short_line(month: Month) -> None:
    month.quiet_sessions(4)
    session = month.session()
    for _ in range(3):
        session.prompt("E   AssertionError: assert " + "3 == 4 and " * 40)
        session.say("Now it works.")
    words = month.found(DETECTOR).evidence[0].words
    assert len(words) <= 120
    assert "\n" not in words


def test_without_prompts_nothing_is_judged(month: Month) -> None:
    for _ in range(5):
        session = month.session()
        for text in BLIND:
            session.prompt(text)
            session.say("Now it works.")
    settings = Settings(keep_prompts=False)
    refresh(Upkeep(month.database, LogsHome(month.stage.home, {}), settings, month.tz), with_verdicts=False)
    assert not month.quiet(DETECTOR).is_looked
