"""Small integers for the words that repeat in every row: models, folders, sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3

_TABLES = frozenset({"source", "model", "branch", "path", "tool", "folder"})


class Dimensions:
    """Names to row ids, remembered while a writer lives."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._ids: dict[tuple[str, str], int] = {}
        self._sessions: dict[tuple[int, str], int] = {}
        self._agents: dict[tuple[int, str], int] = {}

    def forget(self) -> None:
        """Drop what is remembered, after a transaction that was rolled back."""
        self._ids.clear()
        self._sessions.clear()
        self._agents.clear()

    def id_of(self, table: str, name: str) -> int:
        """Row id of a name, made where it is new."""
        found = self._ids.get((table, name))
        if found is not None:
            return found
        if table not in _TABLES:
            raise KeyError(table)
        self._connection.execute(f"INSERT OR IGNORE INTO {table}(name) VALUES(?)", (name,))
        row = self._connection.execute(f"SELECT id FROM {table} WHERE name=?", (name,)).fetchone()
        self._ids[table, name] = row[0]
        return int(row[0])

    def optional(self, table: str, name: str | None) -> int | None:
        """Row id of a name, or None of None."""
        return None if name is None else self.id_of(table, name)

    def session(self, source_id: int, session_id: str, at_ms: int) -> int:
        """Row id of a session, made where it is new."""
        found = self._sessions.get((source_id, session_id))
        if found is not None:
            return found
        self._connection.execute(
            "INSERT OR IGNORE INTO session(source_id, session_id, first_ms, last_ms) VALUES(?,?,?,?)",
            (source_id, session_id, at_ms, at_ms),
        )
        row = self._connection.execute(
            "SELECT id FROM session WHERE source_id=? AND session_id=?", (source_id, session_id)
        ).fetchone()
        self._sessions[source_id, session_id] = row[0]
        return int(row[0])

    def agent(self, session: int, name: str | None, at_ms: int) -> int | None:
        """Row id of a sub-agent of a session, made where it is new."""
        if name is None:
            return None
        found = self._agents.get((session, name))
        if found is not None:
            return found
        self._connection.execute(
            "INSERT OR IGNORE INTO agent(session_id, name, first_ms) VALUES(?,?,?)", (session, name, at_ms)
        )
        row = self._connection.execute(
            "SELECT id FROM agent WHERE session_id=? AND name=?", (session, name)
        ).fetchone()
        self._agents[session, name] = row[0]
        return int(row[0])
