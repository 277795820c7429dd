"""A closed month on its screen: when it was closed, and what was seen since."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tokencoach.audit.closing_words import closed_on, way
from tokencoach.clock import iso_utc
from tokencoach.tui import figures
from tokencoach.tui.widgets.columns import Cell, Column

if TYPE_CHECKING:
    from tokencoach.audit.report import Closing, Move, PeriodAudit
    from tokencoach.tui.theme import Glyphs
    from tokencoach.tui.widgets.ledger_list import LedgerList

_MOST_SHOWN = 4
_ROOMY = 24


class RestatedRow(NamedTuple):
    """One move of spend that evidence of later made, its cause, and the sessions it was in."""

    key: str
    why: str
    seen_ms: int
    move: Move
    sessions: tuple[str, ...]


def made_at(audit: PeriodAudit) -> int:
    """When what is shown was read: a frozen month grows old by its restatements."""
    return audit.closing.restated_at_ms if audit.closing is not None else audit.as_of_ms


def closed_note(audit: PeriodAudit, others: str, glyphs: Glyphs) -> str:
    """What the line under the navigation says of a month: when it was closed, or which ``others`` a key opens."""
    closing = audit.closing
    if closing is None:
        return f" {glyphs.separator} ".join(part for part in (others, audit.timezone) if part)
    return f"{closed_on(closing)}{', restated' if closing.restatements else ''}"


def restated_rows(closing: Closing | None) -> tuple[RestatedRow, ...]:
    """One row a move, the newest cause first."""
    found = closing.restatements if closing is not None else ()
    return tuple(
        RestatedRow(f"{item.cause}-{item.seen_ms}-{at}", item.why, item.seen_ms, move, item.sessions)
        for item in reversed(found)
        for at, move in enumerate(item.moves)
    )


def moved(move: Move, unit: str) -> str:
    """How much a restatement moved; signed where it came from nowhere."""
    value = move.tokens if unit == "tokens" else move.cost_nano
    sign = "" if move.source is not None else "-" if value < 0 else "+"
    return sign + (figures.tokens(abs(value)) if unit == "tokens" else figures.money(abs(value)))


def restated_columns(unit: str, glyphs: Glyphs) -> tuple[Column[RestatedRow], ...]:
    """Cause, from where to where, how much, when it was seen."""

    def ends(row: RestatedRow) -> Cell:
        return Cell(way(row.move).replace("→", glyphs.crumb), "muted")

    return (
        Column("Restated since it was closed", lambda row: Cell(row.why, "strong"), weight=3),
        Column("from, to", ends, 22, from_width=50),
        Column("moved", lambda row: Cell(moved(row.move, unit)), 8, is_right=True, figure="moved"),
        Column("seen", lambda row: Cell(iso_utc(row.seen_ms)[:10], "muted"), 10, from_width=64),
    )


def show_restated(
    restated: LedgerList[RestatedRow], closing: Closing | None, unit: str, glyphs: Glyphs
) -> None:
    """Put the moves on the screen; a month without any has no list."""
    rows = restated_rows(closing)
    restated.set_columns(restated_columns(unit, glyphs))
    restated.set_rows(rows)
    restated.display = bool(rows)
    # On a low screen the newest move stands for all, so that the projects have a line; the list scrolls.
    most = _MOST_SHOWN if restated.screen.size.height >= _ROOMY else 1
    restated.styles.height = min(len(rows), most) + 2
