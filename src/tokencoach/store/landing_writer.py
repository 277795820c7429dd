"""Writes what the commits of a default branch did: landings with their lives, in batches."""

from __future__ import annotations

from itertools import chain, islice, repeat
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
_VALUES: Final = _LANDED.count("?")
# A statement for each row costs a third more; old SQLites take no more than 999 values in one.
_TOGETHER: Final = 64
_DIE = (
    "UPDATE landing SET died_ms=?, death=?, death_commit_id=? WHERE edit_id=? AND is_removal=? AND position=? "
    f"AND died_ms IS NULL AND life < {ABROAD_LIFE}"
)
_REVIVE = (
    "INSERT INTO landing(edit_id, is_removal, position, life, repo_id, commit_id, path_id, line, landed_ms, "
    "method, confidence, credit, died_ms, death, death_commit_id) SELECT edit_id, is_removal, position, life + 1, "
    "repo_id, ?, path_id, line, ?, method, confidence, credit, ?, ?, ? FROM landing "
    "WHERE edit_id=? AND is_removal=? AND position=? "
    f"AND life < {ABROAD_LIFE} ORDER BY life DESC LIMIT 1"
)
Line = tuple[int, int, int]
"""edit, whether it is a removal, position"""
_End = tuple[int | None, str | None, int | None]
"""when a life ended, how, with which commit"""
_ALIVE: Final[_End] = (None, None, None)

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
        self._deaths: list[tuple[object, ...]] = []
        self._revivals: dict[Line, Revival] = {}
        self._died_again: dict[Line, _End] = {}

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
                self._end(event)
            elif isinstance(event, Revival):
                self._begin(event)
            else:
                self._connection.execute(
                    "INSERT OR IGNORE INTO unreadable_path VALUES(?,?,?)",
                    (self._repo_id, path_text(event.path), event.at_ms),
                )

    def finish(self) -> None:
        """Write what waits; the rows of commits are not known any longer, for there may be many."""
        self._flush()
        self._commits.clear()

    def _end(self, block: DiedBlock) -> None:
        """Let lines die: the life that ends is the last one of each, which may not be written yet."""
        lines = block.lines
        end = block.died_ms, _text(block.kind), self._commits[block.sha]
        if self._revivals and not self._revivals.keys().isdisjoint(lines):
            for line in lines:
                if line in self._revivals:
                    self._died_again.setdefault(line, end)
            lines = [line for line in lines if line not in self._revivals]
        self._deaths += [end + line for line in lines]

    def _begin(self, revival: Revival) -> None:
        """Let a line live again. Of two lives that wait to begin the first is written before."""
        line = revival[:3]
        if line in self._revivals:
            self._flush()
        self._revivals[line] = revival

    def _flush(self) -> None:
        # In the order of the table's own tree, so that each of its pages is written once.
        # What landed of one edit keeps its own order: a line may have taken the place of one like it.
        self._landings.sort(key=_by_edit)
        values = chain.from_iterable(chain.from_iterable(map(self._landed_rows, self._landings)))
        count = sum(
            len(landed.positions) if isinstance(landed, LandedBlock) else 1 for landed in self._landings
        )
        together, alone = divmod(count, _TOGETHER)
        self._connection.executemany(
            _LAND + ",".join([_LANDED] * _TOGETHER),
            (list(islice(values, _TOGETHER * _VALUES)) for _ in range(together)),
        )
        self._connection.executemany(_LAND + _LANDED, (list(islice(values, _VALUES)) for _ in range(alone)))
        self._connection.executemany(_DIE, sorted(self._deaths, key=_of_death))
        commits, again = self._commits, self._died_again
        self._connection.executemany(
            _REVIVE,
            [
                (commits[life.sha], life.revived_ms, *again.get(line, _ALIVE), line[0], int(line[1]), line[2])
                for line, life in self._revivals.items()
            ],
        )
        for waiting in (self._landings, self._deaths, self._revivals, again):
            waiting.clear()

    def _landed_rows(self, landed: LandedBlock | Landing) -> Iterable[tuple[object, ...]]:
        """Landings as rows."""
        known = self._repo_id, self._commits[landed.sha], self.path(landed.path)
        positions: Sequence[int]
        numbers: Sequence[int]
        if isinstance(landed, LandedBlock):
            positions, numbers = landed.positions, landed.line_numbers
            how = _ORDERED, landed.confidence, 1.0
        else:
            positions, numbers = (landed.position,), (landed.line_no,)
            how = _text(landed.method), landed.confidence, landed.credit
        return zip(
            repeat(landed.edit_id),
            repeat(int(landed.is_removal)),
            positions,
            *map(repeat, known),
            numbers,
            repeat(landed.landed_ms),
            *map(repeat, how),
            strict=False,
        )

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
