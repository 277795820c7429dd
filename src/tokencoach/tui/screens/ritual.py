"""The monthly ritual: what I spent, where it ended, one thing to stop, one plan. It keeps its place."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.content import Content
from textual.widgets import Static

from tokencoach.checklist.ritual import STEPS, Ritual
from tokencoach.tui import figures
from tokencoach.tui.keys import bindings
from tokencoach.tui.screens.audit_columns import amount, leak_columns, leaks_of, project_columns
from tokencoach.tui.screens.audit_words import (
    audit_figures,
    compare,
    headline_figure,
    headline_lines,
)
from tokencoach.tui.screens.finding_list import FindingList
from tokencoach.tui.screens.outcome_words import feature_line, outcome_figures, score_line
from tokencoach.tui.screens.page import Page
from tokencoach.tui.screens.ritual_words import (
    choice_lines,
    held_lines,
    held_words,
    plan_lines,
    spent_lines,
    spent_words,
)
from tokencoach.tui.widgets.bars import ContextLine
from tokencoach.tui.widgets.headline import Headline
from tokencoach.tui.widgets.ledger_list import LedgerList
from tokencoach.tui.widgets.verdict_bar import VerdictBar

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.widget import Widget

    from tokencoach.audit.report import ProjectAudit
    from tokencoach.coach.finding import Finding
    from tokencoach.tui.backend import PlanWords
    from tokencoach.tui.screens.audit_columns import Leak
    from tokencoach.tui.screens.audit_words import Comparison
    from tokencoach.tui.why.explanation import Explanation

SPENT, ENDED, STOP, PLAN = range(1, 5)
_READING = "Reading the month and the one before it, and measuring the last plan…"
_SHOWN = {
    SPENT: ("#told", "#projects"),
    ENDED: ("#headline", "#bar", "#outcomes", "#leaks"),
    STOP: ("#told", "#habits"),
    PLAN: ("#told",),
}


class RitualPage(Page[Ritual]):
    """Four screens of one month; where it is left, it goes on."""

    SCOPE = "ritual"
    CSS_PATH = "ritual.tcss"
    BINDINGS: ClassVar = bindings("ritual")
    CAN_OPEN: ClassVar[bool] = False

    def __init__(self, month: str, mode: str) -> None:
        super().__init__((figures.month_title(month), "ritual"), mode=mode)
        self.month = month
        self.step = 0
        self.note = ""
        self.chosen: str | None = None

    def compose_page(self) -> Iterable[Widget]:
        """The widgets of all four screens; each shows its own."""
        glyphs, unit = self.coach.glyphs, self.coach.unit
        projects: LedgerList[ProjectAudit] = LedgerList(
            project_columns(unit), lambda row: row.repo, glyphs=glyphs, id="projects"
        )
        leaks: LedgerList[Leak] = LedgerList(
            leak_columns(unit, 0, glyphs), lambda leak: leak.name, glyphs=glyphs, id="leaks"
        )
        told = Static(_READING, id="told")
        shown_later = (Headline(id="headline"), VerdictBar(glyphs, id="bar"), Static("", id="outcomes"))
        lists = (FindingList(glyphs), told, projects, leaks)
        for widget in (*shown_later, *lists):
            widget.display = widget is told
            yield widget

    @property
    def finding(self) -> Finding | None:
        """The habit that was chosen."""
        habits = self.value.habits if self.value is not None else None
        return next((one for one in habits.found if one.id == self.chosen), None) if habits else None

    def fetch(self) -> Ritual:
        """The month, its habits, the last plan measured."""
        return self.coach.backend.ritual(self.month)

    def show_value(self, value: Ritual) -> None:
        """Put the current screen of the ritual on the terminal; at first the one where it was left."""
        if not self.step:
            row = value.row
            self.step = SPENT if row is None else min(max(row.step, SPENT), PLAN)
            self.chosen = None if row is None else row.finding
        title = f"ritual {self.step} of {len(STEPS)}: {STEPS[self.step - 1]}"
        self.query_one(ContextLine).show((self.crumbs[0], title))
        for name in {name for names in _SHOWN.values() for name in names}:
            self.query_one(name).display = name in _SHOWN[self.step]
        {SPENT: self._spent, ENDED: self._ended, STOP: self._stop, PLAN: self._plan}[self.step](value)

    def _tell(self, lines: list[Content]) -> None:
        self.query_one("#told", Static).update(Content("\n").join(lines))

    def _spent(self, value: Ritual) -> None:
        unit, held = self.coach.unit, held_lines(value.held, self.coach.backend.tz)
        self._tell([*held, *([Content("")] if held else []), *spent_lines(value, unit, self.coach.glyphs)])
        projects = self.query_one("#projects", LedgerList)
        projects.set_columns(project_columns(unit))
        projects.set_rows(value.audit.projects)
        projects.focus()

    def _comparison(self, value: Ritual) -> Comparison:
        known = {one.month: one for one in (value.before, value.audit) if one is not None and one.month}
        return compare(known, sorted(known), self.month)

    def _ended(self, value: Ritual) -> None:
        audit, unit, glyphs = value.audit, self.coach.unit, self.coach.glyphs
        lines = headline_lines(audit, self._comparison(value), unit)
        self.query_one(Headline).show(headline_figure(audit, unit), lines)
        self.query_one(VerdictBar).show(audit.buckets, unit)
        if audit.features is not None and audit.score is not None:
            said = [feature_line(audit.features, unit, glyphs)]
            said.append(score_line(audit.score, self.coach.backend.tz, glyphs, self.size.width - 2))
            self.query_one("#outcomes", Static).update(Content("\n").join(said))
        leaks = self.query_one("#leaks", LedgerList)
        whole = amount(audit.spend.counts.total, audit.spend.cost_nano, unit)
        leaks.set_columns(leak_columns(unit, whole, glyphs))
        leaks.set_rows(leaks_of(audit, unit))
        leaks.focus()

    def _stop(self, value: Ritual) -> None:
        ledger = self.query_one(FindingList)
        ledger.show(value.habits, self.coach.unit)
        ids = [finding.id for finding in value.habits.found] if value.habits else []
        if self.chosen in ids:
            ledger.cursor = ids.index(self.chosen)
        ledger.focus()
        self._tell(choice_lines(value, ledger.row if ids else None, self.coach.unit))

    def _plan(self, value: Ritual) -> None:
        self.set_focus(None)
        self._tell(plan_lines(value, self.finding, self.coach.backend.tz, self.note))

    @on(LedgerList.Moved, "#habits")
    def tell_habit(self) -> None:
        """All about the habit under the cursor."""
        if self.step == STOP and self.value is not None:
            self._tell(choice_lines(self.value, self.query_one(FindingList).row, self.coach.unit))

    @on(LedgerList.Opened)
    def go_on(self) -> None:
        """Enter goes on."""
        self.action_next()

    def key_enter(self) -> None:
        """Enter goes on where no list has the focus or a row, too."""
        habits = self.value.habits if self.value is not None else None
        if self.step == PLAN or (self.step == STOP and not (habits and habits.found)):
            self.action_next()

    def action_next(self) -> None:
        """The next screen; from the third with the habit under the cursor, from the last to the plan."""
        if self.value is None:
            return
        if self.step == PLAN:
            self._word_plan()
            return
        if self.step == STOP and not self.value.is_done:
            row = self.query_one(FindingList).row if self.value.habits else None
            self.chosen = None if row is None else row.id
        self._go(self.step + 1)

    def action_before(self) -> None:
        """The screen before."""
        if self.step > SPENT:
            self._go(self.step - 1)

    def _go(self, step: int) -> None:
        self.step = step
        if self.value is not None:
            self.show_value(self.value)
            self._keep(step, self.chosen)

    @work(group="step")
    async def _keep(self, step: int, chosen: str | None) -> None:
        try:
            await self.aside(self.coach.backend.keep_ritual_step, self.month, step, chosen)
        except Exception as error:  # noqa: BLE001 - a place that is not kept must not end the ritual
            self.log(str(error))

    def action_look(self) -> None:
        """The evidence of the habit under the cursor, or of the chosen one."""
        finding = self.query_one(FindingList).row if self.step == STOP else self.finding
        if finding is not None:
            from tokencoach.tui.screens.finding import FindingPage  # noqa: PLC0415 - built when first shown

            self.app.push_screen(FindingPage(self.crumbs, finding, self.mode))

    def _word_plan(self) -> None:
        finding, value = self.finding, self.value
        if value is None or value.is_done or finding is None:
            return
        from tokencoach.tui.screens.plan import PlanWindow  # noqa: PLC0415

        def answer(said: PlanWords | None) -> None:
            if said is not None:
                self._finish(finding, said)

        self.app.push_screen(PlanWindow(finding, value.followed), answer)

    def action_without(self) -> None:
        """Done, without a plan."""
        if self.step >= STOP and self.value is not None and not self.value.is_done:
            self._finish(None, None)

    @work(exclusive=True, group="finish")
    async def _finish(self, finding: Finding | None, said: PlanWords | None) -> None:
        backend = self.coach.backend
        try:
            await self.aside(backend.keep_ritual_step, self.month, PLAN, self.chosen)
            self.note = await self.aside(backend.finish_ritual, self.month, finding, said)
        except Exception as error:  # noqa: BLE001 - a locked database must not end the app
            self.not_kept(error)
            return
        self.step = PLAN
        self.take(await self.aside(self.fetch))
        self.coach.look_whether_due()

    def explained(self, figure: str) -> Explanation | None:
        """What stands behind a figure of the ritual."""
        from tokencoach.tui.why import findings, month, outcomes, rows  # noqa: PLC0415 - when first asked for

        value, unit = self.value, self.coach.unit
        if value is None:
            return None
        for ledger in self.query(LedgerList):
            found = ledger.row_of(figure)
            if found is not None:
                return rows.row_explained(str(ledger.id), *found, value.audit, unit)
        said = findings.held_explained(figure, value.held, value.chosen)
        said = said or findings.together_explained(figure, value.habits)
        said = said or findings.spent_explained(figure, value.audit, value.before)
        said = said or outcomes.outcome_explained(figure, value.audit, unit, self.coach.backend.tz)
        return said or month.month_explained(figure, value.audit, self._comparison(value), unit)

    def figures(self) -> dict[str, str]:
        """Every figure of the screen that is shown."""
        value, unit = self.value, self.coach.unit
        if value is None:
            return {}
        if self.step == SPENT:
            projects = self.query_one("#projects", LedgerList).figures()
            return spent_words(value, unit) | held_words(value.held) | projects
        if self.step == ENDED:
            out = audit_figures(value.audit, self._comparison(value), unit)
            out["headline"] = self.query_one(Headline).figure
            out |= self.query_one(VerdictBar).figures()
            out |= outcome_figures(value.audit, unit, self.coach.backend.tz)
            return out | self.query_one("#leaks", LedgerList).figures()
        if self.step == STOP:
            return self.query_one(FindingList).figures()
        chosen = held_words(value.chosen) if value.is_done else {}
        return {name.replace("held", "chosen"): text for name, text in chosen.items()}
