"""The person's budgets, and what each day and session used."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import sqlite3
    from datetime import date


class BudgetRow(NamedTuple):
    """A budget for each month. ``scope`` is all, project or phase, ``name`` a repository's path or a phase.

    ``amount`` counts nano-dollars where ``unit`` is usd, tokens, or thousandths of a watt-hour where it is wh.
    """

    budget_id: int
    scope: str
    name: str
    unit: str
    amount: int
    said_ms: int


class DaySpend(NamedTuple):
    """What a session used on a day (``yyyymmdd``, of the zone in which days were summed last)."""

    day: int
    session: int
    cost_nano: int
    tokens: int
    unpriced: int


def budgets(connection: sqlite3.Connection) -> list[BudgetRow]:
    """Every budget that stands, in the order in which they were set."""
    rows = connection.execute(
        "SELECT id, scope, name, unit, amount, said_ms FROM budget WHERE undone_ms IS NULL ORDER BY id"
    )
    return [BudgetRow._make(row) for row in rows]


def budgets_at(connection: sqlite3.Connection, at_ms: int) -> list[BudgetRow]:
    """Every budget that stood at an instant: what was set before and not yet taken back or replaced."""
    rows = connection.execute(
        "SELECT id, scope, name, unit, amount, said_ms FROM budget WHERE said_ms <= ?1 "
        "AND (undone_ms IS NULL OR undone_ms > ?1) ORDER BY id",
        (at_ms,),
    )
    return [BudgetRow._make(row) for row in rows]


def put_budget(connection: sqlite3.Connection, said: BudgetRow) -> int:
    """Set a budget, which ends the former one for the same thing in the same unit; its row."""
    connection.execute(
        "UPDATE budget SET undone_ms = ? WHERE scope = ? AND name = ? AND unit = ? AND undone_ms IS NULL",
        (said.said_ms, said.scope, said.name, said.unit),
    )
    cursor = connection.execute(
        "INSERT INTO budget(scope, name, unit, amount, said_ms) VALUES(?,?,?,?,?)",
        (said.scope, said.name, said.unit, said.amount, said.said_ms),
    )
    return int(cursor.lastrowid or 0)


def drop_budget(connection: sqlite3.Connection, budget_id: int, now_ms: int) -> bool:
    """Take a budget back; False where there is none."""
    cursor = connection.execute(
        "UPDATE budget SET undone_ms = ? WHERE id = ? AND undone_ms IS NULL", (now_ms, budget_id)
    )
    return cursor.rowcount > 0


def day_spends(connection: sqlite3.Connection, first: date, last: date) -> list[DaySpend]:
    """What every session used on each of some days, both included."""
    rows = connection.execute(
        "SELECT day, session_id, sum(cost_nano), sum(input + cache_read + cache_write_5m + cache_write_1h + output), "
        "sum(unpriced) FROM day_usage WHERE day BETWEEN ? AND ? GROUP BY day, session_id",
        (int(f"{first:%Y%m%d}"), int(f"{last:%Y%m%d}")),
    )
    return [DaySpend._make(row) for row in rows]
