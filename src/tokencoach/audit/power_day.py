"""Energy and local inference of a day or a month: what the meters counted, what the servers did with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tokencoach.audit.energy_ends import energy_ended
from tokencoach.audit.period import Period
from tokencoach.clock import day_of
from tokencoach.power.cloud import cloud_band
from tokencoach.power.grid import worth_of
from tokencoach.power.reading import MeterInfo, Quality, Reads, Scope, worst
from tokencoach.power.search import addable
from tokencoach.store.power.rows import cloud_counts, energies, request_energy, server_times

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from tokencoach.audit.energy_ends import EnergyEnded
    from tokencoach.power.cloud import Band
    from tokencoach.power.grid import Worth
    from tokencoach.power.live import Live
    from tokencoach.settings import PowerSettings
    from tokencoach.store.connect import Connection
    from tokencoach.store.power.rows import MeterEnergy, RequestEnergy, ServerTime
    from tokencoach.store.reader import Reader


class PowerDay(NamedTuple):
    """Some days' energy in watt-hours over the meters that may be added; None where no meter counted any.

    ``cloud`` is the band of tokens that were made elsewhere: another kind of figure, never added.
    ``gap_share`` is the part of the metered time in which the watts are unknown. ``tokens`` are those
    that local servers wrote. ``resident_wh`` is what models cost that waited, None where not known.
    ``ended`` tells where the requests' energy ended; None where no request was measured.
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
    ended: EnergyEnded | None = None

    @property
    def surviving_share(self) -> float | None:
        """The part of the requests' energy that ended in shipped code, None where that is not known."""
        return None if self.ended is None else self.ended.shipped_share


class PowerTimes(NamedTuple):
    """The day and the month so far, and what the day's energy is worth."""

    day: PowerDay
    month: PowerDay
    worth: Worth | None = None


class PowerNow(NamedTuple):
    """What the Power screen shows; ``live`` is None while nobody samples."""

    live: Live | None
    times: PowerTimes
    own_cpu_percent: float | None = None
    """Of a core, what the process that shows it takes."""

    @property
    def day(self) -> PowerDay:
        """The day so far."""
        return self.times.day


def power_times(reader: Reader, tz: ZoneInfo, now_ms: int, settings: PowerSettings) -> PowerTimes:
    """The day and the month so far of a zone; a judgement of the sessions whose energy was measured."""
    today = day_of(now_ms, tz)
    day, month = (
        power_between(reader, Period(first, today, tz), now_ms) for first in (today, today.replace(day=1))
    )
    return PowerTimes(day, month, None if day.energy_wh is None else worth_of(day.energy_wh, settings))


def power_between(reader: Reader, period: Period, as_of_ms: int) -> PowerDay:
    """What was counted on the days of a period, and where it ended."""
    day = counted_between(reader.connection, period)
    return day._replace(ended=energy_ended(reader, period, as_of_ms) if day.requests.measured else None)


def counted_between(connection: Connection, period: Period) -> PowerDay:
    """What was counted on the days of a period; without where it ended."""
    start, end = period.since_ms, period.until_ms
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
        cloud=cloud_band(cloud_counts(connection, period.first, period.last, period.tz)),
    )


def _added(counted: list[MeterEnergy]) -> list[MeterEnergy]:
    """Those whose energies may be added; where there are none, the one of the whole computer that knows most."""
    infos = [
        MeterInfo(
            it.name, Scope(it.scope), Quality(it.quality), Reads.COUNTER, it.name, "", part_of=it.part_of
        )
        for it in counted
    ]
    names = {info.id for info in addable(infos)}
    added = [it for it in counted if it.name in names]
    return added or sorted(counted, key=lambda it: (-it.covered_ms, it.name))[:1]
