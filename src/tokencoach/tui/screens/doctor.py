"""The doctor: what is read and from where, what is wrong, and what mends it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, NamedTuple

from textual.content import Content
from textual.widgets import Static

from tokencoach.audit.numbers import counted
from tokencoach.doctor.report import DoctorItem, verdict_lines
from tokencoach.tui import figures
from tokencoach.tui.keys import bindings
from tokencoach.tui.safe_text import clean
from tokencoach.tui.screens.page import Page
from tokencoach.tui.widgets.columns import Cell, Column
from tokencoach.tui.widgets.ledger_list import LedgerList

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from textual.widget import Widget

    from tokencoach.doctor.report import DoctorReport
    from tokencoach.tui.theme import Glyphs
    from tokencoach.tui.why.explanation import Explanation


_OTHERS = "others"
_LONGEST_NAMES = 300
_NAME = 28
"""Cells of a name: that of the longest item, so that a path does not take the room of what was found."""


class Finding(NamedTuple):
    """One line of the report: a section's name (``item`` is None) or an item of it.

    ``folded`` are the assistants of which nothing is here, where one line stands for them.
    """

    section: str
    is_ok: bool
    item: DoctorItem | None = None
    folded: tuple[DoctorItem, ...] = ()


def findings_of(report: DoctorReport, *, is_folded: bool = False) -> tuple[Finding, ...]:
    """The report as lines; folded, one of them stands for all assistants of which nothing is here."""
    lines: list[Finding] = []
    for section in report.sections:
        lines.append(Finding(section.name, section.ok))
        absent = tuple(item for item in section.items if item.is_absent) if is_folded else ()
        for item in section.items:
            if item not in absent:
                lines.append(Finding(section.name, item.ok, item))
            elif item is absent[0]:
                names = ", ".join(one.name for one in absent)
                together = DoctorItem(_OTHERS, f"not found: {counted(len(absent), 'assistant')}: {names}")
                lines.append(Finding(section.name, True, together, absent))
    return tuple(lines)


def pasteable(report: DoctorReport) -> str:
    """The report as plain text."""
    out: list[str] = []
    for finding in findings_of(report):
        if finding.item is None:
            out.append(f"{'ok ' if finding.is_ok else '!! '} {clean(finding.section)}")
            continue
        mend = f"  -> {clean(finding.item.mend)}" if finding.item.mend else ""
        out.append(f"     {clean(finding.item.name)}: {clean(finding.item.value)}{mend}")
    return "\n".join(out) + "\n"


class DoctorPage(Page["DoctorReport"]):
    """Sections and their items; below them the mend of the one under the cursor."""

    SCOPE = "doctor"
    CAN_OPEN = False
    MODE = "doctor"
    MIN_REST_S = 30.0
    CSS_PATH = "doctor.tcss"
    BINDINGS: ClassVar = bindings("doctor")

    def __init__(self) -> None:
        super().__init__(("Doctor",))
        self._is_folded = True

    def compose_page(self) -> Iterable[Widget]:
        """A verdict, the items, a mend."""
        glyphs = self.coach.glyphs
        items: LedgerList[Finding] = LedgerList(
            doctor_columns(glyphs),
            lambda row: (row.section, row.item and row.item.name),
            glyphs=glyphs,
            id="items",
        )
        yield Static("looking…", id="verdict")
        yield items
        yield Static("", id="mend")

    def on_mount(self) -> None:
        """The list has the focus."""
        super().on_mount()
        self.query_one("#items").focus()

    def fetch(self) -> DoctorReport:
        """Look at everything."""
        return self.coach.backend.doctor()

    def show_value(self, value: DoctorReport) -> None:
        """Put the report on the screen."""
        self.query_one("#verdict", Static).update(self._verdict(value))
        items, is_first = (
            self.query_one("#items", LedgerList),
            not self.query_one("#items", LedgerList).row_count,
        )
        lines = findings_of(value, is_folded=self._is_folded)
        items.set_rows(lines)
        if is_first:
            items.cursor = first_of_note(lines)

    def _verdict(self, value: DoctorReport) -> Content:
        # The next step stands below: the cursor begins where it is needed.
        first = clean(verdict_lines(value)[0])
        if value.wrong:
            return Content.styled(f"! {first}", "bold $tone-alert")
        if value.lacking:
            return Content.styled(f"{self.coach.glyphs.off} {first}", "bold $tone-pending")
        return Content.styled(f"{self.coach.glyphs.on} {first}", "bold $tone-shipped")

    def on_ledger_list_moved(self, event: LedgerList.Moved) -> None:
        """The whole value and the mend of the item under the cursor."""
        row: Finding | None = event.ledger.row
        item = row.item if row is not None else None
        lines = []
        if row is not None and item is None and self.value is not None:
            lines.append(Content.styled(section_words(self.value, row.section), "bold"))
        elif row is not None and row.folded:
            names = ", ".join(one.name for one in row.folded)
            lines.append(
                Content.styled(f"Of these nothing was found: {clean(names, _LONGEST_NAMES)}.", "bold")
            )
            lines.append(
                Content.styled(f"{self.coach.glyphs.enter} lists where it looked for each.", "$tone-shipped")
            )
        elif item is not None:
            lines.append(Content.styled(f"{clean(item.name)}: {clean(item.value)}", "bold"))
            if item.mend:
                lines.append(Content.styled(f"mend: {clean(item.mend)}", "$tone-alert"))
        self.query_one("#mend", Static).update(Content("\n").join(lines))

    def on_ledger_list_opened(self, _event: LedgerList.Opened) -> None:
        """Nothing lies behind an item but its mend, which can be copied; what is folded unfolds."""
        row = self.query_one("#items", LedgerList).row
        if row is not None and row.folded and self.value is not None:
            self._is_folded = False
            self.query_one("#items", LedgerList).set_rows(findings_of(self.value))
        elif row is not None and row.item is not None and row.item.mend:
            self.app.copy_to_clipboard(clean(row.item.mend))
            self.notify("Copied the mend.", markup=False)

    def action_copy(self) -> None:
        """Copy the report."""
        if self.value is not None:
            self.app.copy_to_clipboard(pasteable(self.value))
            self.notify("Copied the report.", markup=False)

    def explained(self, figure: str) -> Explanation | None:
        """What the number of faults counts."""
        if figure != "wrong" or self.value is None:
            return None
        from tokencoach.tui.why.explanation import Explanation  # noqa: PLC0415 - when first asked for

        inputs = tuple((item.name, item.mend or item.value) for item in self.value.wrong)
        formula = "Everything that was looked at and needs a person; each says its mend."
        return Explanation(
            "Things that need a person", formula, "files, the database and git, just now.", inputs
        )

    def figures(self) -> dict[str, str]:
        """The items in sight."""
        out = self.query_one("#items", LedgerList).figures()
        if self.value is not None:
            out["wrong"] = figures.count(len(self.value.wrong))
        return out


def first_of_note(lines: Sequence[Finding]) -> int:
    """Where the cursor begins: at what is wrong, else at what is lacking, else at the first item."""
    faults = (at for at, line in enumerate(lines) if line.item is not None and not line.is_ok)
    lacks = (at for at, line in enumerate(lines) if line.item is not None and line.item.lack)
    return next(faults, next(lacks, min(1, len(lines) - 1)))


def section_words(report: DoctorReport, name: str) -> str:
    """How a section stands, in a sentence."""
    section = next(one for one in report.sections if one.name == name)
    wrong = sum(1 for item in section.items if not item.ok)
    return f"{name}: {counted(wrong, 'thing')} to mend" if wrong else f"{name}: in order"


def doctor_columns(glyphs: Glyphs) -> tuple[Column[Finding], ...]:
    """State and name; value, and its mend where there is one."""

    def name(row: Finding) -> Cell:
        mark = glyphs.on if row.is_ok else "!"
        if row.item is None:
            return Cell(f"{mark} {row.section}", "strong" if row.is_ok else "alert")
        is_path = row.item.name.startswith(("/", "~"))
        return Cell(f"{' ' if row.is_ok else '!'} {row.item.name}", "" if row.is_ok else "alert", is_path)

    def found(row: Finding) -> Cell:
        if row.item is None or not row.item.mend:
            return Cell(row.item.value if row.item else "")
        return Cell(f"{row.item.value} {glyphs.crumb} {row.item.mend}", "alert")

    return (Column("looked at", name, _NAME, fits=True), Column("found", found))
