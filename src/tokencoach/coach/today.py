"""The day so far, with what the coach says of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from tokencoach.audit.report import TodayBudget, TodayNudge
from tokencoach.audit.today import read_today
from tokencoach.coach.as_text import budget_amount
from tokencoach.coach.budgets import Standing, Unit, budget_states
from tokencoach.store.nudge_rows import open_nudges

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from tokencoach.audit.report import Today
    from tokencoach.coach.budgets import BudgetState
    from tokencoach.store.reader import Reader

_WORST_FIRST: Final = (Standing.PASSED, Standing.NEAR, Standing.HELD)


def coached_today(reader: Reader, now_ms: int, tz: ZoneInfo) -> Today:
    """Today's spend, sessions and events, what the coach says now, and the budgets, the worst first."""
    states = sorted(
        budget_states(reader, now_ms, tz),
        key=lambda state: (_WORST_FIRST.index(state.standing), -state.share),
    )
    return replace(
        read_today(reader, now_ms, tz),
        nudges=tuple(
            TodayNudge(one.title, one.next, one.session_id, one.at_ms)
            for one in open_nudges(reader.connection)
        ),
        budgets=tuple(_shown(state) for state in states),
    )


def _shown(state: BudgetState) -> TodayBudget:
    unit = Unit(state.budget.unit)
    said = state.forecast
    ends = f"~{budget_amount(said.amount, unit)}" if said is not None else ""
    span = f"{budget_amount(said.low, unit)} to {budget_amount(said.high, unit)}" if said is not None else ""
    return TodayBudget(
        state.budget.budget_id,
        state.label,
        state.standing.value,
        state.share,
        budget_amount(state.spent, unit),
        budget_amount(state.budget.amount, unit),
        ends,
        span,
        said.method if said is not None else state.why_none,
    )
