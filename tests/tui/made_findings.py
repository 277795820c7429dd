"""Habits, a plan and a ritual that no month held; one title is hostile."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tokencoach.checklist.ritual import Ritual
from tokencoach.coach.finding import Basis, Evidence, Finding, Rate
from tokencoach.coach.habits import Habits
from tokencoach.coach.plans import Look, Measured, State
from tokencoach.store.plan_rows import PlanRow
from tui.made_names import NOW_MS

if TYPE_CHECKING:
    from tokencoach.audit.report import PeriodAudit
    from tokencoach.store.ritual_rows import RitualRow

DAY_MS = 86_400_000
SAID_MS = NOW_MS - 20 * DAY_MS
HOSTILE = "Debugging by \x1b[31m[bold]re-prompting[/]"


def finding(number: int) -> Finding:
    """The number's finding: the first is measured, the second has no price, the third is an estimate."""
    cost = (38_000_000_000, 0, 16_200_000_000)[number - 1]
    evidence = tuple(
        Evidence(
            f"{at} requests past the limit, peak 9{at} % of 200,000 tokens",
            NOW_MS - at * DAY_MS,
            cost // (at + 1),
            at * 120_000,
            session=at,
            session_id=f"session-{at}",
        )
        for at in range(1, 9)
    )
    return Finding(
        id=("full-context", "re-prompting", "big-model")[number - 1],
        title=("Sessions past 60 % of their window", HOSTILE, "Top model for small edits")[number - 1],
        cost_nano=cost,
        tokens=9_400_000 // number,
        basis=Basis.ESTIMATED if number == 3 else Basis.MEASURED,
        evidence=evidence,
        why="The part of each prompt beyond 60 % of the window, at its price. Answers get worse long before it is full.",
        next="Start a fresh session when a piece of work has landed.",
        condition="a session passes 60 % of its window",
        action="commit and start afresh",
        rate=Rate(7, 41, "sessions"),
        low_nano=12_000_000_000 if number == 3 else None,
        high_nano=21_000_000_000 if number == 3 else None,
    )


def habits(whole_nano: int = 410_000_000_000) -> Habits:
    """Three, that share some requests."""
    found = tuple(map(finding, (1, 2, 3)))
    return Habits(NOW_MS, found, 5, 49_500_000_000, 14_000_000, whole_nano, 102_500_000)


def no_habits(whole_nano: int, unjudged: int) -> Habits:
    """A month in which nothing was found."""
    return Habits(NOW_MS, (), 0, 0, 0, whole_nano, 102_500_000, unjudged=unjudged)


def plan(plan_id: int = 1, undone_ms: int | None = None) -> PlanRow:
    """A plan against the first finding."""
    one = finding(1)
    return PlanRow(plan_id, one.id, one.condition, one.action, SAID_MS, 7, 41, "sessions", undone_ms)


def measured(state: State = State.WORKED, plan_id: int = 1) -> Measured:
    """The plan after its first look."""
    before = Look(date(2026, 10, 19), date(2026, 11, 1), 18, Rate(12, 18, "sessions"))
    after = Look(date(2026, 11, 3), date(2026, 11, 16), 18, Rate(3, 18, "sessions"))
    end = NOW_MS - 5 * DAY_MS
    return Measured(plan(plan_id), state, before, after, end, NOW_MS + 8 * DAY_MS, "67 % before, 17 % after")


def ritual(
    months: tuple[PeriodAudit, PeriodAudit],
    said: Habits | None,
    row: RitualRow | None,
    chosen: Measured | None = None,
) -> Ritual:
    """The ritual of a month and the one before it, whose last plan worked."""
    return Ritual(*months, said, row, measured(), plan(), chosen)
