"""What has been read from each source."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import sqlite3


class SourceRow(NamedTuple):
    """Counts of one source over all time. ``bytes`` are those read so far of files still there."""

    source: str
    files: int
    bytes: int
    requests: int
    sessions: int
    edits: int
    quarantined: int
    unseen_kinds: dict[str, int]


class QuarantineRow(NamedTuple):
    """A record that could not be read."""

    source: str
    path: str
    offset: int
    length: int
    error: str


def source_rows(connection: sqlite3.Connection) -> list[SourceRow]:
    """Every source that was ever read, by name."""
    unseen: dict[int, dict[str, int]] = defaultdict(dict)
    for source, kind, count in connection.execute(
        "SELECT f.source_id, u.kind, sum(u.count) FROM unseen u JOIN log_file f ON f.id = u.file_id GROUP BY 1, 2"
    ):
        unseen[source][kind] = count
    requests = dict(
        connection.execute(
            "SELECT s.source_id, sum(c.n) FROM (SELECT session_id, count(*) AS n FROM request GROUP BY session_id) c "
            "JOIN session s ON s.id = c.session_id GROUP BY 1"
        )
    )
    edits = dict(
        connection.execute(
            "SELECT s.source_id, count(*) FROM edit e JOIN session s ON s.id = e.session_id "
            "WHERE e.kind NOT GLOB 'shell*' GROUP BY 1"
        )
    )
    rows = connection.execute(
        "SELECT o.id, o.name, (SELECT count(*) FROM log_file f WHERE f.source_id = o.id AND f.is_gone = 0), "
        "(SELECT coalesce(sum(f.size), 0) FROM log_file f WHERE f.source_id = o.id AND f.is_gone = 0), "
        "(SELECT count(*) FROM session s WHERE s.source_id = o.id), (SELECT count(*) FROM quarantine q "
        "JOIN log_file f ON f.id = q.file_id WHERE f.source_id = o.id) FROM source o ORDER BY o.name"
    )
    return [
        SourceRow(
            name, files, size, requests.get(key, 0), sessions, edits.get(key, 0), bad, unseen.get(key, {})
        )
        for key, name, files, size, sessions, bad in rows
    ]


def logged_days(connection: sqlite3.Connection, source: str) -> set[int]:
    """Days (``yyyymmdd``) with any request of a source."""
    rows = connection.execute(
        "SELECT DISTINCT d.day FROM source o JOIN session s ON s.source_id = o.id "
        "JOIN day_usage d ON d.session_id = s.id WHERE o.name = ?",
        (source,),
    )
    return {row[0] for row in rows}


def quarantined(connection: sqlite3.Connection, limit: int = 50) -> list[QuarantineRow]:
    """Records that could not be read, at most ``limit``."""
    rows = connection.execute(
        "SELECT o.name, f.path, q.offset, q.length, q.error FROM quarantine q JOIN log_file f ON f.id = q.file_id "
        "JOIN source o ON o.id = f.source_id ORDER BY f.path, q.offset LIMIT ?",
        (limit,),
    )
    return [QuarantineRow._make(row) for row in rows]


def file_problems(connection: sqlite3.Connection, limit: int = 50) -> list[tuple[str, str]]:
    """Log files that could not be opened, with the reason."""
    return connection.execute(
        "SELECT path, problem FROM log_file WHERE problem IS NOT NULL AND is_gone = 0 ORDER BY path LIMIT ?",
        (limit,),
    ).fetchall()
