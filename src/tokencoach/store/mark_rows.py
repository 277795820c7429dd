"""Marks that the person puts on a repository, by its root commits, so that they survive a move."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

TRIAL: Final = "local-trial"
"""A project that is to be made with models on this computer only."""
UNDISCLOSED: Final = "no-disclosure"
"""Its owners want no word about assistants in commits."""
_LIST: Final = "\x1f"


def marks(connection: sqlite3.Connection) -> dict[str, dict[str, int]]:
    """Marks by the roots that they were put on, as the repository's row holds them: mark to when."""
    found: dict[str, dict[str, int]] = {}
    for roots, mark, said_ms in connection.execute("SELECT roots, mark, said_ms FROM repo_mark"):
        found.setdefault(roots, {})[mark] = said_ms
    return found


def put_mark(connection: sqlite3.Connection, roots: Sequence[str], mark: str, said_ms: int) -> None:
    """Mark a repository; one that is marked already keeps its date."""
    connection.execute(
        "INSERT OR IGNORE INTO repo_mark VALUES(?,?,?)", (_LIST.join(sorted(roots)), mark, said_ms)
    )


def drop_mark(connection: sqlite3.Connection, roots: Sequence[str], mark: str) -> bool:
    """Take a mark away; False where there was none."""
    done = connection.execute(
        "DELETE FROM repo_mark WHERE roots=? AND mark=?", (_LIST.join(sorted(roots)), mark)
    )
    return done.rowcount > 0


def marked_with(found: dict[str, dict[str, int]], roots: Sequence[str], mark: str) -> int | None:
    """When a repository was marked; None where it is not."""
    return found.get(_LIST.join(sorted(roots)), {}).get(mark)
