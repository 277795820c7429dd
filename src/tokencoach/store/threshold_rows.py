"""Thresholds that the person set, each with its reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3


def set_thresholds(connection: sqlite3.Connection) -> dict[str, float]:
    """The newest value of each threshold that was set and not taken back, by name."""
    rows = connection.execute(
        "SELECT name, value FROM threshold WHERE undone_ms IS NULL ORDER BY said_ms, id"
    )
    return dict(rows.fetchall())
