"""Lines of assistants that are alive on the default branch, and which of their commits were reviewed."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator


class AliveLine(NamedTuple):
    """One line that an assistant wrote and that is still there; ``path`` is where it landed."""

    repo_id: int
    path: str
    key: int
    landed_ms: int
    commit_id: int


def alive_lines(connection: sqlite3.Connection, as_of_ms: int) -> Iterator[AliveLine]:
    """Generated lines that are alive at an instant, edit by edit."""
    rows = connection.execute(
        "SELECT l.edit_id, coalesce(e.generated, e.added), l.position, l.repo_id, p.name, l.landed_ms, l.commit_id "
        "FROM landing l JOIN edit e ON e.id = l.edit_id JOIN path p ON p.id = l.path_id "
        "WHERE l.is_removal = 0 AND l.landed_ms <= ?1 AND (l.died_ms IS NULL OR l.died_ms > ?1) "
        "ORDER BY l.edit_id, l.position, l.life",
        (as_of_ms,),
    )
    of, keys = -1, array("Q")
    for edit, body, position, repo, path, landed_ms, commit in rows:
        if edit != of:
            of, keys = edit, array("Q", body)
        if position < len(keys):
            yield AliveLine(repo, path, keys[position], landed_ms, commit)


def commits_seen_by_others(connection: sqlite3.Connection, as_of_ms: int) -> set[int]:
    """Commits that a trailer, a merge by somebody else or the forge says were reviewed."""
    rows = connection.execute(
        "SELECT commit_id FROM commit_note WHERE seen_by <> '' UNION SELECT c.id FROM review_span s "
        "JOIN git_commit c ON c.repo_id = s.repo_id AND c.sha = s.sha WHERE s.is_other = 1 AND s.end_ms <= ?",
        (as_of_ms,),
    )
    return {row[0] for row in rows}


def repo_places(connection: sqlite3.Connection) -> dict[int, tuple[str, str]]:
    """Common git directory and path of every repository, by its row."""
    return {row[0]: (row[1], row[2]) for row in connection.execute("SELECT id, common_dir, path FROM repo")}
