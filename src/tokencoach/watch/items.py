"""Keeping how the checklist's items stand: a month that is over once for all, the one that runs now and then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokencoach.audit.period import recent_months
from tokencoach.checklist.grounds import Grounds, Place
from tokencoach.checklist.judge import judge_month, rows_to_keep
from tokencoach.checklist.keeping import judge_past, unkept_months
from tokencoach.clock import now_ms
from tokencoach.store.item_rows import item_months, keep_item_months
from tokencoach.store.reader import Reader

if TYPE_CHECKING:
    from tokencoach.audit.period import Period
    from tokencoach.store.item_rows import ItemMonth
    from tokencoach.store.writer import Writer
    from tokencoach.watch.refresh import Upkeep

FRESH_MS = 6 * 3_600_000
"""What only the running month can show (settings, backups) changes in days."""


def keep_month_items(writer: Writer, upkeep: Upkeep) -> None:
    """Judge one month that is over and was not judged since, else the running one where that is some hours ago."""
    now, tz = now_ms(), writer.days.tz
    reader = Reader(writer.connection)
    due = unkept_months(reader, tz, now)
    if due:
        # The newest first: it is the one that is asked for.
        _keep(writer, due[-1], judge_past(reader, due[-1], upkeep.settings, now))
        return
    this = recent_months(now, tz)[0]
    judged = [row.judged_ms for row in item_months(reader.connection, tz.key) if row.month == this.month]
    if judged and 0 <= now - max(judged) < FRESH_MS:
        return
    said = judge_month(Grounds(reader, this, now, upkeep.settings, Place(upkeep.database, upkeep.home)))
    _keep(writer, this, rows_to_keep(said, now))


def _keep(writer: Writer, period: Period, rows: list[ItemMonth]) -> None:
    with writer.transaction() as connection:
        keep_item_months(connection, writer.days.tz.key, rows, period.until_ms)
