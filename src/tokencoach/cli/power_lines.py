"""Figures of power as text for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokencoach.audit.numbers import watt_hours, watts
from tokencoach.cli.output import one_line
from tokencoach.power.cloud import SOURCES
from tokencoach.usage.words import Bucket

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tokencoach.audit.energy_ends import EnergyEnded
    from tokencoach.audit.power_day import PowerDay, PowerTimes
    from tokencoach.power.cloud import Band
    from tokencoach.power.grid import Worth
    from tokencoach.power.live import Live, MeterLive, ServerLive

UNKNOWN = "—"
_SESSIONS_SHOWN = 5
_SHORT_ID = 8
_SHORT_PERMIT = 80
_HOW = "tokencoach power doctor  shows how it is permitted"
_ENDED = (
    (Bucket.REWORKED, "reworked"),
    (Bucket.NOT_LANDED, "not landed"),
    (Bucket.PENDING, "pending"),
    (Bucket.NEUTRAL, "neutral"),
    (Bucket.UNKNOWN, "unknown"),
)


def power_lines(live: Live, times: PowerTimes | None) -> Iterator[str]:
    """The figures for a person."""
    if live.is_simulated:
        yield "SIMULATED: the demonstration's own figures; nothing of this computer is measured here"
    yield f"power     {headline(live)}"
    if live.watts is None:
        yield "          a smart plug (power.plugs) or two readings of a wall meter"
        yield "          (power.idle_watts and power.full_watts in the settings) give"
        yield "          watts where no meter does"
    yield from (_meter_line(meter) for meter in live.meters)
    for name, why, permit in live.refusals:
        yield f"  {one_line(name)}: {one_line(why)}"
        if permit:
            yield f"      → {one_line(permit) if len(permit) < _SHORT_PERMIT else _HOW}"
    yield "servers" if live.servers else "servers   none runs; looked at every process of this computer"
    for server in live.servers:
        yield f"  {one_line(server_line(server))}"
        yield from (f"      {one_line(why)}" for why in (server.why_not, joules_note(server)) if why)
    for one in live.unanswered:
        yield f"  {one.kind.value} (process {one.pid}) {one.why}"
    yield from _times_lines(times)
    own = live.own_cpu_percent
    yield f"own cost  {UNKNOWN if own is None else f'{own:.1f} % of a core'}"


def _meter_line(meter: MeterLive) -> str:
    figure = f"{meter.watts:.1f} W" if meter.watts is not None else f"{UNKNOWN} {meter.why_not or ''}"
    apart = "" if meter.is_added else "  (not added)"
    said = one_line(f"{meter.id} {meter.quality.value} {figure} {meter.name}, {meter.source}{apart}")
    return f"  {said}"


def _times_lines(times: PowerTimes | None) -> Iterator[str]:
    if times is None:
        yield f"today     {UNKNOWN}; the watcher keeps it: tokencoach watch"
        return
    yield f"today     {day_line(times.day)}{_worth(times.worth)}"
    for label, day in (("ended", times.day), ("month", times.month)):
        if day.ended is not None:
            yield f"{label:<9} {ended_line(day.ended)}"
    if times.month.ended is not None:
        yield from _sessions(times.month.ended)
    for label, day in (("today", times.day), ("this month", times.month)):
        if day.cloud is not None:
            yield f"cloud     {cloud_line(day.cloud, label)}"
    if times.month.cloud is not None:
        yield f"          sources: {'; '.join(SOURCES)}"


def _worth(worth: Worth | None) -> str:
    if worth is None:
        return ""
    cost, emitted = worth.cost, worth.emission
    money = (
        "" if cost is None else f" = {cost.amount:.3f} {one_line(cost.currency)} ({one_line(cost.source)})"
    )
    return f"{money} = {emitted.low_g:.0f} to {emitted.high_g:.0f} g CO2 ({one_line(emitted.source)})"


def ended_line(ended: EnergyEnded) -> str:
    """Where the energy of measured requests ended, with what the share is made of."""
    known = dict(ended.buckets)
    rest = ", ".join(f"{word} {known[bucket]:.1f}" for bucket, word in _ENDED if known.get(bucket))
    parts = [f"of no known session {ended.unasked_wh:.1f}"] if ended.unasked_wh else []
    if ended.shipped_share is None:
        return f"{UNKNOWN} Wh of requests of known sessions; {'; '.join(parts)}"
    share = f"{watt_hours(ended.wh)} {ended.quality.value} for requests, {100 * ended.shipped_share:.0f} % of it shipped"
    return "; ".join(
        [f"{share} ({known.get(Bucket.SHIPPED, 0.0):.1f} Wh{', ' + rest if rest else ''})", *parts]
    )


def _sessions(ended: EnergyEnded) -> Iterator[str]:
    for one in ended.sessions[:_SESSIONS_SHOWN]:
        share = UNKNOWN if one.shipped_share is None else f"{100 * one.shipped_share:.0f} % shipped"
        project = one.project.replace("\\", "/").rstrip("/").rpartition("/")[2]
        yield one_line(f"  {one.wh:8.2f} Wh  {one.session_id[:_SHORT_ID]}  {share}  {project}")
    if ended.sessions:
        rest = len(ended.sessions) - _SESSIONS_SHOWN
        more = f"{rest} more; " if rest > 0 else ""
        yield f"            {more}one of them opened: tokencoach sessions show ID"


def cloud_line(band: Band, when: str) -> str:
    """Tokens that were made elsewhere, in words."""
    band_wh = f"~{band.low_wh:g} to {band.high_wh:g} Wh"
    return f"{band_wh} ESTIMATE by the literature for tokens of {when} made elsewhere; never added"


def headline(live: Live) -> str:
    """The large figure with its badge, or why there is none."""
    if live.watts is not None:
        quiet = [
            f"{watts(power)} {word}"
            for power, word in ((live.idle_watts, "idle with this model"), (live.empty_watts, "without"))
            if power is not None
        ]
        above = "" if live.marginal_watts is None else f"{watts(live.marginal_watts)} above idle; "
        learned = ", ".join(quiet) or "learning idle"
        return f"{above}{watts(live.watts)} {live.quality.value} ({', '.join(live.scopes)}; {learned})"
    if live.estimate is not None:
        guessed = (
            f"~{live.estimate.low:g} to {live.estimate.high:g} W ESTIMATE of the processor by its rated power"
        )
        return f"NONE measured; {guessed}"
    if live.guest:
        return f"NONE: inside {one_line(live.guest)} no sensor is shown"
    waiting = next((it.why_not for it in live.meters if it.why_not), None)
    return f"NONE: {one_line(waiting or 'no meter answers; `tokencoach power doctor` says why')}"


def joules_note(it: ServerLive) -> str | None:
    """What the joules of a server's last request leave out or rest on."""
    if it.joules_per_token is None:
        return None if it.joules_why is None else f"joules a token: {it.joules_why}"
    return f"joules a token of {', '.join(it.joules_of)} only" + (
        f": {it.joules_why}" if it.joules_why else ""
    )


def server_line(it: ServerLive) -> str:
    """One server's figures in a line."""
    parts = [it.kind.value, it.model or "no model", it.state.value]
    if it.tokens_per_second is not None:
        parts.append(f"{it.tokens_per_second:.1f} tok/s")
    if it.joules_per_token is not None:
        prefill = "" if it.prefill_joules_per_token is None else f"{it.prefill_joules_per_token:.2f} / "
        parts.append(f"{prefill}{it.joules_per_token:.2f} J/token {it.joules_quality.value}")
    if it.generated_tokens is not None:
        parts.append(f"{it.generated_tokens:,} out / {it.prompt_tokens or 0:,} in")
    if it.cpu_percent is not None:
        parts.append(f"CPU {it.cpu_percent / 100:.2f} core")
    if it.cpu_seconds_per_token is not None:
        parts.append(f"{it.cpu_seconds_per_token * 1000:.1f} CPU ms/token")
    if it.resident_bytes:
        parts.append(f"{it.resident_bytes / 2**30:.1f} GiB")
    parts.append(f"idle {it.idle_seconds:.0f} s")
    if it.resident_wh is not None:
        parts.append(f"{it.resident_wh:.1f} Wh for waiting")
    return "  ".join(parts)


def day_line(day: PowerDay) -> str:
    """The day so far."""
    energy = UNKNOWN if day.energy_wh is None else f"{watt_hours(day.energy_wh)} {day.quality.value}"
    resident = "" if day.resident_wh is None else f", {day.resident_wh:.1f} Wh for models that waited"
    return f"{energy}{resident}; {day.tokens:,} tokens written here; models waited {day.idle_s / 60:.0f} min"
