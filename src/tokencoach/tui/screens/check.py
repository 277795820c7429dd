"""Check: what waits to be asked, what was held and what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.containers import Container
from textual.content import Content
from textual.widgets import Static

from tokencoach.tui import figures
from tokencoach.tui.backend import SessionQuery
from tokencoach.tui.keys import bindings
from tokencoach.tui.safe_text import clean
from tokencoach.tui.screens.check_columns import (
    Owed,
    outcome_words,
    owed_columns,
    owed_rows,
    past_columns,
    project_of,
    reached_line,
    waiting_columns,
)
from tokencoach.tui.screens.page import Page
from tokencoach.tui.widgets.bars import KeyBar
from tokencoach.tui.widgets.empty_state import EmptyState
from tokencoach.tui.widgets.headline import Headline
from tokencoach.tui.widgets.ledger_list import LedgerList

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.widget import Widget

    from tokencoach.comprehension.asking import Asking
    from tokencoach.comprehension.overview import CheckOverview, Past, Waiting
    from tokencoach.comprehension.sitting import Ending
    from tokencoach.tui.why.explanation import Explanation


class CheckPage(Page["CheckOverview"]):
    """The inbox, what is owed, and the history."""

    SCOPE = "check"
    MODE = "check"
    MIN_REST_S = 5.0
    CSS_PATH = "check.tcss"
    BINDINGS: ClassVar = bindings("check")

    def __init__(self) -> None:
        super().__init__(("Check",))
        self._is_opening = self._has_shown = False

    def compose_page(self) -> Iterable[Widget]:
        """The figure, the inbox, the history."""
        glyphs, tz = self.coach.glyphs, self.coach.backend.tz
        waiting: LedgerList[Waiting] = LedgerList(
            waiting_columns(self.coach.backend.now_ms), lambda row: row.key, glyphs=glyphs, id="waiting"
        )
        past: LedgerList[Past] = LedgerList(past_columns(tz), lambda row: row.key, glyphs=glyphs, id="past")
        owed: LedgerList[Owed] = LedgerList(
            owed_columns(self.coach.backend.now_ms),
            lambda row: (row.place, row.area.area),
            glyphs=glyphs,
            id="owed",
        )
        lists = Container(waiting, Container(owed, past, id="below"), id="lists")
        yield Container(Headline(id="headline"), Static("", id="reached"), lists, id="content")

    def fetch(self) -> CheckOverview:
        """What waits and what was held."""
        return self.coach.backend.checks()

    def show_value(self, value: CheckOverview) -> None:
        """Put it on the screen."""
        is_empty = not (value.waiting or value.past or value.debts)
        self.query_one("#content").display = not is_empty
        empty = self.query_one(EmptyState)
        if is_empty:
            empty.explain(
                "No check was held yet: a few questions about the code that an assistant wrote for you.",
                "In a repository: tokencoach hook install asks before each commit; tokencoach check asks now.",
            )
            return
        empty.hide()
        self.query_one(KeyBar).leave_out(set() if value.waiting else {"check.start"})
        self.query_one(Headline).show(figures.count(value.questions), self._lines(value))
        reached = self.query_one("#reached", Static)
        reached.display = bool(value.answered)
        reached.update(Content(reached_line(value)))
        shown = {"#waiting": value.waiting, "#owed": owed_rows(value.debts), "#past": value.past}
        for name, rows in shown.items():
            ledger = self.query_one(name, LedgerList)
            ledger.set_rows(rows)
            ledger.display = bool(rows)
        if not self._has_shown or self.focused is None or not self.focused.display:
            self._has_shown = True
            first = next(name for name, rows in shown.items() if rows)
            self.query_one(first).focus()

    def _lines(self, value: CheckOverview) -> list[Content]:
        if value.waiting:
            noun = "question waits" if value.questions == 1 else "questions wait"
            first = f"{noun}, {figures.span(value.seconds * 1000)} in all; c starts with the newest."
        else:
            below = (
                "What you answered stands below."
                if value.past
                else "tokencoach hook install asks before a commit."
            )
            first = f"questions wait. {below}"
        recent = value.recent
        second = (
            f"Last 30 days: {figures.count(recent.answered)} answers, {figures.count(recent.right)} right, "
            f"{figures.count(recent.shown)} shown and learned."
        )
        return [
            Content.styled(first, "bold"),
            Content(second),
            Content.styled(self._owed_line(value), "$tone-muted"),
        ]

    @staticmethod
    def _owed_line(value: CheckOverview) -> str:
        if not value.debts:
            return "Nobody but you sees this. A skipped question is no failure."
        understood = sum(debt.understood for debt in value.debts)
        reviewed = sum(debt.reviewed for debt in value.debts)
        return (
            f"{figures.count(value.owed)} surviving AI lines wait for a reader; "
            f"{figures.count(understood)} understood, {figures.count(reviewed)} reviewed."
        )

    def action_start(self) -> None:
        """Hold the newest check that waits."""
        if self.value is not None and self.value.waiting:
            self._begin(self.value.waiting[0].key)
        else:
            self.notify("Nothing waits. tokencoach check asks about what is staged.", markup=False)

    @on(LedgerList.Opened, "#waiting")
    def open_waiting(self, event: LedgerList.Opened) -> None:
        """Hold the check under the cursor."""
        row: Waiting | None = event.ledger.row
        if row is not None:
            self._begin(row.key)

    @on(LedgerList.Opened, "#owed")
    def open_owed(self, event: LedgerList.Opened) -> None:
        """The sessions of the project whose lines wait for a reader."""
        row: Owed | None = event.ledger.row
        if row is not None:
            from tokencoach.tui.screens.sessions import SessionsPage  # noqa: PLC0415 - built when first shown

            crumbs = ("Check", f"sessions of {project_of(row.place)}")
            self.app.push_screen(SessionsPage(crumbs, SessionQuery(text=row.path, sort="cost"), self.MODE))

    @on(LedgerList.Opened, "#past")
    def open_past(self, event: LedgerList.Opened) -> None:
        """What was asked in the check under the cursor, and what was answered."""
        row: Past | None = event.ledger.row
        if row is not None:
            self.run_worker(self._look_back(row), group="open-check", exclusive=True)

    async def _look_back(self, row: Past) -> None:
        from tokencoach.tui.screens.past_check import PastCheckWindow  # noqa: PLC0415 - built when first shown

        told = await self.aside(self.coach.backend.past_check, row.key)
        held = f"{project_of(row.place)}, {figures.day_time(row.at_ms, self.coach.backend.tz)}"
        self.app.push_screen(PastCheckWindow(clean(f"{held}: {outcome_words(row)}"), told))

    def _begin(self, key: str) -> None:
        if not self._is_opening:
            self._is_opening = True
            self.run_worker(self._open(key), group="open-check", exclusive=True)

    async def _open(self, key: str) -> None:
        try:
            asking = await self.aside(self.coach.backend.open_check, key)
        except Exception as error:  # noqa: BLE001 - whatever went wrong, the app goes on and says so
            said = " ".join(str(error).split("\n  mend:")[0].split())
            self.notify(clean(said, 200), severity="warning", markup=False)
            return
        finally:
            self._is_opening = False
        self._hold(asking)

    def _hold(self, asking: Asking) -> None:
        from tokencoach.comprehension.sitting import summary  # noqa: PLC0415 - when a check is held
        from tokencoach.tui.check.screen import QuestionScreen  # noqa: PLC0415 - the same

        def end(_: Ending) -> None:
            self.app.pop_screen()
            self.notify(summary(asking.sitting), markup=False)
            self.run_worker(self._kept(asking), group="keep-check")

        screen = QuestionScreen(
            asking.sitting, self.coach.glyphs, end, place=asking.place, because=asking.because
        )
        self.app.push_screen(screen)

    async def _kept(self, asking: Asking) -> None:
        """Wait until all is written, then show the inbox as it is now."""
        if not await self.aside(asking.diary.finish):
            problem = f"{asking.diary.problem or 'the database did not answer'}".split("\n  mend:")[0]
            self.notify(f"Not kept: {clean(problem, 200)}", severity="error", markup=False)
        self.reload()

    def explained(self, figure: str) -> Explanation | None:
        """What stands behind the headline."""
        if figure not in self.figures() or self.value is None:
            return None
        from tokencoach.tui.why.checks import check_explained  # noqa: PLC0415 - when first asked for

        return check_explained(figure, self.value)

    def figures(self) -> dict[str, str]:
        """The figures of the headline."""
        if self.value is None:
            return {}
        recent = self.value.recent
        return {
            "waiting": figures.count(self.value.questions),
            "answered": figures.count(recent.answered),
            "right": figures.count(recent.right),
            "shown": figures.count(recent.shown),
            "owed": figures.count(self.value.owed),
            "understood": figures.count(sum(debt.understood for debt in self.value.debts)),
            "reviewed": figures.count(sum(debt.reviewed for debt in self.value.debts)),
        }
