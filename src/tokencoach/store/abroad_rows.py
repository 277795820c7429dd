"""Lines that landed in another repository than the one they were written in."""

from __future__ import annotations

import json
from array import array
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.store.landing_writer import ABROAD_LIFE, LandingWriter
from tokencoach.store.rollup import get_fact, put_fact

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator

    from tokencoach.attribution.abroad import Stay

_READ: Final = "abroad"
_ROWS: Final = (
    "FROM landing WHERE life = ? AND repo_id = ? AND edit_id IN (SELECT id FROM edit WHERE repo_id = ?)"
)


class Looked(NamedTuple):
    """What one repository's files were looked for in another one with, and how many lines were found."""

    mark: str
    lines: int


def edited_paths(connection: sqlite3.Connection, repo_id: int) -> list[str]:
    """Every path of a repository that an assistant edited."""
    rows = connection.execute(
        "SELECT DISTINCT q.name FROM edit e JOIN path q ON q.id = e.repo_path_id "
        "WHERE e.repo_id = ? AND e.place = 'repository'",
        (repo_id,),
    )
    return sorted(name for (name,) in rows)


def deleted_in(connection: sqlite3.Connection, repo_id: int, paths: Iterable[str]) -> list[tuple[str, str]]:
    """Of files that went with an assistant's lines in them, the commit that deleted each last, and its path."""
    rows = connection.execute(
        "SELECT q.name, c.sha FROM edit e JOIN path q ON q.id = e.repo_path_id "
        "JOIN landing l ON l.edit_id = e.id AND l.is_removal = 0 AND l.death = 'deleted' AND l.life < ? "
        "JOIN git_commit c ON c.id = l.death_commit_id "
        "WHERE e.repo_id = ? AND q.name IN (SELECT value FROM json_each(?)) GROUP BY q.name, c.sha ORDER BY max(l.died_ms)",
        (ABROAD_LIFE, repo_id, json.dumps(list(paths))),
    )
    return [(sha, path) for path, sha in dict(rows.fetchall()).items()]


def lines_without_a_place(connection: sqlite3.Connection, edit_id: int, lines: int) -> set[tuple[int, int]]:
    """Lines of an edit that never landed in its own repository, or left it by more than a revert."""
    ends: dict[int, tuple[int | None, str | None]] = {}
    for position, died_ms, death in connection.execute(
        "SELECT position, died_ms, death FROM landing WHERE edit_id = ? AND is_removal = 0 AND life < ? ORDER BY life",
        (edit_id, ABROAD_LIFE),
    ):
        ends[position] = died_ms, death
    kept = {position for position, (died_ms, death) in ends.items() if died_ms is None or death == "reverted"}
    return {(edit_id, position) for position in range(lines) if position not in kept}


def lines_beside(connection: sqlite3.Connection, repo_id: int, path: str) -> Iterator[array[int]]:
    """The keys of the lines of each edit of a repository's other files."""
    for (body,) in connection.execute(
        "SELECT e.added FROM edit e JOIN path q ON q.id = e.repo_path_id "
        "WHERE e.repo_id = ? AND e.place = 'repository' AND q.name <> ?",
        (repo_id, path),
    ):
        keys = array("Q")
        keys.frombytes(body)
        yield keys


def looked_abroad(connection: sqlite3.Connection) -> dict[str, Looked]:
    """How every pair of repositories was looked at last; a pair whose lines are gone is left out."""
    told: dict[str, list[object]] = json.loads(get_fact(connection, _READ) or "{}")
    found = {pair: Looked(str(mark), int(str(lines))) for pair, (mark, lines) in told.items()}
    return {
        pair: looked
        for pair, looked in found.items()
        if not looked.lines or _count(connection, *map(int, pair.split(":"))) == looked.lines
    }


def save_looked(connection: sqlite3.Connection, looked: dict[str, Looked]) -> None:
    """Note how every pair was looked at."""
    put_fact(connection, _READ, json.dumps(looked))


def forget_abroad(connection: sqlite3.Connection, origin: int, target: int) -> None:
    """Drop what was found of one repository's lines in another one."""
    connection.execute(f"DELETE {_ROWS}", (ABROAD_LIFE, target, origin))


def save_abroad(connection: sqlite3.Connection, origin: int, target: int, found: Iterable[Stay]) -> int:
    """Write what was found of one repository's lines in another one; how many there are."""
    rows = LandingWriter(connection, target)
    told = [
        (
            landing.edit_id,
            landing.position,
            ABROAD_LIFE,
            target,
            rows.commit(landing.sha, landing.landed_ms, subject),
            rows.path(landing.path),
            landing.line_no,
            landing.landed_ms,
            landing.method.value,
            landing.confidence,
            landing.credit,
            death.died_ms if death else None,
            death.kind.value if death else None,
            rows.commit(death.sha, death.died_ms) if death else None,
        )
        for landing, death, subject in found
    ]
    # Of two repositories that hold a line, the first one counts.
    connection.executemany(
        "INSERT OR IGNORE INTO landing(edit_id, is_removal, position, life, repo_id, commit_id, path_id, line, "
        "landed_ms, method, confidence, credit, died_ms, death, death_commit_id) VALUES(?,0,?,?,?,?,?,?,?,?,?,?,?,?,?)",
        told,
    )
    return _count(connection, origin, target)


def _count(connection: sqlite3.Connection, origin: int, target: int) -> int:
    row = connection.execute(f"SELECT count(*) {_ROWS}", (ABROAD_LIFE, target, origin)).fetchone()
    return int(row[0])
