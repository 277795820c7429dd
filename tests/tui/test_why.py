"""Every figure on every screen can be asked why, and leads down to what it is made of."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from tokencoach.audit.report import ClosedVersion, Closing, LoggedPrompt, Move, PeriodAudit, Restatement
from tokencoach.tui.screens.lines import LinesPage
from tokencoach.tui.screens.prompt import PromptWindow
from tokencoach.tui.screens.sessions import SessionsPage
from tokencoach.tui.screens.why import WhyWindow, body
from tokencoach.tui.why.explanation import Explanation
from tokencoach.tui.widgets.ledger_list import LedgerList
from tokencoach.usage.words import Bucket
from tui.driving import LARGE, SMALL, Driver, drive
from tui.made_names import NOW_MS
from tui.made_values import MadeBackend

if TYPE_CHECKING:
    from tokencoach.tui.screens.page import Explained

WALK = ("2", "1", "5", "6", "enter", "enter", "enter", "3", "enter", "7")
"""Every screen with figures, each opened from the one before."""


def closed(audit: PeriodAudit) -> PeriodAudit:
    """A month that was closed and has changed since."""
    move = Move(Bucket.SHIPPED, Bucket.REWORKED, 1_000, 12_000_000_000)
    seen = Restatement(
        "line_died", "lines that died within 14 days of landing", NOW_MS, (move,), ("session-3",)
    )
    version = ClosedVersion(1, NOW_MS - 86_400_000, "attribution.v1", "ab" * 32)
    closing = Closing((version,), (seen,), audit.buckets, NOW_MS)
    return dataclasses.replace(
        audit, is_closed=True, closing=closing, overrules=2, machine=audit.buckets, provisional_share=0.3
    )


class ClosedBackend(MadeBackend):
    """Months that are closed, and restated."""

    def cached_audit(self, month: str) -> PeriodAudit | None:
        """As made, but closed."""
        audit = super().cached_audit(month)
        return None if audit is None else closed(audit)

    def audit(self, month: str) -> PeriodAudit:
        """As made, but closed."""
        return closed(super().audit(month))


def test_the_first_runs_figures_are_explained_too() -> None:
    async def script(driver: Driver) -> None:
        page = driver.app.page
        assert page is not None
        assert page.figures()
        assert [name for name in page.figures() if page.explained(name) is None] == []

    drive(MadeBackend(is_empty=True), script)


@pytest.mark.parametrize(
    ("backend", "unit"),
    [(MadeBackend(), "cost"), (ClosedBackend(), "cost"), (ClosedBackend(), "tokens")],
    ids=["open", "closed", "tokens"],
)
@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_no_figure_on_any_screen_is_without_an_explanation(
    backend: MadeBackend, size: tuple[int, int], unit: str
) -> None:
    async def script(driver: Driver) -> None:
        if unit == "tokens":
            await driver.press("u")
        walked = 0
        for key in WALK:
            await driver.press(key)
            page = driver.app.page
            assert page is not None
            shown = page.figures()
            walked += len(shown)
            assert [name for name in shown if page.explained(name) is None] == []
            for name in shown:
                why = page.explained(name)
                assert why is not None
                assert why.title
                assert why.formula
                assert why.source
                assert why.inputs or name == "wrong", f"{name}: of nothing that is wrong there is no input"
        assert walked > 60

    drive(backend, script, size=size)


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_the_window_explains_each_figure_at_hand_with_its_numbers(size: tuple[int, int]) -> None:
    async def script(driver: Driver) -> None:
        await driver.press("question_mark")
        window = driver.app.screen
        assert isinstance(window, WhyWindow)
        ledger: LedgerList[Explained] = window.query_one(LedgerList)
        page = driver.app.page
        assert page is not None
        shown = page.figures()
        for at in range(ledger.row_count):
            ledger.cursor = at
            await driver.settle()
            row = ledger.row
            assert row is not None
            assert shown[row.name] == row.shown
            assert row.why.title.split(":")[0][:20] in driver.text()
        names = {ledger._rows[at].name.split(".")[0] for at in range(ledger.row_count)}
        assert {"headline", "spend", "known_share", "lines", "projects", "leaks", *map(str, Bucket)} <= names

    drive(MadeBackend(), script, size=size)


def test_a_long_name_of_an_input_never_touches_its_value() -> None:
    inputs = (("in all", "$1"), ("in the turns that wrote it", "11,567,773 tokens"), ("x" * 60, "7"))
    shown = body(Explanation("Spend", "It is a sum.", "the logs.", inputs, "")).plain.splitlines()
    assert "  in the turns that wrote it                    11,567,773 tokens" in shown
    assert f"  {'x' * 60}  7" in shown


def test_a_share_is_shown_as_the_quotient_that_it_is() -> None:
    async def script(driver: Driver) -> None:
        page = driver.app.page
        assert page is not None
        why = page.explained("headline")
        assert why is not None
        assert "$246.0000 / $410.0000 = 60.00 %" in why.formula

    drive(MadeBackend(), script)


def test_a_figure_is_copied_with_all_that_stands_behind_it() -> None:
    async def script(driver: Driver) -> None:
        await driver.press("question_mark", "y")
        window = driver.app.screen
        assert isinstance(window, WhyWindow)
        one: Explained | None = window.query_one(LedgerList).row
        assert one is not None
        copied = driver.app.clipboard
        assert copied.startswith(f"{one.why.title}: {one.shown}\n")
        assert all(value in copied for _, value in one.why.inputs)
        assert one.why.source in copied

    drive(MadeBackend(), script)


def test_the_window_starts_at_the_focused_figure() -> None:
    async def script(driver: Driver) -> None:
        await driver.press("j", "question_mark")
        ledger: LedgerList[Explained] = driver.app.screen.query_one(LedgerList)
        assert ledger.row is not None
        assert ledger.row.name == "projects./home/me/web-app.spend"

    drive(MadeBackend(), script)


def test_enter_goes_from_a_figure_down_to_the_prompt_of_a_line() -> None:
    backend = MadeBackend()

    async def script(driver: Driver) -> None:
        await driver.press("question_mark", "enter")
        assert isinstance(driver.app.page, SessionsPage)
        assert backend.asked[-1].repo == "/home/me/api-gateway"
        for _ in range(3):
            await driver.press("question_mark", "enter")
        while not isinstance(driver.app.page, LinesPage):
            await driver.press("enter")
        await driver.press("question_mark", "G", "enter")
        assert isinstance(driver.app.screen, PromptWindow)
        assert "add backoff" in driver.text()
        assert "~/.claude/x.jsonl at byte 120" in driver.text()

    drive(backend, script)


def test_a_bucket_leads_to_its_sessions() -> None:
    backend = MadeBackend()

    async def script(driver: Driver) -> None:
        page = driver.app.page
        assert page is not None
        page.open_figure("not_landed.share")
        await driver.settle()
        assert [query.bucket for query in backend.asked] == [Bucket.NOT_LANDED]
        await driver.press("escape")
        page.open_figure("known_share")
        await driver.settle()
        assert [query.bucket for query in backend.asked][-1:] == [Bucket.UNKNOWN]

    drive(backend, script)


def test_a_log_that_is_gone_is_said_and_what_was_kept_is_shown() -> None:
    backend = MadeBackend()
    backend.logged = LoggedPrompt(
        "what was \x1b[31mkept[/]", "~/.claude/x.jsonl at byte 1", "the log is gone"
    )

    async def script(driver: Driver) -> None:
        await driver.press("enter", "enter", "p")
        assert "the log is gone; this is what was kept" in driver.text()
        assert "what was ␛[31mkept[/]" in driver.text()
        backend.logged = LoggedPrompt(None, "", "the log is gone")
        await driver.press("escape", "p")
        assert "the log is gone; nothing of it was kept" in driver.text()

    drive(backend, script)


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_a_restatement_stands_on_the_screen_with_its_cause_and_opens_its_sessions(
    size: tuple[int, int],
) -> None:
    backend = ClosedBackend()

    async def script(driver: Driver) -> None:
        text = driver.text()
        assert "closed 2026-11-21, restated" in text
        assert "Restated since it was closed" in text
        assert "$12.0" in text
        driver.app.screen.query_one("#restated", LedgerList).focus()
        await driver.press("enter")
        assert backend.asked[-1].sessions == ("session-3",)
        assert "judged now" in driver.lines()[1]

    drive(backend, script, size=size)
