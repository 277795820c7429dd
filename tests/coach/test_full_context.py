"""Sessions that went on with a window that was mostly full."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from coach.counted import SONNET
from tokencoach.coach.detectors.full_context import DETECTOR

if TYPE_CHECKING:
    from coach.made import Month


def test_only_the_part_of_the_prompt_beyond_the_limit_is_counted(month: Month) -> None:
    month.quiet_sessions(5)
    session = month.session(context=150_000)
    session.prompt("Go on with the parser")
    act = session.read("app.py")
    said = month.found(DETECTOR)
    counts = act.request.counts
    context = counts.total - counts.output
    prompt = (
        counts.input * SONNET["input"]
        + counts.cache_read * SONNET["read"]
        + counts.cache_write_5m * SONNET["5m"]
        + counts.cache_write_1h * SONNET["1h"]
    )
    assert said.cost_nano == pytest.approx(prompt * (context - 120_000) / context, rel=1e-6)
    assert said.rate[:2] == (1, 6)
    assert [one.session_id for one in said.evidence] == [session.session_id]
    assert said.low_nano == 0 < said.cost_nano == said.high_nano


def test_sessions_below_the_limit_are_no_finding(month: Month) -> None:
    month.quiet_sessions(6)
    said = month.quiet(DETECTOR)
    assert said.is_looked
    assert said.rate is not None
    assert said.rate.share == 0


def test_fewer_than_five_sessions_show_no_habit(month: Month) -> None:
    session = month.session(context=190_000)
    session.prompt("Go on")
    session.say("Done.")
    assert not month.quiet(DETECTOR).is_looked


def test_a_model_of_unknown_window_is_not_judged(month: Month) -> None:
    month.quiet_sessions(5)
    session = month.session("made-model-7", context=500_000)
    session.prompt("Go on")
    session.say("Done.")
    said = month.quiet(DETECTOR)
    assert said.rate is not None
    assert said.rate.of == 5
