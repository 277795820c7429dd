"""Budgets for a month: what is spent of each, and where the month will end. Soft: nothing is ever stopped."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.audit.phase import phase_of
from tokencoach.clock import day_of, day_start_ms, next_day
from tokencoach.coach.forecast import PATTERN_DAYS, Forecast, forecast
from tokencoach.store.audit_rows import phase_tags, repo_rows, session_facts
from tokencoach.store.budget_rows import BudgetRow, budgets_at, day_spends
from tokencoach.store.power.rows import session_energy

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    from tokencoach.audit.period import Period
    from tokencoach.store.reader import Reader

NEAR: Final = 0.8
"""From this share of a budget on it is said: while there is still time to change something."""
_UNITS: Final = frozenset({"usd", "tokens", "wh"})
_UJ_A_MWH: Final = 3_600_000


class Scope(StrEnum):
    """What a budget is for."""

    ALL = "all"
    PROJECT = "project"
    PHASE = "phase"


class Unit(StrEnum):
    """What a budget counts."""

    USD = "usd"
    TOKENS = "tokens"
    WH = "wh"


SCALE: Final = {Unit.USD: 1_000_000_000, Unit.TOKENS: 1, Unit.WH: 1000}
"""What one dollar, token or watt-hour is in the whole numbers that budgets are kept in."""


class Standing(StrEnum):
    """How a budget stands: ``NEAR`` from 80 % of it on, ``PASSED`` above it."""

    HELD = "held"
    NEAR = "near"
    PASSED = "passed"


@dataclass(frozen=True, slots=True)
class BudgetState:
    """A budget and its month. ``spent`` and ``forecast`` are in the unit of the budget's amount.

    ``forecast`` is None where none can be made, ``why_none`` says why. ``unpriced`` counts requests
    without a price, which a budget in dollars cannot count.
    """

    budget: BudgetRow
    spent: int
    unpriced: int
    forecast: Forecast | None
    why_none: str

    @property
    def share(self) -> float:
        """The part of the budget that is spent."""
        return self.spent / self.budget.amount

    @property
    def standing(self) -> Standing:
        """How it stands."""
        if self.spent > self.budget.amount:
            return Standing.PASSED
        return Standing.NEAR if self.share >= NEAR else Standing.HELD

    @property
    def label(self) -> str:
        """What it is for, in words; a project by its folder's name, which may be hostile text."""
        name = self.budget.name.replace("\\", "/").rstrip("/").rpartition("/")[2]
        return "all work" if self.budget.scope == Scope.ALL else name


class _Used(NamedTuple):
    """What was used on a day for a project in a phase; both are empty where no session asked."""

    day: date
    project: str
    phase: str
    amounts: dict[str, int]
    unpriced: int = 0


class Spending:
    """What was used day by day from eight weeks before an instant up to it."""

    def __init__(self, reader: Reader, now_ms: int, tz: ZoneInfo, *, has_energy: bool) -> None:
        self._reader = reader
        self._tz = tz
        self._has_energy = has_energy
        self.today = day_of(now_ms, tz)
        self._since = min(self.today.replace(day=1), self.today - timedelta(days=PATTERN_DAYS))

    @cached_property
    def _used(self) -> list[_Used]:
        spends = day_spends(self._reader.connection, self._since, self.today)
        energies = self._energies() if self._has_energy else []
        asked = {one.session for one in spends} | {
            session for _, session, _ in energies if session is not None
        }
        places = self._places(sorted(asked))
        found = [
            _Used(
                date(one.day // 10_000, one.day // 100 % 100, one.day % 100),
                *places.get(one.session, ("", "")),
                {Unit.USD: one.cost_nano, Unit.TOKENS: one.tokens},
                one.unpriced,
            )
            for one in spends
        ]
        for day, session, amount in energies:
            place = places.get(session, ("", "")) if session is not None else ("", "")
            found.append(_Used(day, *place, {Unit.WH: amount}))
        return found

    def _energies(self) -> list[tuple[date, int | None, int]]:
        """Thousandths of a watt-hour by day and session; None is a request that no session asked for."""
        found: list[tuple[date, int | None, int]] = []
        day = self._since
        while day <= self.today:
            span = day_start_ms(day, self._tz), day_start_ms(next_day(day), self._tz)
            rows = session_energy(self._reader.connection, *span)
            found += [(day, row.session, round(row.total_uj / _UJ_A_MWH)) for row in rows]
            day = next_day(day)
        return found

    def _places(self, sessions: Sequence[int]) -> dict[int, tuple[str, str]]:
        """Project and phase of sessions."""
        connection = self._reader.connection
        repos, tags = repo_rows(connection), phase_tags(connection)
        found = {}
        for row, facts in session_facts(connection, sessions).items():
            repo = repos.get(facts.repo_id) if facts.repo_id is not None else None
            phase = phase_of(facts.session_id, facts.branch, facts.folder, None, repo, tags)
            found[row] = (repo.path if repo is not None else facts.folder or "", phase.value)
        return found

    def state(self, budget: BudgetRow) -> BudgetState:
        """How a budget stands at the instant."""
        by_day: Counter[date] = Counter()
        unpriced = 0
        first = self.today.replace(day=1)
        for used in self._used:
            if budget.scope == Scope.PROJECT and used.project != budget.name:
                continue
            if budget.scope == Scope.PHASE and used.phase != budget.name:
                continue
            by_day[used.day] += used.amounts.get(budget.unit, 0)
            unpriced += used.unpriced if used.day >= first else 0
        said = forecast(by_day, self.today)
        return BudgetState(
            budget=budget,
            spent=sum(amount for day, amount in by_day.items() if day >= first),
            unpriced=unpriced if budget.unit == Unit.USD else 0,
            forecast=None if isinstance(said, str) else said,
            why_none=said if isinstance(said, str) else "",
        )


def budget_states(reader: Reader, now_ms: int, tz: ZoneInfo) -> tuple[BudgetState, ...]:
    """Every budget that stands at an instant, with the month it is in."""
    # A row of another kind was damaged, or written by a newer version: it is not ours to read.
    standing = [one for one in budgets_at(reader.connection, now_ms) if one.unit in _UNITS and one.amount > 0]
    if not standing:
        return ()
    spending = Spending(reader, now_ms, tz, has_energy=any(one.unit == Unit.WH for one in standing))
    return tuple(spending.state(budget) for budget in standing)


def month_states(reader: Reader, period: Period, as_of_ms: int) -> tuple[BudgetState, ...]:
    """How the budgets of a month stood at its end, or stand as of an instant in it."""
    return budget_states(reader, min(period.until_ms - 1, as_of_ms), period.tz)
