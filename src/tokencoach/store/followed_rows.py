"""What came after sessions in the projects they worked in: further sessions, and files that landed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3


def next_request_ms(connection: sqlite3.Connection, session: int, after_ms: int, until_ms: int) -> int | None:
    """The first request of another session in the same repository, else folder, with ``after_ms < at <= until_ms``."""
    row = connection.execute(
        "SELECT min(r.at_ms) FROM session own JOIN folder mine ON mine.id = own.folder_id "
        "JOIN folder f ON f.id = mine.id OR f.repo_id = mine.repo_id "
        "JOIN session s ON s.folder_id = f.id AND s.id <> own.id AND s.last_ms > ?2 AND s.first_ms <= ?3 "
        "JOIN request r ON r.session_id = s.id AND r.at_ms > ?2 AND r.at_ms <= ?3 WHERE own.id = ?1",
        (session, after_ms, until_ms),
    ).fetchone()
    return None if row[0] is None else int(row[0])


def landed_paths(connection: sqlite3.Connection, repo_id: int, since_ms: int, until_ms: int) -> set[str]:
    """Files of a repository that lines of assistants landed in, in a span."""
    rows = connection.execute(
        "SELECT DISTINCT p.name FROM git_commit c JOIN landing l ON l.commit_id = c.id JOIN path p ON p.id = l.path_id "
        "WHERE c.repo_id = ? AND l.landed_ms >= ? AND l.landed_ms < ?",
        (repo_id, since_ms, until_ms),
    )
    return {str(row[0]) for row in rows}
