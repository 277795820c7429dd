"""What assistants wrote lately in a repository, for the hook: paths, and the logs that tell of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3


def recent_paths(connection: sqlite3.Connection, common_dir: str, since_ms: int) -> dict[str, int]:
    """Paths in a repository that assistants edited since an instant, with when they did last."""
    rows = connection.execute(
        "SELECT p.name, max(e.at_ms) FROM repo r JOIN edit e ON e.repo_id = r.id AND e.at_ms >= ? "
        "JOIN path p ON p.id = e.repo_path_id WHERE r.common_dir = ? AND e.place = 'repository' GROUP BY p.name",
        (since_ms, common_dir),
    )
    return dict(rows.fetchall())


def recent_logs(connection: sqlite3.Connection, since_ns: int, most: int) -> list[str]:
    """Logs that changed since an instant, newest first."""
    rows = connection.execute(
        "SELECT path FROM log_file WHERE is_gone = 0 AND mtime_ns >= ? ORDER BY mtime_ns DESC LIMIT ?",
        (since_ns, most),
    )
    return [row[0] for row in rows]


def has_unplaced(connection: sqlite3.Connection) -> bool:
    """Whether there are edits of which it is not known yet in which repository they are."""
    return connection.execute("SELECT 1 FROM edit WHERE place = 'new' LIMIT 1").fetchone() is not None
