"""Thresholds that the person set, each with its reason; what was set before stays on record."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import sqlite3


class ThresholdWord(NamedTuple):
    """A value that the person gave a threshold. ``undone_ms`` is when it was taken back, None while it stands."""

    name: str
    value: float
    because: str
    said_ms: int
    undone_ms: int | None


def set_thresholds(connection: sqlite3.Connection, as_of_ms: int | None = None) -> dict[str, float]:
    """The newest value of each threshold that stood at an instant (None: now), by name."""
    rows = connection.execute(
        "SELECT name, value FROM threshold WHERE (?1 IS NULL OR said_ms <= ?1) "
        "AND (undone_ms IS NULL OR undone_ms > ?1) ORDER BY said_ms, id",
        (as_of_ms,),
    )
    return dict(rows.fetchall())


def threshold_words(connection: sqlite3.Connection) -> list[ThresholdWord]:
    """Every value ever given to a threshold, oldest first; those taken back too."""
    rows = connection.execute(
        "SELECT name, value, because, said_ms, undone_ms FROM threshold ORDER BY said_ms, id"
    )
    return [ThresholdWord._make(row) for row in rows]


def say_threshold(
    connection: sqlite3.Connection, name: str, value: float, because: str, said_ms: int
) -> None:
    """Give a threshold a value; the one before stays on record and holds again where this is taken back."""
    connection.execute(
        "INSERT INTO threshold(name, value, because, said_ms) VALUES(?,?,?,?)",
        (name, value, because, said_ms),
    )


def take_back_threshold(connection: sqlite3.Connection, name: str, now_ms: int) -> bool:
    """Take the newest standing value back; False where none stood."""
    done = connection.execute(
        "UPDATE threshold SET undone_ms=? WHERE id = (SELECT id FROM threshold WHERE name=? AND undone_ms IS NULL "
        "ORDER BY said_ms DESC, id DESC LIMIT 1)",
        (now_ms, name),
    )
    return done.rowcount > 0
