"""Keeping how the checklist's items stand: a month that is over once for all, the one that runs now and then.

They are judged in a process of their own.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tokencoach.audit.period import month_period, recent_months
from tokencoach.checklist.keeping import unkept_months
from tokencoach.clock import now_ms
from tokencoach.errors import TokencoachError
from tokencoach.store.item_rows import ItemMonth, item_months, keep_item_months
from tokencoach.store.reader import Reader
from tokencoach.watch.work_process import Aside

if TYPE_CHECKING:
    from tokencoach.store.writer import Writer
    from tokencoach.watch.refresh import Upkeep

FRESH_MS = 6 * 3_600_000
"""What only the running month can show (settings, backups) changes in days."""


def due_month(writer: Writer) -> str | None:
    """The newest month that is over and was not judged since, else the running one where that is some hours ago."""
    now, tz = now_ms(), writer.days.tz
    reader = Reader(writer.connection)
    over = unkept_months(reader, tz, now)
    if over:
        return over[-1].month
    this = recent_months(now, tz)[0].month
    judged = [row.judged_ms for row in item_months(reader.connection, tz.key) if row.month == this]
    return None if judged and 0 <= now - max(judged) < FRESH_MS else this


class ItemKeeper:
    """Begins the judging of a month, and keeps what it says when it has ended."""

    def __init__(self, upkeep: Upkeep) -> None:
        self._upkeep = upkeep
        self._judging = Aside()
        self._month = ""

    @property
    def is_running(self) -> bool:
        """Whether a month is being judged."""
        return self._judging.is_running

    def step(self, writer: Writer) -> bool:
        """Go on with it; whether nothing is left to do for now.

        Raises:
            TokencoachError: the judging failed; it begins anew with the next step.
        """
        tz, home = writer.days.tz, self._upkeep.home
        if not self._judging.is_running:
            due = due_month(writer)
            if due is None:
                return True
            self._month = due
            # The person's own home has its environment, which the process inherits.
            other = "" if home.environment else str(home.folder)
            where = str(self._upkeep.database)
            self._judging.begin("tokencoach.watch.item_search", where, tz.key, due, other)
            return False
        ended = self._judging.ended()
        if ended is None:
            return False
        code, said = ended
        if code != 0:
            raise TokencoachError(
                f"judging the checklist ended with {code}", "tokencoach checklist  says why"
            )
        rows = [ItemMonth(*row) for row in json.loads(said)]
        with writer.transaction() as connection:
            keep_item_months(connection, tz.key, rows, month_period(self._month, tz).until_ms)
        return True

    def stop(self) -> int | None:
        """End what still goes on; the next watcher begins it again. Its exit code."""
        return self._judging.stop()
