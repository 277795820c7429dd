"""The monthly ritual: what I spent, where it ended, one thing to stop, one plan. About ten minutes.

It is about the month that is over, and is due from the first working day of the next until it is done.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from tokencoach.audit.period import recent_months
from tokencoach.clock import day_of
from tokencoach.store.ritual_rows import ritual_of
from tokencoach.store.usage_rows import months_with_requests

if TYPE_CHECKING:
    from datetime import date
    from zoneinfo import ZoneInfo

    from tokencoach.audit.period import Period
    from tokencoach.store.connect import Connection

STEPS: Final = ("what I spent", "where it ended", "one thing to stop", "one plan")
_SATURDAY = 5


def first_working_day(day: date) -> date:
    """The first day of a day's month that is no Saturday or Sunday."""
    first = day.replace(day=1)
    return first + timedelta(days=max(0, 7 - first.weekday()) if first.weekday() >= _SATURDAY else 0)


def due_ritual(connection: Connection, now_ms: int, tz: ZoneInfo) -> Period | None:
    """The last month, where its ritual is due: it had requests, a working day has begun, and it is not done."""
    today = day_of(now_ms, tz)
    _, last = recent_months(now_ms, tz)
    if today < first_working_day(today) or last.month is None:
        return None
    done = ritual_of(connection, last.month, tz.key)
    if done is not None and done.done_ms is not None:
        return None
    return last if last.month in months_with_requests(connection, tz) else None


def reminder_words(period: Period) -> str:
    """One line that says what is due; the key that opens it comes after."""
    return f"{period.label.split()[0]} is over: 10 minutes for its ritual"
