"""The doctor: what is read and from where, what is wrong, and what mends it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, NamedTuple

from textual.content import Content
from textual.widgets import Static

from tokencoach.doctor.report import verdict_lines
from tokencoach.tui import figures
from tokencoach.tui.keys import bindings
from tokencoach.tui.safe_text import clean
from tokencoach.tui.screens.page import Page
from tokencoach.tui.widgets.columns import Cell, Column
from tokencoach.tui.widgets.ledger_list import LedgerList

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.widget import Widget

    from tokencoach.doctor.report import DoctorItem, DoctorReport
    from tokencoach.tui.theme import Glyphs
    from tokencoach.tui.why.explanation import Explanation


class Finding(NamedTuple):
    """One line of the report: a section's name (``item`` is None) or an item of it."""

    section: str
    is_ok: bool
    item: DoctorItem | None = None


def findings_of(report: DoctorReport) -> tuple[Finding, ...]:
    """The report as lines."""
    lines: list[Finding] = []
    for section in report.sections:
        lines.append(Finding(section.name, section.ok))
        lines += [Finding(section.name, item.ok, item) for item in section.items]
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
        self.query_one("#items", LedgerList).set_rows(findings_of(value))

    def _verdict(self, value: DoctorReport) -> Content:
        first, *rest = (clean(line) for line in verdict_lines(value))
        if value.wrong:
            said = Content.styled(f"! {first}", "bold $tone-alert")
        elif value.lacking:
            said = Content.styled(f"{self.coach.glyphs.off} {first}", "bold $tone-pending")
        else:
            said = Content.styled(f"{self.coach.glyphs.on} {first}", "bold $tone-shipped")
        return Content("\n").join([said, *(Content.styled(f"  {line}", "$tone-alert") for line in rest)])

    def on_ledger_list_moved(self, event: LedgerList.Moved) -> None:
        """The whole value and the mend of the item under the cursor."""
        row: Finding | None = event.ledger.row
        item = row.item if row is not None else None
        lines = []
        if item is not None:
            lines.append(Content.styled(f"{clean(item.name)}: {clean(item.value)}", "bold"))
            if item.mend:
                lines.append(Content.styled(f"mend: {clean(item.mend)}", "$tone-alert"))
        self.query_one("#mend", Static).update(Content("\n").join(lines))

    def on_ledger_list_opened(self, _event: LedgerList.Opened) -> None:
        """Nothing lies behind an item but its mend, which can be copied."""
        row = self.query_one("#items", LedgerList).row
        if row is not None and row.item is not None and row.item.mend:
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

    return (Column("looked at", name, weight=2), Column("found", found, weight=5))
