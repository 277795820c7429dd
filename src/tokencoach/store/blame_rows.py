"""Who wrote a landed line: its session, its turn, and how that is known."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable


class Author(NamedTuple):
    """The session and turn that wrote a line; ``turn`` counts the session's prompts from 1.

    ``path`` and ``line`` say where it stood in the commit that brought it, ``session`` and
    ``turn_id`` are rows.
    """

    session_id: str
    source: str
    turn: int
    commit: str
    confidence: float
    method: str
    path: str
    line: int
    session: int
    turn_id: int | None


_SELECT = (
    "SELECT s.session_id, o.name, (SELECT count(*) FROM turn t JOIN turn u ON u.id = e.turn_id "
    "WHERE t.session_id = e.session_id AND (t.at_ms < u.at_ms OR (t.at_ms = u.at_ms AND t.id <= u.id))), "
    "c.sha, l.confidence, l.method, p.name, l.line, s.id, e.turn_id FROM landing l JOIN path p ON p.id = l.path_id "
    "JOIN edit e ON e.id = l.edit_id JOIN session s ON s.id = e.session_id JOIN source o ON o.id = s.source_id "
    "JOIN git_commit c ON c.id = l.commit_id WHERE l.is_removal = 0 "
)


def authors_of(
    connection: sqlite3.Connection, lines: Iterable[tuple[int, int]]
) -> dict[tuple[int, int], Author]:
    """Authors of generated lines, by ``(edit, position)``."""
    found = {}
    for edit, position in lines:
        row = connection.execute(
            _SELECT + "AND l.edit_id = ? AND l.position = ? ORDER BY l.life DESC LIMIT 1", (edit, position)
        ).fetchone()
        if row is not None:
            found[edit, position] = Author._make(row)
    return found


def landed_in(connection: sqlite3.Connection, repo_id: int, sha: str) -> dict[tuple[str, int], Author]:
    """Authors of the lines that a commit brought in, by ``(path, line)``."""
    rows = connection.execute(
        "SELECT p.name, l.line, l.edit_id, l.position FROM landing l JOIN path p ON p.id = l.path_id "
        "JOIN git_commit c ON c.id = l.commit_id WHERE l.is_removal = 0 AND c.repo_id = ? AND c.sha = ?",
        (repo_id, sha),
    ).fetchall()
    authors = authors_of(connection, [(row[2], row[3]) for row in rows])
    return {(row[0], row[1]): authors[row[2], row[3]] for row in rows if (row[2], row[3]) in authors}
