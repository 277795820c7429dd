"""Spans of energy between readings: exact over wraps, gaps where nobody can know."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from power.machine import at
from tokencoach.power.buckets import BUCKET_MS, Buckets, split
from tokencoach.power.reading import Gap, MeterInfo, Quality, Reading, Reads, Scope, Span
from tokencoach.power.tracker import Tracker

WRAP = 262_143_328_850
COUNTER = MeterInfo(
    id="cpu_pkg:0",
    scope=Scope.CPU_PACKAGE,
    quality=Quality.SENSOR,
    reads=Reads.COUNTER,
    name="package-0",
    source="powercap intel-rapl:0",
    wraps_at_uj=WRAP,
    most_mw=300_000,
)
GAUGE = msgspec.structs.replace(COUNTER, id="gpu:0", reads=Reads.GAUGE, wraps_at_uj=None, period_ms=1000)


def counted(seconds: float, energy_uj: int | None, *, asleep: float = 0.0) -> Reading:
    return Reading(
        at(seconds, asleep=asleep), energy_uj=energy_uj, why_not=None if energy_uj is not None else "x"
    )


def gauged(seconds: float, power_mw: int | None) -> Reading:
    return Reading(at(seconds), power_mw=power_mw, why_not=None if power_mw is not None else "x")


def spans(info: MeterInfo, readings: list[Reading], *, busy: bool = False) -> list[Span]:
    tracker = Tracker(info)
    return [span for reading in readings if (span := tracker.feed(reading, busy=busy))]


def test_a_counter_gives_mean_power() -> None:
    (span,) = spans(COUNTER, [counted(0, 1_000_000), counted(2, 101_000_000)])
    assert (span.energy_uj, span.watts, span.gap) == (100_000_000, 50.0, None)


def test_a_counter_that_wraps_loses_nothing() -> None:
    (span,) = spans(COUNTER, [counted(0, WRAP - 10_000_000), counted(1, 15_000_000)])
    assert span.energy_uj == 25_000_000


def test_a_counter_without_a_wrap_that_falls_began_anew() -> None:
    info = msgspec.structs.replace(COUNTER, wraps_at_uj=None)
    (span,) = spans(info, [counted(0, 90_000_000), counted(1, 5_000_000)])
    assert (span.energy_uj, span.gap, span.watts) == (None, Gap.RESET, None)


def test_more_than_the_device_can_draw_is_a_gap_and_no_spike() -> None:
    first, second, third = 0, 250_000_000_000, 250_050_000_000
    told = spans(COUNTER, [counted(0, first), counted(1, second), counted(2, third)])
    assert [(span.energy_uj, span.gap) for span in told] == [(None, Gap.IMPOSSIBLE), (50_000_000, None)]


def test_a_failed_read_is_neither_zero_nor_a_whole_range() -> None:
    told = spans(
        COUNTER, [counted(0, 10_000_000), counted(1, None), counted(2, 90_000_000), counted(3, 130_000_000)]
    )
    assert [(span.energy_uj, span.gap, span.watts) for span in told] == [
        (80_000_000, Gap.FAILED, None),
        (40_000_000, None, 40.0),
    ]


def test_a_failed_read_of_a_gauge_leaves_its_energy_unknown() -> None:
    told = spans(GAUGE, [gauged(0, 200_000), gauged(1, None), gauged(2, 200_000)])
    assert [(span.energy_uj, span.gap) for span in told] == [(None, Gap.FAILED)]


def test_a_counter_that_was_not_renewed_says_nothing_until_it_moves() -> None:
    told = spans(COUNTER, [counted(0, 5), counted(0.001, 5), counted(0.002, 5), counted(1, 30_000_005)])
    assert [(span.energy_uj, span.gap) for span in told] == [(30_000_000, None)]


def test_a_counter_that_stands_still_is_stale_and_then_a_gap_with_its_energy() -> None:
    tracker = Tracker(COUNTER)
    for second in range(7):
        assert tracker.feed(counted(second, 5)) is None
    assert tracker.stale
    span = tracker.feed(counted(7, 70_000_005))
    assert span == Span(at(0), at(7), 70_000_000, Gap.STALLED)
    assert not tracker.stale


def test_a_gauge_that_stands_still_while_the_device_works_is_a_gap() -> None:
    readings = [gauged(second, 61_000) for second in range(8)]
    assert [span.gap for span in spans(GAUGE, readings, busy=True)] == [None] * 4 + [Gap.STALLED] * 3
    assert {span.gap for span in spans(GAUGE, readings)} == {None}


def test_sleep_is_a_gap() -> None:
    told = spans(COUNTER, [counted(0, 10), counted(3600, 90_000_010, asleep=3590)])
    assert [(span.energy_uj, span.gap) for span in told] == [(None, Gap.SUSPENDED)]


def test_a_counter_that_may_have_wrapped_twice_is_unknown() -> None:
    hours = WRAP / 1e6 / 300
    told = spans(COUNTER, [counted(0, 10), counted(hours + 60, 20_000_010)])
    assert [(span.energy_uj, span.gap) for span in told] == [(None, Gap.TOO_LONG)]


def test_a_gauge_is_not_drawn_out_over_a_long_pause() -> None:
    told = spans(GAUGE, [gauged(0, 200_000), gauged(30, 210_000), gauged(31, 190_000)])
    assert [(span.energy_uj, span.gap) for span in told] == [(None, Gap.TOO_LONG), (200_000_000, None)]


@given(
    steps=st.lists(
        st.tuples(st.integers(1, 20_000), st.integers(0, 6_000_000_000), st.booleans()),
        min_size=1,
        max_size=40,
    ),
    start=st.integers(0, WRAP - 1),
)
def test_buckets_add_up_to_the_counter_for_any_pattern_of_sampling(
    steps: list[tuple[int, int, bool]], start: int
) -> None:
    """Milliseconds and microjoules between looks; a failed look (True) in the middle loses nothing."""
    tracker, buckets = Tracker(COUNTER), Buckets()
    seconds, total, first = 0.0, start, counted(0, start)
    tracker.feed(first)
    for ms, energy, fails in steps:
        seconds += ms / 1000
        total += min(energy, ms * COUNTER.most_mw // 2000)
        span = tracker.feed(counted(seconds, None if fails else total % WRAP))
        if span:
            assert span.gap in (None, Gap.FAILED, Gap.STALLED)
            buckets.add(span)
    span = tracker.feed(counted(seconds + 1, total % WRAP))
    if span:
        buckets.add(span)
    assert sum(bucket.energy_uj for bucket in buckets.take()) == total - start


@given(st.integers(0, 25_000), st.integers(1, 200_000), st.integers(0, 10**12))
def test_a_span_splits_over_ten_seconds_without_a_remainder(begin: int, length: int, energy: int) -> None:
    span = Span(at(begin / 1000), at((begin + length) / 1000), energy)
    pieces = split(span)
    assert sum(piece.energy_uj for piece in pieces) == energy
    assert sum(piece.covered_ms for piece in pieces) == length
    assert all(piece.start_ms % BUCKET_MS == 0 and 0 <= piece.covered_ms <= BUCKET_MS for piece in pieces)
    assert len({piece.start_ms for piece in pieces}) == len(pieces)


def test_a_gap_covers_no_time() -> None:
    (piece,) = split(Span(at(0), at(3), None, Gap.SUSPENDED))
    assert (piece.energy_uj, piece.covered_ms, piece.gap_ms) == (0, 0, 3000)


@pytest.mark.parametrize("info", [COUNTER, GAUGE])
def test_readings_that_go_back_in_time_are_ignored(info: MeterInfo) -> None:
    tracker = Tracker(info)
    tracker.feed(Reading(at(5), energy_uj=100, power_mw=100))
    assert tracker.feed(Reading(at(5), energy_uj=200, power_mw=200)) is None
    assert tracker.feed(Reading(at(4), energy_uj=200, power_mw=200)) is None


def test_a_part_that_is_switched_off_draws_nothing_and_its_meter_does_not_stand_still() -> None:
    tracker = Tracker(msgspec.structs.replace(COUNTER, scope=Scope.NPU, may_rest=True))
    spans = [tracker.feed(counted(second, 7)) for second in range(8)]
    assert [span.watts for span in spans if span is not None] == [0.0] * 7
    assert not tracker.stale
    moved = tracker.feed(counted(8, 3_000_007))
    assert moved is not None
    assert moved.watts == 3.0
