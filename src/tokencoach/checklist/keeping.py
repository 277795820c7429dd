"""Keeping how items stood: the month that runs as it was seen last, months that are over once for all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokencoach.audit.period import month_period
from tokencoach.checklist.grounds import Grounds
from tokencoach.checklist.judge import MONTHS, judge_month, months_before, rows_to_keep
from tokencoach.clock import day_of
from tokencoach.store.item_rows import item_months
from tokencoach.store.usage_rows import months_with_requests

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from tokencoach.audit.period import Period
    from tokencoach.checklist.judge import Checklist
    from tokencoach.settings import Settings
    from tokencoach.store.item_rows import ItemMonth
    from tokencoach.store.reader import Reader


def unkept_months(reader: Reader, tz: ZoneInfo, now_ms: int) -> list[Period]:
    """Months of the last six that are over, had requests, and were not judged since; the oldest first."""
    this = month_period(day_of(now_ms, tz).isoformat()[:7], tz)
    used = set(months_with_requests(reader.connection, tz))
    kept = item_months(reader.connection, tz.key)
    found = []
    for period in months_before(this, MONTHS - 1):
        is_kept = any(row.month == period.month and row.judged_ms >= period.until_ms for row in kept)
        if period.month in used and not is_kept:
            found.append(period)
    return found[::-1]


def judge_past(reader: Reader, period: Period, settings: Settings, now_ms: int) -> list[ItemMonth]:
    """What to keep of a month that is over: judged as of its end."""
    return rows_to_keep(judge_month(Grounds(reader, period, period.until_ms, settings)), now_ms)


def changed_rows(reader: Reader, checklist: Checklist, now_ms: int) -> list[ItemMonth]:
    """What to keep of a month, without what is kept so already."""
    known = {
        (row.month, row.item): row[2:5]
        for row in item_months(reader.connection, checklist.period.tz.key)
        if not checklist.is_over or row.judged_ms >= checklist.period.until_ms
    }
    return [row for row in rows_to_keep(checklist, now_ms) if known.get((row.month, row.item)) != row[2:5]]
