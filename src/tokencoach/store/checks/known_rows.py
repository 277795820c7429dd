"""What a new check must know of old ones and of the sessions behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokencoach.store.edit_condition import DONE

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence


def answered_ids(connection: sqlite3.Connection, place: str) -> frozenset[str]:
    """Ids of the questions about a repository that were answered, or shown."""
    rows = connection.execute(
        "SELECT DISTINCT a.id FROM cc_answer a JOIN cc_check c ON c.key = a.check_key WHERE c.place = ?",
        (place,),
    )
    return frozenset(row[0] for row in rows)


def last_writer(
    connection: sqlite3.Connection, common_dir: str, paths: Sequence[str], since_ms: int
) -> tuple[str, int] | None:
    """Source and beginning of the session that wrote last to one of a few files; None where none did."""
    row: tuple[str, int] | None = connection.execute(
        "SELECT o.name, s.first_ms FROM edit e JOIN repo r ON r.id = e.repo_id JOIN path q ON q.id = e.repo_path_id "
        "JOIN session s ON s.id = e.session_id JOIN source o ON o.id = s.source_id "
        f"LEFT JOIN tool_call c ON c.key = e.call_key WHERE r.common_dir = ? AND e.at_ms >= ? AND {DONE} "
        f"AND q.name IN ({','.join('?' * len(paths))}) ORDER BY e.at_ms DESC, e.id DESC LIMIT 1",
        (common_dir, since_ms, *paths),
    ).fetchone()
    return row


def last_logs(
    connection: sqlite3.Connection, common_dir: str, paths: Sequence[str], since_ms: int, most: int
) -> list[tuple[str, str | None]]:
    """Source and log of the sessions that wrote last to a few files, the newest first; None where no log is known."""
    rows = connection.execute(
        "SELECT o.name, f.path, max(e.at_ms) FROM edit e JOIN repo r ON r.id = e.repo_id "
        "JOIN path q ON q.id = e.repo_path_id JOIN session s ON s.id = e.session_id JOIN source o ON o.id = s.source_id "
        "LEFT JOIN turn t ON t.id = e.turn_id LEFT JOIN log_file f ON f.id = t.file_id "
        f"LEFT JOIN tool_call c ON c.key = e.call_key WHERE r.common_dir = ? AND e.at_ms >= ? AND {DONE} "
        f"AND q.name IN ({','.join('?' * len(paths))}) GROUP BY s.id ORDER BY 3 DESC, s.id LIMIT ?",
        (common_dir, since_ms, *paths, most),
    )
    return [(source, path) for source, path, _ in rows]


def recent_places(connection: sqlite3.Connection, since_ms: int) -> list[str]:
    """Common git directories of the repositories that an assistant wrote to since then, the newest first."""
    rows = connection.execute(
        "SELECT r.common_dir FROM edit e JOIN repo r ON r.id = e.repo_id WHERE e.at_ms >= ? "
        "GROUP BY r.id ORDER BY max(e.at_ms) DESC, r.id",
        (since_ms,),
    )
    return [row[0] for row in rows]
