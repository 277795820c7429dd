"""What landed in a month, piece by piece: what it took, what was found wrong, and what became of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.content import Content
from textual.widgets import Static

from tokencoach.errors import TokencoachError
from tokencoach.tui import figures
from tokencoach.tui.keys import bindings
from tokencoach.tui.safe_text import clean
from tokencoach.tui.screens.feature_columns import about_feature, feature_columns
from tokencoach.tui.screens.outcome_words import score_line
from tokencoach.tui.screens.page import Page
from tokencoach.tui.widgets.bars import ContextLine
from tokencoach.tui.widgets.empty_state import EmptyState
from tokencoach.tui.widgets.ledger_list import LedgerList

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.widget import Widget

    from tokencoach.audit.feature_report import FeatureFigures, FeatureItem
    from tokencoach.audit.report import PeriodAudit
    from tokencoach.tui.why.explanation import Explanation
    from tokencoach.tui.widgets.columns import Column


class FeaturesPage(Page["PeriodAudit"]):
    """The list of what landed; below it all about the one under the cursor, and the score."""

    SCOPE = "features"
    CSS_PATH = "features.tcss"
    BINDINGS: ClassVar = bindings("features")

    def __init__(self, crumbs: tuple[str, ...], audit: PeriodAudit, mode: str) -> None:
        super().__init__(crumbs, audit, mode)
        self.month = audit.month or ""
        self._said: list[tuple[FeatureItem, str]] = []

    @property
    def found(self) -> FeatureFigures | None:
        """The features that are shown."""
        return self.value.features if self.value is not None else None

    def compose_page(self) -> Iterable[Widget]:
        """The list, the one under the cursor, the score."""
        ledger: LedgerList[FeatureItem] = LedgerList(
            self._columns(), lambda item: item.commits[0], glyphs=self.coach.glyphs, id="features"
        )
        yield ledger
        yield Static("", id="about")
        yield Static("", id="score")

    def _columns(self) -> tuple[Column[FeatureItem], ...]:
        backend = self.coach.backend
        return feature_columns(backend.tz, backend.now_ms(), self.coach.glyphs, self.coach.unit)

    def on_mount(self) -> None:
        """The list has the focus."""
        super().on_mount()
        self.query_one("#features").focus()

    def fetch(self) -> PeriodAudit:
        """The month's audit, computed."""
        return self.coach.backend.audit(self.month)

    def show_value(self, value: PeriodAudit) -> None:
        """Put the features on the screen."""
        items = value.features.items if value.features is not None else ()
        ledger = self.query_one("#features", LedgerList)
        ledger.set_columns(self._columns())
        ledger.set_rows(items)
        for name in ("#features", "#about", "#score"):
            self.query_one(name).display = bool(items)
        said = sum(item.outcome != "unknown" for item in items)
        note = f"{figures.count(len(items))} pieces of work, your word on {figures.count(said)}"
        self.query_one(ContextLine).show(self.crumbs, note if items else "")
        empty = self.query_one(EmptyState)
        if items:
            empty.hide()
            if value.score is not None:
                line = score_line(value.score, self.coach.backend.tz, self.coach.glyphs, self.size.width - 2)
                self.query_one("#score", Static).update(line)
        else:
            month = figures.month_title(self.month)
            empty.explain(
                f"No generated line landed in {month}.", "Go back, and look at the month before.", "esc"
            )

    @on(LedgerList.Moved, "#features")
    def show_about(self, event: LedgerList.Moved) -> None:
        """All about the piece of work under the cursor."""
        item: FeatureItem | None = event.ledger.row
        if item is not None:
            rows = about_feature(item, self.coach.unit, self.coach.backend.tz)
            self.query_one("#about", Static).update(Content("\n").join(rows))

    @on(LedgerList.Opened, "#features")
    def open_feature(self, event: LedgerList.Opened) -> None:
        """The sessions behind the piece of work under the cursor."""
        item: FeatureItem | None = event.ledger.row
        if item is not None:
            from tokencoach.tui.screens.feature import FeaturePage  # noqa: PLC0415 - built when first shown

            self.app.push_screen(FeaturePage((*self.crumbs, clean(item.title, 40)), item, self.mode))

    def action_say(self, outcome: str) -> None:
        """Keep the person's word on the piece of work under the cursor."""
        item: FeatureItem | None = self.query_one("#features", LedgerList).row
        if item is not None and item.outcome != outcome:
            self._said.append((item, item.outcome))
            self._keep(item, outcome)

    def action_undo(self) -> None:
        """Put back what was said before the last word."""
        if not self._said:
            self.notify("You have said nothing here yet.", markup=False)
            return
        self._keep(*self._said.pop())

    @work(group="say")
    async def _keep(self, item: FeatureItem, outcome: str) -> None:
        try:
            await self.aside(self.coach.backend.say_outcome, item, outcome)
        except TokencoachError as error:
            self.notify(f"Not kept: {clean(str(error.args[0]))}", severity="warning", markup=False)
            return
        if self.value is not None and self.value.features is not None:
            found = self.value.features
            items = tuple(
                replace(other, outcome=outcome) if other.commits == item.commits else other
                for other in found.items
            )
            self.take(replace(self.value, features=replace(found, items=items)))

    def explained(self, figure: str) -> Explanation | None:
        """What stands behind a figure of a piece of work."""
        from tokencoach.tui.why.outcomes import item_explained  # noqa: PLC0415 - when first asked for

        found = self.query_one("#features", LedgerList).row_of(figure)
        return None if found is None else item_explained(found[1], found[0])

    def open_figure(self, figure: str) -> None:
        """The piece of work under the cursor."""
        del figure
        self.query_one("#features", LedgerList).action_open()

    def figures(self) -> dict[str, str]:
        """The numbers of the rows in sight."""
        if self.found is None or not self.found.items:
            return {}
        return self.query_one("#features", LedgerList).figures()
