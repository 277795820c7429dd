"""One item of the checklist: how it stands and why, its rule and numbers, its evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from tokencoach.checklist.as_text import WORDS, mark_of
from tokencoach.tui.keys import bindings
from tokencoach.tui.screens.item_words import about_item, drawn, months_of, rule_of, value_of, words_for
from tokencoach.tui.screens.wording import WordingPage
from tokencoach.tui.widgets.ledger_list import LedgerList

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.widget import Widget

    from tokencoach.checklist.judge import Checklist, Judged
    from tokencoach.tui.why.explanation import Explanation


class ItemPage(WordingPage["Checklist"]):
    """The item above, its evidence below; enter opens the session behind a row."""

    SCOPE = "item"
    CSS_PATH = "checklist.tcss"
    BINDINGS: ClassVar = bindings("item")

    def __init__(self, crumbs: tuple[str, ...], judged: Judged, value: Checklist, mode: str) -> None:
        super().__init__((*crumbs, f"{judged.item.id} {judged.item.title}"), value, mode)
        self.item_id = judged.item.id
        self.month = value.period.month or ""

    def compose_page(self) -> Iterable[Widget]:
        """What it says, and where from."""
        yield VerticalScroll(Static("", id="said"), id="about")
        yield self.evidence_list()

    def fetch(self) -> Checklist:
        """Judge the month again."""
        return self.coach.backend.checklist(self.month)

    @property
    def row(self) -> Judged | None:
        """This item."""
        items = self.value.items if self.value is not None else ()
        return next((one for one in items if one.item.id == self.item_id), None)

    def show_value(self, value: Checklist) -> None:
        """Put it on the screen."""
        row = self.row
        if row is None:
            return
        glyphs, tz = self.coach.glyphs, self.coach.backend.tz
        state = f"{drawn(mark_of(row), glyphs)} {WORDS[row.state]}"
        months = months_of(row.trend, glyphs)
        head = f"{state}   {value_of(row)}   last {len(row.trend)} months {months}"
        title = Content.styled(f"{row.item.id} {row.item.title}", "bold")
        rule = [Content(""), *rule_of(row, dict(value.limits)), *words_for(row)]
        parts = [title, Content.styled(head, "bold"), Content(""), *about_item(row, tz), *rule]
        self.query_one("#said", Static).update(Content("\n").join(parts))
        evidence = self.query_one("#evidence")
        evidence.display = bool(row.said.evidence)
        self.set_class(not row.said.evidence, "-alone")
        if not row.said.evidence:
            self.query_one("#about").focus()
        self.show_evidence(row.said.evidence)

    def explained(self, figure: str) -> Explanation | None:
        """The rule behind the value, and what of the spend is evidence of it."""
        from tokencoach.tui.why.findings import evidence_explained  # noqa: PLC0415 - when first asked for
        from tokencoach.tui.why.items import item_explained  # noqa: PLC0415

        found = self.query_one("#evidence", LedgerList).row_of(figure)
        if found is not None and self.row is not None:
            return evidence_explained(found[0].one, self.row.item.rule)
        if figure != "value" or self.row is None or self.value is None:
            return None
        return item_explained(self.row, self.value.limits)

    def open_figure(self, figure: str) -> None:
        """The session of the evidence under the cursor."""
        del figure
        self.query_one("#evidence", LedgerList).action_open()

    def figures(self) -> dict[str, str]:
        """The value, and the spend of the evidence in sight."""
        if self.row is None:
            return {}
        return {"value": value_of(self.row)} | self.query_one("#evidence", LedgerList).figures()
