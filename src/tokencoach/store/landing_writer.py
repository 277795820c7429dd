"""Writes what the commits of a default branch did: landings with their lives, in batches."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Final

from tokencoach.attribution.facts import Death, Landing, Revival, Unreadable

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from tokencoach.attribution.facts import Event

# After every life in the edit's own repository.
ABROAD_LIFE: Final = 1 << 20
_LAND = (
    "INSERT OR REPLACE INTO landing(edit_id, is_removal, position, life, repo_id, commit_id, path_id, line, "
    "landed_ms, method, confidence, credit) VALUES(?,?,?,0,?,?,?,?,?,?,?,?)"
)
_DIE = (
    "UPDATE landing SET died_ms=?, death=?, death_commit_id=? WHERE edit_id=? AND is_removal=? AND position=? "
    f"AND died_ms IS NULL AND life < {ABROAD_LIFE}"
)
_REVIVE = (
    "INSERT INTO landing(edit_id, is_removal, position, life, repo_id, commit_id, path_id, line, landed_ms, "
    "method, confidence, credit) SELECT edit_id, is_removal, position, life + 1, repo_id, ?, path_id, line, ?, "
    "method, confidence, credit FROM landing WHERE edit_id=? AND is_removal=? AND position=? "
    f"AND life < {ABROAD_LIFE} ORDER BY life DESC LIMIT 1"
)
Line = tuple[int, bool, int]
"""edit, whether it is a removal, position"""

# An enumeration is text already; asking it for its value, or for its hash, runs Python per line.
_text = str.__str__
_by_line = itemgetter(0, 1, 2)


class LandingWriter:
    """Writes the events of one repository's default branch.

    Landings and deaths wait in memory until ``finish``, which ends what one transaction holds.
    """

    def __init__(self, connection: sqlite3.Connection, repo_id: int) -> None:
        self._connection = connection
        self._repo_id = repo_id
        self._commits: dict[str, int] = {}
        self._named: set[str] = set()
        self._paths: dict[bytes, int] = {}
        self._landings: list[Landing] = []
        self._deaths: list[Death] = []
        self._revivals: dict[Line, Revival] = {}

    def commit(self, sha: str, at_ms: int, subject: str = "", began_ms: int | None = None) -> int:
        """Row of a commit, made where it is new. ``began_ms`` is when the branch that it merges began."""
        found = self._commits.get(sha)
        if found is None:
            inserted = self._connection.execute(
                "INSERT OR IGNORE INTO git_commit(repo_id, sha, at_ms, subject, began_ms) VALUES(?,?,?,?,?)",
                (self._repo_id, sha, at_ms, subject[:200], began_ms if subject else None),
            )
            if inserted.rowcount == 1 and subject:
                self._named.add(sha)
            found = self._commits[sha] = self._row_of(
                inserted, "SELECT id FROM git_commit WHERE repo_id=? AND sha=?", (self._repo_id, sha)
            )
        # Seen on another branch first, or as what ended a line, it is named when it lands.
        if subject and sha not in self._named:
            self._named.add(sha)
            self._connection.execute(
                "UPDATE git_commit SET subject=?, began_ms=coalesce(?, began_ms) WHERE id=? AND subject=''",
                (subject[:200], began_ms, found),
            )
        return found

    def path(self, name: bytes) -> int:
        """Row of a path inside the repository."""
        found = self._paths.get(name)
        if found is None:
            text = (path_text(name),)
            inserted = self._connection.execute("INSERT OR IGNORE INTO path(name) VALUES(?)", text)
            found = self._row_of(inserted, "SELECT id FROM path WHERE name=?", text)
            self._paths[name] = found
        return found

    def write(self, events: Sequence[Event], subject: str, began_ms: int | None = None) -> None:
        """Take in what one commit did; ``began_ms`` is the first author time of a branch that it merges."""
        told = next((event for event in events if not isinstance(event, Unreadable)), None)
        if told is not None:
            self.commit(told.sha, _instant(told), subject, began_ms)
        for event in events:
            if isinstance(event, Landing):
                self._landings.append(event)
            elif isinstance(event, Death):
                if self._revivals:
                    self._let_go(event)
                self._deaths.append(event)
            elif isinstance(event, Revival):
                self._let_go(event)
                self._revivals[event[:3]] = event
            else:
                self._connection.execute(
                    "INSERT OR IGNORE INTO unreadable_path VALUES(?,?,?)",
                    (self._repo_id, path_text(event.path), event.at_ms),
                )

    def finish(self) -> None:
        """Write what waits; the rows of commits are not known any longer, for there may be many."""
        self._flush()
        self._commits.clear()

    def _flush(self) -> None:
        commits, repo_id = self._commits, self._repo_id
        paths = {name: self.path(name) for name in {landing.path for landing in self._landings}}
        is_removal = (0, 1)
        # In the order of the table's own tree, so that each of its pages is written once.
        self._connection.executemany(
            _LAND,
            [
                (
                    edit,
                    is_removal[gone],
                    place,
                    repo_id,
                    commits[sha],
                    paths[name],
                    line,
                    at_ms,
                    _text(how),
                    sure,
                    part,
                )
                for edit, gone, place, sha, name, line, at_ms, how, sure, part in sorted(
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
            self._flush()

    def _row_of(self, inserted: sqlite3.Cursor, select: str, named: tuple[object, ...]) -> int:
        if inserted.rowcount == 1 and inserted.lastrowid is not None:
            return inserted.lastrowid
        return int(self._connection.execute(select, named).fetchone()[0])


def _instant(event: Landing | Death | Revival) -> int:
    """When its commit was made."""
    if isinstance(event, Landing):
        return event.landed_ms
    return event.died_ms if isinstance(event, Death) else event.revived_ms


def path_text(name: bytes) -> str:
    """A path of git's as text, whatever its bytes."""
    return name.decode("utf-8", "backslashreplace")
