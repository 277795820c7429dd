"""C18: the energy of models on this computer is known, and none stays loaded for nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tokencoach.audit.energy import UJ_A_WH
from tokencoach.audit.numbers import percent
from tokencoach.checklist.item import Item, Judgement, too_little
from tokencoach.checklist.parts import Part, sentence, state_of
from tokencoach.coach.finding import Evidence, Threshold
from tokencoach.store.power.rows import server_times

if TYPE_CHECKING:
    from tokencoach.checklist.grounds import Grounds
    from tokencoach.coach.material import Trace
    from tokencoach.store.power.rows import ServerTime

KNOWN: Final = Threshold("C18.known", 0.90, "share", "what is known of nine in ten can be added up")
IDLE: Final = Threshold("C18.idle", 0.20, "share", "a model that waits costs watts and memory for nothing")
_HOUR_MS: Final = 3_600_000


def judge(grounds: Grounds) -> Judgement:
    """Local sessions with a known energy, and the part of loaded hours in which nothing was asked."""
    span = (grounds.period.since_ms, min(grounds.period.until_ms, grounds.as_of_ms + 1))
    connection = grounds.reader.connection
    local = [
        trace
        for trace in grounds.material.traces
        if any(spent.step.model_id in grounds.local_models for spent in trace.requests)
    ]
    servers = server_times(connection, *span)
    if not local and not servers:
        return too_little(
            "no model ran on this computer in this month, as far as the watcher and the logs saw",
            "nothing to do; power doctor says what could be measured here",
        )
    unknown = [trace for trace in local if not trace.ledger.qualities]
    known = len(local) - len(unknown)
    parts = (
        _known_part(known, len(local), grounds.limit(KNOWN)),
        _idle_part(servers, grounds.limit(IDLE)),
    )
    provenance = _provenance(local)
    return Judgement(
        state_of(parts),
        f"{provenance}; {sentence(parts)}" if provenance else sentence(parts),
        "tokencoach power doctor  says what is lacking"
        if not parts[0].holds
        else "let the server unload what waits: keep_alive 5m",
        value=known / len(local) if local else None,
        target=grounds.limit(KNOWN),
        evidence=_evidence(grounds, unknown, servers),
    )


def _known_part(known: int, local: int, least: float) -> Part:
    if not local:
        return Part(None, "energy by session (no session asked a local model)")
    return Part(
        known / local >= least, f"energy known of {known} of {local} local sessions ({percent(least)} needed)"
    )


def _idle_part(servers: list[ServerTime], most: float) -> Part:
    loaded = sum(one.processing_ms + one.idle_ms for one in servers)
    if not loaded:
        return Part(None, "idle hours (the watcher saw no server)")
    idle = sum(one.idle_ms for one in servers)
    return Part(
        idle / loaded <= most,
        f"{percent(idle / loaded)} of {loaded / _HOUR_MS:.1f} loaded hours idle ({percent(most)} at most)",
    )


def _provenance(local: list[Trace]) -> str:
    qualities = sorted({quality for trace in local for quality in trace.ledger.qualities})
    watt_hours = sum(trace.ledger.total.energy_uj for trace in local) / UJ_A_WH
    return f"{watt_hours:.2f} Wh, by {', '.join(qualities)}" if qualities else ""


def _evidence(grounds: Grounds, unknown: list[Trace], servers: list[ServerTime]) -> tuple[Evidence, ...]:
    sessions = [
        Evidence(
            "local requests without a known energy",
            trace.facts.first_ms,
            0,
            trace.ledger.total.tokens,
            trace.facts.session,
            trace.facts.session_id,
        )
        for trace in unknown
    ]
    waiting = [
        Evidence(
            f"{one.kind} kept {one.model} loaded and idle for {one.idle_ms / _HOUR_MS:.1f} h",
            grounds.period.since_ms,
        )
        for one in servers
        if one.idle_ms
    ]
    return (*waiting, *sessions)


ITEM: Final = Item(
    "C18",
    "Know the energy",
    "Measured or estimated watt-hours, with their provenance, for at least 90 % of the sessions that asked a model on "
    "this computer; a model loaded without work for at most 20 % of loaded hours.",
    judge,
    (KNOWN, IDLE),
)
