"""What stands behind the figures of the Power screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokencoach.tui import figures
from tokencoach.tui.why.explanation import Explanation

if TYPE_CHECKING:
    from tokencoach.audit.power_day import PowerNow
    from tokencoach.power.live import Live

_METERS = "meters of this computer, read by the watcher once a second while a model is in memory."
_SERVERS = "the server's own answers on its loopback port: counts, never prompts; CPU time from the system."
_SERVER_FIGURES = {
    "rate": (
        "Tokens a second",
        "Tokens that the slots (else the counter of written tokens) grew by in three seconds / those seconds.",
    ),
    "joules": (
        "Joules a token",
        "Energy of the last request's writing / tokens written meanwhile; none where it was too short to measure.",
    ),
    "tokens": ("Tokens written", "The server's own total since it started; with what its slots write now."),
    "idle": ("Idle with a model in memory", "Time in which it waited, since it was first seen."),
    "cpu": (
        "CPU time a token",
        "CPU time of the server and its children / tokens written since it was first seen.",
    ),
    "memory": ("Memory", "Resident memory of the server and its children."),
}


def power_explained(figure: str, value: PowerNow) -> Explanation | None:
    """One figure of the screen, by its name."""
    if value.live is None:
        return None
    if figure == "headline":
        return _headline(value.live)
    if figure == "today.tokens":
        servers = tuple((f"{it.kind} {it.model}", figures.count(it.generated)) for it in value.day.servers)
        formula = (
            "Tokens that local servers wrote today, by their own counters or by what their slots showed."
        )
        return Explanation("Tokens written here today", formula, "table served_hour.", servers)
    if figure == "today.energy":
        formula = (
            "Sum of the meters that may be added, over buckets of ten seconds; gaps are left out, not filled."
        )
        inputs = (("badge", value.day.quality.value), ("in gaps", figures.percent(value.day.gap_share)))
        return Explanation("Energy today", formula, "tables meter, energy.", inputs)
    found = _SERVER_FIGURES.get(figure.rpartition(".")[2])
    return None if found is None else Explanation(found[0], found[1], _SERVERS)


def _headline(live: Live) -> Explanation:
    meters = tuple(
        (
            f"{it.id} {it.quality.value}",
            f"{it.watts:.1f} W" if it.watts is not None else it.why_not or figures.UNKNOWN,
        )
        for it in live.meters
    )
    refused = tuple((name, f"{why}; {permit}" if permit else why) for name, why, permit in live.refusals)
    if live.watts is None:
        name, formula = _SERVER_FIGURES["rate"]
        return Explanation(
            name, f"{formula} No watts are shown: no meter answers.", _SERVERS, meters + refused
        )
    formula = "Sum of the meters that measure different things. The badge is the worst of theirs."
    return Explanation("Watts now", formula, _METERS, meters + refused)
