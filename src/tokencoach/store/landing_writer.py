"""Writes what the commits of a default branch did: landings with their lives, in batches."""

from __future__ import annotations

from itertools import chain, repeat
from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING, Final

from tokencoach.attribution.facts import DiedBlock, LandedBlock, Landing, Method, Revival, Unreadable

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    from tokencoach.attribution.facts import BlockEvent

# After every life in the edit's own repository.
ABROAD_LIFE: Final = 1 << 20
_LAND = (
    "INSERT OR REPLACE INTO landing(edit_id, is_removal, position, life, repo_id, commit_id, path_id, line, "
    "landed_ms, method, confidence, credit) VALUES"
)
_LANDED = "(?,?,?,0,?,?,?,?,?,?,?,?)"
# A statement for each row costs a third more; old SQLites take no more than 999 values in one.
_TOGETHER = 64
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
Line = tuple[int, int, int]
"""edit, whether it is a removal, position"""

# An enumeration is text already; asking it for its value, or for its hash, runs Python per line.
_text = str.__str__
_ORDERED = _text(Method.ORDERED)
_by_edit = attrgetter("edit_id", "is_removal")
_of_death = itemgetter(3, 4, 5)


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
        self._landings: list[LandedBlock | Landing] = []
        self._deaths: list[DiedBlock] = []
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

    def write(self, events: Sequence[BlockEvent], subject: str, began_ms: int | None = None) -> None:
        """Take in what one commit did; ``began_ms`` is the first author time of a branch that it merges."""
        told = next((event for event in events if not isinstance(event, Unreadable)), None)
        if told is not None:
            self.commit(told.sha, _instant(told), subject, began_ms)
        for event in events:
            if isinstance(event, (LandedBlock, Landing)):
                self._landings.append(event)
            elif isinstance(event, DiedBlock):
                self._let_go(event.lines)
                self._deaths.append(event)
            elif isinstance(event, Revival):
                self._let_go([event[:3]])
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
        commits = self._commits
        # In the order of the table's own tree, so that each of its pages is written once.
        # What landed of one edit keeps its own order: a line may have taken the place of one like it.
        landed = self._landed_rows(sorted(self._landings, key=_by_edit))
        whole = len(landed) - len(landed) % _TOGETHER
        self._connection.executemany(
            _LAND + ",".join([_LANDED] * _TOGETHER),
            [
                list(chain.from_iterable(landed[start : start + _TOGETHER]))
                for start in range(0, whole, _TOGETHER)
            ],
        )
        self._connection.executemany(_LAND + _LANDED, landed[whole:])
        died: list[tuple[object, ...]] = []
        for block in self._deaths:
            known = block.died_ms, _text(block.kind), commits[block.sha]
            died += [known + line for line in block.lines]
        self._connection.executemany(_DIE, sorted(died, key=_of_death))
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

    def _landed_rows(self, landings: Iterable[LandedBlock | Landing]) -> list[tuple[object, ...]]:
        """Landings as rows."""
        rows: list[tuple[object, ...]] = []
        commits, repo_id, is_removal = self._commits, self._repo_id, (0, 1)
        for landed in landings:
            line = landed.edit_id, is_removal[landed.is_removal]
            known = repo_id, commits[landed.sha], self.path(landed.path)
            if isinstance(landed, LandedBlock):
                sure = landed.landed_ms, _ORDERED, landed.confidence, 1.0
                rows += zip(
                    *map(repeat, line),
                    landed.positions,
                    *map(repeat, known),
                    landed.line_numbers,
                    *map(repeat, sure),
                    strict=False,
                )
            else:
                how = landed.landed_ms, _text(landed.method), landed.confidence, landed.credit
                rows.append((*line, landed.position, *known, landed.line_no, *how))
        return rows

    def _let_go(self, lines: Iterable[Line]) -> None:
        """A life that waits to begin is written before anything else happens to its line."""
        if self._revivals and not self._revivals.keys().isdisjoint(lines):
            self._flush()

    def _row_of(self, inserted: sqlite3.Cursor, select: str, named: tuple[object, ...]) -> int:
        if inserted.rowcount == 1 and inserted.lastrowid is not None:
            return inserted.lastrowid
        return int(self._connection.execute(select, named).fetchone()[0])


def _instant(event: LandedBlock | Landing | DiedBlock | Revival) -> int:
    """When its commit was made."""
    if isinstance(event, (LandedBlock, Landing)):
        return event.landed_ms
    return event.died_ms if isinstance(event, DiedBlock) else event.revived_ms


def path_text(name: bytes) -> str:
    """A path of git's as text, whatever its bytes."""
    return name.decode("utf-8", "backslashreplace")
