"""The audit of a month: what share of its spend became code that is still there."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.containers import Container

from tokencoach.tui import figures
from tokencoach.tui.backend import SessionQuery
from tokencoach.tui.keys import bindings
from tokencoach.tui.months import default_month, month_of, step_month
from tokencoach.tui.screens.audit_columns import (
    Leak,
    amount,
    leak_columns,
    leaks_of,
    month_columns,
    project_columns,
)
from tokencoach.tui.screens.audit_view import AuditView
from tokencoach.tui.screens.audit_words import (
    audit_figures,
    bucket_named,
    headline_figure,
    headline_lines,
    month_to_look_at,
    months_before,
    months_beside,
    short_headline,
)
from tokencoach.tui.screens.finding_list import FindingList, speaks_of
from tokencoach.tui.screens.month_acts import MonthActs
from tokencoach.tui.screens.outcome_words import (
    OUTCOMES,
    feature_line,
    outcome_figures,
    score_line,
)
from tokencoach.tui.screens.restated import (
    RestatedRow,
    closed_note,
    made_at,
    restated_columns,
    show_restated,
)
from tokencoach.tui.widgets.bars import ContextLine
from tokencoach.tui.widgets.empty_state import NOTHING_READ, EmptyState
from tokencoach.tui.widgets.headline import Headline
from tokencoach.tui.widgets.ledger_list import LedgerList
from tokencoach.tui.widgets.outcome_line import OutcomeLine
from tokencoach.tui.widgets.verdict_bar import VerdictBar
from tokencoach.usage.words import Bucket

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.widget import Widget

    from tokencoach.audit.report import PeriodAudit, ProjectAudit, SessionRow
    from tokencoach.coach.finding import Finding
    from tokencoach.coach.habits import Habits
    from tokencoach.tui.screens.wasteful import WastefulList
    from tokencoach.tui.why.explanation import Explanation

_FIRST_LOOK_S = 0.5
"""What is kept is on the screen before anything is computed again."""
_QUICK_S = 1.5
_HABITS_AFTER_S = 0.25
_WIDE = 100
_OLD_AT_FIRST_MS = 60_000
_OLD_MS = 600_000
_MOST_MONTHS = 8


class AuditPage(MonthActs):
    """Headline, bar, projects, where the rest went."""

    SCOPE = "audit"
    MODE = "audit"
    REMINDS: ClassVar[bool] = True
    BINDINGS: ClassVar = bindings("audit")

    def __init__(self) -> None:
        super().__init__()
        self._seen: set[str | None] = set()
        self._history: dict[str, PeriodAudit] = {}
        self._word: int | None = None
        self._habits_of = ""
        self._wasteful: WastefulList | None = None
        self._wasteful_of = ("", 0)

    def compose_page(self) -> Iterable[Widget]:
        """The headline, the bar and the two lists."""
        glyphs, unit = self.coach.glyphs, self.coach.unit
        projects: LedgerList[ProjectAudit] = LedgerList(
            project_columns(unit), lambda row: row.repo, glyphs=glyphs, id="projects"
        )
        leaks: LedgerList[Leak] = LedgerList(
            leak_columns(unit, 0, glyphs), lambda leak: leak.name, glyphs=glyphs, id="leaks"
        )
        months: LedgerList[PeriodAudit] = LedgerList(
            month_columns(unit, glyphs), lambda audit: audit.month, glyphs=glyphs, id="months"
        )
        restated: LedgerList[RestatedRow] = LedgerList(
            restated_columns(unit, glyphs), lambda row: row.key, glyphs=glyphs, id="restated"
        )
        yield Container(
            Headline(id="headline"),
            VerdictBar(glyphs, id="bar"),
            restated,
            OutcomeLine(id="features"),
            OutcomeLine(id="score"),
            Container(projects, leaks, id="lists"),
            FindingList(glyphs),
            months,
            id="content",
        )

    def on_mount(self) -> None:
        """Start at the last month that is over, the one that can be judged."""
        backend = self.coach.backend
        self.month = default_month(backend.months(), backend.now_ms(), backend.tz)
        cached = backend.cached_audit(self.month)
        if cached is not None:
            self.value = AuditView(cached, (self.month,))
        super().on_mount()
        self.query_one("#projects").focus(scroll_visible=False)

    def on_resize(self) -> None:
        """A taller screen lists months that a lower one has no use for."""
        if self.is_attached:
            self.data_changed()

    async def load(self) -> None:
        """What is kept at once; computed where nothing is kept, or what is kept has grown old."""
        view = await self.aside(self._fetch_kept)
        if view is not None:
            self.take(view)
        if view is None or self._is_old(view.audit):
            if view is None:
                self.query_one(ContextLine).show((figures.month_title(self.month),), "judging every line…")
            else:
                await asyncio.sleep(_FIRST_LOOK_S)
            view = await self.aside(self.fetch)
            self.take(view)
        await self._load_habits()
        await self._load_wasteful(view.audit)
        await self._load_months_before(view)

    def forget(self) -> None:
        """Nor are other months or habits shown that were read from the former file."""
        super().forget()
        self._history, self._habits_of, self._wasteful_of = {}, "", ("", 0)

    async def _load_habits(self) -> None:
        """The dearest habits, after everything else stands: kept ones at once, then those of now."""
        month, backend = self.month, self.coach.backend
        await asyncio.sleep(_HABITS_AFTER_S)
        if self._habits_of != month:
            kept = await self.aside(backend.kept_habits, month)
            spent = self.value.audit.spend.counts.total if self.value is not None else 0
            self._show_habits(month, kept if kept is not None and speaks_of(kept, spent) else None)
        shown = self.query_one(FindingList).shown
        if shown is None or (not shown.is_closed and backend.now_ms() - shown.as_of_ms > _OLD_AT_FIRST_MS):
            self._show_habits(month, await self.aside(backend.habits, month))

    def _show_habits(self, month: str, habits: Habits | None) -> None:
        if month == self.month:
            self._habits_of = month
            self.query_one(FindingList).show(habits, self.coach.unit)
            self.query_one("#content").set_class(self.query_one(FindingList).display, "-habits")

    async def _load_wasteful(self, audit: PeriodAudit) -> None:
        """The sessions that wasted most, where the screen is tall enough for them; anew for a newer audit."""
        made = self.month, made_at(audit)
        if not self.has_class("-tall") or self._wasteful_of == made:
            return
        rows = await self.aside(self.coach.backend.month_sessions, SessionQuery(month=made[0], sort="waste"))
        if made[0] != self.month:
            return
        if self._wasteful is None:
            from tokencoach.tui.screens.wasteful import WastefulList  # noqa: PLC0415 - where there is room

            self._wasteful = WastefulList(self.coach.glyphs, self.coach.backend.tz)
            await self.query_one("#content").mount(self._wasteful, before="#months")
        self._wasteful_of = made
        self._wasteful.show_in(self.coach.unit, audit.projects)
        self.query_one("#content").set_class(self._wasteful.show(rows), "-wasteful")

    async def _load_months_before(self, view: AuditView) -> None:
        """Months to compare that are not kept are computed one by one, while that is quick.

        Where they have no list on the screen, only the last one is compared with.
        """
        wanted = months_before(view.months, self.month)
        for month in reversed(wanted if self.query_one("#months").display else wanted[-1:]):
            if month in view.by_month:
                continue
            await asyncio.sleep(_FIRST_LOOK_S)
            started = self._now()
            self._history[month] = await self.aside(self.coach.backend.audit, month)
            view = self._view(view.audit)
            self.take(view)
            if self._now() - started > _QUICK_S:
                break

    def _fetch_kept(self) -> AuditView | None:
        kept = self.coach.backend.cached_audit(self.month)
        shown = self.value.audit if self.value is not None and self.value.audit.month == self.month else None
        if shown is not None and (kept is None or made_at(kept) <= made_at(shown)):
            kept = shown
        return None if kept is None else self._view(kept)

    def _is_old(self, audit: PeriodAudit) -> bool:
        now, newest = self.coach.backend.now_ms(), self.coach.pulse.freshness.newest_request_ms
        patience = _OLD_AT_FIRST_MS if audit.month not in self._seen else _OLD_MS
        self._seen.add(audit.month)
        word, self._word = self._word, self.coach.pulse.word
        made = made_at(audit)
        is_behind = word is not None and word != self._word
        return now - made > patience or (newest is not None and newest > made) or is_behind

    def fetch(self) -> AuditView:
        """The month's audit, computed."""
        return self._view(self.coach.backend.audit(self.month))

    def _view(self, audit: PeriodAudit) -> AuditView:
        backend = self.coach.backend
        months = tuple(backend.months())
        known = []
        for month in months_before(months, self.month):
            kept = backend.cached_audit(month) or self._history.get(month)
            if kept is not None:
                known.append(kept)
        return AuditView(audit, months, tuple(known))

    def show_value(self, value: AuditView) -> None:
        """Put an audit on the screen."""
        audit, unit, glyphs = value.audit, self.coach.unit, self.coach.glyphs
        title = figures.month_title(audit.label)
        self.crumbs = (title,)
        now = month_of(self.coach.backend.now_ms(), self.coach.backend.tz)
        others = months_beside(value.months, self.month, now)
        self.query_one(ContextLine).show(self.crumbs, closed_note(audit, others, glyphs))
        has_spend = audit.spend.requests > 0
        self.query_one("#content").display = has_spend
        empty = self.query_one(EmptyState)
        if not has_spend:
            nothing = f"Nothing was logged in {title}.", *month_to_look_at(value.months, self.month, now)
            empty.explain(*(nothing if value.months else NOTHING_READ))
            return
        empty.hide()
        is_said = headline_figure(audit, unit) != figures.UNKNOWN
        self.query_one(Headline).show(
            headline_figure(audit, unit),
            headline_lines(value.audit, value.comparison, unit),
            short_headline(audit, unit) if is_said else None,
        )
        self.query_one(VerdictBar).show(audit.buckets, unit)
        self._show_outcomes(audit, unit)
        show_restated(self.query_one("#restated", LedgerList), audit.closing, unit, glyphs)
        projects = self.query_one("#projects", LedgerList)
        projects.set_columns(project_columns(unit))
        projects.set_rows(audit.projects)
        lost = leaks_of(audit, unit)
        beside = max(len(audit.projects), len(lost)) + 2
        below = len(audit.projects) + len(lost) + 4
        self.query_one("#lists").styles.max_height = beside if self.size.width >= _WIDE else below
        leaks = self.query_one("#leaks", LedgerList)
        whole = amount(audit.spend.counts.total, audit.spend.cost_nano, unit)
        leaks.set_columns(leak_columns(unit, whole, glyphs))
        leaks.set_rows(lost)
        if self._habits_of != self.month:
            self.query_one(FindingList).show(None, unit)
        else:
            self.query_one(FindingList).show_in(unit)
        if self._wasteful is not None:
            self._wasteful.show_in(unit, audit.projects)
            if self._wasteful_of[0] != self.month:
                self.query_one("#content").set_class(self._wasteful.show(()), "-wasteful")
        months = self.query_one("#months", LedgerList)
        months.styles.height = min(len(value.latest) + 1, _MOST_MONTHS)
        months.set_columns(month_columns(unit, glyphs))
        months.set_rows(value.latest)

    def _show_outcomes(self, audit: PeriodAudit, unit: str) -> None:
        glyphs = self.coach.glyphs
        if audit.features is not None and audit.score is not None:
            self.query_one("#features", OutcomeLine).update(feature_line(audit.features, unit, glyphs))
            line = score_line(audit.score, self.coach.backend.tz, glyphs, self.size.width - 2)
            self.query_one("#score", OutcomeLine).update(line)

    def action_month(self, step: int) -> None:
        """Some months on, or back where negative."""
        backend = self.coach.backend
        known = self.value.months if self.value else ()
        self._go(step_month(self.month, step, known, month_of(backend.now_ms(), backend.tz)))

    def action_this_month(self) -> None:
        """The running month."""
        self._go(month_of(self.coach.backend.now_ms(), self.coach.backend.tz))

    def _go(self, month: str) -> None:
        if month != self.month:
            self.month = month
            self.query_one(ContextLine).show((figures.month_title(month),))
            self.reload()

    @on(LedgerList.Opened, "#projects")
    def open_project(self, event: LedgerList.Opened) -> None:
        """The sessions of a project."""
        project: ProjectAudit | None = event.ledger.row
        if project is not None:
            query = SessionQuery(month=self.month, repo=project.repo, sort="cost")
            self._open(query, project.name)

    @on(LedgerList.Opened, "#leaks")
    def open_leak(self, event: LedgerList.Opened) -> None:
        """The sessions with this waste, or without evidence."""
        leak: Leak | None = event.ledger.row
        if leak is not None:
            sort = "cost" if leak.bucket is Bucket.UNKNOWN else "waste"
            self._open(SessionQuery(month=self.month, bucket=leak.bucket, sort=sort), leak.name)

    @on(LedgerList.Opened, "#habits")
    def open_habit(self, event: LedgerList.Opened) -> None:
        """The finding behind a habit."""
        finding: Finding | None = event.ledger.row
        if finding is not None:
            from tokencoach.tui.screens.finding import FindingPage  # noqa: PLC0415 - built when first shown

            self.app.push_screen(FindingPage(self.crumbs, finding, self.MODE))

    @on(LedgerList.Opened, "#wasteful")
    def open_wasteful(self, event: LedgerList.Opened) -> None:
        """The session, at the turn that wasted most."""
        row: SessionRow | None = event.ledger.row
        if row is not None:
            from tokencoach.tui.screens.session import SessionPage  # noqa: PLC0415 - built when first shown

            self.app.push_screen(SessionPage.opened_from(self, row, is_for_waste=True))

    @on(LedgerList.Opened, "#restated")
    def open_restatement(self, event: LedgerList.Opened) -> None:
        """The sessions that evidence of later changed."""
        row: RestatedRow | None = event.ledger.row
        if row is not None:
            self._open(SessionQuery(month=self.month, sort="cost", sessions=row.sessions), row.why)

    @on(LedgerList.Opened, "#months")
    def open_month(self, event: LedgerList.Opened) -> None:
        """Another month."""
        audit: PeriodAudit | None = event.ledger.row
        if audit is not None and audit.month is not None:
            self._go(audit.month)

    def on_verdict_bar_opened(self, event: VerdictBar.Opened) -> None:
        """The sessions with spend in a bucket."""
        word = self.coach.glyphs.looks[event.bucket].word
        self._open(SessionQuery(month=self.month, bucket=event.bucket, sort="cost"), word)

    def open_headline(self) -> None:
        """The sessions that the large figure is of; those of nothing known where it is none."""
        is_said = self.query_one(Headline).figure != figures.UNKNOWN
        self.open_figure("headline" if is_said else str(Bucket.UNKNOWN))

    @on(OutcomeLine.Opened)
    def action_open_features(self) -> None:
        """What landed in the month, piece by piece."""
        if self.value is not None and self.value.audit.features is not None:
            from tokencoach.tui.screens.features import FeaturesPage  # noqa: PLC0415 - built when first shown

            self.app.push_screen(FeaturesPage((*self.crumbs, "features"), self.value.audit, self.MODE))

    def action_open_sessions(self) -> None:
        """All sessions of the month."""
        self._open(SessionQuery(month=self.month, sort="cost"), "all sessions")

    def _open(self, query: SessionQuery, crumb: str) -> None:
        from tokencoach.tui.screens.sessions import SessionsPage  # noqa: PLC0415 - built when first shown

        is_restated = self.value is not None and self.value.audit.closing is not None
        # The frozen figures stay; what is behind them is judged with what is known now.
        crumbs = (*self.crumbs, f"judged now: {crumb}") if is_restated else (*self.crumbs, crumb)
        self.app.push_screen(SessionsPage(crumbs, query, mode=self.MODE))

    def explained(self, figure: str) -> Explanation | None:
        """What stands behind a figure, with its numbers filled in."""
        from tokencoach.tui.why import findings, month, outcomes, rows  # noqa: PLC0415 - when first asked for

        view, unit = self.value, self.coach.unit
        if view is None:
            return None
        for ledger in self.query(LedgerList):
            found = ledger.row_of(figure)
            if found is not None:
                return rows.row_explained(str(ledger.id), *found, view.audit, unit)
        said = findings.together_explained(figure, self.query_one(FindingList).habits)
        said = said or outcomes.outcome_explained(figure, view.audit, unit, self.coach.backend.tz)
        return said or month.month_explained(figure, view.audit, view.comparison, unit)

    def focused_figure(self) -> str:
        """The line under the cursor, the chosen bucket, or the headline."""
        if isinstance(self.focused, VerdictBar):
            return f"{self.focused.bucket}."
        if isinstance(self.focused, OutcomeLine):
            return str(self.focused.id)
        return super().focused_figure() or "headline"

    def open_figure(self, figure: str) -> None:
        """The sessions that a figure is made of; another month where it is one's."""
        for ledger in self.query(LedgerList):
            if figure.startswith(ledger.row_prefix or "-"):
                ledger.action_open()
                return
        name = figure.partition(".")[0]
        if name == "habits_together":
            self.query_one(FindingList).action_open()
            return
        if name in OUTCOMES:
            self.action_open_features()
            return
        bucket = bucket_named(name)
        if bucket is None:
            self.action_open_sessions()
        else:
            self.on_verdict_bar_opened(VerdictBar.Opened(bucket))

    def figures(self) -> dict[str, str]:
        """Every figure that is drawn."""
        if self.value is None or not self.query_one("#content").display:
            return {}
        out = audit_figures(self.value.audit, self.value.comparison, self.coach.unit)
        out["headline"] = self.query_one(Headline).figure
        out.update(self.query_one(VerdictBar).figures())
        out.update(outcome_figures(self.value.audit, self.coach.unit, self.coach.backend.tz))
        for ledger in self.query(LedgerList):
            out.update(ledger.figures())
        return out
