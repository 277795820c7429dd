"""Sessions that were compacted again and again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tokencoach.coach.detectors.compactions import DETECTOR, aftermath
from tokencoach.coach.finding import Basis

if TYPE_CHECKING:
    from coach.made import Month
    from tokencoach.demo.truth import Act

OUTPUT, WRITE_5M, WRITE_1H, READ, FRESH = 15_000, 3_750, 6_000, 300, 3_000
"""Nano-dollars a token of the model that the sessions use."""


def rewritten(act: Act) -> float:
    """What the act's request wrote to the cache or was sent fresh, in nano-dollars."""
    counts = act.request.counts
    return counts.input * FRESH + counts.cache_write_5m * WRITE_5M + counts.cache_write_1h * WRITE_1H


def test_what_is_written_anew_after_each_compaction_is_the_price(month: Month) -> None:
    month.quiet_sessions(4)
    session = month.session(context=120_000)
    session.prompt("Build the whole import")
    after = []
    before = []
    for number in range(3):
        session.bash(f"ls {number}", "app.py")
        before.append(session.context_tokens)
        session.compact()
        after.append(session.say("Going on."))
    said = month.found(DETECTOR)
    assert said.basis is Basis.ESTIMATED
    assert said.cost_nano == pytest.approx(sum(map(rewritten, after)), abs=3)
    assert said.low_nano == said.cost_nano
    summaries = sum(context * READ + 8_000 * OUTPUT for context in before)
    assert said.high_nano == pytest.approx(said.cost_nano + summaries, abs=3)
    assert said.rate == (1, 5, "sessions")


def test_two_compactions_are_no_finding(month: Month) -> None:
    month.quiet_sessions(4)
    session = month.session(context=120_000)
    session.prompt("Build the whole import")
    for _ in range(2):
        session.compact()
        session.say("Going on.")
    assert month.quiet(DETECTOR).rate == (0, 5, "sessions")


def test_a_file_read_again_after_a_compaction_is_counted(month: Month) -> None:
    session = month.session(context=120_000)
    session.prompt("Build the whole import")
    session.read("app.py")
    session.compact()
    session.say("Going on.")
    again = session.read("app.py")
    with month.read() as reader:
        (trace,) = month.material(reader).traces
        after = aftermath(trace)
        assert after.read_again == 1
        whole = [part for part in after.parts.values() if part == 1.0]
        assert len(whole) == 1
        (request,) = [key for key, part in after.parts.items() if part == 1.0]
        at_ms = {spent.step.request_id: spent.step.at_ms for spent in trace.requests}[request]
    assert at_ms == again.request.at_ms


def test_fewer_than_five_sessions_are_not_judged(month: Month) -> None:
    session = month.session(context=120_000)
    session.prompt("Build the whole import")
    for _ in range(4):
        session.compact()
        session.say("Going on.")
    assert not month.quiet(DETECTOR).is_looked
