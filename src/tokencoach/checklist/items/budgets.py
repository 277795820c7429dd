"""T2: a budget stands for each project, and held."""

from __future__ import annotations

import shlex
from collections import Counter
from typing import TYPE_CHECKING, Final

from tokencoach.audit.numbers import money, percent
from tokencoach.checklist.item import Item, Judgement, State, too_little
from tokencoach.checklist.parts import Part, sentence, state_of
from tokencoach.coach.budgets import Scope, Standing, Unit, month_states
from tokencoach.coach.finding import Evidence, Threshold

if TYPE_CHECKING:
    from tokencoach.checklist.grounds import Grounds
    from tokencoach.coach.budgets import BudgetState

SMALL: Final = Threshold(
    "T2.small", 0.05, "share", "what takes a twentieth of the month needs no budget of its own"
)


def judge(grounds: Grounds) -> Judgement:
    """Projects with a budget of their own, and budgets that were not passed."""
    total = grounds.material.total.total.tokens
    if not total:
        return too_little("no request in this month", "nothing to do yet")
    states = month_states(grounds.reader, grounds.period, grounds.as_of_ms)
    covered = {state.budget.name for state in states if state.budget.scope == Scope.PROJECT}
    projects = _large(grounds, total)
    without = [project for project in projects if project not in covered]
    passed = [state for state in states if state.standing is Standing.PASSED]
    parts = (
        Part(not without, f"{len(projects) - len(without)} of {len(projects)} projects have a budget"),
        Part(
            None if not states else not passed,
            f"{len(states) - len(passed)} of {len(states)} budgets held" if states else "no budget to hold",
        ),
    )
    if not projects:
        return too_little("no log of this month names the folder it worked in", "nothing to do yet")
    return Judgement(
        State.NOT_MET if not states else state_of(parts),
        sentence(parts),
        f"tokencoach coach budget set AMOUNT --repo {shlex.quote(without[0])}"
        if without
        else "open the budget that was passed, and see where it went"
        if passed
        else "nothing to do",
        value=(len(projects) - len(without)) / len(projects),
        target=1.0,
        evidence=(*_without(without, grounds), *(_told(state, grounds) for state in passed)),
    )


def _large(grounds: Grounds, total: int) -> list[str]:
    """Projects (repositories, else folders) that took more than a small part of the month, the largest first."""
    least = grounds.limit(SMALL) * total
    tokens: Counter[str] = Counter()
    for trace in grounds.material.traces:
        tokens[trace.project] += trace.ledger.total.tokens
    return [project for project, used in tokens.most_common() if project and used >= least]


def _without(projects: list[str], grounds: Grounds) -> list[Evidence]:
    return [Evidence("no budget of its own", grounds.period.since_ms, path=project) for project in projects]


def _told(state: BudgetState, grounds: Grounds) -> Evidence:
    amount = (
        money(state.budget.amount)
        if state.budget.unit == Unit.USD
        else f"{state.budget.amount:,} {state.budget.unit}"
    )
    return Evidence(
        f"{state.label}: {percent(state.share)} of {amount} spent",
        grounds.period.since_ms,
        path=state.budget.name or None,
    )


T2: Final = Item(
    "T2",
    "A budget stands per project, and held",
    "Each project (a repository, else a folder) with at least 5 % of the month's tokens has a budget of its own, and no "
    "budget was passed.",
    judge,
    (SMALL,),
)
