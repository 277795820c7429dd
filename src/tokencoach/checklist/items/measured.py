"""C14: what matters can be measured: the person's own time, the price, and what shipped for it."""

from __future__ import annotations

from collections import Counter
from statistics import median
from typing import TYPE_CHECKING, Final

from tokencoach.attribution.time_spans import union_ms
from tokencoach.audit.human import human_activity
from tokencoach.audit.numbers import counted, percent
from tokencoach.checklist.item import Item, Judgement, too_little
from tokencoach.checklist.parts import Part, sentence, state_of
from tokencoach.coach.evidence import quoted
from tokencoach.coach.finding import Evidence, Threshold
from tokencoach.usage.words import WorkKind

if TYPE_CHECKING:
    from tokencoach.checklist.grounds import Grounds

TIMED: Final = Threshold("C14.timed", 0.80, "share", "with a fifth of the time unknown a ratio still holds")
SESSIONS: Final = Threshold("C14.sessions", 5, "sessions", "fewer show no habit")


def judge(grounds: Grounds) -> Judgement:
    """Whether time and price are known of nearly all, and whether anything shipped to divide by."""
    traces = grounds.material.traces
    if len(traces) < grounds.limit(SESSIONS):
        return too_little(
            f"{counted(len(traces), 'session')}; it takes {grounds.limit(SESSIONS):.0f}", "nothing to do yet"
        )
    since, until = grounds.period.since_ms, min(grounds.period.until_ms, grounds.as_of_ms + 1)
    sessions = [trace.facts.session for trace in traces]
    active = human_activity(grounds.reader.connection, sessions, since, until)
    timed = {one.session for one in active}
    total = grounds.material.total
    priced = 1 - total.unpriced / total.requests if total.requests else 0.0
    features = [
        item
        for item in grounds.features.figures.items
        if item.kind is WorkKind.FEATURE and item.is_shipped and item.human_ms
    ]
    share, least = len(timed) / len(traces), grounds.limit(TIMED)
    parts = (
        Part(share >= least, f"your time is known in {len(timed)} of {counted(len(traces), 'session')}"),
        Part(priced >= least, f"{percent(priced)} of requests have a price"),
        Part(bool(features), f"{len(features)} shipped features with time of yours"),
    )
    spent = round(union_ms((one.start_ms, one.end_ms) for one in active) / 60_000)
    middle = (
        f"; the median shipped feature took {median(item.human_ms for item in features) / 60_000:.0f} min"
        if features
        else ""
    )
    return Judgement(
        state_of(parts),
        f"{spent} minutes of yours in all{middle}; {sentence(parts)}",
        _step(grounds, parts),
        value=share,
        target=least,
        evidence=tuple(
            Evidence(
                "no prompt and no answer of yours in the log: it ran by itself, or the log does not tell",
                trace.facts.first_ms,
                trace.ledger.total.cost_nano,
                trace.ledger.total.tokens,
                trace.facts.session,
                trace.facts.session_id,
            )
            for trace in traces
            if trace.facts.session not in timed
        ),
    )


def _step(grounds: Grounds, parts: tuple[Part, ...]) -> str:
    timed, priced, shipped = (part.holds for part in parts)
    if not timed and not grounds.settings.keep_prompts:
        return "keep prompts: keep_prompts = true in the settings"
    if not priced:
        spent = (one for trace in grounds.material.traces for one in trace.requests if one.cost_nano is None)
        models = Counter(one.step.model for one in spent).most_common(1)
        named = quoted(models[0][0]) if models else "MODEL"
        return f'give the model its price in the settings, [prices."{named}"], or update tokencoach'
    if not timed:
        return "open those sessions: one that ran by itself took no time of yours, and lifting the limit is right"
    return "nothing to do" if shipped else "land one feature: what took so long is told when it ships"


ITEM: Final = Item(
    "C14",
    "Measure what matters",
    "Useful output / (your minutes x cost) can be computed: your active time (pauses over 5 minutes cut) is known in "
    "at least 80 % of sessions, at least 80 % of requests have a price, and a feature shipped.",
    judge,
    (TIMED, SESSIONS),
)
