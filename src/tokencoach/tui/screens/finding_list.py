"""The dearest habits of a month as a list: what, how much, how sure, and the one next step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokencoach.tui import figures
from tokencoach.tui.widgets.columns import Cell, Column
from tokencoach.tui.widgets.ledger_list import LedgerList

if TYPE_CHECKING:
    from tokencoach.coach.finding import Finding
    from tokencoach.coach.habits import Habits
    from tokencoach.tui.theme import Glyphs

_ESTIMATED = "estimated"
_NEARLY = 0.9


def cost_of(cost_nano: int, tokens: int, unit: str) -> str:
    """A cost in a unit; in tokens where nothing of it has a price."""
    if unit == "tokens" or not cost_nano:
        return figures.tokens(tokens)
    return figures.money(cost_nano)


def finding_cost(finding: Finding, unit: str) -> str:
    """What a habit cost; an estimate has ``~``."""
    sign = "~" if finding.basis == _ESTIMATED else ""
    return f"{sign}{cost_of(finding.cost_nano, finding.tokens, unit)}"


def together(habits: Habits, unit: str) -> str:
    """What the shown habits come to, requests that they share once, of the whole."""
    is_priced = unit != "tokens" and bool(habits.cost_nano)
    part = cost_of(habits.cost_nano, habits.tokens, unit)
    if is_priced:
        return f"{part} of {figures.money(habits.whole_nano)}"
    return f"{part} of {figures.tokens(habits.whole_tokens)}"


def speaks_of(kept: Habits, tokens: int) -> bool:
    """Whether kept habits are of nearly all of a month's tokens: older ones would name another whole."""
    return kept.is_closed or kept.whole_tokens >= _NEARLY * tokens


class FindingList(LedgerList["Finding"]):
    """Up to three habits under a heading that says what they come to."""

    DEFAULT_CSS = "FindingList { height: auto; }"

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__((), lambda finding: finding.id, glyphs=glyphs, id="habits")
        self._habits: Habits | None = None
        self._unit = ""
        self.display = False

    def show(self, habits: Habits | None, unit: str) -> None:
        """Show habits, or nothing where there are none."""
        self._habits, self._unit = habits, unit
        self.display = habits is not None and bool(habits.found)
        if habits is None:
            self.set_rows(())
            return
        self.set_columns(_columns(habits, unit))
        self.set_rows(habits.found)
        self.styles.height = len(habits.found) + 1

    def show_in(self, unit: str) -> None:
        """Show the same habits in another unit."""
        if unit != self._unit:
            self.show(self._habits, unit)

    @property
    def shown(self) -> Habits | None:
        """What was given to be shown last, though it may hold no habit."""
        return self._habits

    @property
    def habits(self) -> Habits | None:
        """What is shown."""
        return self._habits if self.display else None

    def figures(self) -> dict[str, str]:
        """The costs, and what they come to."""
        if self.habits is None:
            return {}
        return {"habits_together": together(self.habits, self._unit)} | super().figures()


def _columns(habits: Habits, unit: str) -> tuple[Column[Finding], ...]:
    named = f"Dearest habits, {together(habits, unit)}"
    return (
        Column(named, lambda finding: Cell(finding.title, "strong"), weight=4),
        Column("", lambda finding: Cell(finding_cost(finding, unit), "not-landed"), 7, True, figure="cost"),
        Column("", lambda finding: Cell(str(finding.basis), "muted"), 9, from_width=60),
        Column("next", lambda finding: Cell(finding.next, "muted"), weight=3, from_width=96),
    )
