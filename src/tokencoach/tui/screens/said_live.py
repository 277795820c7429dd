"""What the coach says while work goes on, and the month's budgets: a few lines between sessions and events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.content import Content

from tokencoach.tui import figures
from tokencoach.tui.safe_text import clean
from tokencoach.tui.widgets.columns import fit

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tokencoach.audit.report import TodayBudget, TodayNudge
    from tokencoach.tui.theme import Glyphs

_INDENT = 3
_TONES = {"passed": "$tone-alert", "near": "$tone-alert", "held": "$tone-muted"}
_WORDS = {"passed": "passed", "near": "nearly spent", "held": "held"}


def nudge_lines(nudges: Sequence[TodayNudge], width: int, glyphs: Glyphs) -> Iterator[Content]:
    """Two lines each: what is the matter, and what to do next."""
    for nudge in nudges:
        room = max(width - _INDENT, 8)
        yield Content.styled(
            f"!  {fit(nudge.title, room, ellipsis=glyphs.ellipsis).rstrip()}", "bold $tone-alert"
        )
        yield Content(f"   Next: {fit(nudge.next, max(room - 6, 8), ellipsis=glyphs.ellipsis).rstrip()}")


def budget_lines(budgets: Sequence[TodayBudget], width: int, glyphs: Glyphs) -> Iterator[Content]:
    """One line each: what is spent of it, how it stands, where the month will end."""
    for budget in budgets:
        share = figures.percent(budget.share)
        said = f"{budget.spent} of {budget.amount}, {share}, {_WORDS[budget.standing]}"
        ends = f", {budget.ends} at month's end" if budget.ends else ""
        span = f" ({budget.span})" if budget.span else ""
        label = f"budget  {clean(budget.label)}  {said}"
        # A range that is cut would be another range.
        text = next(
            (one for one in (f"{label}{ends}{span}", f"{label}{ends}") if cell_len(one) <= width), label
        )
        yield Content.styled(
            fit(text, max(width, 8), ellipsis=glyphs.ellipsis).rstrip(), _TONES[budget.standing]
        )


def budget_figures(budgets: Sequence[TodayBudget]) -> dict[str, str]:
    """What is spent of each, by the names that explain it."""
    return {f"budget.{budget.budget_id}": budget.spent for budget in budgets}
