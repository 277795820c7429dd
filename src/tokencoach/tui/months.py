"""Which month to show: the default, the next, the one of an instant."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from zoneinfo import ZoneInfo

_NEWEST = 3
_SPEAKS = 0.1


def month_of(at_ms: int, tz: ZoneInfo) -> str:
    """``YYYY-MM`` of an instant in a zone."""
    return datetime.fromtimestamp(at_ms / 1000, tz).strftime("%Y-%m")


def default_month(requests: Mapping[str, int], now_ms: int, tz: ZoneInfo) -> str:
    """The newest month that is over and speaks of the person's work; the running one where none of the last does.

    ``requests`` counts those of each month. A month with less than a tenth of the requests of the
    busiest of the newest three tells little: one meets another first.
    """
    now = month_of(now_ms, tz)
    newest = sorted(requests)[-_NEWEST:]
    enough = max((requests[month] for month in newest), default=0) * _SPEAKS
    found = [month for month in newest if requests[month] >= enough]
    return max((month for month in found if month < now), default=max(found, default=now))


def step_month(month: str, step: int, known: Iterable[str], now: str) -> str:
    """The next month that has data in a direction; the running month always counts."""
    stops = sorted({*known, now})
    if step > 0:
        return next((stop for stop in stops if stop > month), month)
    return next((stop for stop in reversed(stops) if stop < month), month)
