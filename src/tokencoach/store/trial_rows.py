"""Requests of the sessions that worked in one repository, for a project that is to be made locally."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import sqlite3


class TrialRequest(NamedTuple):
    """A request of a session in the repository; ``tokens`` are those of all classes."""

    at_ms: int
    session: int
    session_id: str
    source: str
    model_id: int
    model: str
    tokens: int


def requests_in(connection: sqlite3.Connection, repo_id: int, as_of_ms: int) -> list[TrialRequest]:
    """Every request of sessions in a repository up to an instant, in time order."""
    rows = connection.execute(
        "SELECT r.at_ms, s.id, s.session_id, o.name, m.id, m.name, "
        "r.input + r.cache_read + r.cache_write_5m + r.cache_write_1h + r.output FROM folder f "
        "JOIN session s ON s.folder_id = f.id JOIN source o ON o.id = s.source_id JOIN request r ON r.session_id = s.id "
        "JOIN model m ON m.id = r.model_id WHERE f.repo_id = ? AND r.at_ms <= ? ORDER BY r.at_ms, r.id",
        (repo_id, as_of_ms),
    )
    return [TrialRequest._make(row) for row in rows]


def newest_local_ms(connection: sqlite3.Connection, models: set[int], as_of_ms: int) -> int | None:
    """When a model of this computer was last used up to an instant; None where never."""
    if not models:
        return None
    row = connection.execute(
        f"SELECT max(at_ms) FROM request WHERE at_ms <= ? AND model_id IN ({','.join('?' * len(models))})",
        (as_of_ms, *sorted(models)),
    ).fetchone()
    return None if row[0] is None else int(row[0])
