"""Keeping the dearest habits of this month and the last, so that the first screen need not look for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokencoach.audit.period import recent_months
from tokencoach.clock import now_ms
from tokencoach.coach.habits import habits_of, keep_habits, kept_habits
from tokencoach.coach.material import Material
from tokencoach.store.reader import Reader
from tokencoach.store.word_rows import is_closed

if TYPE_CHECKING:
    from tokencoach.settings import Settings
    from tokencoach.store.writer import Writer

FRESH_MS = 600_000
"""A habit of a month shows in days: while sessions grow it is not looked for with every request."""


def keep_month_habits(writer: Writer, settings: Settings) -> None:
    """Look for them where they are not kept, or were looked for ten minutes ago; closed months have theirs."""
    now, tz = now_ms(), writer.days.tz
    reader = Reader(writer.connection)
    found = []
    for period in recent_months(now, tz):
        if is_closed(reader.connection, period.month or "", tz.key):
            continue
        kept = kept_habits(reader, period)
        if kept is None or not 0 <= now - kept.as_of_ms < FRESH_MS:
            found.append((period, habits_of(Material.of_period(reader, period, now, settings))))
    with writer.transaction() as connection:
        for period, habits in found:
            keep_habits(connection, period, habits)
