"""C6: what was sent before is read from the cache, not sent again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tokencoach.audit.numbers import percent
from tokencoach.checklist.item import Item, Judgement, State, too_little
from tokencoach.coach.finding import Evidence, Threshold

if TYPE_CHECKING:
    from tokencoach.checklist.grounds import Grounds
    from tokencoach.coach.material import Trace

READ: Final = Threshold(
    "C6.read",
    0.70,
    "share",
    "in a long session nearly all of a prompt was sent before; below this it was paid again",
)
TURNS: Final = Threshold("C6.turns", 10, "turns", "a short session has little that could be read again")
SESSIONS: Final = Threshold("C6.sessions", 3, "sessions", "fewer long sessions show no habit")


def judge(grounds: Grounds) -> Judgement:
    """Cache reads of all that long sessions sent; what was written to the cache counts as sent."""
    reporting = {
        (trace.facts.source, spent.step.model_id)
        for trace in grounds.material.traces
        for spent in trace.requests
        if spent.counts.cache_read
    }
    long = [
        (trace, *_sent(trace, reporting))
        for trace in grounds.material.traces
        if len({spent.step.turn for spent in trace.requests}) >= grounds.limit(TURNS)
    ]
    told = [(trace, read, sent) for trace, read, sent in long if sent]
    if len(told) < grounds.limit(SESSIONS):
        return too_little(
            f"{len(told)} sessions of {grounds.limit(TURNS):.0f} turns or more whose log tells cache reads; "
            f"it takes {grounds.limit(SESSIONS):.0f}",
            "nothing to do: short sessions hold little to read again",
        )
    every, limit = sum(sent for _, _, sent in told), grounds.limit(READ)
    share = sum(read for _, read, _ in told) / every
    low = sorted((row for row in told if row[1] / row[2] < limit), key=lambda row: row[1] - row[2])
    return Judgement(
        State.MET if share >= limit else State.NOT_MET,
        f"{percent(share)} of what {len(told)} long sessions sent was read from the cache",
        "do one piece of work without long pauses, and do not change tools or instructions half-way",
        value=share,
        target=limit,
        evidence=tuple(_told(trace, read, sent) for trace, read, sent in low),
    )


def _sent(trace: Trace, reporting: set[tuple[str, int]]) -> tuple[int, int]:
    """Tokens read from the cache and tokens sent, of models whose provider reports it."""
    counts = [
        spent.counts for spent in trace.requests if (trace.facts.source, spent.step.model_id) in reporting
    ]
    return sum(one.cache_read for one in counts), sum(one.total - one.output for one in counts)


def _told(trace: Trace, read: int, sent: int) -> Evidence:
    return Evidence(
        f"{percent(read / sent)} of {sent:,} tokens read from the cache",
        trace.facts.first_ms,
        trace.ledger.total.cost_nano,
        sent - read,
        trace.facts.session,
        trace.facts.session_id,
    )


ITEM: Final = Item(
    "C6",
    "Cache, not repeat",
    "Cache reads / (cache reads + cache writes + fresh input) in sessions of 10 turns or more is at least 70 %, "
    "where the provider reports it.",
    judge,
    (READ, TURNS, SESSIONS),
    detector="cache-writes",
)
