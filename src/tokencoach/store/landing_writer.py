"""Writes what the commits of a default branch did: landings with their lives, in batches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokencoach.attribution.facts import Death, Landing, Revival

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from tokencoach.attribution.facts import Event

_LAND = (
    "INSERT OR REPLACE INTO landing(edit_id, is_removal, position, life, repo_id, commit_id, path_id, line, "
    "landed_ms, method, confidence, credit, died_ms, death, death_commit_id) VALUES(?,?,?,0,?,?,?,?,?,?,?,?,?,?,?)"
)
_DIE = (
    "UPDATE landing SET died_ms=?, death=?, death_commit_id=? WHERE edit_id=? AND is_removal=? AND position=? "
    "AND died_ms IS NULL"
)
_REVIVE = (
    "INSERT INTO landing(edit_id, is_removal, position, life, repo_id, commit_id, path_id, line, landed_ms, "
    "method, confidence, credit) SELECT edit_id, is_removal, position, life + 1, repo_id, ?, path_id, line, ?, "
    "method, confidence, credit FROM landing WHERE edit_id=? AND is_removal=? AND position=? "
    "ORDER BY life DESC LIMIT 1"
)
Line = tuple[int, bool, int]
"""edit, whether it is a removal, position"""

_ALIVE = (None, None, None)


class LandingWriter:
    """Writes the events of one repository's default branch within one transaction.

    Landings wait in memory, each with its death where that follows, until ``flush``.
    """

    def __init__(self, connection: sqlite3.Connection, repo_id: int) -> None:
        self._connection = connection
        self._repo_id = repo_id
        self._commits: dict[str, int] = {}
        self._paths: dict[bytes, int] = {}
        self._landings: dict[Line, tuple[object, ...]] = {}
        self._endings: dict[Line, tuple[object, ...]] = {}
        self._deaths: list[tuple[object, ...]] = []
        self._revivals: dict[Line, tuple[object, ...]] = {}

    def commit(self, sha: str, at_ms: int, subject: str = "", began_ms: int | None = None) -> int:
        """Row of a commit, made where it is new. ``began_ms`` is when the branch that it merges began."""
        found = self._commits.get(sha)
        if found is None:
            found = self._row(
                "INSERT OR IGNORE INTO git_commit(repo_id, sha, at_ms, subject, began_ms) VALUES(?,?,?,?,?)",
                (self._repo_id, sha, at_ms, subject[:200], began_ms),
                "SELECT id FROM git_commit WHERE repo_id=? AND sha=?",
                (self._repo_id, sha),
            )
            self._commits[sha] = found
        return found

    def path(self, name: bytes) -> int:
        """Row of a path inside the repository."""
        found = self._paths.get(name)
        if found is None:
            text = (path_text(name),)
            found = self._row(
                "INSERT OR IGNORE INTO path(name) VALUES(?)", text, "SELECT id FROM path WHERE name=?", text
            )
            self._paths[name] = found
        return found

    def write(self, events: Iterable[Event], subject: str, began_ms: int | None = None) -> None:
        """Take in what one commit did; ``began_ms`` is the first author time of a branch that it merges."""
        for event in events:
            if isinstance(event, Landing):
                self._land(event, subject, began_ms)
            elif isinstance(event, Death):
                self._die(event, subject)
            elif isinstance(event, Revival):
                self._revive(event, subject)
            else:
                self._connection.execute(
                    "INSERT OR IGNORE INTO unreadable_path VALUES(?,?,?)",
                    (self._repo_id, path_text(event.path), event.at_ms),
                )

    def flush(self) -> None:
        """Write what waits."""
        endings = self._endings
        # In the order of the table's own tree, so that each of its pages is written once.
        rows = [
            (*key, *landing, *endings.get(key, _ALIVE)) for key, landing in sorted(self._landings.items())
        ]
        self._connection.executemany(_LAND, rows)
        self._connection.executemany(_DIE, self._deaths)
        self._connection.executemany(_REVIVE, self._revivals.values())
        self._landings.clear()
        self._endings.clear()
        self._deaths.clear()
        self._revivals.clear()

    def _row(self, insert: str, values: tuple[object, ...], select: str, named: tuple[object, ...]) -> int:
        inserted = self._connection.execute(insert, values)
        if inserted.rowcount == 1 and inserted.lastrowid is not None:
            return inserted.lastrowid
        return int(self._connection.execute(select, named).fetchone()[0])

    def _land(self, event: Landing, subject: str, began_ms: int | None) -> None:
        self._landings[event.edit_id, event.is_removal, event.position] = (
            self._repo_id,
            self.commit(event.sha, event.landed_ms, subject, began_ms),
            self.path(event.path),
            event.line_no,
            event.landed_ms,
            event.method.value,
            event.confidence,
            event.credit,
        )

    def _die(self, event: Death, subject: str) -> None:
        key = (event.edit_id, event.is_removal, event.position)
        ending = (event.died_ms, event.kind.value, self.commit(event.sha, event.died_ms, subject))
        if key in self._revivals:
            self.flush()
        if key in self._landings:
            self._endings[key] = ending
        else:
            self._deaths.append((*ending, *key))

    def _revive(self, event: Revival, subject: str) -> None:
        key = (event.edit_id, event.is_removal, event.position)
        if key in self._revivals:
            self.flush()
        commit = self.commit(event.sha, event.revived_ms, subject)
        self._revivals[key] = (commit, event.revived_ms, *key)


def path_text(name: bytes) -> str:
    """A path of git's as text, whatever its bytes."""
    return name.decode("utf-8", "backslashreplace")
