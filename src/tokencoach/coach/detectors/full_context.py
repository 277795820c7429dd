"""Requests sent while most of the model's window was taken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tokencoach.audit.numbers import counted, percent
from tokencoach.coach.finding import Basis, Detector, Evidence, Finding, Quiet, Rate, Threshold

if TYPE_CHECKING:
    from tokencoach.coach.material import Material, Spent, Trace

ID: Final = "full-context"
FILL: Final = Threshold(
    "full-context.fill",
    0.60,
    "share",
    "answers get worse long before the window is full, and every further request pays for all of it again",
)
SESSIONS: Final = Threshold("full-context.sessions", 5, "sessions", "fewer than five sessions show no habit")


def find(material: Material) -> Finding | Quiet:
    """Of each request past the limit, the part of the prompt that lay beyond it is what a fresh start saves.

    Source of the limit: the checklist's C5 (60 % of the window).
    """
    limit = material.limit(FILL)
    known = [trace for trace in material.traces if any(spent.fill is not None for spent in trace.main)]
    if len(known) < material.limit(SESSIONS):
        return Quiet(
            ID,
            f"{counted(len(known), 'session')} whose model's window is known; it takes {SESSIONS.value:.0f}",
            is_looked=False,
        )
    parts: dict[int, float] = {}
    evidence = []
    for trace in known:
        over = [spent for spent in trace.main if (spent.fill or 0.0) > limit]
        if over:
            beyond = {spent.step.request_id: _beyond(spent, limit) for spent in over}
            parts |= beyond
            evidence.append(_told(trace, over, material.cost(beyond)))
    rate = Rate(len(evidence), len(known), "sessions")
    if not evidence:
        return Quiet(ID, f"no session of {len(known)} passed {percent(limit)} of the window", rate=rate)
    nano, tokens = material.cost(parts)
    evidence.sort(key=lambda one: (-one.cost_nano, -one.tokens, one.at_ms))
    return Finding(
        id=ID,
        title=f"{len(evidence)} of {len(known)} sessions passed {percent(limit)} of the window",
        cost_nano=nano,
        tokens=tokens,
        basis=Basis.ESTIMATED,
        low_nano=0,
        high_nano=nano,
        evidence=tuple(evidence),
        why=f"For each request of the main thread whose prompt took more than {percent(limit)} of the window, the share of "
        f"its price that the prompt's part beyond that limit has. Limit: {FILL.because}.",
        next="Start a fresh session when a piece of work has landed; carry over a summary of a few lines.",
        condition=f"a session passes {percent(limit)} of its window",
        action="commit what works and start a fresh session with a short summary",
        rate=rate,
        parts=parts,
    )


def _beyond(spent: Spent, limit: float) -> float:
    """The part of a request's price that the prompt beyond the limit has; an answer costs many times as much a token."""
    counts, rates = spent.counts, spent.rates
    beyond = max(0.0, spent.context - limit * (spent.step.window or 0))
    prompt = (
        counts.input * rates.input
        + counts.cache_read * rates.cache_read
        + counts.cache_write_5m * rates.cache_write_5m
        + counts.cache_write_1h * rates.cache_write_1h
    )
    return spent.part(prompt * beyond / spent.context) if spent.context else 0.0


def _told(trace: Trace, over: list[Spent], cost: tuple[int, int]) -> Evidence:
    peak = max(over, key=lambda spent: spent.fill or 0.0)
    return Evidence(
        words=f"{counted(len(over), 'request')} past the limit, "
        f"peak {percent(peak.fill or 0.0)} of {peak.step.window:,} tokens",
        at_ms=over[0].step.at_ms,
        cost_nano=cost[0],
        tokens=cost[1],
        session=trace.facts.session,
        session_id=trace.facts.session_id,
        turn=peak.step.turn,
    )


DETECTOR: Final = Detector(ID, find, (FILL, SESSIONS))
