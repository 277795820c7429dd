"""Shares of few cases, and how sure one can be of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokencoach.coach.interval import difference, weighted_share, wilson

shares = st.floats(0, 1)
cases = st.floats(1, 1e6)


def test_all_of_ten_cases_is_not_certain() -> None:
    found = wilson(1.0, 10)
    assert found.high == 1.0
    assert found.low == pytest.approx(10 / (10 + 1.6448536**2))


def test_the_textbook_example_of_a_score_interval() -> None:
    # 81 of 263: Newcombe's own example gives 0.2553 to 0.3662 at 95 %, and it is narrower at 90 %.
    found = wilson(81 / 263, 263)
    assert 0.2553 < found.low < 0.3080 < found.high < 0.3662


def test_no_case_has_no_interval() -> None:
    with pytest.raises(ValueError, match="no case"):
        wilson(0.5, 0)
    assert weighted_share([(0, 0)]) is None


def test_lines_of_one_task_are_one_case() -> None:
    found = weighted_share([(1000, 1000), (0, 0)])
    assert found is not None
    assert found[1] == 1
    equal = weighted_share([(5, 10)] * 8)
    assert equal is not None
    assert equal[0].value == 0.5
    assert equal[1] == pytest.approx(8)


@given(shares, cases)
def test_an_interval_holds_its_share_and_stays_between_0_and_1(share: float, count: float) -> None:
    found = wilson(share, count)
    assert 0 <= found.low <= found.value <= found.high <= 1


@given(shares, cases, shares, cases)
def test_a_difference_turned_round_is_its_mirror(one: float, few: float, two: float, many: float) -> None:
    there = difference(wilson(one, few), wilson(two, many))
    back = difference(wilson(two, many), wilson(one, few))
    assert there.low <= there.value <= there.high
    assert there.low == pytest.approx(-back.high)
    assert there.high == pytest.approx(-back.low)


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 50)), min_size=1, max_size=30))
def test_uneven_tasks_are_worth_at_most_their_number(parts: list[tuple[int, int]]) -> None:
    found = weighted_share((min(good, whole), whole) for good, whole in parts)
    assert found is not None
    assert 1 - 1e-9 <= found[1] <= len(parts) + 1e-9
