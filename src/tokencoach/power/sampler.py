"""The one that reads meters and asks servers: once a second while a model is in memory, and seldom else."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

import psutil

from tokencoach.power import instant
from tokencoach.power.device import Device
from tokencoach.power.estimate import Estimate, estimator
from tokencoach.power.following import Followed
from tokencoach.power.holding import holds
from tokencoach.power.instant import Instant
from tokencoach.power.live import HISTORY, Live, MeterLive, Point
from tokencoach.power.meters.calibrated import processor_times
from tokencoach.power.meters.files import FileMeter
from tokencoach.power.meters.nvidia import NvidiaMeter
from tokencoach.power.own_cost import OwnCost
from tokencoach.power.place import Place, here
from tokencoach.power.reading import Quality, Scope, worst
from tokencoach.power.search import addable, find_meters
from tokencoach.power.served import Taken
from tokencoach.power.servers.children import joined
from tokencoach.power.servers.observer import Observer
from tokencoach.power.servers.seen import State
from tokencoach.power.servers.use import Families
from tokencoach.power.share import Share, cpu_share, gpu_share, undivided_share, untold_gpu_share

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from tokencoach.power.reading import Found, Meter, Span
    from tokencoach.power.served import Hour, Served
    from tokencoach.power.servers.seen import ServerSeen
    from tokencoach.settings import PowerSettings

_RESIDENT_S: Final = 1.0
_EMPTY_S: Final = 10.0
_SEARCH_S: Final = 60.0
_LINGER_S: Final = 60.0
_LATE: Final = 60_000
_BADGES: Final = tuple(Quality)
_BY_CPU_TIME: Final = (Scope.CPU_PACKAGE, Scope.DRAM)


class Sampler:
    """Samples the computer; ``step`` is called again after the seconds it returns."""

    def __init__(
        self,
        place: Place | None = None,
        *,
        observer: Observer | None = None,
        clock: Callable[[], Instant] = instant.now,
        search: Callable[..., Found] = find_meters,
        family: Callable[[int], Collection[int]] | None = None,
        settings: PowerSettings | None = None,
    ) -> None:
        self.place = place or here()
        self._observer = observer or Observer()
        self._clock = clock
        self._search = search
        self._settings = settings
        self._family = family or Families().pids
        self._devices: dict[str, Device] = {}
        self._known: dict[str, Device] = {}
        self._needed_s = float("-inf")
        self._refusals: tuple[tuple[str, str, str | None], ...] = ()
        self._searched: tuple[float, bool] | None = None
        self._followed: dict[tuple[int, float], Followed] = {}
        self._ending: list[Followed] = []
        self._served: list[Served] = []
        self._hours: list[Hour] = []
        self._history: deque[Point] = deque(maxlen=HISTORY)
        self._last: Instant | None = None
        self._was_quiet = False
        self._own = OwnCost()
        self._estimator = None if settings is None else estimator(settings, processor_times)

    def step(self) -> float:
        """Read and ask what is due; seconds until the next step."""
        at = self._clock()
        ms = 0 if self._last is None else (at.monotonic_ns - self._last.monotonic_ns) // 1_000_000
        self._last = at
        seen = joined(self._observer.look(at.monotonic_ns / 1e9))
        self._look_for_meters(at, is_needed=bool(seen or self._observer.unanswered))
        self._follow(seen, at, ms)
        busy = [followed for followed in self._followed.values() if followed.is_busy]
        is_quiet = all(
            it.seen.look.state in (State.IDLE, State.SLEEPING, State.EMPTY) for it in self._followed.values()
        )
        for device in self._devices.values():
            span = device.read(at, busy=bool(busy))
            if span is not None:
                self._spend(device, span, len(busy), is_quiet=is_quiet and self._was_quiet)
        if is_quiet and self._was_quiet:
            self._rest(at, ms)
        self._was_quiet = is_quiet
        for followed in [*self._followed.values(), *self._ending]:
            self._served += followed.served(at)
        self._ending = []
        self._history.append(self._point(at, is_busy=bool(busy)))
        return _RESIDENT_S if self._followed else _EMPTY_S

    def _look_for_meters(self, at: Instant, *, is_needed: bool) -> None:
        """Search again each minute; graphics cards that may sleep are opened only while a server runs.

        A minute longer in fact: that is when the power without a model is learned.
        """
        now = at.monotonic_ns / 1e9
        self._needed_s = now if is_needed else self._needed_s
        with_gpu = now < self._needed_s + _LINGER_S
        last = self._searched
        if last is not None and last[1] == with_gpu and now < last[0] + _SEARCH_S:
            return
        self._searched = now, with_gpu
        found = self._search(self.place, with_gpu=with_gpu, settings=self._settings)
        self._devices = {meter.info.id: self._device(meter) for meter in found.meters}
        self._refusals = tuple((it.interface, it.why, it.permit) for it in found.refusals)

    def _device(self, meter: Meter) -> Device:
        """A device by its meter; one that was known keeps what was learned of it."""
        device = self._known.get(meter.info.id)
        if device is None:
            device = self._known[meter.info.id] = Device(meter)
            return device
        is_new = meter.info.id not in self._devices
        if is_new or device.has_failed:
            device.take_up(meter, is_new=is_new)
        return device

    def _follow(self, seen: list[ServerSeen], at: Instant, ms: int) -> None:
        there = {(server.pid, server.started): server for server in seen}
        for key in self._followed.keys() - there.keys():
            gone = self._followed.pop(key)
            gone.end()
            self._ending.append(gone)
            self._hours += gone.hours()
        infos = addable(device.info for device in self._devices.values())
        for key, server in there.items():
            if key in self._followed:
                self._followed[key].look(server, at, ms)
            else:
                self._followed[key] = Followed(server, at, infos)

    def _spend(self, device: Device, span: Span, at_work: int, *, is_quiet: bool) -> None:
        models = self._models()
        if is_quiet:
            device.rest(span, models)
        if device not in self._added():
            return
        waiting = device.baselines.watts(models)
        for followed in [*self._followed.values(), *self._ending]:
            followed.account.spent(device.info, span, self._share(device, followed, at_work), waiting)

    def _models(self) -> tuple[str, ...]:
        return tuple(followed.model for followed in self._followed.values() if followed.model)

    def _share(self, device: Device, followed: Followed, at_work: int) -> Share:
        meter = device.meter
        if isinstance(meter, NvidiaMeter):
            return self._gpu_share(meter, followed, at_work)
        if isinstance(meter, FileMeter) and meter.nodes:
            held = holds(self.place, self._family(followed.seen.pid), meter.nodes)
            return Share(0.0) if held is False or followed.is_off_gpu else undivided_share(at_work)
        if device.info.scope in _BY_CPU_TIME:
            cores = psutil.cpu_count() or 1
            return cpu_share((followed.cpu_percent or 0.0) / 100, float(cores))
        return undivided_share(at_work)

    def _gpu_share(self, meter: NvidiaMeter, followed: Followed, at_work: int) -> Share:
        if meter.is_partitioned:
            return Share(None, "the card is partitioned (MIG): its slices have no power of their own")
        if followed.is_off_gpu:
            return Share(0.0)
        computing = meter.computing()
        if computing is None:
            return untold_gpu_share(at_work)
        return gpu_share(self._family(followed.seen.pid), computing)

    def _rest(self, at: Instant, ms: int) -> None:
        """What keeping a model costs is told where one server alone keeps some."""
        resident = [followed for followed in self._followed.values() if followed.model]
        if len(resident) != 1 or resident[0].seen.look.state is not State.IDLE:
            return
        parts = [device.baselines.residency(self._models()) for device in self._added()]
        known = [part for part in parts if part is not None]
        resident[0].rest(at, ms, sum(known) if known and len(known) == len(parts) else None)

    def _added(self) -> list[Device]:
        return [self._devices[info.id] for info in addable(device.info for device in self._devices.values())]

    def take(self, *, is_last: bool = False) -> Taken:
        """What is ready to be stored; it is handed out once. The last time, all there is."""
        if is_last and self._last is not None:
            self._end(self._last)
        at = self._last.wall_ms if self._last else 0
        meters = tuple(
            (device.info, tuple(buckets))
            for device in self._known.values()
            if (buckets := device.buckets.take(None if is_last else at))
        )
        hours = [*self._hours, *(hour for it in self._followed.values() for hour in it.hours())]
        served, self._served, self._hours = tuple(self._served), [], []
        return Taken(meters, served, tuple(hours))

    def _end(self, at: Instant) -> None:
        """Nothing is read any more: what was worked on ends here, with what is known of it."""
        late = Instant(
            at.wall_ms + _LATE, at.monotonic_ns + _LATE * 1_000_000, at.boot_ns + _LATE * 1_000_000
        )
        for followed in self._followed.values():
            followed.end()
            self._served += followed.served(late)

    def live(self) -> Live:
        """The figures to show."""
        added = self._headline()
        known = [device for device in added if device.watts is not None]
        point = self._history[-1] if self._history else Point(0, None, None, is_busy=False)
        return Live(
            at_ms=point.at_ms,
            watts=point.watts,
            idle_watts=_quiet(added, self._models()),
            empty_watts=_quiet(added, ()),
            quality=worst(device.info.quality for device in known) if known else Quality.NONE,
            scopes=tuple(device.info.scope.value for device in known),
            meters=tuple(self._meter(device, is_added=device in added) for device in self._devices.values()),
            servers=tuple(followed.live() for followed in self._followed.values()),
            refusals=self._refusals,
            unanswered=tuple(self._observer.unanswered),
            guest=self.place.guest,
            own_cpu_percent=self._own.percent(),
            history=tuple(self._history),
            estimate=self._estimate(point.watts),
        )

    def _estimate(self, watts: float | None) -> Estimate | None:
        """A range, where it was asked for, nothing measures, and this is no guest."""
        if watts is not None or self.place.guest:
            return None
        return None if self._estimator is None else self._estimator.watts()

    def _meter(self, device: Device, *, is_added: bool) -> MeterLive:
        info = device.info
        idle = device.baselines.watts(self._models())
        return MeterLive(
            info.id,
            info.scope,
            info.quality,
            info.name,
            info.source,
            device.watts,
            idle,
            device.why_not,
            is_added,
        )

    def _headline(self) -> list[Device]:
        """The devices whose watts make the large figure: those to be added, else one for the whole computer.

        Of several of these the best that answers: a battery tells nothing on mains.
        """
        added = self._added()
        if any(device.watts is not None for device in added):
            return added
        whole = [
            device for device in self._devices.values() if device not in added and not device.info.part_of
        ]
        whole.sort(key=lambda device: (device.watts is None, _BADGES.index(device.info.quality)))
        return whole[:1] if whole and whole[0].watts is not None else added or whole[:1]

    def _point(self, at: Instant, *, is_busy: bool) -> Point:
        watts = [device.watts for device in self._headline() if device.watts is not None]
        rates = [it.live().tokens_per_second for it in self._followed.values()]
        known = [rate for rate in rates if rate is not None]
        return Point(at.wall_ms, sum(watts) if watts else None, sum(known) if known else None, is_busy)


def _quiet(devices: list[Device], models: tuple[str, ...]) -> float | None:
    """What some devices draw with these models in memory and nothing to do; None until all of it is learned."""
    watts = [device.baselines.watts(models) for device in devices]
    known = [one for one in watts if one is not None]
    return sum(known) if known and len(known) == len(watts) else None
