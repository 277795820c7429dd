"""One meter in use: its tracker, its buckets, its quiet powers, its last watts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokencoach.power.baseline import Baselines
from tokencoach.power.buckets import Buckets
from tokencoach.power.tracker import Tracker

if TYPE_CHECKING:
    from tokencoach.power.instant import Instant
    from tokencoach.power.reading import Meter, Reading, Span


class Device:
    """Reads a meter and remembers what follows from its readings."""

    def __init__(self, meter: Meter) -> None:
        self.meter = meter
        self.info = meter.info
        self.buckets = Buckets()
        self.baselines = Baselines()
        self.watts: float | None = None
        self.why_not: str | None = "not read twice yet"
        self._tracker = Tracker(meter.info)
        self._has_failed = False
        self.last: Reading | None = None

    def take_up(self, meter: Meter, *, is_new: bool) -> None:
        """Go on with a meter that was found anew: after a driver was loaded again the former one is dead.

        ``is_new`` says that the device was not read meanwhile, so that no span reaches back.
        """
        if is_new or meter.info != self.info:
            self._tracker = Tracker(meter.info)
        self.meter, self.info = meter, meter.info

    @property
    def has_failed(self) -> bool:
        """Whether the last reading told nothing."""
        return self._has_failed

    def read(self, at: Instant, *, busy: bool) -> Span | None:
        """The span that a reading now closes, already counted in the buckets."""
        reading = self.last = self.meter.read(at)
        self._has_failed = reading.why_not is not None
        span = self._tracker.feed(reading, busy=busy)
        if reading.why_not is not None:
            self.watts, self.why_not = None, reading.why_not
        elif span is not None:
            self.watts = span.watts
            self.why_not = span.gap.value if span.gap else None
        elif self._tracker.stale:
            self.watts, self.why_not = None, "the meter stands still"
        if span is not None:
            self.buckets.add(span)
        return span

    def rest(self, span: Span, models: tuple[str, ...]) -> None:
        """Learn from a span in which nothing worked while these models were in memory."""
        if span.watts is not None:
            self.baselines.add(models, span.end.monotonic_ns / 1e9, span.seconds, span.watts)
