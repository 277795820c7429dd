"""Models that were used, and when: what a person could have used instead at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import sqlite3


class ModelUse(NamedTuple):
    """A model with the first and the last month of its use, as ``yyyymm``."""

    model_id: int
    name: str
    first_month: int
    last_month: int


def model_uses(connection: sqlite3.Connection) -> list[ModelUse]:
    """Every model with requests, by its name."""
    rows = connection.execute(
        "SELECT m.id, m.name, min(u.month), max(u.month) FROM month_usage u JOIN model m ON m.id = u.model_id "
        "GROUP BY m.id ORDER BY m.name, m.id"
    )
    return [ModelUse._make(row) for row in rows]
