"""What the coach said while work went on: each thing once, and when its cause was gone."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable


class NudgeRow(NamedTuple):
    """One nudge. ``session`` and ``session_id`` are None where it is about no session; ``ended_ms`` while it holds.

    ``kind`` and ``subject`` together are said once and never again.
    """

    nudge_id: int
    kind: str
    subject: str
    session: int | None
    session_id: str | None
    at_ms: int
    title: str
    next: str
    cost_nano: int
    tokens: int
    ended_ms: int | None


_SELECT = (
    "SELECT n.id, n.kind, n.subject, n.session_id, s.session_id, n.at_ms, n.title, n.next, n.cost_nano, n.tokens, "
    "n.ended_ms FROM nudge n LEFT JOIN session s ON s.id = n.session_id "
)


def nudges_since(connection: sqlite3.Connection, since_ms: int) -> list[NudgeRow]:
    """Nudges of a span up to now, the newest first, and those that still hold."""
    rows = connection.execute(
        f"{_SELECT} WHERE n.at_ms >= ? OR n.ended_ms IS NULL ORDER BY n.at_ms DESC, n.id DESC", (since_ms,)
    )
    return [NudgeRow._make(row) for row in rows]


def open_nudges(connection: sqlite3.Connection) -> list[NudgeRow]:
    """Nudges whose cause is still there, the newest first."""
    rows = connection.execute(f"{_SELECT} WHERE n.ended_ms IS NULL ORDER BY n.at_ms DESC, n.id DESC")
    return [NudgeRow._make(row) for row in rows]


def newest_nudge_ms(connection: sqlite3.Connection) -> int | None:
    """When the last nudge was given; None where there was none."""
    row = connection.execute("SELECT max(at_ms) FROM nudge").fetchone()
    return None if row[0] is None else int(row[0])


def is_said(connection: sqlite3.Connection, kind: str, subject: str) -> bool:
    """Whether this was said before."""
    query = "SELECT 1 FROM nudge WHERE kind = ? AND subject = ?"
    return connection.execute(query, (kind, subject)).fetchone() is not None


def put_nudge(connection: sqlite3.Connection, said: NudgeRow) -> None:
    """Keep a nudge; nothing happens where it was said before."""
    connection.execute(
        "INSERT OR IGNORE INTO nudge(kind, subject, session_id, at_ms, title, next, cost_nano, tokens) "
        "VALUES(?,?,?,?,?,?,?,?)",
        (
            said.kind,
            said.subject,
            said.session,
            said.at_ms,
            said.title,
            said.next,
            said.cost_nano,
            said.tokens,
        ),
    )


def end_nudges(connection: sqlite3.Connection, ids: Iterable[int], now_ms: int) -> None:
    """Their cause is gone."""
    connection.executemany("UPDATE nudge SET ended_ms = ? WHERE id = ?", [(now_ms, row) for row in ids])


def nudge_stamp(connection: sqlite3.Connection) -> int:
    """A number that grows whenever something is said or has ended; 0 before the first."""
    row = connection.execute(
        "SELECT coalesce(max(max(at_ms), max(coalesce(ended_ms, 0))), 0) FROM nudge"
    ).fetchone()
    return int(row[0])
