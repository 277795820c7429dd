"""Checklist: the month's self-audit, each item judged from evidence, with one next step."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.content import Content
from textual.widgets import Static

from tokencoach.checklist.ritual import first_working_day
from tokencoach.clock import day_of
from tokencoach.tui import figures
from tokencoach.tui.keys import bindings
from tokencoach.tui.months import month_of, step_month
from tokencoach.tui.screens.item import ItemPage
from tokencoach.tui.screens.item_words import about_item, item_columns
from tokencoach.tui.screens.wording import WordingPage
from tokencoach.tui.widgets.bars import ContextLine
from tokencoach.tui.widgets.empty_state import NOTHING_READ, EmptyState
from tokencoach.tui.widgets.ledger_list import LedgerList

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.widget import Widget

    from tokencoach.checklist.judge import Checklist, Judged
    from tokencoach.tui.why.explanation import Explanation


class ChecklistPage(WordingPage["Checklist"]):
    """The items of a month; below them why the one under the cursor stands as it does."""

    SCOPE = "checklist"
    MODE = "checklist"
    MIN_REST_S = 30.0
    CSS_PATH = "checklist.tcss"
    BINDINGS: ClassVar = bindings("checklist")

    def __init__(self) -> None:
        super().__init__(("Checklist",))
        self.month = ""

    def compose_page(self) -> Iterable[Widget]:
        """The list, and all about one line of it."""
        glyphs = self.coach.glyphs
        items: LedgerList[Judged] = LedgerList(
            item_columns(glyphs), lambda row: row.item.id, glyphs=glyphs, id="items"
        )
        yield items
        yield Static("judging every item…", id="about")

    def on_mount(self) -> None:
        """Start at the running month where it has requests, else at the newest that has."""
        backend = self.coach.backend
        months, now = backend.months(), month_of(backend.now_ms(), backend.tz)
        self.month = now if now in months or not months else max(months)
        super().on_mount()
        self.query_one("#items").focus()

    def fetch(self) -> Checklist:
        """Judge every item."""
        return self.coach.backend.checklist(self.month)

    def show_value(self, value: Checklist) -> None:
        """Put the items on the screen."""
        self.query_one(ContextLine).show((*self.crumbs, figures.month_title(self.month)), self._note(value))
        items = self.query_one("#items", LedgerList)
        items.set_columns(item_columns(self.coach.glyphs))
        items.set_rows(value.items)
        empty = self.query_one(EmptyState)
        is_empty = not self.coach.backend.months()
        items.display = self.query_one("#about").display = not is_empty
        if is_empty:
            empty.explain(*NOTHING_READ)
        else:
            empty.hide()

    def _note(self, value: Checklist) -> str:
        if value.is_over:
            return "as it was seen"
        tz = self.coach.backend.tz
        today = day_of(value.as_of_ms, tz)
        following = first_working_day(day_of(value.period.until_ms, tz))
        return f"day {today.day}, next ritual {following:%a} {following.day} {following:%b}"

    @property
    def row(self) -> Judged | None:
        """The item under the cursor."""
        row: Judged | None = self.query_one("#items", LedgerList).row
        return row

    @on(LedgerList.Moved, "#items")
    def show_about(self) -> None:
        """Why the item under the cursor stands as it does."""
        if self.row is not None:
            parts = about_item(self.row, self.coach.backend.tz)
            self.query_one("#about", Static).update(Content("\n").join(parts))

    @on(LedgerList.Opened, "#items")
    def open_item(self) -> None:
        """The item with its rule and evidence."""
        if self.row is not None and self.value is not None:
            self.app.push_screen(ItemPage(self.crumbs, self.row, self.value, self.nav_mode))

    def action_month(self, step: int) -> None:
        """Another month that has requests."""
        backend = self.coach.backend
        now = month_of(backend.now_ms(), backend.tz)
        month = step_month(self.month, step, backend.months(), now)
        if month != self.month:
            self.month = month
            self.reload()

    def explained(self, figure: str) -> Explanation | None:
        """The rule behind the value of an item."""
        from tokencoach.tui.why.items import item_explained  # noqa: PLC0415 - when first asked for

        found = self.query_one("#items", LedgerList).row_of(figure)
        if found is None or self.value is None:
            return None
        return item_explained(found[0], self.value.limits)

    def open_figure(self, figure: str) -> None:
        """The item under the cursor."""
        del figure
        self.query_one("#items", LedgerList).action_open()

    def figures(self) -> dict[str, str]:
        """The values of the items in sight."""
        return self.query_one("#items", LedgerList).figures()
