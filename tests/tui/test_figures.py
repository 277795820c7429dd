"""Numbers are written short, honest and the same everywhere."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokencoach.tui import figures
from tokencoach.tui.months import default_month, step_month

OCTOBER_MS = 1_793_318_400_000  # 2026-10-30 00:00 UTC


@pytest.mark.parametrize(
    ("share", "shown"),
    [(0.0, "0 %"), (0.001, "<1 %"), (0.614, "61 %"), (0.9999, ">99 %"), (1.0, "100 %"), (None, "—")],
)
def test_a_share_never_rounds_to_nothing_or_to_all(share: float | None, shown: str) -> None:
    assert figures.percent(share) == shown


@pytest.mark.parametrize(
    ("nano", "shown"),
    [
        (0, "$0.00"),
        (1, "<$0.0001"),
        (4_400_000, "$0.0044"),
        (9_400_000_000, "$9.40"),
        (28_700_000_000, "$28.7"),
        (412_370_000_000, "$412"),
        (1_234_567_000_000_000, "$1,234,567"),
    ],
)
def test_money_has_about_three_digits(nano: int, shown: str) -> None:
    assert figures.money(nano) == shown


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        (0, "0"),
        (999, "999"),
        (1_000, "1.00k"),
        (29_140, "29.1k"),
        (999_600, "1.00M"),
        (2_500_000_000, "2.50G"),
    ],
)
def test_tokens_have_three_digits(count: int, shown: str) -> None:
    assert figures.tokens(count) == shown


@given(st.integers(0, 10**15))
def test_tokens_stay_short_at_any_size(count: int) -> None:
    assert len(figures.tokens(count)) <= 10


def test_a_session_of_another_year_shows_its_year() -> None:
    utc = ZoneInfo("UTC")
    assert figures.day_time(OCTOBER_MS, utc, OCTOBER_MS) == "30 Oct 00:00"
    assert figures.day_time(OCTOBER_MS, utc, OCTOBER_MS + 100 * 86_400_000) == "30 Oct 2026 "


def test_times_are_of_the_zone() -> None:
    assert figures.clock_time(OCTOBER_MS, ZoneInfo("Asia/Tokyo")) == "09:00"
    assert figures.day(OCTOBER_MS - 1, ZoneInfo("UTC")) == "2026-10-29"


@pytest.mark.parametrize(
    ("milliseconds", "shown"),
    [
        (-5, "0 s"),
        (40_000, "40 s"),
        (48 * 60_000, "48 min"),
        (125 * 60_000, "2 h 05"),
        (80 * 3_600_000, "3 d"),
    ],
)
def test_a_span_has_one_unit(milliseconds: int, shown: str) -> None:
    assert figures.span(milliseconds) == shown


def test_the_first_month_shown_is_the_last_one_that_is_over() -> None:
    utc = ZoneInfo("UTC")
    assert default_month({"2026-08": 90, "2026-09": 80, "2026-10": 70}, OCTOBER_MS, utc) == "2026-09"
    assert default_month({"2026-05": 1}, OCTOBER_MS, utc) == "2026-05"
    assert default_month({"2026-10": 1}, OCTOBER_MS, utc) == "2026-10"
    assert default_month({}, OCTOBER_MS, utc) == "2026-10"


@pytest.mark.parametrize(
    ("requests", "met"),
    [
        ({"2026-07": 3817, "2026-08": 24}, "2026-07"),
        ({"2026-09": 24, "2026-10": 3817}, "2026-10"),
        ({"2026-08": 500, "2026-09": 24, "2026-10": 3817}, "2026-08"),
        ({"2026-01": 90_000, "2026-07": 20, "2026-08": 30, "2026-09": 40}, "2026-09"),
        ({"2026-09": 400, "2026-10": 3817}, "2026-09"),
    ],
)
def test_a_month_that_is_nearly_empty_is_not_met_first(requests: dict[str, int], met: str) -> None:
    assert default_month(requests, OCTOBER_MS, ZoneInfo("UTC")) == met


def test_months_without_data_are_stepped_over() -> None:
    known = ["2025-12", "2026-03"]
    assert step_month("2026-03", -1, known, "2026-05") == "2025-12"
    assert step_month("2026-03", 1, known, "2026-05") == "2026-05"
    assert step_month("2025-12", -1, known, "2026-05") == "2025-12"
