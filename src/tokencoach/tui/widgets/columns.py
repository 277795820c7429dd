"""Columns of a list: what a row shows, how wide, and how a line is laid out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, Protocol, TypeVar

from rich.cells import cell_len, set_cell_size

from tokencoach.tui.safe_text import clean

if TYPE_CHECKING:
    from collections.abc import Sequence

Row_co = TypeVar("Row_co", covariant=True)
Row = TypeVar("Row")
GAP = 2
"""Cells between two columns."""
_LONGEST_CELL = 300
_MEASURED, _MEASURED_PAGE = 500, 50
"""Rows whose cells are measured for the columns that fit them: of rows at hand, and of those still to be fetched."""


class Cell(NamedTuple):
    """The text of a cell, made safe when it is drawn, and the tone it is drawn in.

    A path keeps its end where it is too long.
    """

    text: str
    tone: str = ""
    is_path: bool = False


class RowSource(Protocol[Row_co]):
    """Rows by their place; a tuple is one, pages of a database are another."""

    def __len__(self) -> int:
        """How many rows there are."""
        ...

    def __getitem__(self, index: int, /) -> Row_co:
        """The row at a place."""
        ...


@dataclass(frozen=True, slots=True)
class Column(Generic[Row]):
    """One column. ``width`` 0 shares what is left by ``weight``; ``from_width`` hides it below.

    A column that ``fits`` is as wide as its longest cell, at most ``width`` or its part of what is left; ``most``
    is that cell's, where it is known. One that ``varies`` is left out
    where all rows say the same in it. ``from_width`` is the list's width in cells from which the column is
    shown. ``figure`` names the number the column shows, for whoever reads it off the screen. ``rank`` is what
    rows are ordered by when the heading is clicked; ``order`` names an order that the page has to ask for.
    """

    title: str
    cell: Callable[[Row], Cell]
    width: int = 0
    is_right: bool = False
    from_width: int = 0
    weight: int = 1
    figure: str = ""
    rank: Callable[[Row], Any] | None = None
    order: str = ""
    fits: bool = False
    varies: bool = False
    most: int = 0


def fitted(columns: Sequence[Column[Row]], rows: RowSource[Row]) -> tuple[Column[Row], ...]:
    """The columns as some rows need them: those that fit get their width, one that says nothing goes."""
    out: list[Column[Row]] = []
    measured: list[Row] | None = None
    for column in columns:
        if not column.fits:
            out.append(column)
            continue
        if measured is None:
            most = _MEASURED if isinstance(rows, tuple) else _MEASURED_PAGE
            measured = [rows[at] for at in range(min(len(rows), most))]
        cells = {column.cell(row).text for row in measured}
        if column.varies and len(cells) == 1 < len(measured) == len(rows):
            continue
        longest = max((cell_len(clean(text, _LONGEST_CELL)) for text in cells), default=0)
        # A heading that is sorted by has its mark beside it.
        wanted = max(longest, cell_len(column.title) + 1)
        if column.width:
            out.append(replace(column, width=max(min(wanted, column.width), 1)))
        else:
            out.append(replace(column, most=wanted))
    return tuple(out)


def lay_out(columns: Sequence[Column[Row]], width: int) -> list[tuple[Column[Row], int]]:
    """The columns that are shown at a width, each with its cells."""
    shown = [column for column in columns if width >= column.from_width]
    room = width - sum(column.width for column in shown) - GAP * max(len(shown) - 1, 0)
    parts = _share_out([column for column in shown if not column.width], max(room, 0))
    return [(column, column.width or parts.pop(0)) for column in shown]


def _share_out(columns: Sequence[Column[Row]], room: int) -> list[int]:
    """The cells of each column without a width: by weight, but none more than its longest cell needs."""
    held: dict[int, int] = {}
    while True:
        free = [at for at in range(len(columns)) if at not in held]
        left, weights = room - sum(held.values()), sum(columns[at].weight for at in free)
        parts = dict(held)
        for at in free:
            parts[at] = left * columns[at].weight // weights
            left, weights = left - parts[at], weights - columns[at].weight
        over = {at: columns[at].most for at in free if columns[at].most and parts[at] > columns[at].most}
        if not over or len(over) == len(free):
            return [parts[at] for at in range(len(columns))]
        held |= over


def fit(text: str, width: int, *, is_right: bool = False, is_path: bool = False, ellipsis: str = "…") -> str:
    """Safe text in exactly so many cells, cut with an ellipsis where it is longer."""
    if width <= 0:
        return ""
    safe = clean(text[-_LONGEST_CELL:] if is_path else text, _LONGEST_CELL)
    length = len(safe) if safe.isascii() else cell_len(safe)
    if length > width and is_path:
        mirrored = set_cell_size(safe[::-1], max(width - len(ellipsis), 0))
        return set_cell_size(ellipsis + mirrored[::-1], width)
    if length > width:
        keep = max(width - len(ellipsis), 0)
        return set_cell_size(set_cell_size(safe, keep) + ellipsis, width)
    padding = " " * (width - length)
    return padding + safe if is_right else safe + padding
