"""All sessions, or those behind a figure of the audit: filter, sort, open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from textual import on
from textual.binding import Binding

from tokencoach.tui import figures
from tokencoach.tui.backend import SORTS, Pointed, SessionQuery
from tokencoach.tui.keys import bindings
from tokencoach.tui.safe_text import clean
from tokencoach.tui.screens.session_columns import session_columns
from tokencoach.tui.screens.speaking import SpeakingPage
from tokencoach.tui.widgets.bars import ContextLine
from tokencoach.tui.widgets.empty_state import NOTHING_READ, EmptyState
from tokencoach.tui.widgets.ledger_list import LedgerList
from tokencoach.tui.widgets.pages import PagedRows
from tokencoach.usage.words import Bucket

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.widget import Widget
    from textual.widgets import Input

    from tokencoach.audit.report import SessionRow
    from tokencoach.tui.why.explanation import Explanation
    from tokencoach.tui.widgets.columns import Column, RowSource

_FILTER_DELAY_S = 0.12
_WASTED = (Bucket.NOT_LANDED, Bucket.REWORKED)


class SessionsView(NamedTuple):
    """The rows of a query's sessions, and the query they answer."""

    query: SessionQuery
    rows: RowSource[SessionRow]


class SessionsPage(SpeakingPage[SessionsView]):
    """One line a session; a hundred thousand open at once."""

    SCOPE = "sessions"
    MODE = "sessions"
    SHOWS_FIND: ClassVar[bool] = True
    CSS_PATH = "sessions.tcss"
    # The list that has the key is hidden where no session is left in it.
    BINDINGS: ClassVar = [*bindings("sessions"), Binding("slash", "find", "find", show=False)]

    def __init__(
        self,
        crumbs: tuple[str, ...] = ("Sessions",),
        query: SessionQuery | None = None,
        mode: str = "sessions",
    ) -> None:
        super().__init__(crumbs, mode=mode)
        self.asked = query or SessionQuery()
        self._text_at_first = self.asked.text
        self._is_to_top = False

    def compose_page(self) -> Iterable[Widget]:
        """The list."""
        ledger: LedgerList[SessionRow] = LedgerList(
            self._columns(), lambda row: row.row_id, glyphs=self.coach.glyphs, id="sessions"
        )
        yield ledger

    def _columns(self) -> tuple[Column[SessionRow], ...]:
        backend = self.coach.backend
        columns = session_columns(backend.tz, backend.now_ms(), self.coach.glyphs, self.coach.unit)
        # Of one project's sessions the breadcrumb names it.
        return columns if self.asked.repo is None else tuple(one for one in columns if one.title != "project")

    def on_mount(self) -> None:
        """The list has the focus."""
        super().on_mount()
        self.query_one("#sessions").focus()

    def fetch(self) -> SessionsView:
        """A month's rows or those named; of all time the ids, whose rows come page by page."""
        backend, asked = self.coach.backend, self.asked
        if asked.rows:
            return SessionsView(asked, backend.picked_sessions(asked))
        if asked.month is not None:
            return SessionsView(asked, backend.month_sessions(asked))
        return SessionsView(asked, PagedRows(backend.session_ids(asked), backend.session_rows))

    def show_value(self, value: SessionsView) -> None:
        """Show the sessions that answer what is asked now; an older answer is not shown."""
        if value.query != self.asked:
            return
        ledger = self.query_one("#sessions", LedgerList)
        ledger.set_columns(self._columns())
        is_falling = not self.asked.is_reversed
        ledger.show_order(self.asked.sort, is_falling=is_falling, is_asked=self._is_to_top)
        ledger.set_rows(value.rows)
        if self._is_to_top:
            self._is_to_top, ledger.cursor = False, 0
        ledger.display = bool(len(value.rows))
        self._note(len(value.rows))
        self._explain_emptiness(is_empty=not len(value.rows))

    def _note(self, count: int) -> None:
        order = {"time": "newest first", "cost": "dearest first", "waste": "most waste first"}[
            self.asked.sort
        ]
        if self.asked.is_reversed:
            order = {"time": "oldest first", "cost": "cheapest first", "waste": "least waste first"}[
                self.asked.sort
            ]
        held = f" with “{self.asked.text}”" if self.asked.text != self._text_at_first else ""
        self.query_one(ContextLine).show(self.crumbs, f"{figures.count(count)}{held}, {order}")

    def _explain_emptiness(self, *, is_empty: bool) -> None:
        empty = self.query_one(EmptyState)
        if not is_empty:
            empty.hide()
        elif self.asked.text != self._text_at_first:
            empty.explain(f"No session holds “{self.asked.text}”.", "Clear the filter.", "esc")
        elif self.asked != SessionQuery(sort=self.asked.sort, is_reversed=self.asked.is_reversed):
            empty.explain("No session is behind this figure.", "Go back.", "esc")
        elif not self.coach.backend.months():
            empty.explain(*NOTHING_READ)
        elif self.coach.is_judged_soon:
            empty.explain("What was read is being judged.", "Sessions come as soon as that is done.")
        else:
            empty.explain("What was read is not judged yet.", "Start the watcher, which judges it.", "w")

    def action_sort(self) -> None:
        """The next order."""
        following = SORTS[(SORTS.index(self.asked.sort) + 1) % len(SORTS)]
        self._is_to_top = True
        self._ask(self.asked._replace(sort=following))

    @on(LedgerList.Ordered, "#sessions")
    def sort_by_column(self, event: LedgerList.Ordered) -> None:
        """A heading was clicked: its order, or the other way round where it has that already."""
        self._is_to_top = True
        is_same = event.order == self.asked.sort
        self._ask(self.asked._replace(sort=event.order, is_reversed=is_same and not self.asked.is_reversed))

    def action_reverse(self) -> None:
        """Turn the order round."""
        self._is_to_top = True
        self._ask(self.asked._replace(is_reversed=not self.asked.is_reversed))

    def _ask(self, query: SessionQuery) -> None:
        if query != self.asked:
            self.asked = query
            self.reload()

    async def action_find(self) -> None:
        """Open the filter line."""
        await self.find_in(self.query_one("#sessions", LedgerList))

    async def find_in(self, ledger: LedgerList[Any]) -> None:
        """Open the filter line; the list follows while it is typed, and holds only those found."""
        del ledger
        from tokencoach.tui.widgets.filter_line import FilterLine  # noqa: PLC0415 - built when first used

        line = next(iter(self.query(FilterLine)), None)
        if line is None:
            line = FilterLine(self.asked.text)
            await self.mount(line, before="#keys")
        line.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter a moment after the last key."""
        line, text = event.input, event.value.strip()

        def ask() -> None:
            if line.is_mounted and line.value.strip() == text:
                self._ask(self.asked._replace(text=text))

        self.set_timer(_FILTER_DELAY_S, ask)

    async def on_input_submitted(self, event: Input.Submitted) -> None:
        """Keep the filter, go on in the list."""
        self._ask(self.asked._replace(text=event.value.strip()))
        self.query_one("#sessions").focus()
        await event.input.remove()

    async def on_filter_line_left(self) -> None:
        """Forget the filter."""
        self._ask(self.asked._replace(text=self._text_at_first))
        self.query_one("#sessions").focus()
        await self.query("FilterLine").remove()

    def may_go_back(self) -> bool:
        """Escape first clears what was typed, then goes back."""
        if self.asked.text == self._text_at_first:
            return True
        self._ask(self.asked._replace(text=self._text_at_first))
        return False

    @on(LedgerList.Opened, "#sessions")
    def open_session(self, event: LedgerList.Opened) -> None:
        """The session under the cursor."""
        row: SessionRow | None = event.ledger.row
        if row is not None:
            from tokencoach.tui.screens.session import SessionPage  # noqa: PLC0415

            is_for_waste = self.asked.sort == "waste" or self.asked.bucket in _WASTED
            self.app.push_screen(SessionPage.opened_from(self, row, is_for_waste=is_for_waste))

    def action_overrule(self) -> None:
        """Say what became of the session under the cursor."""
        row: SessionRow | None = self.query_one("#sessions", LedgerList).row
        if row is not None:
            title = clean(row.title or row.session_id, 60)
            self.ask_word(Pointed(row.row_id), f"session “{title}”", row.verdict, row.said)

    def action_mark(self) -> None:
        """Mark the session under the cursor, its branch or its folder."""
        row: SessionRow | None = self.query_one("#sessions", LedgerList).row
        if row is not None:
            self.ask_phase(row.row_id, row.title)

    def explained(self, figure: str) -> Explanation | None:
        """What stands behind a figure of a line, or the number of lines."""
        from tokencoach.tui.why.sessions import count_explained, session_explained  # noqa: PLC0415

        if figure == "sessions":
            return count_explained(len(self.value.rows) if self.value else 0)
        found = self.query_one("#sessions", LedgerList).row_of(figure)
        return None if found is None else session_explained(found[1], found[0], self.coach.unit)

    def open_figure(self, figure: str) -> None:
        """The session under the cursor."""
        del figure
        self.query_one("#sessions", LedgerList).action_open()

    def figures(self) -> dict[str, str]:
        """The numbers of the lines in sight."""
        out = self.query_one("#sessions", LedgerList).figures()
        out["sessions"] = figures.count(len(self.value.rows)) if self.value else figures.UNKNOWN
        return out
