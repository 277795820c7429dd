"""Energy and local inference of a day: what the meters counted, what the servers did with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tokencoach.clock import day_of, day_start_ms, next_day
from tokencoach.power.cloud import cloud_band
from tokencoach.power.live import current
from tokencoach.power.reading import MeterInfo, Quality, Reads, Scope, worst
from tokencoach.power.search import addable
from tokencoach.store.power_rows import cloud_counts, energies, request_energy, server_times

if TYPE_CHECKING:
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from tokencoach.power.cloud import Band
    from tokencoach.power.live import Live
    from tokencoach.store.connect import Connection
    from tokencoach.store.power_rows import MeterEnergy, RequestEnergy, ServerTime


class PowerDay(NamedTuple):
    """A day's energy in watt-hours over the meters that may be added; None where no meter counted any.

    ``cloud`` is the band of tokens that were made elsewhere: another kind of figure, never added.
    ``gap_share`` is the part of the metered time in which the watts are unknown. ``tokens`` are those
    that local servers wrote. ``resident_wh`` is what models cost that waited, None where not known.
    ``surviving_share`` is the part of the requests' energy that ended in shipped code; it takes an audit
    of the day, and is None where none was made or no request's energy is known.
    """

    energy_wh: float | None
    quality: Quality
    gap_share: float
    tokens: int
    prompt_tokens: int
    idle_s: float
    resident_wh: float | None
    servers: tuple[ServerTime, ...]
    requests: RequestEnergy
    cloud: Band | None = None
    surviving_share: float | None = None


class PowerNow(NamedTuple):
    """What the Power screen shows; ``live`` is None while nobody samples."""

    live: Live | None
    day: PowerDay


def power_now(connection: Connection, file: Path, tz: ZoneInfo, now_ms: int) -> PowerNow:
    """The figures that the watcher keeps in a file, and the day so far."""
    return PowerNow(current(file, now_ms), power_day(connection, tz, now_ms))


def power_day(connection: Connection, tz: ZoneInfo, at_ms: int) -> PowerDay:
    """The day of a zone that an instant falls on."""
    day = day_of(at_ms, tz)
    start, end = day_start_ms(day, tz), day_start_ms(next_day(day), tz)
    counted = _added(energies(connection, start, end))
    servers = tuple(server_times(connection, start, end))
    known = sum(it.covered_ms for it in counted)
    gaps = sum(it.gap_ms for it in counted)
    resident = [it for it in servers if it.resident_known_ms]
    return PowerDay(
        energy_wh=sum(it.energy_uj for it in counted) / 3.6e9 if known else None,
        quality=worst(Quality(it.quality) for it in counted) if known else Quality.NONE,
        gap_share=gaps / (known + gaps) if known + gaps else 0.0,
        tokens=sum(it.generated for it in servers),
        prompt_tokens=sum(it.prompt for it in servers),
        idle_s=sum(it.idle_ms for it in servers) / 1000,
        resident_wh=sum(it.resident_uj for it in resident) / 3.6e9 if resident else None,
        servers=servers,
        requests=request_energy(connection, start, end),
        cloud=cloud_band(cloud_counts(connection, day, day, tz)),
    )


def _added(counted: list[MeterEnergy]) -> list[MeterEnergy]:
    """Those whose energies may be added; one for the whole computer where there are no others."""
    infos = [
        MeterInfo(
            it.name, Scope(it.scope), Quality(it.quality), Reads.COUNTER, it.name, "", part_of=it.part_of
        )
        for it in counted
    ]
    names = {info.id for info in addable(infos)}
    return [it for it in counted if it.name in names] or counted[:1]
