"""Keeping the dearest habits of this month and the last, so that the first screen need not look for them.

They are looked for in a process of their own: what that loads and reads is not the watcher's to hold.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO, TYPE_CHECKING

import tokencoach
from tokencoach.audit.kept import habits_name
from tokencoach.audit.period import month_period, recent_months
from tokencoach.clock import now_ms
from tokencoach.errors import TokencoachError
from tokencoach.store.verdict_rows import kept_audit, save_audit
from tokencoach.store.word_rows import is_closed

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from tokencoach.store.connect import Connection
    from tokencoach.store.writer import Writer

FRESH_MS = 600_000
"""A habit of a month shows in days: while sessions grow it is not looked for with every request."""
_END_S = 5.0


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
        self._child: subprocess.Popen[bytes] | None = None
        self._said: IO[bytes] | None = None

    def step(self, writer: Writer) -> bool:
        """Go on with it; whether nothing is left to do.

        Raises:
            TokencoachError: the search failed; it begins anew with the next step.
        """
        if self._child is None:
            due = due_months(writer.connection, writer.days.tz)
            if due:
                self._begin(writer.days.tz, due)
            return not due
        code = self._child.poll()
        if code is None:
            return False
        said = self._ended()
        if code != 0:
            raise TokencoachError(f"the search for habits ended with {code}", "tokencoach coach  says why")
        with writer.transaction() as connection:
            for month, (made_ms, body) in json.loads(said).items():
                save_audit(connection, habits_name(month_period(month, writer.days.tz)), made_ms, body)
        return True

    def stop(self) -> None:
        """End a search that still goes on; the next watcher begins it again."""
        if self._child is not None:
            self._child.kill()
            self._child.wait(_END_S)
            self._ended()

    def _begin(self, tz: ZoneInfo, months: list[str]) -> None:
        found_in = [str(Path(tokencoach.__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
        # What it says may be longer than a pipe holds while nobody reads.
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - closed when the process has ended
        self._child = subprocess.Popen(
            [
                sys.executable,
                "-P",
                "-m",
                "tokencoach.watch.habit_search",
                str(self._database),
                tz.key,
                *months,
            ],
            stdin=subprocess.DEVNULL,
            stdout=self._said,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, found_in))},
        )

    def _ended(self) -> bytes:
        said, self._said, self._child = self._said, None, None
        if said is None:
            return b""
        with said:
            said.seek(0)
            return said.read()
