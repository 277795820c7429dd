"""Whether the database is sound."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import sqlite3


class DatabaseHealth(NamedTuple):
    """Counts and the result of SQLite's own quick check."""

    requests: int
    lines: int
    integrity: str


def database_health(connection: sqlite3.Connection) -> DatabaseHealth:
    """Check the file; ``integrity`` is ``ok`` or the first fault."""
    requests = connection.execute("SELECT count(*) FROM request").fetchone()[0]
    lines = connection.execute("SELECT count(*) FROM landing WHERE is_removal=0").fetchone()[0]
    verdict = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    return DatabaseHealth(int(requests), int(lines), str(verdict))
