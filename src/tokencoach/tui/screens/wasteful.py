"""The sessions of a month that wasted most, each with the largest reason: from the first screen one key away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokencoach.audit.as_text import KIND_WORDS
from tokencoach.tui import figures
from tokencoach.tui.screens.audit_columns import amount, written
from tokencoach.tui.screens.session_columns import place_name, spend_of
from tokencoach.tui.verdicts import bucket_of, tone_of
from tokencoach.tui.widgets.columns import Cell, Column
from tokencoach.tui.widgets.ledger_list import LedgerList

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from zoneinfo import ZoneInfo

    from tokencoach.audit.report import ProjectAudit, SessionRow, TurnDetail, WasteSpend
    from tokencoach.tui.theme import Glyphs

_MOST = 20


class WastefulList(LedgerList["SessionRow"]):
    """Up to twenty sessions, the largest waste first; none where nothing was wasted."""

    def __init__(self, glyphs: Glyphs, tz: ZoneInfo) -> None:
        super().__init__((), lambda row: row.row_id, glyphs=glyphs, id="wasteful")
        self._tz = tz
        self._names: dict[str, str] = {}

    def show(self, rows: Iterable[SessionRow]) -> bool:
        """Show those of a month's sessions that wasted something; whether there is any."""
        wasted = [row for row in rows if any(kind.tokens for kind in row.waste)]
        self.set_rows(tuple(wasted[:_MOST]))
        return bool(wasted)

    def show_in(self, unit: str, projects: Iterable[ProjectAudit]) -> None:
        """Show amounts in a unit, and projects by the names that the audit gives them."""
        self._names = {project.repo: project.name for project in projects}
        self.set_columns(_columns(self._place, self._tz, self._glyphs, unit))

    def _place(self, row: SessionRow) -> str:
        folder = row.repo or row.folder
        return self._names.get(folder or "") or place_name(folder)


def worst_turn(turns: Iterable[TurnDetail]) -> int | None:
    """The row of the turn that wasted most; None where none did."""
    wasted = [turn for turn in turns if any(kind.tokens for kind in turn.waste)]
    worst = max(
        wasted, key=lambda turn: tuple(_lost(turn.waste, unit) for unit in ("cost", "tokens")), default=None
    )
    return None if worst is None else worst.turn_id


def _lost(waste: Iterable[WasteSpend], unit: str) -> int:
    return sum(amount(kind.tokens, kind.cost_nano, unit) for kind in waste)


def _columns(
    place: Callable[[SessionRow], str], tz: ZoneInfo, glyphs: Glyphs, unit: str
) -> tuple[Column[SessionRow], ...]:
    """Where, when, what it was about, how much of what, and mostly why."""

    def lost(row: SessionRow) -> int:
        return _lost(row.waste, unit)

    def waste(row: SessionRow) -> Cell:
        return Cell(written(lost(row), lost(row), unit), "not-landed")

    def why(row: SessionRow) -> Cell:
        worst = max(row.waste, key=lambda kind: amount(kind.tokens, kind.cost_nano, unit), default=None)
        if worst is None:
            return Cell("")
        bucket = bucket_of(worst.kind)
        return Cell(f"{glyphs.looks[bucket].glyph} {KIND_WORDS[worst.kind]}", tone_of(bucket))

    def started(row: SessionRow) -> Cell:
        return Cell(figures.day_time(row.started_at_ms, tz), "muted")

    return (
        Column("Most waste in", lambda row: Cell(place(row), "strong"), 20, rank=place, fits=True),
        Column("", started, 12, rank=lambda row: row.started_at_ms),
        Column("what it was about", lambda row: Cell(row.title or row.branch or ""), weight=3, from_width=90),
        Column("waste", waste, 7, is_right=True, figure="waste", rank=lost),
        Column("of", lambda row: Cell(spend_of(row, unit)), 7, is_right=True, figure="spend"),
        Column("mostly", why, weight=3, from_width=70),
    )
