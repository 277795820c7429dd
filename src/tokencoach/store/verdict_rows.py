"""Verdicts kept for quick reading: one row a session, and whole audits of recent months."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

TITLE = (
    "coalesce(s.title, (SELECT substr(t.prompt, 1, 200) FROM turn t WHERE t.session_id = s.id "
    "AND t.prompt IS NOT NULL ORDER BY t.at_ms, t.id LIMIT 1))"
)
"""What session ``s`` was about: the tool's own title, else the beginning of the first prompt."""
_BATCH = 500
_ORDERS = {
    "time": "v.started_ms",
    "cost": "v.cost_nano",
    "waste": "v.waste_nano",
    "tokens": "v.tokens",
}


def save_session_verdicts(
    connection: sqlite3.Connection, rows: Iterable[tuple[int, int, int, int, int, int, str]]
) -> None:
    """Rows of ``(session, judged_ms, started_ms, cost_nano, waste_nano, tokens, row as JSON)``."""
    connection.executemany("INSERT OR REPLACE INTO session_verdict VALUES(?,?,?,?,?,?,?)", rows)


def save_landings(connection: sqlite3.Connection, rows: Iterable[tuple[int, str]]) -> None:
    """Rows of ``(session, what of it landed as JSON)``, kept with its verdict."""
    connection.executemany("INSERT OR REPLACE INTO session_landing VALUES(?,?)", rows)


def kept_landings(connection: sqlite3.Connection, sessions: Sequence[int]) -> dict[int, str]:
    """What landed of some sessions, as JSON, where that is not older than their facts."""
    found: dict[int, str] = {}
    for start in range(0, len(sessions), _BATCH):
        part = tuple(sessions[start : start + _BATCH])
        found.update(
            connection.execute(
                "SELECT l.session_id, l.body FROM session_landing l JOIN session_verdict v "
                f"ON v.session_id = l.session_id WHERE v.judged_ms > 0 AND l.session_id IN ({','.join('?' * len(part))})",
                part,
            )
        )
    return found


def drop_session_verdicts(connection: sqlite3.Connection, sessions: Iterable[int]) -> None:
    """Forget the rows of sessions that own no request any more."""
    for table in ("session_verdict", "session_landing"):
        connection.executemany(f"DELETE FROM {table} WHERE session_id=?", [(row,) for row in sessions])


def mark_stale(connection: sqlite3.Connection, sessions: Iterable[int]) -> None:
    """Note, with the change itself, that the verdicts of sessions are behind their facts."""
    connection.executemany(
        "UPDATE session_verdict SET judged_ms=0 WHERE session_id=?", [(row,) for row in sessions]
    )


def mark_sighted_stale(connection: sqlite3.Connection, repo_id: int) -> None:
    """Mark every session stale that has a line on another ref of a repository."""
    connection.execute(
        "UPDATE session_verdict SET judged_ms=0 WHERE session_id IN (SELECT e.session_id FROM side_sighting g "
        "JOIN edit e ON e.id = g.edit_id WHERE e.repo_id=?)",
        (repo_id,),
    )


def mark_repo_stale(connection: sqlite3.Connection, repo_id: int) -> None:
    """Mark every session stale that has an edit in a repository."""
    connection.execute(
        "UPDATE session_verdict SET judged_ms=0 WHERE session_id IN "
        "(SELECT session_id FROM edit WHERE repo_id=?)",
        (repo_id,),
    )


def unjudged_sessions(connection: sqlite3.Connection) -> list[int]:
    """Sessions with a request whose verdict is not kept, or behind their facts."""
    rows = connection.execute(
        "SELECT s.id FROM session s LEFT JOIN session_verdict v ON v.session_id = s.id WHERE coalesce(v.judged_ms, 0) = 0 "
        "AND EXISTS (SELECT 1 FROM request r WHERE r.session_id = s.id)"
    )
    return [row[0] for row in rows]


def aging_sessions(connection: sqlite3.Connection, moved_since_ms: int, judged_before_ms: int) -> list[int]:
    """Sessions whose verdict may have changed by time alone: young ones that were judged long enough ago."""
    rows = connection.execute(
        "SELECT s.id FROM session s JOIN session_verdict v ON v.session_id = s.id WHERE s.last_ms >= ? AND v.judged_ms < ?",
        (moved_since_ms, judged_before_ms),
    )
    return [row[0] for row in rows]


def sessions_of_repos(connection: sqlite3.Connection, repos: Sequence[int]) -> list[int]:
    """Sessions with an edit in some repositories."""
    marks = ",".join("?" * len(repos))
    return [
        row[0]
        for row in connection.execute(
            f"SELECT DISTINCT session_id FROM edit WHERE repo_id IN ({marks})",
            tuple(repos),
        )
    ]


def verdict_ids(
    connection: sqlite3.Connection,
    sort: str,
    *,
    is_reversed: bool = False,
    text: str = "",
    span: tuple[int, int] | None = None,
) -> array[int]:
    """Database rows of judged sessions in an order (largest or newest first), filtered by a text.

    The text is looked for in the session's id, folder, branch, source, and in the title that its row shows.
    """
    order = f"{_ORDERS[sort]} {'ASC' if is_reversed else 'DESC'}, v.session_id"
    where: list[str] = []
    values: list[str | int] = []
    joins = ""
    if text:
        joins = (
            "JOIN session s ON s.id = v.session_id JOIN source o ON o.id = s.source_id "
            "LEFT JOIN folder f ON f.id = s.folder_id LEFT JOIN branch b ON b.id = s.branch_id"
        )
        where.append(
            f"instr(lower(s.session_id || ' ' || coalesce({TITLE}, '') || ' ' || "
            "coalesce(f.name, '') || ' ' || "
            "coalesce(b.name, '') || ' ' || o.name), lower(?)) > 0"
        )
        values.append(text)
    if span is not None:
        where.append("v.started_ms >= ? AND v.started_ms < ?")
        values += span
    condition = f"WHERE {' AND '.join(where)}" if where else ""
    query = f"SELECT v.session_id FROM session_verdict v {joins} {condition} ORDER BY {order}"
    return array("q", [row[0] for row in connection.execute(query, values)])


def verdict_bodies(connection: sqlite3.Connection, sessions: Sequence[int]) -> dict[int, str]:
    """Kept rows of some sessions, as JSON, by their database row."""
    marks = ",".join("?" * len(sessions))
    return dict(
        connection.execute(
            f"SELECT session_id, row FROM session_verdict WHERE session_id IN ({marks})",
            tuple(sessions),
        )
    )


def save_audit(connection: sqlite3.Connection, name: str, made_ms: int, body: str) -> None:
    """Keep an audit under a name."""
    connection.execute("INSERT OR REPLACE INTO audit_cache VALUES(?,?,?)", (name, made_ms, body))


def drop_kept_audits(connection: sqlite3.Connection) -> None:
    """Forget the kept audits: the person said something that all of them show."""
    connection.execute("DELETE FROM audit_cache")


def kept_audit(connection: sqlite3.Connection, name: str) -> tuple[int, str] | None:
    """When a kept audit was made, and its JSON."""
    row = connection.execute("SELECT made_ms, body FROM audit_cache WHERE name=?", (name,)).fetchone()
    return None if row is None else (int(row[0]), str(row[1]))


def newest_kept_ms(connection: sqlite3.Connection) -> int | None:
    """When an audit was last kept: changes with every round that judged anything."""
    row = connection.execute("SELECT max(made_ms) FROM audit_cache").fetchone()
    return None if row[0] is None else int(row[0])
