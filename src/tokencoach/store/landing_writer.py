"""Writes what the commits of a default branch did: landings with their lives, in batches."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING

from tokencoach.attribution.facts import Death, Landing, Revival

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from tokencoach.attribution.facts import Event

_LAND = (
    "INSERT OR REPLACE INTO landing(edit_id, is_removal, position, life, repo_id, commit_id, path_id, line, "
    "landed_ms, method, confidence, credit) VALUES(?,?,?,0,?,?,?,?,?,?,?,?)"
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

# An enumeration is text already; asking it for its value, or for its hash, runs Python per line.
_text = str.__str__
_by_line = itemgetter(0, 1, 2)


class LandingWriter:
    """Writes the events of one repository's default branch within one transaction.

    Landings and deaths wait in memory until ``flush``.
    """

    def __init__(self, connection: sqlite3.Connection, repo_id: int) -> None:
        self._connection = connection
        self._repo_id = repo_id
        self._commits: dict[str, int] = {}
        self._paths: dict[bytes, int] = {}
        self._landings: list[Landing] = []
        self._deaths: list[Death] = []
        self._revivals: dict[Line, Revival] = {}

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
                self._landings.append(event)
                at_ms = event.landed_ms
            elif isinstance(event, Death):
                self._let_go(event)
                self._deaths.append(event)
                at_ms = event.died_ms
            elif isinstance(event, Revival):
                self._let_go(event)
                self._revivals[event[:3]] = event
                at_ms = event.revived_ms
            else:
                self._connection.execute(
                    "INSERT OR IGNORE INTO unreadable_path VALUES(?,?,?)",
                    (self._repo_id, path_text(event.path), event.at_ms),
                )
                continue
            if event.sha not in self._commits:
                self.commit(event.sha, at_ms, subject, began_ms)

    def flush(self) -> None:
        """Write what waits."""
        commits, repo_id, path = self._commits, self._repo_id, self.path
        # In the order of the table's own tree, so that each of its pages is written once.
        self._connection.executemany(
            _LAND,
            [
                (edit, int(gone), place, repo_id, commits[sha], path(name), line, at_ms, _text(how), *rest)
                for edit, gone, place, sha, name, line, at_ms, how, *rest in sorted(
                    self._landings, key=_by_line
                )
            ],
        )
        self._connection.executemany(
            _DIE,
            [
                (at_ms, _text(kind), commits[sha], edit, int(gone), place)
                for edit, gone, place, sha, at_ms, kind in sorted(self._deaths, key=_by_line)
            ],
        )
        self._connection.executemany(
            _REVIVE,
            [
                (commits[sha], at_ms, edit, int(gone), place)
                for edit, gone, place, sha, at_ms in self._revivals.values()
            ],
        )
        self._landings.clear()
        self._deaths.clear()
        self._revivals.clear()

    def _let_go(self, event: Death | Revival) -> None:
        """A life that waits to begin is written before anything else happens to its line."""
        if self._revivals and event[:3] in self._revivals:
            self.flush()

    def _row(self, insert: str, values: tuple[object, ...], select: str, named: tuple[object, ...]) -> int:
        inserted = self._connection.execute(insert, values)
        if inserted.rowcount == 1 and inserted.lastrowid is not None:
            return inserted.lastrowid
        return int(self._connection.execute(select, named).fetchone()[0])


def path_text(name: bytes) -> str:
    """A path of git's as text, whatever its bytes."""
    return name.decode("utf-8", "backslashreplace")
