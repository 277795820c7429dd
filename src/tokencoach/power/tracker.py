"""From readings to spans of energy: wraps are undone, and what cannot be known is a gap, never a zero."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from tokencoach.power.reading import Gap, Reads, Span

if TYPE_CHECKING:
    from tokencoach.power.reading import MeterInfo, Reading

_SLEPT_NS: Final = 2_000_000_000
_GAUGE_HOLDS_NS: Final = 12_000_000_000
_STILL_READINGS: Final = 5
_NS_A_MS: Final = 1_000_000


class Tracker:
    """Turns one meter's readings, in the order they were taken, into spans.

    A span ends at each reading that tells something new. A counter that shows the same figure again
    was not renewed yet, or stands still: nothing is said until it moves. Readings that failed are
    bridged by a counter, whose whole energy stays known, and not by a gauge.
    """

    def __init__(self, info: MeterInfo) -> None:
        self._info = info
        self._last: Reading | None = None
        self._failed = False
        self._same = 0

    @property
    def stale(self) -> bool:
        """Whether the meter has shown one and the same figure too often to be believed."""
        return self._same >= _STILL_READINGS

    def feed(self, reading: Reading, *, busy: bool = False) -> Span | None:
        """The span that this reading closes; ``busy`` is whether the device was known to work.

        A counter judges by itself; only a gauge needs ``busy``, since an idle one may stand still.
        """
        value = _value(self._info, reading)
        if value is None:
            self._failed = True
            return None
        before = self._last
        if before is None:
            return self._accept(reading, None)
        if reading.at.monotonic_ns <= before.at.monotonic_ns:
            return None
        same = value == _value(self._info, before) and not _slept(before, reading)
        if self._info.reads is Reads.COUNTER:
            if same and not self._info.may_rest:
                self._same += 1
                return None
            return self._accept(reading, self._marked(_counted(self._info, before, reading)))
        self._same = self._same + 1 if same and busy else 0
        return self._accept(reading, self._marked(_summed(self._info, before, reading)), same=self._same)

    def _accept(self, reading: Reading, span: Span | None, *, same: int = 0) -> Span | None:
        self._last = reading
        self._failed = False
        self._same = same
        return span

    def _marked(self, span: Span) -> Span:
        """The span with the gap that the readings inside it tell of."""
        if span.gap is not None:
            return span
        counter = self._info.reads is Reads.COUNTER
        if self._failed:
            gap = Gap.FAILED
        elif self.stale and span.seconds * 1000 > _STILL_READINGS * self._info.period_ms * counter:
            gap = Gap.STALLED
        else:
            return span
        return msgspec.structs.replace(span, gap=gap, energy_uj=span.energy_uj if counter else None)


def _value(info: MeterInfo, reading: Reading) -> int | None:
    return reading.energy_uj if info.reads is Reads.COUNTER else reading.power_mw


def _slept(before: Reading, after: Reading) -> bool:
    asleep = (after.at.boot_ns - before.at.boot_ns) - (after.at.monotonic_ns - before.at.monotonic_ns)
    return asleep > _SLEPT_NS


def _counted(info: MeterInfo, before: Reading, after: Reading) -> Span:
    """The span between two looks at a counter."""
    ns = after.at.monotonic_ns - before.at.monotonic_ns
    most_uj = info.most_mw * ns // _NS_A_MS
    delta = (after.energy_uj or 0) - (before.energy_uj or 0)
    if delta < 0 and info.wraps_at_uj is not None:
        delta += info.wraps_at_uj
    gap = None
    if _slept(before, after):
        gap = Gap.SUSPENDED
    elif info.wraps_at_uj is not None and most_uj >= info.wraps_at_uj:
        gap = Gap.TOO_LONG
    elif delta < 0:
        gap = Gap.RESET
    elif delta > most_uj:
        gap = Gap.IMPOSSIBLE
    return Span(before.at, after.at, None if gap else delta, gap)


def _summed(info: MeterInfo, before: Reading, after: Reading) -> Span:
    """The span between two looks at a gauge, by the mean of the two."""
    ns = after.at.monotonic_ns - before.at.monotonic_ns
    first, last = before.power_mw or 0, after.power_mw or 0
    gap = None
    if _slept(before, after):
        gap = Gap.SUSPENDED
    elif ns > max(_GAUGE_HOLDS_NS, 3 * info.period_ms * _NS_A_MS):
        gap = Gap.TOO_LONG
    elif not 0 <= min(first, last) <= max(first, last) <= info.most_mw:
        gap = Gap.IMPOSSIBLE
    return Span(before.at, after.at, None if gap else (first + last) * ns // (2 * _NS_A_MS), gap)
