"""The backend of a real database. What it asks is imported when first asked for: start-up stays lean."""

from __future__ import annotations

import threading
from array import array
from typing import TYPE_CHECKING, Final

from tokencoach import clock
from tokencoach.errors import NothingToReadError
from tokencoach.tui.backend import Pulse
from tokencoach.tui.listing import Listing

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from tokencoach.audit.feature_report import FeatureItem
    from tokencoach.audit.period import Period
    from tokencoach.audit.power_day import PowerNow
    from tokencoach.audit.report import PeriodAudit, SessionDetail, SessionRow, Today
    from tokencoach.comprehension.asking import Asking
    from tokencoach.comprehension.overview import CheckOverview
    from tokencoach.comprehension.past import Told
    from tokencoach.doctor.report import DoctorReport
    from tokencoach.store.reader import Reader
    from tokencoach.store.trace_rows import CallStep
    from tokencoach.tui.backend import SessionQuery
    from tokencoach.tui.power_source import PowerSource
    from tokencoach.watch.asked import AskedOf


_VERSION_BITS: Final = 32
"""SQLite counts what others wrote in so many bits; the files that were met are counted above them."""


class LedgerBackend(Listing):
    """Reads one database; a connection for each thread that asks.

    A database that does not exist yet is an empty one: the watcher is about to make it.
    """

    def __init__(
        self,
        database: Path,
        tz: ZoneInfo,
        *,
        is_demo: bool = False,
        logs_home: Path | None = None,
        now: Callable[[], int] = clock.now_ms,
    ) -> None:
        self.database = database
        self.tz = tz
        self.is_demo = is_demo
        self.logs_home = logs_home
        self._now = now
        self._readers = threading.local()
        self._power: PowerSource | None = None
        self._opened: tuple[int, int] | None = None
        self._files = 0

    def now_ms(self) -> int:
        """UTC milliseconds."""
        return self._now()

    def _reader(self) -> Reader:
        reader: Reader | None = getattr(self._readers, "reader", None)
        if reader is None:
            from tokencoach.store.reader import open_reader  # noqa: PLC0415 - sqlite3 only when it is due

            reader = open_reader(self.database)
            self._readers.reader = reader
        return reader

    def release(self) -> None:
        """Close the calling thread's connection."""
        reader: Reader | None = getattr(self._readers, "reader", None)
        if reader is not None:
            self._readers.reader = None
            reader.close()

    def data_version(self) -> int:
        """Changes whenever another process has written, or put another file in its place; 0 without a database."""
        self._follow_file()
        try:
            return self._files << _VERSION_BITS | self._reader().data_version()
        except NothingToReadError:
            return 0

    def _follow_file(self) -> None:
        """Let go of a file that was deleted or replaced: a connection would show it for as long as it is open."""
        try:
            found = self.database.stat()
            file = found.st_dev, found.st_ino
        except OSError:
            file = None
        if file != self._opened:
            self._opened = file
            self._files += 1
            self.release()

    def pulse(self) -> Pulse:
        """Freshness and the newest request and verdict; where there is no database nobody watches."""
        from tokencoach.audit.freshness import read_freshness  # noqa: PLC0415
        from tokencoach.audit.report import Freshness  # noqa: PLC0415
        from tokencoach.store.nudge_rows import nudge_stamp  # noqa: PLC0415
        from tokencoach.store.verdict_rows import newest_kept_ms  # noqa: PLC0415
        from tokencoach.store.word_rows import word_stamp  # noqa: PLC0415

        try:
            reader = self._reader()
        except NothingToReadError:
            nobody = Freshness(
                is_watching=False,
                watcher_pid=None,
                beat_at_ms=None,
                backlog_bytes=0,
                total_bytes=0,
                newest_request_ms=None,
            )
            return Pulse(nobody, (self._files,), file=self._files)
        fresh = read_freshness(reader, self.now_ms())
        word = word_stamp(reader.connection)
        return Pulse(
            fresh,
            (
                self._files,
                fresh.newest_request_ms,
                newest_kept_ms(reader.connection),
                word,
                nudge_stamp(reader.connection),
            ),
            word,
            self._files,
        )

    def months(self) -> dict[str, int]:
        """How many requests each month has that has any, oldest first."""
        from tokencoach.store.usage_rows import requests_by_month  # noqa: PLC0415

        try:
            return requests_by_month(self._reader().connection, self.tz)
        except NothingToReadError:
            return {}

    def cached_audit(self, month: str) -> PeriodAudit | None:
        """The kept audit of a month, however old."""
        from tokencoach.audit.kept import cached_audit  # noqa: PLC0415
        from tokencoach.audit.period import month_period  # noqa: PLC0415

        try:
            period = month_period(month, self.tz)
            return cached_audit(self._reader(), period) or self._frozen(period)
        except NothingToReadError:
            return None

    def _frozen(self, period: Period) -> PeriodAudit | None:
        from tokencoach.store.word_rows import is_closed  # noqa: PLC0415

        if not is_closed(self._reader().connection, period.month or "", self.tz.key):
            return None
        from tokencoach.audit.close import closed_audit  # noqa: PLC0415

        return closed_audit(self._reader(), period, self.now_ms(), is_quick=True)

    def audit(self, month: str) -> PeriodAudit:
        """The audit of a month, computed now; of a closed one what was frozen, and what changed since."""
        from tokencoach.audit.close import month_audit  # noqa: PLC0415
        from tokencoach.audit.period import month_period  # noqa: PLC0415

        return month_audit(self._reader(), month_period(month, self.tz), self.now_ms())

    def audit_markdown(self, audit: PeriodAudit) -> str:
        """An audit as a Markdown document."""
        from tokencoach.audit.as_text import as_markdown  # noqa: PLC0415

        return as_markdown(audit)

    def say_outcome(self, item: FeatureItem, outcome: str) -> None:
        """Keep the person's word on a feature, and the kept audits in step with it."""
        from tokencoach.audit.outcome_word import find_work, say_outcome  # noqa: PLC0415
        from tokencoach.store.verdict_rows import drop_kept_audits  # noqa: PLC0415
        from tokencoach.store.writer import Writer  # noqa: PLC0415
        from tokencoach.watch.judge import keep_audits  # noqa: PLC0415

        with Writer(self.database, self.tz) as writer:
            work = find_work(writer.connection, item.commits[0], self.now_ms())
            with writer.transaction() as connection:
                say_outcome(connection, work, outcome, self.now_ms())
                drop_kept_audits(connection)
            keep_audits(writer)

    def session_ids(self, query: SessionQuery) -> array[int]:
        """Database rows of all judged sessions that answer a query, in its order."""
        from tokencoach.audit.kept import session_ids  # noqa: PLC0415

        try:
            reader = self._reader()
        except NothingToReadError:
            return array("q")
        return session_ids(reader, text=query.text, sort=query.sort, is_reversed=query.is_reversed)

    def session_rows(self, ids: Sequence[int]) -> list[SessionRow]:
        """Kept rows of up to 200 sessions."""
        from tokencoach.audit.kept import session_rows  # noqa: PLC0415

        return session_rows(self._reader(), ids)

    def month_sessions(self, query: SessionQuery) -> tuple[SessionRow, ...]:
        """Sessions of a query's month, with figures for that month only."""
        from tokencoach.audit.period import month_period  # noqa: PLC0415
        from tokencoach.audit.sessions import period_sessions  # noqa: PLC0415

        period = month_period(query.month or "", self.tz)
        rows = period_sessions(
            self._reader(), period, as_of_ms=self.now_ms(), repo=query.repo, sort=query.sort
        )
        kept = [row for row in rows if _answers(row, query)]
        return tuple(reversed(kept) if query.is_reversed else kept)

    def picked_sessions(self, query: SessionQuery) -> tuple[SessionRow, ...]:
        """Kept rows of a query's sessions."""
        from tokencoach.audit.sessions import in_order  # noqa: PLC0415

        rows = in_order(self.session_rows(query.rows[:200]), query.sort)
        kept = [row for row in rows if _answers(row, query)]
        return tuple(reversed(kept) if query.is_reversed else kept)

    def session_detail(self, row_id: int) -> SessionDetail:
        """One session opened down to its lines."""
        from tokencoach.audit.explain import session_detail  # noqa: PLC0415

        return session_detail(self._reader(), row_id, self.tz, as_of_ms=self.now_ms())

    def turn_calls(self, row_id: int, turn_id: int) -> tuple[CallStep, ...]:
        """The calls whose request belongs to the turn."""
        from tokencoach.store.trace_rows import calls_of_turn  # noqa: PLC0415

        return calls_of_turn(self._reader().connection, row_id, turn_id, self.now_ms() + 1)

    def asked_of(self, row_id: int, turn_id: int, calls: Sequence[CallStep]) -> dict[int, AskedOf]:
        """What some calls of a turn were asked to do, by their keys."""
        from tokencoach.watch.asked import asked_of  # noqa: PLC0415

        return asked_of(self._reader(), row_id, turn_id, calls)

    def today(self) -> Today:
        """The day so far."""
        from tokencoach.coach.today import coached_today  # noqa: PLC0415

        return coached_today(self._reader(), self.now_ms(), self.tz)

    def power(self) -> PowerNow:
        """Watts, inference servers, the energy of the day and the month; from what the watcher keeps."""
        from tokencoach.tui.power_source import PowerSource  # noqa: PLC0415

        if self._power is None:
            self._power = PowerSource(self.database.parent, self.tz, is_demo=self.is_demo)
        return self._power.now(self._reader, self.now_ms())

    def checks(self) -> CheckOverview:
        """What waits to be asked, and what was held."""
        from tokencoach.comprehension.overview import nothing_yet, read_overview  # noqa: PLC0415

        try:
            home = self.database.parent
            return read_overview(self._reader().connection, self.now_ms(), with_staged=True, home=home)
        except NothingToReadError:
            return nothing_yet()

    def open_check(self, key: str) -> Asking:
        """A check that waits, ready to be held."""
        from tokencoach.comprehension.inbox import open_staged, open_waiting  # noqa: PLC0415
        from tokencoach.comprehension.overview import STAGED  # noqa: PLC0415

        connection = self._reader().connection
        if key.startswith(STAGED):
            return open_staged(connection, self.database, self.tz, key.removeprefix(STAGED), self.now_ms())
        return open_waiting(connection, self.database, self.tz, key)

    def past_check(self, key: str) -> tuple[Told, ...]:
        """The questions of a check that is over, with what was answered."""
        from tokencoach.comprehension.past import read_past  # noqa: PLC0415

        return read_past(self._reader().connection, key)

    def doctor(self) -> DoctorReport:
        """Everything the doctor looks at."""
        import os  # noqa: PLC0415
        from pathlib import Path  # noqa: PLC0415

        from tokencoach.doctor.examine import examine  # noqa: PLC0415
        from tokencoach.paths import settings_file  # noqa: PLC0415
        from tokencoach.settings import read_settings  # noqa: PLC0415
        from tokencoach.sources.base import logs_home  # noqa: PLC0415
        from tokencoach.watch.reach import examine_reach  # noqa: PLC0415
        from tokencoach.watch.reading import sources_by_name  # noqa: PLC0415

        settings = read_settings(settings_file(self.database.parent))
        home = logs_home(Path.home(), dict(os.environ), self.logs_home, settings.logs)
        reach = examine_reach(self.database.parent, home, settings)
        return examine(self.database, home, self.tz, settings, sources_by_name().values(), more=[reach])


def _answers(row: SessionRow, query: SessionQuery) -> bool:
    if query.sessions and row.session_id not in query.sessions:
        return False
    if query.bucket is not None and not any(
        spend.tokens for spend in row.buckets if spend.bucket is query.bucket
    ):
        return False
    words = (row.session_id, row.title, row.repo, row.folder, row.branch, row.source, *row.models)
    return query.text.lower() in " ".join(word for word in words if word).lower()
