"""Instants and counts that no log of today is taken at, out of a database that an earlier release filled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tokencoach.clock import LATEST_MS
from tokencoach.sources.decoding import MOST_TOKENS
from tokencoach.store.read_anew import READ_ANEW

if TYPE_CHECKING:
    import sqlite3

_POSSIBLE: Final = f"BETWEEN 0 AND {LATEST_MS - 1}"
_COUNTED: Final = f"BETWEEN 0 AND {MOST_TOKENS}"
_KNOWN: Final = " UNION ALL ".join(
    f"SELECT at_ms FROM {table} WHERE session_id = session.id AND at_ms {_POSSIBLE}"
    for table in ("request", "turn", "edit", "tool_call")
)
#: Facts of a session with an instant each.
_TIMED: Final = (
    "request",
    "turn",
    "edit",
    "tool_call",
    "error",
    "compaction",
    "cost_record",
    "served",
    "uncounted",
    "artifact_use",
)
_COUNTS: Final = {
    "request": ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output", "reasoning"),
    "compaction": ("before_tokens", "after_tokens"),
    "cost_record": ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output"),
    "served": ("input", "cache_read", "output"),
    "uncounted": ("characters",),
}


def strike_out(connection: sqlite3.Connection) -> bool:
    """Facts at impossible instants move to their session's beginning, impossible counts are 0; whether there were any.

    A session of which no instant is possible goes, with its facts. All logs are then read once more:
    what they tell by today's rules counts.
    """
    before = connection.total_changes
    _bound_sessions(connection)
    for table in _TIMED:
        begun = f"(SELECT first_ms FROM session s WHERE s.id = {table}.session_id)"
        connection.execute(f"UPDATE {table} SET at_ms = coalesce({begun}, 0) WHERE at_ms NOT {_POSSIBLE}")
    for table, columns in _COUNTS.items():
        for column in columns:
            connection.execute(f"UPDATE {table} SET {column} = 0 WHERE {column} NOT {_COUNTED}")
    has_any = connection.total_changes > before
    if has_any:
        for statement in filter(str.strip, READ_ANEW.split(";\n")):
            connection.execute(statement)
        connection.execute("UPDATE session SET is_dirty = 1")
    return has_any


def _bound_sessions(connection: sqlite3.Connection) -> None:
    """Sessions span the possible instants of their facts where their own bounds are none."""
    connection.execute(
        f"UPDATE session SET first_ms = coalesce((SELECT min(at_ms) FROM ({_KNOWN})), "
        f"CASE WHEN last_ms {_POSSIBLE} THEN last_ms ELSE -1 END) WHERE first_ms NOT {_POSSIBLE}"
    )
    connection.execute(
        f"UPDATE session SET last_ms = max(first_ms, coalesce((SELECT max(at_ms) FROM ({_KNOWN})), 0)) "
        f"WHERE last_ms NOT {_POSSIBLE} AND first_ms >= 0"
    )
    for table in _TIMED:
        connection.execute(
            f"DELETE FROM {table} WHERE session_id IN (SELECT id FROM session WHERE first_ms < 0)"
        )
    connection.execute("DELETE FROM session WHERE first_ms < 0")
