"""Energy by ten seconds of the wall clock: what is stored of a meter's spans."""

from __future__ import annotations

from typing import Final

import msgspec

from tokencoach.power.reading import Span  # noqa: TC001 - msgspec reads it

BUCKET_MS: Final = 10_000
_NS_A_MS: Final = 1_000_000


class Bucket(msgspec.Struct):
    """``BUCKET_MS`` of one meter: its energy, the time it covers, and the time in gaps."""

    start_ms: int
    energy_uj: int = 0
    covered_ms: int = 0
    gap_ms: int = 0


def split(span: Span) -> list[Bucket]:
    """A span over the buckets it touches; energies and times add up to the span's exactly.

    The energy of a span with a gap is spread evenly over it; where it is unknown, so are its watts.
    """
    length_ns = span.end.monotonic_ns - span.start.monotonic_ns
    length_ms = round(length_ns / _NS_A_MS)
    start, end = span.start.wall_ms, span.start.wall_ms + length_ms
    energy = span.energy_uj or 0
    told = 0
    buckets: list[Bucket] = []
    first = start - start % BUCKET_MS
    for edge in range(first, max(end, start + 1), BUCKET_MS):
        upto = min(edge + BUCKET_MS, end) - start
        share = energy if upto >= length_ms else energy * upto // length_ms
        ms = upto - max(edge - start, 0)
        gap = span.gap is not None
        buckets.append(Bucket(edge, share - told, 0 if gap else ms, ms if gap else 0))
        told = share
    return buckets


class Buckets:
    """Collects spans of one meter and hands out the buckets that will not change any more."""

    def __init__(self) -> None:
        self._open: dict[int, Bucket] = {}

    def add(self, span: Span) -> None:
        """Count a span."""
        for piece in split(span):
            bucket = self._open.setdefault(piece.start_ms, Bucket(piece.start_ms))
            bucket.energy_uj += piece.energy_uj
            bucket.covered_ms += piece.covered_ms
            bucket.gap_ms += piece.gap_ms

    def take(self, before_ms: int | None = None) -> list[Bucket]:
        """Buckets that ended at or before an instant, oldest first; all of them without one.

        They are added to what is stored of the same ten seconds, should a later span reach back.
        """
        done = sorted(at for at in self._open if before_ms is None or at + BUCKET_MS <= before_ms)
        return [self._open.pop(at) for at in done]
