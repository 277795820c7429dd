"""The watcher's part of the coach: what is said while work goes on, and what an assistant's screen shows of it."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING, Final

from tokencoach.clock import now_ms
from tokencoach.coach.assistant.told import (
    DaySoFar,
    day_so_far,
    forget_nudge,
    keep_alive,
    pending,
    tell_line,
    tell_nudge,
)
from tokencoach.coach.nudges import PAUSE, Nudge, budget_nudges, chosen, ended, nudges_of
from tokencoach.coach.running import LIVE_MS, Person, running_sessions, usual
from tokencoach.store.live_rows import moved_since
from tokencoach.store.nudge_rows import NudgeRow, end_nudges, is_said, newest_nudge_ms, open_nudges, put_nudge
from tokencoach.store.reader import Reader

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tokencoach.store.writer import Writer
    from tokencoach.watch.refresh import Upkeep

_USUAL_S: Final = 600.0
_BUDGET_S: Final = 30.0
_LOOK_AGAIN_S: Final = 15.0


class Nudger:
    """Looks at sessions that were just read, says what there is to say, ends what has no cause any more."""

    def __init__(self, upkeep: Upkeep) -> None:
        self._folder = upkeep.database.parent
        self._tz = upkeep.tz
        self._held: dict[int, list[Nudge]] = {}
        self._budgets: list[Nudge] = []
        self._person: Person | None = None
        self._day: DaySoFar | None = None
        self._due = {"usual": 0.0, "budgets": 0.0, "again": 0.0}
        self._pending = pending(self._folder)
        self._is_first = True

    def look(self, writer: Writer, touched: Iterable[int]) -> None:
        """Look at the sessions among those just read that move now."""
        now = now_ms()
        live = moved_since(writer.connection, now - LIVE_MS)
        if not self._is_first:
            live &= set(touched)
            if not live:
                return
        # What was read before this watcher began may go on all the same, or be long over.
        self._is_first = False
        self._settle(writer, live, now)

    def again(self, writer: Writer) -> None:
        """Without anything new in a log: causes that went away, and what had to wait for its turn."""
        keep_alive(self._folder)
        if not self._is_due("again", _LOOK_AGAIN_S):
            return
        held = open_nudges(writer.connection)
        if held or self._held or self._budgets:
            sessions = {*self._held, *(one.session for one in held if one.session is not None)}
            self._settle(writer, sessions, now_ms())

    def judged(self, writer: Writer) -> None:
        """Verdicts are new: so is the day's share."""
        reader = Reader(writer.connection)
        self._day = day_so_far(reader, now_ms(), self._tz)
        self._tell(reader, now_ms())

    def _look(self, reader: Reader, sessions: set[int], now: int) -> None:
        if self._person is None or self._is_due("usual", _USUAL_S):
            self._person = usual(reader, now)
        found = {
            one.session: nudges_of(one, self._person)
            for one in running_sessions(reader, sorted(sessions), now)
        }
        for session in sessions:
            self._held.pop(session, None)
        self._held |= {session: nudges for session, nudges in found.items() if nudges}

    def _settle(self, writer: Writer, sessions: set[int], now: int) -> None:
        """Look at some sessions, end what has no cause any more, say at most one thing."""
        connection, reader = writer.connection, Reader(writer.connection)
        self._look(reader, sessions, now)
        if self._is_due("budgets", _BUDGET_S):
            self._budgets = budget_nudges(reader, now, self._tz)
        candidates = [*self._budgets, *(nudge for nudges in self._held.values() for nudge in nudges)]
        gone = ended({(one.kind, one.subject): one.nudge_id for one in open_nudges(connection)}, candidates)
        person = self._person or usual(reader, now)
        nudge = chosen(
            candidates,
            lambda kind, subject: is_said(connection, kind, subject),
            newest_nudge_ms(connection),
            now,
            person.limit(PAUSE) * 60_000,
        )
        if gone or nudge is not None:
            with writer.transaction() as base:
                end_nudges(base, gone, now)
                if nudge is not None:
                    put_nudge(base, row_of(nudge, now))
        held = open_nudges(connection)
        self._hand_over(held, nudge)
        self._tell(reader, now, held)

    def _hand_over(self, held: list[NudgeRow], nudge: Nudge | None) -> None:
        """Keep the file for an assistant's hook equal to what was said last and still holds."""
        if nudge is not None:
            self._pending = nudge.kind, nudge.subject
            said = next((one for one in held if (one.kind, one.subject) == self._pending), None)
            if said is not None:
                with contextlib.suppress(OSError):
                    tell_nudge(self._folder, said)
        elif self._pending is not None and self._pending not in {(one.kind, one.subject) for one in held}:
            self._pending = None
            forget_nudge(self._folder)

    def _tell(self, reader: Reader, now: int, held: list[NudgeRow] | None = None) -> None:
        said = open_nudges(reader.connection) if held is None else held
        with contextlib.suppress(OSError):
            tell_line(reader, self._folder, self._day, said, now)

    def _is_due(self, name: str, every_s: float) -> bool:
        now = time.monotonic()
        if now < self._due[name]:
            return False
        self._due[name] = now + every_s
        return True


def row_of(nudge: Nudge, now: int) -> NudgeRow:
    """A nudge as it is kept."""
    return NudgeRow(
        0,
        nudge.kind,
        nudge.subject,
        nudge.session,
        None,
        now,
        nudge.title,
        nudge.next,
        nudge.cost_nano,
        nudge.tokens,
        None,
    )


def tell_day(writer: Writer, upkeep: Upkeep) -> None:
    """What the status line shows, by a verb that has just judged; a folder that cannot be written shows nothing."""
    reader = Reader(writer.connection)
    now = now_ms()
    with contextlib.suppress(OSError):
        day = day_so_far(reader, now, upkeep.tz)
        tell_line(reader, upkeep.database.parent, day, open_nudges(writer.connection), now)
