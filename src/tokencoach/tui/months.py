"""Which month to show: the default, the next, the one of an instant."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo


def month_of(at_ms: int, tz: ZoneInfo) -> str:
    """``YYYY-MM`` of an instant in a zone."""
    return datetime.fromtimestamp(at_ms / 1000, tz).strftime("%Y-%m")


def default_month(months: Sequence[str], now_ms: int, tz: ZoneInfo) -> str:
    """The month before this one where it has data, else the newest that has, else this one."""
    now = month_of(now_ms, tz)
    before = shift(now, -1)
    if before in months or not months:
        return before if months else now
    return max(months)


def step_month(month: str, step: int, known: Sequence[str], now: str) -> str:
    """The next month that has data in a direction; the running month always counts."""
    stops = sorted({*known, now})
    if step > 0:
        return next((stop for stop in stops if stop > month), month)
    return next((stop for stop in reversed(stops) if stop < month), month)


def shift(month: str, step: int) -> str:
    """A month some months on."""
    year, number = month.split("-")
    index = int(year) * 12 + int(number) - 1 + step
    return f"{index // 12:04d}-{index % 12 + 1:02d}"
