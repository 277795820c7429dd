"""Figures of power as JSON and as text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tokencoach.cli.output import one_line
from tokencoach.power.cloud import SOURCES
from tokencoach.power.grid import cost_of, emission_of
from tokencoach.power.reading import Quality

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tokencoach.audit.power_day import PowerDay
    from tokencoach.power.cloud import Band
    from tokencoach.power.live import Live, ServerLive
    from tokencoach.settings import PowerSettings

UNKNOWN = "—"


def power_json(live: Live, day: PowerDay | None, settings: PowerSettings) -> dict[str, Any]:
    """The figures under the keys that are promised."""
    return {
        "watts": live.watts,
        "quality": live.quality.value,
        "scopes": list(live.scopes),
        "guest": live.guest,
        "meters": [
            {
                "id": it.id,
                "scope": it.scope.value,
                "quality": it.quality.value,
                "name": it.name,
                "source": it.source,
                "watts": it.watts,
                "idle_watts": it.idle_watts,
                "is_added": it.is_added,
                "why_not": it.why_not,
            }
            for it in live.meters
        ],
        "refusals": [
            {"interface": name, "why": why, "permit": permit} for name, why, permit in live.refusals
        ],
        "servers": [_server_json(it) for it in live.servers],
        "today": _day_json(day, settings),
        "cloud_today": _cloud_json(day),
        "own_cost": {"cpu_percent": live.own_cpu_percent},
    }


def _server_json(it: ServerLive) -> dict[str, Any]:
    return {
        "kind": it.kind.value,
        "pid": it.pid,
        "port": it.port,
        "model": it.model,
        "state": it.state.value,
        "context": it.context,
        "slots": it.slots,
        "busy_slots": it.busy_slots,
        "tokens_per_second": it.tokens_per_second,
        "prompt_tokens": it.prompt_tokens,
        "generated_tokens": it.generated_tokens,
        "joules_per_token": it.joules_per_token,
        "prefill_joules_per_token": it.prefill_joules_per_token,
        "cpu_percent": it.cpu_percent,
        "cpu_seconds_per_token": it.cpu_seconds_per_token,
        "resident_bytes": it.resident_bytes,
        "idle_seconds": it.idle_seconds,
        "resident_wh_today": it.resident_wh,
        "why_not": it.why_not,
    }


def _cloud_json(day: PowerDay | None) -> dict[str, Any]:
    """Tokens made elsewhere: a band from the literature, apart from all that is measured."""
    band = None if day is None else day.cloud
    wh = None if band is None else [band.low_wh, band.high_wh]
    return {"energy_wh": wh, "quality": Quality.ESTIMATE.value, "sources": list(SOURCES)}


def _day_json(day: PowerDay | None, settings: PowerSettings) -> dict[str, Any]:
    if day is None:
        return {"energy_wh": None, "quality": Quality.NONE.value, "tokens": 0, "surviving_share": None}
    return {
        "energy_wh": day.energy_wh,
        "quality": day.quality.value,
        "gap_share": day.gap_share,
        "tokens": day.tokens,
        "prompt_tokens": day.prompt_tokens,
        "idle_seconds": day.idle_s,
        "resident_wh": day.resident_wh,
        "surviving_share": day.surviving_share,
        **_worth_json(day.energy_wh, settings),
    }


def _worth_json(wh: float | None, settings: PowerSettings) -> dict[str, Any]:
    if wh is None:
        return {"cost": None, "currency": settings.currency, "co2_g": None, "co2_source": None}
    emitted = emission_of(wh, settings)
    return {
        "cost": cost_of(wh, settings),
        "currency": settings.currency,
        "co2_g": [emitted.low_g, emitted.high_g],
        "co2_source": emitted.source,
    }


def power_lines(live: Live, day: PowerDay | None, settings: PowerSettings) -> Iterator[str]:
    """The figures for a person."""
    yield f"power     {headline(live)}"
    for meter in live.meters:
        figure = f"{meter.watts:.1f} W" if meter.watts is not None else f"{UNKNOWN} {meter.why_not or ''}"
        apart = "" if meter.is_added else "  (not added)"
        yield one_line(
            f"  {meter.id} {meter.quality.value} {figure} {meter.name}, {meter.source}{apart}"
        ).rjust(4)
    for name, why, permit in live.refusals:
        yield f"  {one_line(name)}: {one_line(why)}"
        if permit:
            yield f"      → {one_line(permit)}"
    yield "servers" if live.servers else "servers   none runs; looked at every process of this computer"
    for server in live.servers:
        yield f"  {one_line(server_line(server))}"
        if server.why_not:
            yield f"      {one_line(server.why_not)}"
    for one in live.unanswered:
        yield f"  {one.kind.value} (process {one.pid}) {one.why}"
    yield f"today     {day_line(day)}{_worth(day, settings)}"
    if day is not None and day.cloud is not None:
        yield f"cloud     {cloud_line(day.cloud)}"
    own = live.own_cpu_percent
    yield f"own cost  {UNKNOWN if own is None else f'{own:.1f} % of a core'}"


def _worth(day: PowerDay | None, settings: PowerSettings) -> str:
    if day is None or day.energy_wh is None:
        return ""
    cost, emitted = cost_of(day.energy_wh, settings), emission_of(day.energy_wh, settings)
    money = "" if cost is None else f" = {cost:.3f} {one_line(settings.currency)}"
    return f"{money} = {emitted.low_g:.0f} to {emitted.high_g:.0f} g CO2 ({emitted.source})"


def cloud_line(band: Band) -> str:
    """Tokens of today that were made elsewhere, in words."""
    band_wh = f"~{band.low_wh:g} to {band.high_wh:g} Wh"
    return f"{band_wh} ESTIMATE by the literature for today's tokens made elsewhere; never added"


def headline(live: Live) -> str:
    """The large figure with its badge, or why there is none."""
    if live.watts is not None:
        idle = "" if live.idle_watts is None else f", {live.idle_watts:.0f} W idle"
        return f"{live.watts:.0f} W {live.quality.value} ({', '.join(live.scopes)}{idle})"
    if live.guest:
        return f"NONE: inside {one_line(live.guest)} no sensor is shown"
    waiting = next((it.why_not for it in live.meters if it.why_not), None)
    return f"NONE: {one_line(waiting or 'no meter answers; `tokencoach power doctor` says why')}"


def server_line(it: ServerLive) -> str:
    """One server's figures in a line."""
    parts = [it.kind.value, it.model or "no model", it.state.value]
    if it.tokens_per_second is not None:
        parts.append(f"{it.tokens_per_second:.1f} tok/s")
    if it.joules_per_token is not None:
        parts.append(f"{it.joules_per_token:.2f} J/token")
    if it.generated_tokens is not None:
        parts.append(f"{it.generated_tokens:,} out / {it.prompt_tokens or 0:,} in")
    if it.cpu_percent is not None:
        parts.append(f"CPU {it.cpu_percent / 100:.2f} core")
    if it.cpu_seconds_per_token is not None:
        parts.append(f"{it.cpu_seconds_per_token * 1000:.1f} CPU ms/token")
    if it.resident_bytes:
        parts.append(f"{it.resident_bytes / 2**30:.1f} GiB")
    parts.append(f"idle {it.idle_seconds:.0f} s")
    return "  ".join(parts)


def day_line(day: PowerDay | None) -> str:
    """The day so far."""
    if day is None:
        return f"{UNKNOWN}; the watcher keeps it: tokencoach watch"
    energy = UNKNOWN if day.energy_wh is None else f"{day.energy_wh:.1f} Wh {day.quality.value}"
    resident = "" if day.resident_wh is None else f", {day.resident_wh:.1f} Wh for models that waited"
    return f"{energy}{resident}; {day.tokens:,} tokens written here; models waited {day.idle_s / 60:.0f} min"
