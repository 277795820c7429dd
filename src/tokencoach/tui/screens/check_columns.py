"""Columns of the Check screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tokencoach.comprehension.debt import AGES_DAYS
from tokencoach.store.checks.records import Outcome
from tokencoach.tui import figures
from tokencoach.tui.screens.session_columns import place_name
from tokencoach.tui.widgets.columns import Cell, Column

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from zoneinfo import ZoneInfo

    from tokencoach.comprehension.debt import Debt, DebtArea
    from tokencoach.comprehension.overview import CheckOverview, Past, Waiting

_WHY = {
    "staged now": "",
    "no-terminal": "no terminal",
    "too-often": "asked enough",
    "no-verify": "--no-verify",
    "again": "ask again",
    "": "broken off",
}
# By their words: their own module would load with the first screen.
_REACHED = (
    ("reached", "tested now"),
    ("not reached", "still not"),
    ("function changed since", "changed"),
    ("not sure", "not sure"),
    ("no run since", "not run"),
)


def project_of(place: str) -> str:
    """The project's folder of a common git directory."""
    return place_name(place.replace("\\", "/").removesuffix("/.git"))


def waiting_columns(now_ms: Callable[[], int]) -> tuple[Column[Waiting], ...]:
    """What waits, since when and why."""

    def what(row: Waiting) -> Cell:
        more = f" and {len(row.paths) - 1} more" if len(row.paths) > 1 else ""
        path, _, name = (row.paths[0] if row.paths else "").rpartition("::")
        file = path.rpartition("/")[2]
        return Cell(f"{name}{more}  {file}" if file else f"{name.rpartition('/')[2]}{more}")

    return (
        Column("waits", lambda row: _since(row, now_ms()), 12),
        Column("project", lambda row: Cell(project_of(row.place), "strong"), 16, fits=True),
        Column("about", what, weight=3),
        Column("AI lines", lambda row: Cell(figures.count(row.ai_lines)), 8, is_right=True, from_width=70),
        Column("asks", lambda row: Cell(figures.count(row.questions)), 4, is_right=True),
        Column("because", lambda row: Cell(_WHY.get(row.why, row.why), "muted"), 12, from_width=76),
    )


def _since(row: Waiting, now_ms: int) -> Cell:
    if row.folder:
        return Cell("staged now", "alert")
    return Cell(figures.ago(row.since_ms, now_ms), "muted")


def past_columns(tz: ZoneInfo) -> tuple[Column[Past], ...]:
    """What was held, and what came of it."""
    return (
        Column("held", lambda row: Cell(figures.day_time(row.at_ms, tz), "muted"), 12),
        Column("project", lambda row: Cell(project_of(row.place), "strong"), 16, fits=True),
        Column("came to", lambda row: Cell(outcome_words(row), _tone(row)), weight=3),
        Column("in", lambda row: Cell(row.mode, "muted"), 10, from_width=56),
        Column("commit", lambda row: Cell(row.sha[:9], "muted"), 9, from_width=66),
    )


class Owed(NamedTuple):
    """A folder with an assistant's surviving lines that nobody understood or reviewed."""

    place: str
    area: DebtArea
    path: str


def owed_rows(debts: Sequence[Debt]) -> tuple[Owed, ...]:
    """The folders of all repositories, the most owed first."""
    rows = [Owed(debt.place, area, debt.path) for debt in debts for area in debt.areas]
    return tuple(sorted(rows, key=lambda row: (-row.area.lines, row.place, row.area.area)))


def owed_columns(now_ms: Callable[[], int]) -> tuple[Column[Owed], ...]:
    """Where lines are owed, how many, and how long ago they landed."""

    def aged(place: int) -> Callable[[Owed], Cell]:
        return lambda row: Cell(figures.count(row.area.by_age[place]), "muted")

    first, second, third = AGES_DAYS
    ages = (f"<{first} d", f"<{second} d", f"<{third} d", "older")
    return (
        Column("project", lambda row: Cell(project_of(row.place), "strong"), 16, fits=True),
        Column(
            "folder, lines owed",
            lambda row: Cell(row.area.area or ".", is_path=True),
            weight=3,
        ),
        Column("lines", lambda row: Cell(figures.count(row.area.lines), "reworked"), 6, is_right=True),
        *(Column(name, aged(at), 6, is_right=True, from_width=66) for at, name in enumerate(ages)),
        Column(
            "oldest", lambda row: Cell(figures.ago(row.area.oldest_ms, now_ms()), "muted"), 12, from_width=100
        ),
    )


def outcome_words(row: Past) -> str:
    """``3 of 4 right, 1 shown``, or why nobody was asked."""
    why = _WHY.get(row.why, row.why) if row.why else ""
    if row.outcome is Outcome.ASKED or row.asked:
        shown = f", {row.shown} shown" if row.shown else ""
        tail = f", {why}" if why else ""
        return f"{row.right} of {row.asked} right{shown}{tail}"
    word = row.outcome.replace("_", " ")
    return f"{word}: {why}" if why else word


def _tone(row: Past) -> str:
    if row.outcome is not Outcome.ASKED:
        return "muted"
    return "shipped" if row.right == row.asked else "reworked"


def reached_line(value: CheckOverview) -> str:
    """What recorded runs said since of lines that no test had reached and for which the person named a call."""
    states = [str(line.state) for line in value.answered]
    said = ", ".join(
        f"{figures.count(states.count(state))} {words}" for state, words in _REACHED if state in states
    )
    return f"Untested lines you named a call for: {said}."
