"""Plans that the person made against a habit: what was accepted, and what was dropped."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import sqlite3


class PlanRow(NamedTuple):
    """One plan: "If <condition>, I <action>.", against the habit that the detector ``finding`` looks for.

    ``before_count`` of ``before_of`` ``unit`` is how often the habit was found when it was accepted;
    ``undone_ms`` is when the person dropped it.
    """

    plan_id: int
    finding: str
    condition: str
    action: str
    said_ms: int
    before_count: float
    before_of: float
    unit: str
    undone_ms: int | None

    @property
    def sentence(self) -> str:
        """The plan as it was said."""
        return f"If {self.condition}, I {self.action}."


_SELECT = "SELECT id, finding, condition, action, said_ms, before_count, before_of, unit, undone_ms FROM plan"


def plans_until(connection: sqlite3.Connection, as_of_ms: int) -> list[PlanRow]:
    """Every plan that had been accepted at an instant, the oldest first; dropped later is not dropped yet."""
    rows = connection.execute(f"{_SELECT} WHERE said_ms <= ? ORDER BY said_ms, id", (as_of_ms,))
    plans = map(PlanRow._make, rows)
    return [
        plan._replace(undone_ms=None) if plan.undone_ms is not None and plan.undone_ms > as_of_ms else plan
        for plan in plans
    ]


def add_plan(connection: sqlite3.Connection, plan: PlanRow) -> int:
    """Keep a plan; its own ``plan_id`` is not looked at. The id it got."""
    row = connection.execute(
        "INSERT INTO plan(finding, condition, action, said_ms, before_count, before_of, unit, undone_ms) "
        "VALUES(?,?,?,?,?,?,?,?) RETURNING id",
        plan[1:],
    ).fetchone()
    return int(row[0])


def drop_plan(connection: sqlite3.Connection, plan_id: int, now_ms: int) -> bool:
    """Drop a plan; False where there is none of that id, or it was dropped before."""
    done = connection.execute(
        "UPDATE plan SET undone_ms = ? WHERE id = ? AND undone_ms IS NULL", (now_ms, plan_id)
    )
    return done.rowcount > 0
