"""Two readings of the person's own wall meter, joined by a straight line over how busy the processors are.

It is no sensor and wears the badge CALIBRATED; it says nothing of a graphics card.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokencoach.power.reading import Found, MeterInfo, Quality, Reading, Reads, Scope

if TYPE_CHECKING:
    from collections.abc import Callable

    from tokencoach.power.instant import Instant
    from tokencoach.settings import PowerSettings


class Calibrated:
    """The whole computer by its processors' busy share."""

    def __init__(
        self, idle_watts: float, full_watts: float, times: Callable[[], tuple[float, float]]
    ) -> None:
        self._idle = idle_watts
        self._full = full_watts
        self._times = times
        self._before = times()
        self._info = MeterInfo(
            id=f"{Scope.SYSTEM}:calibrated",
            scope=Scope.SYSTEM,
            quality=Quality.CALIBRATED,
            reads=Reads.GAUGE,
            name=f"{idle_watts:g} W idle, {full_watts:g} W full",
            source="two readings of yours",
            most_mw=round(full_watts * 2000),
            period_ms=1000,
        )

    @property
    def info(self) -> MeterInfo:
        """What it measures and how."""
        return self._info

    def read(self, at: Instant) -> Reading:
        """Milliwatts by the busy share since the last reading."""
        busy, whole = self._times()
        spent, passed = busy - self._before[0], whole - self._before[1]
        if passed <= 0:
            return Reading(at, why_not="no processor time passed since the last reading")
        self._before = busy, whole
        share = min(max(spent / passed, 0.0), 1.0)
        return Reading(at, power_mw=round((self._idle + (self._full - self._idle) * share) * 1000))


def find(settings: PowerSettings, times: Callable[[], tuple[float, float]] | None = None) -> Found:
    """The calibrated meter where both readings are set."""
    if settings.idle_watts is None or settings.full_watts is None:
        return Found()
    return Found((Calibrated(settings.idle_watts, settings.full_watts, times or processor_times),))


def processor_times() -> tuple[float, float]:
    """Busy and whole seconds of all processors since the start of the computer."""
    import psutil  # noqa: PLC0415 - help lists the verb that leads here, and needs none

    times = psutil.cpu_times()
    idle = times.idle + getattr(times, "iowait", 0.0)
    whole = sum(times) - getattr(times, "guest", 0.0) - getattr(times, "guest_nice", 0.0)
    return whole - idle, whole
