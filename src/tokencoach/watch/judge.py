"""Keeping verdicts current: rows of sessions whose evidence or age changed, audits of recent months."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from tokencoach.audit.close import month_audit, note_seen
from tokencoach.audit.kept import audit_name, dumped
from tokencoach.audit.month import Allocated
from tokencoach.audit.period import month_period, span_period
from tokencoach.audit.session_landing import landing_of
from tokencoach.audit.sessions import session_row, wasted_nano
from tokencoach.clock import DAY_MS, day_of, now_ms
from tokencoach.store.reader import Reader
from tokencoach.store.verdict_rows import (
    aging_sessions,
    drop_session_verdicts,
    save_audit,
    save_landings,
    save_session_verdicts,
    sessions_of_repos,
    unjudged_sessions,
)
from tokencoach.watch.progress import silent

if TYPE_CHECKING:
    from collections.abc import Collection

    from tokencoach.store.writer import Writer
    from tokencoach.watch.progress import Progress

_BATCH = 100
_AGING_MS = 45 * DAY_MS
_STALE_MS = 6 * 3_600_000


def judge(
    writer: Writer, sessions: Collection[int], repos: Collection[int], progress: Progress = silent
) -> int:
    """Judge again what may have changed; the number of sessions judged."""
    now = now_ms()
    reader = Reader(writer.connection)
    due = set(sessions) | set(unjudged_sessions(writer.connection))
    due |= set(aging_sessions(writer.connection, now - _AGING_MS, now - _STALE_MS))
    if repos:
        due |= set(sessions_of_repos(writer.connection, list(repos)))
    ordered = sorted(due, reverse=True)
    tz = writer.days.tz
    everything = span_period(None, None, tz, now + 366 * DAY_MS)
    for start in range(0, len(ordered), _BATCH):
        part = ordered[start : start + _BATCH]
        found = Allocated.of_sessions(reader, part, everything, now)
        rows = []
        for session in found.turns:
            row = session_row(found, session)
            rows.append(
                (session, now, row.started_at_ms, row.cost_nano, wasted_nano(row), row.tokens, dumped(row))
            )
        with writer.transaction() as connection:
            drop_session_verdicts(connection, set(part) - set(found.turns))
            save_session_verdicts(connection, rows)
            save_landings(
                connection,
                [
                    (session, dumped(landing_of(found.judged[session], found.turns[session])))
                    for session in found.turns
                ],
            )
        progress("verdicts", start + len(part), len(ordered))
    return len(ordered)


def keep_audits(writer: Writer) -> None:
    """Audit this month and the last, so that the first screen has figures at once."""
    now, tz = now_ms(), writer.days.tz
    today = day_of(now, tz)
    last = today.replace(day=1) - timedelta(days=1)
    reader = Reader(writer.connection)
    kept = []
    for day in (today, last):
        period = month_period(day.isoformat()[:7], tz)
        kept.append((audit_name(period), month_audit(reader, period, now)))
    with writer.transaction() as connection:
        for name, audit in kept:
            save_audit(connection, name, now, dumped(audit))
            note_seen(connection, audit)
