"""Facts that several sessions hold, and looking up many keys at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

SIGHTED_REQUEST = 0
SIGHTED_TURN = 1

_BATCHES = (1, 4, 16, 64, 400)


def note_sightings(connection: sqlite3.Connection, kind: int, rows: Iterable[tuple[int, int]]) -> None:
    """Remember every session in which a fact is seen, once a second one is: its key, the session."""
    connection.executemany(
        "INSERT OR IGNORE INTO sighting(kind, key, session_id) VALUES(?,?,?)", [(kind, *row) for row in rows]
    )


def existing(
    connection: sqlite3.Connection, query: str, keys: Sequence[int] | Sequence[str], order: str = ""
) -> list[tuple[Any, ...]]:
    """Rows of a query that ends in ``IN``, for as many keys as there are; each part of them in an order."""
    found: list[tuple[Any, ...]] = []
    for start in range(0, len(keys), _BATCHES[-1]):
        part: list[int | str | None] = [*keys[start : start + _BATCHES[-1]]]
        # Few lengths are few statements to prepare; NULL is no key.
        part += [None] * (next(size for size in _BATCHES if size >= len(part)) - len(part))
        found += connection.execute(f"{query}({','.join('?' * len(part))}) {order}", part).fetchall()
    return found
