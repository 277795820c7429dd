"""What 120x40 shows more than 80x24: where the waste was, the files of a session, the last days."""

from __future__ import annotations

import pytest

from tokencoach.tui import figures
from tokencoach.tui.screens.lines import LinesPage
from tokencoach.tui.screens.session import SessionPage
from tokencoach.tui.screens.session_files import files_of
from tokencoach.tui.screens.sessions import SessionsPage
from tokencoach.tui.screens.wasteful import WastefulList, worst_turn
from tokencoach.tui.widgets.ledger_list import LedgerList
from tui.driving import LARGE, SMALL, Driver, drive
from tui.made_values import MadeBackend, session_detail


def test_the_sessions_that_wasted_most_are_one_key_from_the_first_screen() -> None:
    async def script(driver: Driver) -> None:
        wasteful = driver.app.screen.query_one(WastefulList)
        assert wasteful.display
        worst, text = wasteful.row, driver.text()
        assert worst is not None
        lost = sum(kind.cost_nano for kind in worst.waste)
        assert driver.figures()[f"wasteful.{worst.row_id}.waste"] == figures.money(lost)
        page = driver.app.page
        assert page is not None
        assert page.explained(f"wasteful.{worst.row_id}.waste") is not None
        assert all(value in text for name, value in driver.figures().items() if name.startswith("wasteful."))
        wasteful.focus()
        await driver.press("enter")
        opened = driver.app.page
        assert isinstance(opened, SessionPage)
        assert opened.row.row_id == worst.row_id
        turn = opened.query_one("#turns", LedgerList).row
        assert turn is not None
        assert turn.turn_id == worst_turn(session_detail(worst.row_id).turns)
        assert turn.turn == 3

    drive(MadeBackend(), script, size=LARGE)


def test_a_low_screen_does_not_ask_for_what_it_has_no_room_for() -> None:
    backend = MadeBackend()

    async def script(driver: Driver) -> None:
        assert not driver.app.screen.query(WastefulList)
        assert backend.asked == []

    drive(backend, script, size=SMALL)


def test_a_session_opened_from_waste_stands_on_the_turn_that_wasted_most() -> None:
    async def script(driver: Driver) -> None:
        await driver.press("6", "s", "s")
        await driver.press("enter")
        page = driver.app.page
        assert isinstance(page, SessionPage)
        turn = page.query_one("#turns", LedgerList).row
        assert turn is not None
        assert turn.turn == 3

    drive(MadeBackend(), script)


@pytest.mark.parametrize(("size", "is_shown"), [(SMALL, False), (LARGE, True)])
def test_a_tall_screen_sums_a_session_up_by_file(*, size: tuple[int, int], is_shown: bool) -> None:
    async def script(driver: Driver) -> None:
        await driver.press("6", "enter")
        page = driver.app.page
        assert isinstance(page, SessionPage)
        files = page.query_one("#files", LedgerList)
        assert files.display is is_shown
        if not is_shown:
            return
        shown, text = driver.figures(), driver.text()
        for row in files_of(session_detail(1).turns):
            assert (row.edits, row.added, row.removed, row.turns) == (4, 160, 8, (1, 2, 3, 4))
            assert shown[f"files.{row.path}.fate"] in text
            assert shown[f"files.{row.path}.fate"] == "✓ 120  ✗ 40"
            assert page.explained(f"files.{row.path}.added") is not None
        files.focus()
        await driver.press("enter")
        assert isinstance(driver.app.page, LinesPage)
        assert driver.app.page.crumbs[-2:] == ("turn 4", "client_0.ts")

    drive(MadeBackend(), script, size=size)


def test_today_is_seen_beside_the_seven_days_before_it() -> None:
    async def script(driver: Driver) -> None:
        await driver.press("1")
        page = driver.app.page
        assert page is not None
        shown, text = driver.figures(), driver.text()
        assert shown["days.2026-11-22.spend"] == "$9.40"
        assert shown["days.2026-11-20.spend"] == "$0.00"
        assert shown["days.2026-11-21.sessions"] == "2"
        assert "Sat 21 Nov" in text
        assert "Sun 15 Nov" in text
        assert page.explained("days.2026-11-21.spend") is not None
        page.query_one("#days").focus()
        await driver.press("j", "enter")
        assert isinstance(driver.app.page, SessionsPage)
        assert driver.app.page.crumbs == ("Today", "Sat 21 Nov")

    drive(MadeBackend(), script, size=LARGE)


def test_a_day_without_sessions_opens_nothing() -> None:
    async def script(driver: Driver) -> None:
        await driver.press("1")
        page = driver.app.page
        assert page is not None
        page.query_one("#days").focus()
        await driver.press("j", "j", "enter")
        assert driver.app.page is page

    drive(MadeBackend(), script, size=LARGE)
