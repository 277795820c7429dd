"""What the person says of items of the checklist: ticks and snoozes, both with a reason and an end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    import sqlite3

TICK: Final = "tick"
SNOOZE: Final = "snooze"


class TickRow(NamedTuple):
    """One word. ``item`` is the item's id, or ``<id>/<what of it>/<roots of a repository>``."""

    item: str
    kind: str
    because: str
    said_ms: int
    until_ms: int


def standing_ticks(connection: sqlite3.Connection, as_of_ms: int) -> dict[tuple[str, str], TickRow]:
    """The newest word of each ``(item, kind)`` that had neither ended nor been taken back at an instant."""
    rows = connection.execute(
        "SELECT item, kind, because, said_ms, until_ms FROM tick WHERE said_ms <= ?1 AND until_ms > ?1 "
        "AND (undone_ms IS NULL OR undone_ms > ?1) ORDER BY said_ms, id",
        (as_of_ms,),
    )
    return {(row[0], row[1]): TickRow._make(row) for row in rows}


def say_tick(connection: sqlite3.Connection, tick: TickRow) -> None:
    """Keep a word; one of the same item and kind that stands gives way."""
    take_back_ticks(connection, tick.item, tick.said_ms, tick.kind)
    connection.execute(
        "INSERT INTO tick(item, kind, because, said_ms, until_ms) VALUES(?,?,?,?,?)",
        tick,
    )


def take_back_ticks(connection: sqlite3.Connection, item: str, now_ms: int, kind: str | None = None) -> int:
    """Take the words on an item back (of one kind, or of both); how many stood."""
    done = connection.execute(
        "UPDATE tick SET undone_ms=?1 WHERE item=?2 AND undone_ms IS NULL AND until_ms > ?1 "
        "AND (?3 IS NULL OR kind = ?3)",
        (now_ms, item, kind),
    )
    return done.rowcount
