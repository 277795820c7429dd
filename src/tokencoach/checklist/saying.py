"""The person's word on items, checked before it is kept: who may be ticked, for how long, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tokencoach.audit.period import parse_day
from tokencoach.clock import DAY_MS, day_start_ms, next_day
from tokencoach.errors import UsageError
from tokencoach.store.tick_rows import SNOOZE, TICK, TickRow
from tokencoach.usage.redact import redacted

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

LONGEST_TICK_DAYS: Final = 31
_LONGEST_SNOOZE_DAYS: Final = 366
_LONGEST: Final = 300


def reason_of(because: str | None) -> str:
    """A reason as it is kept: one line, secrets redacted.

    Raises:
        UsageError: there is none.
    """
    said = " ".join((because or "").split())[:_LONGEST]
    if not said:
        raise UsageError("say why", 'add --because "…": you will want to know next month')
    return redacted(said)


def tick_of(key: str, because: str | None, now_ms: int) -> TickRow:
    """A tick, which ends after 31 days.

    Raises:
        UsageError: no reason.
    """
    return TickRow(key, TICK, reason_of(because), now_ms, now_ms + LONGEST_TICK_DAYS * DAY_MS)


def snooze_of(item: str, until: str, because: str | None, now_ms: int, tz: ZoneInfo) -> TickRow:
    """A snooze up to a day, that day included.

    Raises:
        UsageError: no reason, no day, one that is over or more than a year ahead.
    """
    reason = reason_of(because)
    until_ms = day_start_ms(next_day(parse_day(until.strip())), tz)
    if until_ms <= now_ms:
        raise UsageError(f"{until} is over", "name a day to come")
    if until_ms - now_ms > _LONGEST_SNOOZE_DAYS * DAY_MS:
        raise UsageError(f"{until} is more than a year ahead", "name a nearer day, and say it again then")
    return TickRow(item, SNOOZE, reason, now_ms, until_ms)
