"""A list that draws only the lines it shows: a hundred thousand rows cost as much as ten."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tokencoach.tui.figures import UNKNOWN
from tokencoach.tui.keys import LIST, bindings
from tokencoach.tui.theme import UNICODE
from tokencoach.tui.widgets.columns import GAP, Column, Row, RowSource, fit, fitted, lay_out
from tokencoach.tui.widgets.ordering import Order, beside, can_order, following, ordered

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    from textual import events

    from tokencoach.tui.theme import Glyphs

_MARK = 2
_BOLD = Style(bold=True)
_UNDERLINE = Style(underline=True)


class LedgerList(ScrollView, Generic[Row], can_focus=True):
    """Rows in columns under one heading line; the cursor's line opens with enter or a second click."""

    DEFAULT_CSS = """
    LedgerList {
        height: 1fr; overflow-x: hidden; scrollbar-size: 0 1; scrollbar-gutter: stable;
        scrollbar-background: $background; scrollbar-color: $cursor-line;
        background: $background;
    }
    """
    BINDINGS = bindings(LIST)
    ALLOW_SELECT = False

    cursor: reactive[int] = reactive(0, repaint=False)
    """The place of the line that enter opens."""

    class Moved(Message):
        """The cursor stands on another row, or other rows stand under it."""

        def __init__(self, ledger: LedgerList[Any]) -> None:
            self.ledger = ledger
            super().__init__()

        @property
        def control(self) -> LedgerList[Any]:
            """The list."""
            return self.ledger

    class Opened(Moved):
        """The row under the cursor was asked for."""

    class Sought(Moved):
        """The person wants to type what they look for."""

    class Ordered(Moved):
        """Rows in an order are asked for that only the page can give."""

        def __init__(self, ledger: LedgerList[Any], order: str) -> None:
            self.order = order
            super().__init__(ledger)

    def __init__(
        self,
        columns: Sequence[Column[Row]],
        key: Callable[[Row], Hashable],
        *,
        glyphs: Glyphs = UNICODE,
        id: str | None = None,  # noqa: A002 - Textual's own name for it
    ) -> None:
        super().__init__(id=id)
        self._columns = self._fitted = tuple(columns)
        self._key = key
        self._glyphs = glyphs
        self._given: RowSource[Row] = ()
        self._rows: RowSource[Row] = ()
        self._order: Order | None = None
        self._inks: dict[str, Style] = {}
        self._layout_width = -1
        self._laid_out: list[tuple[Column[Row], int]] = []

    @property
    def row_count(self) -> int:
        """How many rows the list holds."""
        return len(self._rows)

    @property
    def row(self) -> Row | None:
        """The row under the cursor; None in an empty list."""
        return self._at(self.cursor)

    def _at(self, index: int) -> Row | None:
        try:
            return self._rows[index] if 0 <= index < len(self._rows) else None
        except IndexError:
            return None

    def set_columns(self, columns: Sequence[Column[Row]]) -> None:
        """Show other columns of the same rows."""
        self._columns = tuple(columns)
        self._fit_columns()
        self.refresh()

    def _fit_columns(self) -> None:
        """Give the columns the width that the rows need."""
        self._fitted = fitted(self._columns, self._rows)
        self._layout_width = -1

    def set_rows(self, rows: RowSource[Row]) -> None:
        """Show other rows; the cursor stays on the row it stood on where that is still there."""
        before = self.row
        key = None if before is None else self._key(before)
        self._given, self._rows = rows, ordered(rows, self._columns, self._order)
        self._fit_columns()
        self.virtual_size = Size(self.size.width, len(rows) + 1)
        place = None if key is None else self._place_of(key)
        wanted = self.cursor if place is None else place
        self.set_reactive(LedgerList.cursor, max(min(wanted, len(rows) - 1), 0))
        self._keep_in_sight()
        self.refresh(layout=self.styles.is_auto_height)
        self.post_message(self.Moved(self))

    def _sort(self, order: Order | None) -> None:
        """Put the rows into an order, the cursor on the first; the page is asked for those only it knows."""
        named = next((one.order for one in self._columns if order and one.title == order.title), "")
        if named:
            self.post_message(self.Ordered(self, named))
            return
        self._order = order
        self.set_reactive(LedgerList.cursor, 0)
        self._rows = ()
        self.set_rows(self._given)

    def show_order(self, named: str, *, is_falling: bool, is_asked: bool) -> None:
        """Mark the column whose order the page has given the rows; ``is_asked`` puts it above the list's own."""
        made = "" if self._order is None else self._order.title
        is_own = bool(made) and not any(one.order for one in self._columns if one.title == made)
        if is_asked or not is_own:
            title = next((one.title for one in self._columns if one.order == named), "")
            self._order = Order(title, is_falling) if title else None
            self.refresh()

    def action_sort(self, step: int) -> None:
        """Order by the next column, or by the one before."""
        shown = [column for column, cells in self._laid_out if cells and can_order(column, self._given)]
        self._sort(beside(shown, self._order, step))

    def _place_of(self, key: Hashable) -> int | None:
        place_of = getattr(self._rows, "place_of", None)
        if place_of is not None:
            found: int | None = place_of(key)
            return found
        return next((at for at in range(len(self._rows)) if self._key(self._rows[at]) == key), None)

    def figures(self) -> dict[str, str]:
        """The numbers of the rows in sight: ``list.row.figure`` to the text that is drawn."""
        self._lay_out()
        top = round(self.scroll_offset.y)
        shown = [column for column, cells in self._laid_out if column.figure and cells]
        out: dict[str, str] = {}
        for index in range(top, min(top + self.size.height - 1, len(self._rows))):
            row = self._rows[index]
            for column in shown:
                out[f"{self.id}.{self._key(row)}.{column.figure}"] = column.cell(row).text
        return out

    def row_of(self, figure: str) -> tuple[Row, str] | None:
        """The row in sight that a figure belongs to, and the figure's own name."""
        top = round(self.scroll_offset.y)
        for index in range(top, min(top + self.size.height - 1, len(self._rows))):
            row = self._rows[index]
            prefix = f"{self.id}.{self._key(row)}."
            if figure.startswith(prefix):
                return row, figure.removeprefix(prefix)
        return None

    @property
    def row_prefix(self) -> str | None:
        """What the figures of the row under the cursor begin with."""
        return None if self.row is None else f"{self.id}.{self._key(self.row)}."

    def validate_cursor(self, cursor: int) -> int:
        """Keep the cursor inside the list."""
        return max(min(cursor, len(self._rows) - 1), 0)

    def watch_cursor(self, old: int, new: int) -> None:
        """Draw the two lines that changed."""
        scrolled = round(self.scroll_offset.y)
        self._keep_in_sight()
        if round(self.scroll_offset.y) == scrolled:
            for index in (old, new):
                self.refresh(Region(0, index + 1 - scrolled, self.size.width, 1))
        self.post_message(self.Moved(self))

    def _keep_in_sight(self) -> None:
        height = max(self.size.height - 1, 1)
        top = round(self.scroll_offset.y)
        if self.cursor < top:
            self.scroll_to(y=self.cursor, animate=False, immediate=True, force=True)
        elif self.cursor >= top + height:
            self.scroll_to(y=self.cursor - height + 1, animate=False, immediate=True, force=True)

    def on_resize(self, _event: events.Resize) -> None:
        """Lay the columns out again."""
        self.virtual_size = Size(self.size.width, len(self._rows) + 1)
        self._keep_in_sight()

    def action_down(self) -> None:
        """One line down."""
        self.cursor += 1

    def action_up(self) -> None:
        """One line up."""
        self.cursor -= 1

    def action_first(self) -> None:
        """To the first row."""
        self.cursor = 0

    def action_last(self) -> None:
        """To the last row."""
        self.cursor = len(self._rows) - 1

    def action_page(self, pages: int) -> None:
        """Some pages down, or up where negative."""
        self.cursor += pages * max(self.size.height - 2, 1)

    def action_half_page(self, pages: int) -> None:
        """Half a page down, or up where negative."""
        self.cursor += pages * max((self.size.height - 1) // 2, 1)

    def action_open(self) -> None:
        """Ask for the row under the cursor."""
        if self.row is not None:
            self.post_message(self.Opened(self))

    def action_find(self) -> None:
        """Ask for the line where a word is typed."""
        self.post_message(self.Sought(self))

    def find(self, text: str, start: int, step: int = 1) -> bool:
        """Go to the first row from ``start`` on, or back where ``step`` is -1, that holds a text; False where none does."""
        wanted, count = text.casefold(), len(self._rows)
        for far in range(count):
            at = (start + far * step) % count
            row = self._rows[at]
            if wanted in " ".join(column.cell(row).text for column in self._columns).casefold():
                self.cursor = at
                return True
        return False

    def on_click(self, event: events.Click) -> None:
        """Move the cursor to the line; a line that has it already opens. A heading orders the rows."""
        if event.y == 0:
            self._sort_at(event.x)
            return
        index = event.y - 1 + round(self.scroll_offset.y)
        if index >= len(self._rows):
            return
        if index == self.cursor and event.chain > 1:
            self.action_open()
        else:
            self.cursor = index

    def _sort_at(self, x: int) -> None:
        """Order by the column whose heading stands there."""
        end = _MARK
        for column, cells in self._laid_out:
            end += cells + GAP
            if x < end:
                if can_order(column, self._given):
                    self._sort(following(column, self._order))
                return

    def render_line(self, y: int) -> Strip:
        """One line of the widget: the heading, a row, or nothing."""
        width = self._lay_out()
        if y == 0:
            return self._heading(width)
        index = y - 1 + round(self.scroll_offset.y)
        row = self._at(index)
        if row is None:
            return Strip.blank(width, self.rich_style)
        return self._line(row, width, is_cursor=index == self.cursor)

    def _lay_out(self) -> int:
        """Place the columns where the width has changed; the width."""
        width = self.scrollable_content_region.width
        if width != self._layout_width:
            self._layout_width = width
            self._laid_out = lay_out(self._fitted, width - _MARK)
        return width

    def _heading(self, width: int) -> Strip:
        style = self.rich_style + self._ink("muted") + _UNDERLINE
        segments = [Segment(" " * _MARK, self.rich_style)]
        for column, cells in self._laid_out:
            is_ordered = self._order is not None and self._order.title == column.title
            mark = self._order.mark(self._glyphs) if self._order is not None and is_ordered else ""
            has_room = cell_len(column.title) < cells
            title = f"{column.title}{mark}" if has_room else column.title
            text = fit(title, cells, is_right=column.is_right, ellipsis=self._glyphs.ellipsis)
            gap = " " * GAP if has_room else mark.ljust(GAP)
            segments += [Segment(text, style + _BOLD if mark else style), Segment(gap, self.rich_style)]
        return Strip(segments).adjust_cell_length(width, self.rich_style)

    def _line(self, row: Row, width: int, *, is_cursor: bool) -> Strip:
        base = self.rich_style
        if is_cursor:
            base += self._paper("cursor-line") + _BOLD if self.has_focus else self._paper("cursor-dim")
        mark = f"{self._glyphs.cursor} " if is_cursor and self.has_focus else "  "
        segments = [Segment(mark, base)]
        for column, cells in self._laid_out:
            cell = column.cell(row)
            text = fit(
                cell.text.replace(UNKNOWN, self._glyphs.dash),
                cells,
                is_right=column.is_right,
                is_path=cell.is_path,
                ellipsis=self._glyphs.ellipsis,
            )
            ink = base + self._ink(cell.tone) if cell.tone else base
            segments += [Segment(text, ink), Segment("  ", base)]
        return Strip(segments).adjust_cell_length(width, base)

    def _ink(self, tone: str) -> Style:
        """The colour of a tone in the theme. Component classes would cost each list a dozen CSS rules."""
        style = self._inks.get(tone)
        if style is None:
            ink = Color.parse(self.app.theme_variables[f"tone-{tone}"])
            style = self._inks[tone] = Style(color=ink.rich_color)
        return style

    def _paper(self, name: str) -> Style:
        """The background of a line in the theme."""
        style = self._inks.get(name)
        if style is None:
            paper = Color.parse(self.app.theme_variables[name])
            style = self._inks[name] = Style(bgcolor=paper.rich_color)
        return style

    def notify_style_update(self) -> None:
        """Another theme has other colours."""
        self._inks.clear()
        super().notify_style_update()
