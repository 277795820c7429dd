"""Keeping the dearest habits of this month and the last, so that the first screen need not look for them.

They are looked for in a process of their own.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tokencoach.audit.kept import habits_name
from tokencoach.audit.period import month_period, recent_months
from tokencoach.clock import now_ms
from tokencoach.errors import TokencoachError
from tokencoach.store.verdict_rows import kept_audit, save_audit
from tokencoach.store.word_rows import is_closed
from tokencoach.watch.work_process import Aside

if TYPE_CHECKING:
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from tokencoach.store.connect import Connection
    from tokencoach.store.writer import Writer

FRESH_MS = 600_000
"""A habit of a month shows in days: while sessions grow it is not looked for with every request."""


def due_months(connection: Connection, tz: ZoneInfo) -> list[str]:
    """Of this month and the last, those that are open and were not looked at in the last ten minutes."""
    now = now_ms()
    due = []
    for period in recent_months(now, tz):
        kept = kept_audit(connection, habits_name(period))
        is_fresh = kept is not None and 0 <= now - kept[0] < FRESH_MS
        if not is_fresh and not is_closed(connection, period.month or "", tz.key):
            due.append(period.month or "")
    return due


class HabitKeeper:
    """Begins the search, and keeps what it found when it has ended."""

    def __init__(self, database: Path) -> None:
        self._database = database
        self._search = Aside()

    def step(self, writer: Writer) -> bool:
        """Go on with it; whether nothing is left to do.

        Raises:
            TokencoachError: the search failed; it begins anew with the next step.
        """
        tz = writer.days.tz
        if not self._search.is_running:
            due = due_months(writer.connection, tz)
            if due:
                self._search.begin("tokencoach.watch.habit_search", str(self._database), tz.key, *due)
            return not due
        ended = self._search.ended()
        if ended is None:
            return False
        code, said = ended
        if code != 0:
            raise TokencoachError(f"the search for habits ended with {code}", "tokencoach coach  says why")
        with writer.transaction() as connection:
            for month, (made_ms, body) in json.loads(said).items():
                save_audit(connection, habits_name(month_period(month, tz)), made_ms, body)
        return True

    def stop(self) -> int | None:
        """End a search that still goes on; the next watcher begins it again. Its exit code."""
        return self._search.stop()
