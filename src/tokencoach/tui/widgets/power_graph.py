"""A history as braille columns: watts or tokens per second, the idle band below, ticks where work was done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual.content import Content
from textual.widget import Widget

from tokencoach.tui import figures

if TYPE_CHECKING:
    from collections.abc import Sequence

_DOTS: Final = ((0x40, 0x04, 0x02, 0x01), (0x80, 0x20, 0x10, 0x08))
"""Bits of a braille cell from the lowest dot up, left column and right (Unicode 16, block 2800)."""
_BLANK: Final = 0x2800


def graph_rows(values: Sequence[float | None], width: int, height: int, top: float) -> list[str]:
    """The newest values as rows of braille, the highest row first; two values a cell, four dots a row.

    ``top`` is the value of the highest dot. A None leaves its column empty: a gap is no zero. A
    value above zero has at least one dot.
    """
    columns = [None] * (2 * width - len(values)) + list(values[-2 * width :])
    levels = [0 if it is None or top <= 0 else _level(it, top, 4 * height) for it in columns]
    rows = []
    for row in range(height - 1, -1, -1):
        cells = []
        for cell in range(width):
            bits = 0
            for side in (0, 1):
                filled = min(max(levels[2 * cell + side] - 4 * row, 0), 4)
                bits |= sum(_DOTS[side][:filled])
            cells.append(chr(_BLANK + bits))
        rows.append("".join(cells))
    return rows


def plain_rows(values: Sequence[float | None], width: int, height: int, top: float) -> list[str]:
    """Rows of the graph for a terminal without braille: one value a cell."""
    columns = [None] * (width - len(values)) + list(values[-width:])
    levels = [0 if it is None or top <= 0 else _level(it, top, height) for it in columns]
    return ["".join("#" if level > row else " " for level in levels) for row in range(height - 1, -1, -1)]


def _level(value: float, top: float, dots: int) -> int:
    level = round(min(value / top, 1.0) * dots)
    return max(level, 1) if value > 0 else 0


class PowerGraph(Widget):
    """Rows of one colour each: muted up to the idle power, strong above it; under them the ticks of work."""

    DEFAULT_CSS = "PowerGraph { height: 6; padding: 0 1; }"

    def __init__(self, *, is_ascii: bool, id: str) -> None:  # noqa: A002 - Textual's own name for it
        super().__init__(id=id)
        self._is_ascii = is_ascii
        self._values: tuple[float | None, ...] = ()
        self._busy: tuple[bool, ...] = ()
        self._idle: float | None = None
        self._unit = ""
        self._times: tuple[int, ...] = ()

    def show(
        self,
        values: Sequence[float | None],
        busy: Sequence[bool],
        idle: float | None,
        unit: str,
        times: Sequence[int],
    ) -> None:
        """Show a history, oldest first, its moments in milliseconds; only what has changed is drawn."""
        state = tuple(values), tuple(busy), idle, unit
        self._times = tuple(times)
        if state != (self._values, self._busy, self._idle, self._unit):
            self._values, self._busy, self._idle, self._unit = state
            self.refresh()

    def render(self) -> Content:
        """A title, the rows and the ticks."""
        width, height = self.content_size.width, max(self.content_size.height - 2, 1)
        seen = self._values[-(width if self._is_ascii else 2 * width) :]
        # Scaled to idle alone, a card at rest would look like one at work.
        top = max([2 * (self._idle or 0.0), *(it for it in seen if it is not None)])
        rows = (plain_rows if self._is_ascii else graph_rows)(seen, width, height, top)
        idle_rows = 0 if self._idle is None or not top else round(self._idle / top * height)
        lines = [
            Content.styled(row, "$tone-muted" if height - number <= idle_rows else "$tone-shipped")
            for number, row in enumerate(rows)
        ]
        idle = "" if self._idle is None else f", {self._idle:.0f} idle"
        shown = self._times[-len(seen) :]
        length = figures.span(shown[-1] - shown[0]) if shown else "nothing yet"
        title = Content.styled(f"the last {length}, up to {top:.0f} {self._unit}{idle}", "$tone-muted")
        return Content("\n").join([title, *lines, Content.styled(self._ticks(width), "$tone-alert")])

    def _ticks(self, width: int) -> str:
        mark = "-" if self._is_ascii else "▔"
        a_cell = 1 if self._is_ascii else 2
        busy = ([False] * (a_cell * width - len(self._busy))) + list(self._busy[-a_cell * width :])
        cells = (any(busy[a_cell * at : a_cell * at + a_cell]) for at in range(width))
        return "".join(mark if is_busy else " " for is_busy in cells)
