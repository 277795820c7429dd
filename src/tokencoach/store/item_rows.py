"""What the checklist's items were in a month, as it was judged last."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import sqlite3


class ItemState(NamedTuple):
    """One item of a month: its state, its value and what that is held against, where there are such."""

    item: str
    state: str
    value: float | None
    target: float | None


def item_states(connection: sqlite3.Connection, month: str, timezone: str) -> list[ItemState]:
    """The items of a month that were judged, by their ids."""
    rows = connection.execute(
        "SELECT item, state, value, target FROM item_month WHERE month = ? AND timezone = ? "
        "ORDER BY substr(item, 1, 1), CAST(substr(item, 2) AS INTEGER), item",
        (month, timezone),
    )
    return list(map(ItemState._make, rows))
