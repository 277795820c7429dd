"""Time is never counted twice, and none of it is lost."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokencoach.attribution.time_spans import (
    IDLE_MS,
    REVIEW_CAP_MS,
    Span,
    active_stretches,
    capped,
    review_floor_ms,
    shared_out,
    union_ms,
)

STRETCHES = st.lists(
    st.tuples(st.integers(0, 10_000), st.integers(0, 3_000)).map(lambda pair: (pair[0], sum(pair))),
    max_size=12,
)


@given(STRETCHES, st.data())
def test_what_is_shared_out_is_the_union(stretches: list[tuple[int, int]], data: st.DataObject) -> None:
    spans = []
    for start, end in stretches:
        owners = data.draw(st.lists(st.sampled_from("abc"), unique=True))
        spans.append(Span(start, end, {owner: data.draw(st.floats(0, 1 / 3)) for owner in owners}))
    shared = shared_out(spans)
    assert sum(shared.values()) == pytest.approx(union_ms(stretches))
    assert all(part >= 0 for part in shared.values())


@given(STRETCHES)
def test_the_union_is_what_a_clock_would_show(stretches: list[tuple[int, int]]) -> None:
    assert union_ms(stretches) == len({tick for start, end in stretches for tick in range(start, end)})


@given(st.lists(st.integers(0, 3 * 3_600_000), max_size=40), st.integers(0, 3 * 3_600_000))
def test_activity_has_no_pause_and_stays_inside(instants: list[int], end: int) -> None:
    found = active_stretches(sorted(instants), 0, end)
    assert all(0 <= start < stop <= end for start, stop in found)
    seen = {0, end, *instants}
    assert all(start in seen and stop in seen for start, stop in found)
    for start, stop in found:
        inside = sorted(at for at in seen if start <= at <= stop)
        assert max(b - a for a, b in pairwise(inside)) <= IDLE_MS


@given(STRETCHES, st.integers(0, 5_000))
def test_a_cap_keeps_the_last_of_it(stretches: list[tuple[int, int]], cap_ms: int) -> None:
    ordered = sorted(stretches)
    kept = capped(ordered, cap_ms)
    whole = sum(end - start for start, end in ordered)
    assert sum(end - start for start, end in kept) == min(whole, cap_ms)


def test_reading_takes_an_hour_for_400_lines_and_three_minutes_at_least() -> None:
    assert review_floor_ms(400) == REVIEW_CAP_MS == 3_600_000
    assert review_floor_ms(1) == 180_000
    assert review_floor_ms(100) == 900_000


def test_two_at_the_same_time_have_half_each() -> None:
    spans = [Span(0, 100, {"a": 1.0}), Span(0, 100, {"b": 1.0}), Span(100, 200, {"a": 0.5})]
    assert shared_out(spans) == {"a": 100.0, "b": 50.0, None: 50.0}
