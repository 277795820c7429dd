"""Files written outside a repository, and the commands that copied or moved files into one."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tokencoach.store.edit_condition import DONE

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection

_TOLD = "('write', 'strings', 'patch', 'shell_write', 'shell_append')"
_WHOLE = "('write', 'shell_write')"
_PORTION = 400
OUTSIDE = frozenset({"outside", "no_repository", "gone", "ignored"})
"""Where a file lies that may be a draft of one in a repository."""


class CopyRow(NamedTuple):
    """A command that put a file into a repository: ``source`` as logged, ``inside`` and ``place`` where it went."""

    at_ms: int
    source: str
    repo_id: int
    inside: str
    place: str


class DraftRow(NamedTuple):
    """An edit of a file outside every repository, under its logged name."""

    edit_id: int
    path: str
    session_id: int
    at_ms: int
    is_whole: int


def copies_into_repositories(connection: sqlite3.Connection) -> list[CopyRow]:
    """Commands that copied or moved a named file into a repository, oldest first."""
    rows = connection.execute(
        "SELECT e.at_ms, e.moved_from, e.repo_id, q.name, e.place FROM edit e JOIN path q ON q.id = e.repo_path_id "
        f"LEFT JOIN tool_call c ON c.key = e.call_key WHERE e.moved_from <> '' AND {DONE} "
        "AND e.kind IN ('shell_copy', 'shell_touch') AND e.place IN ('repository', 'ignored', 'excluded') "
        "ORDER BY e.at_ms, e.id"
    )
    return [CopyRow._make(row) for row in rows]


def drafts_outside(connection: sqlite3.Connection) -> list[DraftRow]:
    """Edits whose lines are told, of files that lie in no repository or that one ignores, oldest first."""
    rows = connection.execute(
        f"SELECT e.id, p.name, e.session_id, e.at_ms, e.kind IN {_WHOLE} FROM edit e JOIN path p ON p.id = e.path_id "
        f"LEFT JOIN tool_call c ON c.key = e.call_key WHERE e.kind IN {_TOLD} AND {DONE} "
        f"AND e.place IN ({','.join('?' * len(OUTSIDE))}) ORDER BY e.at_ms, e.id",
        sorted(OUTSIDE),
    )
    return [DraftRow._make(row) for row in rows]


def place_drafts_anew(connection: sqlite3.Connection, sources: Collection[str]) -> bool:
    """Place the edits of some files and of those below them anew; whether there are any that were placed."""
    ids: set[int] = set()
    for source in sources:
        found = connection.execute(
            "SELECT id FROM path WHERE name = ?1 OR (name > ?1 || '/' AND name < ?1 || '0')", (source,)
        )
        ids.update(row[0] for row in found)
    changed, every = 0, sorted(ids)
    for first in range(0, len(every), _PORTION):
        wanted = ",".join(map(str, every[first : first + _PORTION]))
        changed += connection.execute(
            f"UPDATE edit SET place='new' WHERE path_id IN ({wanted}) AND place <> 'new' AND kind IN {_TOLD}"
        ).rowcount
    return changed > 0
