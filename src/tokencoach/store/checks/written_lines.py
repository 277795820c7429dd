"""Keys of the lines that assistants wrote to some files of a repository."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, NamedTuple

from tokencoach.store.edit_condition import DONE

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

_BATCH = 400


class WrittenLines(NamedTuple):
    """What one edit wrote: the keys of its lines in their order, 0 for a line that the file had already."""

    path: str
    at_ms: int
    session_id: str
    source: str
    keys: array[int]


def lines_written(
    connection: sqlite3.Connection, common_dir: str, paths: Sequence[str], since_ms: int, until_ms: int
) -> list[WrittenLines]:
    """Successful edits of the files in a span of time, oldest first; none of a repository nobody knows."""
    found = []
    for start in range(0, len(paths), _BATCH):
        part = tuple(paths[start : start + _BATCH])
        rows = connection.execute(
            "SELECT q.name, e.at_ms, s.session_id, o.name, coalesce(e.generated, e.added) FROM edit e "
            "JOIN repo r ON r.id = e.repo_id JOIN path q ON q.id = e.repo_path_id "
            "JOIN session s ON s.id = e.session_id JOIN source o ON o.id = s.source_id "
            f"LEFT JOIN tool_call c ON c.key = e.call_key WHERE r.common_dir = ? AND e.at_ms BETWEEN ? AND ? AND {DONE} "
            f"AND q.name IN ({','.join('?' * len(part))}) ORDER BY e.at_ms, e.id",
            (common_dir, since_ms, until_ms, *part),
        )
        found += [
            WrittenLines(path, at_ms, session, source, array("Q", keys))
            for path, at_ms, session, source, keys in rows
        ]
    return found
