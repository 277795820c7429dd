"""C6: what was sent before is read from the cache, and little is paid for caches that were lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tokencoach.audit.numbers import money, percent
from tokencoach.checklist.item import Item, Judgement, too_little
from tokencoach.checklist.parts import Part, sentence, state_of
from tokencoach.coach.finding import Evidence, Finding, Threshold

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
LOST: Final = Threshold(
    "C6.lost",
    0.05,
    "share",
    "reads cost a tenth, so that a high share of them may still hide a large part of the bill",
)
SESSIONS: Final = Threshold("C6.sessions", 3, "sessions", "fewer long sessions show no habit")


def judge(grounds: Grounds) -> Judgement:
    """Cache reads of all that long sessions sent, and what lost caches cost of all that was spent."""
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
    said = grounds.ask("cache-writes")
    lost = said if isinstance(said, Finding) else None
    parts = (
        Part(
            share >= limit, f"{percent(share)} of what {len(told)} long sessions sent was read from the cache"
        ),
        *_lost(grounds, lost),
    )
    step = "do one piece of work without long pauses, and do not change tools or instructions half-way"
    return Judgement(
        state_of(parts),
        sentence(parts),
        lost.next if lost is not None and parts[-1].holds is False else step,
        value=share,
        target=limit,
        evidence=(
            *(_told(trace, read, sent) for trace, read, sent in low),
            *(lost.evidence if lost is not None else ()),
        ),
    )


def _lost(grounds: Grounds, lost: Finding | None) -> tuple[Part, ...]:
    """What lost caches cost of all spend; no part where no log shows what was written to a cache."""
    if lost is None:
        return ()
    whole = grounds.material.total.total
    is_priced = bool(whole.cost_nano)
    part = lost.cost_nano / whole.cost_nano if is_priced else lost.tokens / max(1, whole.tokens)
    most = grounds.limit(LOST)
    words = f"{money(lost.cost_nano)}, " if is_priced else ""
    return (Part(part <= most, f"lost caches cost {words}{percent(part)} of all ({percent(most)} at most)"),)


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
    "where the provider reports it; and caches that were lost and written again took at most 5 % of the spend.",
    judge,
    (READ, LOST, TURNS, SESSIONS),
    detector="cache-writes",
)
