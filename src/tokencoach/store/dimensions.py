"""Small integers for the words that repeat in every row: models, folders, sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokencoach.store.sightings import existing

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

_TABLES = ("source", "model", "branch", "path", "tool", "folder")


class Names(dict[str | None, int | None]):
    """Row ids by name, each looked up or made once; no name has no row."""

    def __init__(self, connection: sqlite3.Connection, table: str) -> None:
        super().__init__()
        self._connection = connection
        self._table = table

    def learn(self, names: Iterable[str | None]) -> None:
        """Look up or make many rows at once, in the order of the names."""
        unknown = [name for name in dict.fromkeys(names) if name is not None and name not in self]
        self._connection.executemany(
            f"INSERT INTO {self._table}(name) VALUES(?) ON CONFLICT DO NOTHING", [(name,) for name in unknown]
        )
        self.update(existing(self._connection, f"SELECT name, id FROM {self._table} WHERE name IN ", unknown))

    def __missing__(self, name: str | None) -> int | None:
        found = None
        if name is not None:
            # Most names that were not met yet are new.
            row = self._connection.execute(
                f"INSERT INTO {self._table}(name) VALUES(?) ON CONFLICT DO NOTHING RETURNING id", (name,)
            ).fetchone()
            if row is None:
                row = self._connection.execute(
                    f"SELECT id FROM {self._table} WHERE name=?", (name,)
                ).fetchone()
            found = int(row[0])
        self[name] = found
        return found


class Dimensions:
    """Names to row ids, remembered while a writer lives."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._names = {table: Names(connection, table) for table in _TABLES}
        self._sessions: dict[int, dict[str, int]] = {}
        self._agents: dict[tuple[int, str], int] = {}

    def forget(self) -> None:
        """Drop what is remembered, after a transaction that was rolled back."""
        for names in self._names.values():
            names.clear()
        for known in self._sessions.values():
            known.clear()
        self._agents.clear()

    def names(self, table: str) -> Names:
        """Row ids of a table by name; asking for a new name makes its row."""
        return self._names[table]

    def source(self, name: str) -> int:
        """Row id of a source, made where it is new."""
        return self._names["source"][name] or 0

    def known_sessions(self, source_id: int) -> dict[str, int]:
        """Row ids of a source's sessions that were met already."""
        return self._sessions.setdefault(source_id, {})

    def session(self, source_id: int, session_id: str, at_ms: int) -> int:
        """Row id of a session, made where it is new."""
        known = self.known_sessions(source_id)
        found = known.get(session_id)
        if found is not None:
            return found
        key = (source_id, session_id)
        query = "SELECT id FROM session WHERE source_id=? AND session_id=?"
        row = self._connection.execute(query, key).fetchone()
        if row is None:
            row = self._connection.execute(
                "INSERT INTO session(source_id, session_id, first_ms, last_ms) VALUES(?,?,?,?) RETURNING id",
                (*key, at_ms, at_ms),
            ).fetchone()
        known[session_id] = int(row[0])
        return known[session_id]

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
