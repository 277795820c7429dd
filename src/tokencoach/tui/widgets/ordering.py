"""The order that a person gives the rows of a list: by which column, and which way round."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tokencoach.tui.theme import Glyphs
    from tokencoach.tui.widgets.columns import Column, Row, RowSource


class Order(NamedTuple):
    """By the column of that title; ``is_falling``: what is most comes first."""

    title: str
    is_falling: bool

    def mark(self, glyphs: Glyphs) -> str:
        """The sign behind the column's title."""
        return glyphs.falling if self.is_falling else glyphs.rising


def can_order(column: Column[Row], rows: RowSource[Row]) -> bool:
    """Whether rows can be ordered by a column: those of a database only in the orders that it knows."""
    return bool(column.order) or (column.rank is not None and isinstance(rows, tuple))


def ordered(rows: RowSource[Row], columns: Sequence[Column[Row]], order: Order | None) -> RowSource[Row]:
    """The rows in an order; what a column says nothing about stands last, either way round."""
    rank = None if order is None else next((one.rank for one in columns if one.title == order.title), None)
    if order is None or rank is None or not isinstance(rows, tuple):
        return rows
    said: list[tuple[Any, Row]] = [(rank(row), row) for row in rows]
    known = [pair for pair in said if pair[0] is not None]
    known.sort(key=lambda pair: pair[0], reverse=order.is_falling)
    return tuple(row for _, row in known) + tuple(row for value, row in said if value is None)


def following(column: Column[Row], order: Order | None) -> Order | None:
    """The order after one more click on a heading: numbers fall first, words rise; then round; then as given."""
    first = Order(column.title, column.is_right)
    if order is None or order.title != column.title:
        return first
    return first._replace(is_falling=not first.is_falling) if order == first else None


def beside(columns: Sequence[Column[Row]], order: Order | None, step: int) -> Order | None:
    """The order by the next column that has one, or the one before; beyond the last the rows are as given."""
    at = next((at for at, one in enumerate(columns) if order is not None and one.title == order.title), None)
    place = (0 if step > 0 else len(columns) - 1) if at is None else at + step
    return following(columns[place], None) if 0 <= place < len(columns) else None
