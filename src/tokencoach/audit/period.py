"""A span of whole days in a zone: a month, or any two dates."""

from __future__ import annotations

import calendar
import contextlib
import re
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from tokencoach.clock import day_of, day_start_ms, next_day
from tokencoach.errors import UsageError

# What every zone can tell apart: a day before and after is still a date.
_YEARS = range(1970, 9999)
_MONTH = re.compile(r"^(\d{4})-(\d{2})$")


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days from ``first`` to ``last``, both included. ``month`` is ``yyyy-mm`` where it is one."""

    first: date
    last: date
    tz: ZoneInfo
    month: str | None = None

    @property
    def since_ms(self) -> int:
        """First instant, UTC milliseconds."""
        return day_start_ms(self.first, self.tz)

    @property
    def until_ms(self) -> int:
        """First instant after, UTC milliseconds."""
        return day_start_ms(next_day(self.last), self.tz)

    @property
    def label(self) -> str:
        """The period for people."""
        if self.month:
            return f"{calendar.month_name[self.first.month]} {self.first.year}"
        return f"{self.first.isoformat()} to {self.last.isoformat()}"


def month_period(month: str, tz: ZoneInfo) -> Period:
    """The period of a ``yyyy-mm``.

    Raises:
        UsageError: no such month.
    """
    found = _MONTH.match(month)
    if found is None or not 1 <= int(found[2]) <= 12 or int(found[1]) not in _YEARS:
        raise UsageError(f"{month!r} is no month", "write it as YYYY-MM, for example 2026-10")
    year, number = int(found[1]), int(found[2])
    last = calendar.monthrange(year, number)[1]
    return Period(date(year, number, 1), date(year, number, last), tz, month)


def recent_months(now_ms: int, tz: ZoneInfo) -> tuple[Period, Period]:
    """The running month and the one before it."""
    first = day_of(now_ms, tz).replace(day=1)
    last = first - timedelta(days=1)
    return month_period(first.isoformat()[:7], tz), month_period(last.isoformat()[:7], tz)


def span_period(since: str | None, until: str | None, tz: ZoneInfo, now_ms: int) -> Period:
    """The period between two dates, both included; open ends reach to 1970 and to today.

    Raises:
        UsageError: a text is no date, or the first is after the last.
    """
    first = parse_day(since) if since else date(1970, 1, 2)
    last = parse_day(until) if until else max(day_of(now_ms, tz), first)
    if first > last:
        raise UsageError(f"--since {first} is after --until {last}", "swap them")
    return Period(first, last, tz)


def parse_day(text: str) -> date:
    """A date written as YYYY-MM-DD.

    Raises:
        UsageError: it is none.
    """
    day = None
    with contextlib.suppress(ValueError):
        day = date.fromisoformat(text)
    if day is None or day.year not in _YEARS:
        raise UsageError(f"{text!r} is no date", "write it as YYYY-MM-DD, for example 2026-10-31")
    return day


def is_ahead(text: str | None, tz: ZoneInfo, now_ms: int) -> bool:
    """Whether an as-of day has not even begun.

    Raises:
        UsageError: the text is no date.
    """
    return text is not None and day_start_ms(parse_day(text), tz) > now_ms


def as_of_instant(text: str | None, tz: ZoneInfo, now_ms: int) -> int:
    """The end of a day (the first instant of the next), or now.

    Raises:
        UsageError: the text is no date.
    """
    return now_ms if text is None else day_start_ms(next_day(parse_day(text)), tz)
