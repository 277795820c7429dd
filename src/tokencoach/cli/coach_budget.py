"""``tokencoach coach budget set|list|drop``: a limit of the person's own for each month; it never stops anything."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import click

from tokencoach.audit.numbers import counted, percent
from tokencoach.cli.context import Context, ShowingGroup, verb
from tokencoach.cli.output import emit_json, narrate, one_line, say
from tokencoach.cli.repository import project_path
from tokencoach.cli.update import bring_up_to_date
from tokencoach.clock import iso_utc
from tokencoach.coach.as_text import budget_amount
from tokencoach.coach.budgets import SCALE, Scope, Standing, Unit, budget_states
from tokencoach.errors import NothingToReadError, UsageError
from tokencoach.store.budget_rows import BudgetRow, drop_budget, put_budget
from tokencoach.store.reader import open_reader
from tokencoach.usage.words import Phase
from tokencoach.watch.word import write_word

if TYPE_CHECKING:
    from tokencoach.coach.budgets import BudgetState

_AMOUNT = re.compile(r"^\$?(\d{1,12}(?:\.\d{1,9})?)([kKmMgG]?)$")
_TIMES = {"": 1, "k": 1_000, "m": 1_000_000, "g": 1_000_000_000}
_LARGEST = 2**62
_MARKS = {Standing.HELD: "·", Standing.NEAR: "!", Standing.PASSED: "✗"}


@click.group(
    cls=ShowingGroup, shows="list", epilog="Example: tokencoach coach budget set 100 --repo ~/src/api"
)
def budget() -> None:
    """What you want to spend in a month: over all, for a project or for a phase. It never stops anything.

    What is spent so far and where the month will end are shown here and on the Today screen; a nudge
    says when 80 % of it, or all of it, is spent.
    """


@budget.command(
    name="set", epilog="Example: tokencoach coach budget set 2M --unit tokens --phase exploration"
)
@click.argument("amount")
@click.option("--unit", type=click.Choice([str(unit) for unit in Unit]), default="usd", show_default=True)
@click.option(
    "--repo", metavar="PATH", help="For the project at PATH, a repository or a folder; else over all."
)
@click.option("--phase", type=click.Choice([str(phase) for phase in Phase]), help="For work of that phase.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
@verb
def set_(
    context: Context, amount: str, unit: str, repo: str | None, phase: str | None, *, as_json: bool
) -> int:
    """Set the budget of each month; it takes the place of the former one for the same thing and unit."""
    if repo is not None and phase is not None:
        raise UsageError("a budget is for a project or for a phase", "leave out --repo or --phase")
    kept = _amount(amount, Unit(unit))
    bring_up_to_date(context)
    scope, name = (Scope.PHASE, phase or "") if phase is not None else (Scope.ALL, "")
    if repo is not None:
        with open_reader(context.database) as reader:
            scope, name = Scope.PROJECT, project_path(reader, repo)
    said = BudgetRow(0, scope, name, unit, kept, context.now_ms)
    write_word(context.database, context.tz, lambda base: put_budget(base, said))
    _show(context, as_json=as_json)
    return 0


def _amount(text: str, unit: Unit) -> int:
    """An amount as it is kept.

    Raises:
        UsageError: it is no amount above zero.
    """
    found = _AMOUNT.match(text.replace(",", "").replace("_", ""))
    kept = round(float(found[1]) * _TIMES[found[2].lower()] * SCALE[unit]) if found is not None else 0
    if not 0 < kept < _LARGEST:
        raise UsageError(f"{text!r} is no budget", "write an amount above zero: 100, 12.50, 250k or 2M")
    return kept


@budget.command(name="list", epilog="Example: tokencoach coach budget list --json")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
@verb
def list_(context: Context, *, as_json: bool) -> int:
    """Every budget: spent so far this month, and where the month will end, with its range."""
    bring_up_to_date(context)
    return 0 if _show(context, as_json=as_json) else NothingToReadError.exit_code


@budget.command(epilog="Example: tokencoach coach budget drop 2")
@click.argument("number", type=int)
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
@verb
def drop(context: Context, number: int, *, as_json: bool) -> int:
    """Take a budget back, by its number in the list."""
    bring_up_to_date(context)
    if not write_word(context.database, context.tz, lambda base: drop_budget(base, number, context.now_ms)):
        raise UsageError(f"there is no budget {number}", "tokencoach coach budget list  shows their numbers")
    _show(context, as_json=as_json)
    return 0


def _show(context: Context, *, as_json: bool) -> bool:
    """Every budget with its month; whether there is any."""
    with open_reader(context.database) as reader:
        states = budget_states(reader, context.now_ms, context.tz)
    if as_json:
        emit_json({"budgets": [budget_json(state) for state in states]})
    else:
        for state in states:
            _say(state)
    if not states:
        narrate("no budget is set: tokencoach coach budget set 100")
    return bool(states)


def _say(state: BudgetState) -> None:
    unit = Unit(state.budget.unit)
    label = one_line(state.label)
    spent, whole = budget_amount(state.spent, unit), budget_amount(state.budget.amount, unit)
    mark = _MARKS[state.standing]
    say(
        f"{state.budget.budget_id:3d} {mark} {label:<24} {spent} of {whole} this month ({percent(state.share)})"
    )
    if state.forecast is None:
        say(f"{'':6}no forecast: {state.why_none}")
    else:
        low, high = budget_amount(state.forecast.low, unit), budget_amount(state.forecast.high, unit)
        say(
            f"{'':6}~{budget_amount(state.forecast.amount, unit)} at its end ({low} to {high}): {state.forecast.method}"
        )
    if state.unpriced:
        say(f"{'':6}not in it, for want of a price: {counted(state.unpriced, 'request')}")


def budget_json(state: BudgetState) -> dict[str, Any]:
    """A budget with its month; amounts in dollars, tokens or watt-hours."""
    row, scale = state.budget, SCALE[Unit(state.budget.unit)]
    said = state.forecast
    return {
        "id": row.budget_id,
        "scope": row.scope,
        "name": row.name,
        "unit": row.unit,
        "amount": row.amount / scale,
        "spent": state.spent / scale,
        "share": state.share,
        "state": state.standing.value,
        "unpriced_requests": state.unpriced,
        "forecast": None
        if said is None
        else {
            "amount": said.amount / scale,
            "low": said.low / scale,
            "high": said.high / scale,
            "method": said.method,
        },
        "why_no_forecast": state.why_none or None,
        "since": iso_utc(row.said_ms),
    }
