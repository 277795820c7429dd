"""What stands behind the figures of the Power screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tokencoach.power.cloud import SOURCES
from tokencoach.tui import figures
from tokencoach.tui.why.explanation import Explanation, Inputs

if TYPE_CHECKING:
    from collections.abc import Callable

    from tokencoach.audit.power_day import PowerNow
    from tokencoach.power.live import Live, ServerLive

_METERS = "meters of this computer, read by the watcher once a second while a model is in memory."
_WAYS: Inputs = (
    (
        "a smart plug",
        "power.plugs in the settings: shelly:HOST, tasmota:HOST or home-assistant:HOST:PORT/ENTITY",
    ),
    ("a wall meter", "power.idle_watts and power.full_watts in the settings: two readings of yours"),
    (
        "a guess",
        "power.estimate = true and power.tdp_watts in the settings: a range that is never stored or added",
    ),
)
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
    "prefill": (
        "Joules a token read",
        "Energy of the last request until its first token / prompt tokens that were computed, not cached.",
    ),
    "resident": (
        "Energy for waiting",
        "(Watts with the model in memory and nothing to do - watts without it) x idle time; none until both are learned.",
    ),
    "tokens": ("Tokens written", "The server's own total since it started; with what its slots write now."),
    "idle": ("Idle with a model in memory", "Time in which it waited, since it was first seen."),
    "cpu": (
        "CPU time a token",
        "CPU time of the server and its children / tokens written since it was first seen.",
    ),
    "memory": ("Memory", "Resident memory of the server and its children."),
}


def power_explained(figure: str, value: PowerNow, server: ServerLive | None = None) -> Explanation | None:
    """One figure of the screen, by its name; ``server`` is the one in whose line it stands."""
    if value.live is None:
        return None
    if figure == "headline":
        return _headline(value.live)
    if figure in _OF_TIMES:
        return _OF_TIMES[figure](value)
    found = _SERVER_FIGURES.get(figure.rpartition(".")[2])
    return None if found is None or server is None else Explanation(*found, _SERVERS, _server_inputs(server))


def _server_inputs(server: ServerLive) -> Inputs:
    """What is known of a server now; what it does not tell is left out."""
    slots = None if server.slots is None else f"{server.busy_slots or 0} of {server.slots}"
    cpu = server.cpu_seconds_per_token
    told = (
        ("model", server.model),
        ("process, port", f"{server.pid}, {server.port}"),
        ("slots at work", slots),
        ("tokens a second", _number(server.tokens_per_second, ".1f")),
        (
            "tokens written",
            None if server.generated_tokens is None else figures.count(server.generated_tokens),
        ),
        ("prompt tokens read", None if server.prompt_tokens is None else figures.count(server.prompt_tokens)),
        ("idle", figures.span(round(server.idle_seconds * 1000))),
        ("CPU ms a token", _number(None if cpu is None else cpu * 1000, ".2f")),
        ("watts of waiting", _number(server.resident_watts, ".1f")),
        ("badge of its joules", f"{server.joules_quality.value} {', '.join(server.joules_of)}".strip()),
        ("missing or assumed", server.joules_why or server.why_not),
    )
    return tuple((name, text) for name, text in told if text)


def _number(value: float | None, form: str) -> str | None:
    return None if value is None else format(value, form)


def _tokens(value: PowerNow) -> Explanation:
    servers = tuple((f"{it.kind} {it.model}", figures.count(it.generated)) for it in value.day.servers)
    formula = "Tokens that local servers wrote today, by their own counters or by what their slots showed."
    return Explanation("Tokens written here today", formula, "table served_hour.", servers)


def _energy(value: PowerNow) -> Explanation:
    formula = (
        "Sum of the meters that may be added, over buckets of ten seconds; gaps are left out, not filled."
    )
    inputs: Inputs = (
        ("badge", value.day.quality.value),
        ("in gaps", figures.percent(value.day.gap_share)),
    )
    worth = value.times.worth
    if worth is not None:
        inputs += (("CO2 by", worth.emission.source),)
        inputs += () if worth.cost is None else (("money by", worth.cost.source),)
    return Explanation("Energy today", formula, "tables meter, energy.", inputs)


def _elsewhere(_: PowerNow) -> Explanation:
    return Explanation(
        "Energy of tokens made elsewhere",
        "An order of magnitude: output 0.3 to 15 J a token, fresh input 0.1 to 1.5, cached 0 to 0.15; one digit, "
        "never added to what is measured. No published method is valid where most tokens are cached input.",
        "the literature, and tokens of models that did not run here (table request).",
        tuple((f"source {number}", text) for number, text in enumerate(SOURCES, 1)),
    )


def _share(value: PowerNow) -> Explanation | None:
    ended = value.times.month.ended
    if ended is None:
        return None
    inputs = tuple((bucket.value.replace("_", " "), f"{wh:.1f} Wh") for bucket, wh in ended.buckets if wh)
    if ended.unasked_wh:
        inputs += (("of no known session, left out", f"{ended.unasked_wh:.1f} Wh"),)
    return Explanation(
        "Local energy that ended in shipped code",
        "Energy of this month's measured requests whose lines shipped / that of all of known sessions. A request's "
        "energy goes where its tokens went.",
        "tables served_request and request, and the verdicts on their sessions.",
        inputs,
        opens="its sessions" if ended.sessions else "",
    )


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
            name, f"{formula} No watts are shown: no meter answers.", _SERVERS, meters + refused + _WAYS
        )
    formula = "Sum of the meters that measure different things. The badge is the worst of theirs."
    quiet = (("idle with these models", live.idle_watts), ("idle without a model", live.empty_watts))
    baselines = tuple((name, "being learned" if watts is None else f"{watts:.1f} W") for name, watts in quiet)
    if live.marginal_watts is None:
        return Explanation("Watts now", formula, _METERS, meters + baselines + refused)
    return Explanation(
        "Watts above idle",
        f"{live.watts:.1f} W in all - {live.idle_watts:.1f} W with the model in memory and nothing to do, not below 0. "
        "Idle is the median of at least 30 quiet seconds of the last 10 minutes. " + formula,
        _METERS,
        meters + baselines + refused,
    )


_OF_TIMES: Final[dict[str, Callable[[PowerNow], Explanation | None]]] = {
    "today.tokens": _tokens,
    "today.energy": _energy,
    "today.elsewhere": _elsewhere,
    "month.elsewhere": _elsewhere,
    "month.share": _share,
}
