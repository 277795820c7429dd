"""How a number is written on a screen: at most three significant digits, exact where asked."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from tokencoach.audit import numbers
from tokencoach.audit.numbers import money, nouns, size

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

__all__ = [
    "ago",
    "clock_time",
    "count",
    "day",
    "day_time",
    "energy",
    "exact_money",
    "money",
    "month_title",
    "percent",
    "size",
    "span",
    "tokens",
]

UNKNOWN = "—"
_MINUTE_MS = 60_000
_HOUR_MS = 60 * _MINUTE_MS
_DAY_MS = 24 * _HOUR_MS
_MONTHS = (
    "January February March April May June July August September October November December".split()  # noqa: SIM905
)


def percent(share: float | None) -> str:
    """A share of 0 to 1 as whole percent; unknown where there is none."""
    return UNKNOWN if share is None else numbers.percent(share)


def exact_percent(share: float) -> str:
    """A share to a hundredth of a per cent, where a figure is explained."""
    return f"{share * 100:.2f} %"


def exact_money(nano: int) -> str:
    """Nano-dollars as dollars to the hundredth of a cent."""
    return f"${nano / 1e9:,.4f}"


def tokens(count: int) -> str:
    """A count of tokens with three significant digits: ``950``, ``29.1k``, ``1.20M``."""
    size = float(count)
    for suffix in ("", "k", "M", "G"):
        if size < 999.5 or suffix == "G":
            return f"{size:.0f}" if not suffix else f"{_three(size)}{suffix}"
        size /= 1000
    return f"{size:.0f}"


def _three(size: float) -> str:
    if size < 9.995:
        return f"{size:.2f}"
    return f"{size:.1f}" if size < 99.95 else f"{size:,.0f}"


def many(number: int, noun: str) -> str:
    """A count with its noun, which takes an s beyond one."""
    return f"{count(number)} {nouns(number, noun)}"


def count(number: int) -> str:
    """A whole number, thousands grouped."""
    return f"{number:,}"


def energy(wh: float | None, quality: str) -> str:
    """Watt-hours with the badge of their meter; nothing where none was measured."""
    return "" if wh is None else f"{wh:.3g} Wh {quality}"


def month_title(month: str) -> str:
    """``2026-10`` as ``October 2026``; anything else as it is."""
    year, _, number = month.partition("-")
    if len(number) == 2 and number.isdigit() and 1 <= int(number) <= 12:
        return f"{_MONTHS[int(number) - 1]} {year}"
    return month


def clock_time(at_ms: int, tz: ZoneInfo) -> str:
    """``14:02`` of an instant in a zone."""
    return datetime.fromtimestamp(at_ms / 1000, tz).strftime("%H:%M")


def day_time(at_ms: int, tz: ZoneInfo, now_ms: int | None = None) -> str:
    """``21 Oct 14:02`` of an instant in a zone; with another year than now's, ``21 Oct 2025``."""
    moment = datetime.fromtimestamp(at_ms / 1000, tz)
    day_month = f"{moment.day:2d} {_MONTHS[moment.month - 1][:3]}"
    if now_ms is not None and datetime.fromtimestamp(now_ms / 1000, tz).year != moment.year:
        return f"{day_month} {moment.year} "
    return f"{day_month} {moment:%H:%M}"


def span(milliseconds: int) -> str:
    """A length of time: ``40 s``, ``48 min``, ``2 h 05``, ``3 d``."""
    if milliseconds < _MINUTE_MS:
        return f"{max(milliseconds, 0) // 1000} s"
    if milliseconds < _HOUR_MS:
        return f"{milliseconds // _MINUTE_MS} min"
    if milliseconds < 2 * _DAY_MS:
        return f"{milliseconds // _HOUR_MS} h {milliseconds % _HOUR_MS // _MINUTE_MS:02d}"
    return f"{milliseconds // _DAY_MS} d"


def ago(at_ms: int, now_ms: int) -> str:
    """How long ago an instant was, in steps that do not flicker."""
    past = now_ms - at_ms
    if past < 10_000:
        return "just now"
    if past >= _DAY_MS:
        return f"{past // _HOUR_MS} h ago" if past < 2 * _DAY_MS else f"{past // _DAY_MS} d ago"
    return f"{span(past - past % 10_000 if past < _MINUTE_MS else past)} ago"


def day(at_ms: int, tz: ZoneInfo) -> str:
    """``2026-10-21`` of an instant in a zone."""
    return datetime.fromtimestamp(at_ms / 1000, tz).date().isoformat()
