"""The nouns of measuring power: meters, how far each can be believed, their readings and spans.

Energy is in microjoules, power in milliwatts, both integers.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final, Protocol

import msgspec

from tokencoach.power.instant import Instant

if TYPE_CHECKING:
    from collections.abc import Iterable


class Quality(StrEnum):
    """Where a watt comes from, best first; what is derived inherits the worst of its inputs.

    ``SIMULATED`` is the demonstration's, made of a seed and never kept.
    """

    SENSOR = "SENSOR"
    VENDOR_MODEL = "VENDOR-MODEL"
    CALIBRATED = "CALIBRATED"
    ESTIMATE = "ESTIMATE"
    SIMULATED = "SIMULATED"
    NONE = "NONE"


_BEST_FIRST: Final = tuple(Quality)


def worst(qualities: Iterable[Quality]) -> Quality:
    """The worst of them; ``NONE`` where there is none at all."""
    return max(qualities, key=_BEST_FIRST.index, default=Quality.NONE)


class Scope(StrEnum):
    """What a meter measures."""

    GPU = "gpu"
    CPU_PACKAGE = "cpu_pkg"
    CPU_CORES = "cpu_cores"
    UNCORE = "uncore"
    DRAM = "dram"
    NPU = "npu"
    SOC = "soc"
    MODULE = "module"
    PLATFORM = "platform"
    SYSTEM = "system"
    WALL = "wall"


class Reads(StrEnum):
    """A counter only grows and is exact over any time; a gauge must be read often and summed up."""

    COUNTER = "counter"
    GAUGE = "gauge"


class MeterInfo(msgspec.Struct, frozen=True):
    """What is known of a meter before it is read.

    ``wraps_at_uj`` is where a counter starts anew; ``most_mw`` is more than the device can draw, so
    that a reading above it is none; ``period_ms`` is how often the device renews its figure.
    ``part_of`` names a meter that measures this one's energy too: the two are never added. ``may_rest`` is
    of a part that is switched off while it is not used: its counter stands still, and that is 0 W.
    """

    id: str
    scope: Scope
    quality: Quality
    reads: Reads
    name: str
    source: str
    wraps_at_uj: int | None = None
    most_mw: int = 2_000_000
    period_ms: int = 1
    part_of: str | None = None
    may_rest: bool = False


class Reading(msgspec.Struct, frozen=True, gc=False):
    """One look at a meter: a counter's energy, a gauge's power, or why there is neither."""

    at: Instant
    energy_uj: int | None = None
    power_mw: int | None = None
    why_not: str | None = None


class Gap(StrEnum):
    """Why no watts can be told for a span."""

    FAILED = "the meter could not be read"
    SUSPENDED = "the computer slept"
    RESET = "the counter began anew"
    IMPOSSIBLE = "more than the device can draw"
    TOO_LONG = "not read for too long"
    STALLED = "the meter stood still"


class Span(msgspec.Struct, frozen=True, gc=False):
    """The energy between two readings; ``energy_uj`` is None where nobody can tell it.

    With a ``gap`` no power is known inside the span, even where its whole energy is.
    """

    start: Instant
    end: Instant
    energy_uj: int | None
    gap: Gap | None = None

    @property
    def seconds(self) -> float:
        """How long it took, sleep left out."""
        return (self.end.monotonic_ns - self.start.monotonic_ns) / 1e9

    @property
    def watts(self) -> float | None:
        """Mean power, or None in a gap."""
        if self.gap is not None or self.energy_uj is None or self.seconds <= 0:
            return None
        return self.energy_uj / 1e6 / self.seconds


class Meter(Protocol):
    """A device's power or energy, read without any right that the user does not have."""

    @property
    def info(self) -> MeterInfo:
        """What it measures and how."""

    def read(self, at: Instant) -> Reading:
        """Its figure now; a failure is a reading with its reason, never an exception."""


class Refusal(msgspec.Struct, frozen=True):
    """An interface that exists or might, and why it gives no watts; ``permit`` is how a user allows it."""

    interface: str
    why: str
    permit: str | None = None


class Found(msgspec.Struct, frozen=True):
    """What a search for meters met."""

    meters: tuple[Meter, ...] = ()
    refusals: tuple[Refusal, ...] = ()
