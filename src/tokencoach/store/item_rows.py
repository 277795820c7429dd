"""What the checklist's items were in a month, as it was judged when it was over."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

_ORDER = "substr(item, 1, 1), CAST(substr(item, 2) AS INTEGER), item"


class ItemState(NamedTuple):
    """One item of a month: its state, its value and what that is held against, where there are such."""

    item: str
    state: str
    value: float | None
    target: float | None


class ItemMonth(NamedTuple):
    """How an item stood in a month that was over, and when that was judged."""

    month: str
    item: str
    state: str
    value: float | None
    target: float | None
    judged_ms: int


def item_states(connection: sqlite3.Connection, month: str, timezone: str) -> list[ItemState]:
    """The items of a month that were judged, by their ids."""
    rows = connection.execute(
        f"SELECT item, state, value, target FROM item_month WHERE month = ? AND timezone = ? ORDER BY {_ORDER}",
        (month, timezone),
    )
    return list(map(ItemState._make, rows))


def item_months(connection: sqlite3.Connection, timezone: str) -> list[ItemMonth]:
    """All that was kept in a zone, month by month."""
    rows = connection.execute(
        "SELECT month, item, state, value, target, judged_ms FROM item_month WHERE timezone = ? "
        f"ORDER BY month, {_ORDER}",
        (timezone,),
    )
    return [ItemMonth._make(row) for row in rows]


def keep_item_months(
    connection: sqlite3.Connection, timezone: str, rows: Iterable[ItemMonth], until_ms: int
) -> None:
    """Keep how items stood in a month that ends at ``until_ms``.

    What was judged once the month was over stays as it was seen; what could only be seen while it ran stays
    where nothing can be told any more.
    """
    connection.executemany(
        "INSERT INTO item_month(month, timezone, item, state, value, target, judged_ms) VALUES(?1,?2,?3,?4,?5,?6,?7) "
        "ON CONFLICT(month, timezone, item) DO UPDATE SET judged_ms = ?7, "
        "state = iif(?7 >= ?8 AND ?4 = 'not_enough_data', state, ?4), "
        "value = iif(?7 >= ?8 AND ?4 = 'not_enough_data', value, ?5), "
        "target = iif(?7 >= ?8 AND ?4 = 'not_enough_data', target, ?6) WHERE item_month.judged_ms < ?8",
        [(row.month, timezone, *row[1:], until_ms) for row in rows],
    )
