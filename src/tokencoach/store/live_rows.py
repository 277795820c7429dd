"""What is asked about a session while it moves: a few rows by index each, for it is asked at every beat."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tokencoach.store.edit_condition import DONE
from tokencoach.usage.words import CallStatus, ToolKind

if TYPE_CHECKING:
    import sqlite3


class Spending(NamedTuple):
    """All that a session used so far. ``unpriced`` counts its requests without a price."""

    cost_nano: int
    tokens: int
    unpriced: int


class LandedSession(NamedTuple):
    """A session of which lines were committed: what it cost, and how long it went on, in ms."""

    session: int
    cost_nano: int
    span_ms: int


_COMMITTED = (
    "EXISTS(SELECT 1 FROM edit e JOIN landing l ON l.edit_id = e.id AND l.is_removal = 0 WHERE e.session_id = {0}) "
    "OR EXISTS(SELECT 1 FROM edit e JOIN side_sighting l ON l.edit_id = e.id AND l.is_removal = 0 "
    "WHERE e.session_id = {0})"
)


_MADE_ONE = "SELECT 1 FROM tool_call WHERE session_id = ?1 AND kind = ?2 AND status = ?3"


def session_spending(connection: sqlite3.Connection, session: int) -> Spending:
    """What a session used, from the sums of its days."""
    row = connection.execute(
        "SELECT coalesce(sum(cost_nano), 0), coalesce(sum(input + cache_read + cache_write_5m + cache_write_1h + "
        "output), 0), coalesce(sum(unpriced), 0) FROM day_usage WHERE session_id = ?",
        (session,),
    ).fetchone()
    return Spending._make(row)


def has_edited(connection: sqlite3.Connection, session: int) -> bool:
    """Whether a session added lines to a file of a repository."""
    return (
        connection.execute(
            "SELECT 1 FROM edit e LEFT JOIN tool_call c ON c.key = e.call_key WHERE e.session_id = ? "
            f"AND e.place = 'repository' AND length(e.added) > 0 AND {DONE} LIMIT 1",
            (session,),
        ).fetchone()
        is not None
    )


def is_committed(connection: sqlite3.Connection, session: int) -> bool:
    """Whether a line of a session is in a commit, on whichever branch, or its log says that it made one.

    A repository that cannot be read, or on another machine, shows no commit; the call that made it does.
    """
    query = f"SELECT {_COMMITTED.format('?1')} OR EXISTS({_MADE_ONE})"
    return bool(connection.execute(query, (session, ToolKind.COMMIT, CallStatus.OK)).fetchone()[0])


def committed_sessions(connection: sqlite3.Connection, since_ms: int) -> list[LandedSession]:
    """Judged sessions from an instant on of which lines were committed."""
    rows = connection.execute(
        "SELECT v.session_id, v.cost_nano, s.last_ms - s.first_ms FROM session_verdict v "
        f"JOIN session s ON s.id = v.session_id WHERE v.started_ms >= ? AND ({_COMMITTED.format('v.session_id')})",
        (since_ms,),
    )
    return [LandedSession._make(row) for row in rows]


def moved_since(connection: sqlite3.Connection, since_ms: int) -> set[int]:
    """Sessions that moved from an instant on."""
    return {row[0] for row in connection.execute("SELECT id FROM session WHERE last_ms >= ?", (since_ms,))}
