"""What the watcher says of itself, and how current the database is."""

from __future__ import annotations

import contextlib
import sqlite3
from typing import TYPE_CHECKING, NamedTuple

from tokencoach.errors import TokencoachError
from tokencoach.store.connect import connect_backup, connect_reader, is_earlier_format

if TYPE_CHECKING:
    from pathlib import Path


class Heartbeat(NamedTuple):
    """The watcher's last beat. ``swept_ms`` is when the last full sweep that has ended began."""

    pid: int
    version: str
    beat_ms: int
    backlog_bytes: int
    total_bytes: int
    swept_ms: int
    note: str


def read_heartbeat(connection: sqlite3.Connection) -> Heartbeat | None:
    """The last beat, or None where no watcher ever ran."""
    row = connection.execute(
        "SELECT pid, version, beat_ms, backlog_bytes, total_bytes, swept_ms, note FROM heartbeat"
    ).fetchone()
    return None if row is None else Heartbeat._make(row)


def beat(connection: sqlite3.Connection, said: Heartbeat) -> None:
    """Write the watcher's beat."""
    connection.execute("INSERT OR REPLACE INTO heartbeat VALUES(1,?,?,?,?,?,?,?)", said)


def last_sweep_ms(database: Path) -> int:
    """When the watcher's last full sweep began, 0 where none did."""
    try:
        with contextlib.closing(connect_reader(database)) as connection:
            said = read_heartbeat(connection)
    except (TokencoachError, sqlite3.Error):
        return 0
    return 0 if said is None else said.swept_ms


def earlier_heartbeat(database: Path) -> Heartbeat | None:
    """The last beat in a database of an earlier format; None where its format is today's, or nothing is known."""
    try:
        with contextlib.closing(connect_backup(database)) as connection:
            return read_heartbeat(connection) if is_earlier_format(connection) else None
    except (TokencoachError, sqlite3.Error):
        return None


def newest_request_ms(connection: sqlite3.Connection) -> int | None:
    """When the newest session last moved."""
    row = connection.execute("SELECT max(last_ms) FROM session").fetchone()
    return None if row[0] is None else int(row[0])
