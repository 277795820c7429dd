"""Today, sessions, doctor, welcome; and the beat that keeps them current."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest
from textual import events

from tokencoach.audit.report import Freshness
from tokencoach.doctor.report import DoctorItem, DoctorReport, DoctorSection
from tokencoach.tui import figures
from tokencoach.tui.screens.sessions import SessionsPage
from tokencoach.tui.theme import LIGHT
from tokencoach.tui.widgets.find_line import FindLine
from tokencoach.tui.widgets.ledger_list import LedgerList
from tui.driving import LARGE, SMALL, Driver, drive, screen_text
from tui.made_names import NOW_MS
from tui.made_today import NUDGE
from tui.made_values import MadeBackend, today

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tokencoach.audit.report import SessionRow


def test_today_shows_who_works_and_what_became_of_the_last_edit() -> None:
    text = screen_text(MadeBackend(), "1")
    assert "web-app › feature/retry" in text  # noqa: RUF001
    assert "71 %" in text
    assert "last edit src/client.ts +12, 40 s ago, ◐ not landed yet" in text
    assert "ctx 50.0k" in text
    assert "no edit yet" in text


def test_today_shows_what_the_coach_says_with_its_next_step() -> None:
    text = screen_text(MadeBackend(), "1")
    assert f"!  {NUDGE.title}" in text
    assert f"Next: {NUDGE.next}" in text


def test_today_shows_the_worst_budget_and_where_there_is_room_the_others() -> None:
    small = screen_text(MadeBackend(), "1", size=SMALL)
    assert "budget  web-app  $83.0 of $100, 83 %, nearly spent, ~$121 at month's end" in small
    assert "all work" not in small
    large = screen_text(MadeBackend(), "1", size=LARGE)
    assert "~$121 at month's end ($104 to $138)" in large
    assert "budget  all work  9.1 M tokens of 22.8 M tokens" in large


def test_todays_figures_equal_the_values() -> None:
    async def script(driver: Driver) -> None:
        await driver.press("1")
        shown = driver.figures()
        assert shown["headline"] == figures.money(today().spend.cost_nano)
        assert shown["requests"] == "61"
        await driver.press("u")
        assert driver.figures()["headline"] == figures.tokens(today().spend.counts.total)

    drive(MadeBackend(), script)


def test_sessions_filter_while_typing_and_escape_forgets() -> None:
    backend = MadeBackend()

    async def script(driver: Driver) -> None:
        await driver.press("6", "slash", "c", "a", "c", "h", "e")
        await driver.pilot.pause(0.2)
        await driver.settle()
        page = driver.app.page
        assert isinstance(page, SessionsPage)
        assert page.asked.text == "cache"
        ledger = page.query_one(LedgerList)
        assert 0 < ledger.row_count < 300
        assert all(ledger._rows[at].title == "move the cache" for at in range(ledger.row_count))
        assert "with “cache”" in driver.lines()[1]
        await driver.press("enter", "j")
        assert ledger.cursor == 1
        await driver.press("escape")
        assert ledger.row_count == 300

    drive(backend, script)


def test_a_filter_that_nothing_holds_says_how_to_clear_it() -> None:
    async def script(driver: Driver) -> None:
        await driver.press("6", "slash", "x", "y", "z", "enter")
        assert "No session holds “xyz”." in driver.text()
        await driver.press("escape")
        assert "No session holds" not in driver.text()

    drive(MadeBackend(), script)


def test_sort_and_reverse_ask_again() -> None:
    backend = MadeBackend()
    screen_text(backend, "6", "s", "S")
    assert [(query.sort, query.is_reversed) for query in backend.asked] == [
        ("time", False),
        ("cost", False),
        ("cost", True),
    ]


def test_a_click_on_a_heading_of_the_sessions_asks_for_its_order_and_then_for_the_other_way_round() -> None:
    backend = MadeBackend()

    async def script(driver: Driver) -> None:
        await driver.press("6", "j", "j")
        for title in ("waste", "waste", "started"):
            heading = driver.lines()[2]
            await driver.pilot.click("#sessions", offset=(heading.index(title), 0))
            await driver.settle()
        assert driver.app.screen.query_one(LedgerList).cursor == 0
        assert "started▾" in driver.lines()[2]

    drive(backend, script)
    orders = [(query.sort, query.is_reversed) for query in backend.asked]
    assert orders == [("time", False), ("waste", False), ("waste", True), ("time", False)]


def test_an_order_of_the_page_takes_the_place_of_one_that_the_list_made_itself() -> None:
    async def script(driver: Driver) -> None:
        await driver.press("enter")
        ledger = driver.app.screen.query_one(LedgerList)
        given = [ledger._rows[at].row_id for at in range(ledger.row_count)]
        place = driver.lines()[2].index("verdict")
        await driver.pilot.click("#sessions", offset=(place, 0))
        assert "verdict▴" in driver.lines()[2]
        assert [ledger._rows[at].row_id for at in range(ledger.row_count)] != given
        await driver.press("s", "s", "s")
        assert "spend▾" in driver.lines()[2]
        assert [ledger._rows[at].row_id for at in range(ledger.row_count)] == given

    drive(MadeBackend(), script)


@pytest.mark.parametrize(("is_watching", "said"), [(True, "being judged"), (False, "Start the watcher")])
def test_sessions_that_are_read_but_not_judged_are_not_called_unread(*, is_watching: bool, said: str) -> None:
    backend = MadeBackend(sessions=0)
    backend.fresh = dataclasses.replace(backend.fresh, is_watching=is_watching)
    text = screen_text(backend, "6")
    assert said in text
    assert "No session has been read" not in text


def test_the_first_run_says_what_was_found_and_that_nothing_leaves() -> None:
    backend = MadeBackend(is_empty=True)
    backend.fresh = Freshness(True, 7, NOW_MS, 500_000_000, 1_300_000_000, None)
    text = screen_text(backend)
    assert "Nothing leaves it." in text
    assert "212 sessions" in text
    assert "Reading 1.3 GB" in text
    assert "62 %" in text


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_the_first_runs_next_step_is_in_sight_however_much_was_found(size: tuple[int, int]) -> None:
    class Many(MadeBackend):
        def doctor(self) -> DoctorReport:
            found = tuple(DoctorItem(f"assistant-{at}", "7 sessions in ~/.one") for at in range(40))
            return DoctorReport((DoctorSection("logs", found),))

    backend = Many(is_empty=True)
    backend.fresh = Freshness(True, 7, NOW_MS, 500_000_000, 1_300_000_000, None)

    async def script(driver: Driver) -> None:
        backend.is_empty = False
        page = driver.app.page
        assert page is not None
        page.reload()
        await driver.settle()
        shown = driver.text()
        assert "show me October 2026" in shown
        assert "Reading 1.3 GB" in shown
        assert "assistant-0 " in shown
        await driver.press("end")
        assert "assistant-39" in driver.text()

    drive(backend, script, size=size)


def test_d_on_the_first_run_asks_for_the_demo() -> None:
    async def script(driver: Driver) -> None:
        await driver.press("d")

    assert drive(MadeBackend(is_empty=True), script).return_value == "demo"


def test_the_first_run_goes_on_when_something_has_been_read() -> None:
    backend = MadeBackend(is_empty=True)

    async def script(driver: Driver) -> None:
        backend.is_empty = False
        backend.version += 1
        await driver.beat()
        assert "show me October 2026" in driver.text()
        await driver.press("enter")
        assert "of $410 became code" in driver.text()

    drive(backend, script)


def test_a_demonstration_opens_itself_when_it_is_made_and_offers_no_other() -> None:
    backend = MadeBackend(is_empty=True, is_demo=True)

    async def script(driver: Driver) -> None:
        assert "The demonstration is being made; it opens by itself." in driver.text()
        assert "demo data" not in driver.lines()[-1]
        backend.is_empty = False
        assert driver.app.page is not None
        driver.app.page.reload()
        await driver.settle()
        assert "of $410 became code" in driver.text()

    drive(backend, script)


@pytest.mark.parametrize("key", ["1", "2", "6", "7"])
def test_demo_data_is_marked_on_every_screen(key: str) -> None:
    assert " DEMO" in screen_text(MadeBackend(is_demo=True), key).splitlines()[0]


@pytest.mark.parametrize("key", ["1", "2", "6", "7"])
def test_freshness_stands_on_every_screen(key: str) -> None:
    assert "as of 14:02 ● watching" in screen_text(MadeBackend(), key).splitlines()[1]


def test_a_write_is_seen_on_the_screen_that_is_shown_and_later_on_the_others() -> None:
    backend = MadeBackend()

    async def script(driver: Driver) -> None:
        await driver.press("1")
        backend.fresh = dataclasses.replace(backend.fresh, is_watching=False)
        backend.version += 1
        await driver.beat()
        assert "not watching" in driver.lines()[1]
        await driver.press("2")
        assert "not watching" in driver.lines()[1]

    drive(backend, script)


def test_the_beat_stops_while_nobody_looks() -> None:
    backend = MadeBackend()

    async def script(driver: Driver) -> None:
        asked = []
        backend.data_version = lambda: asked.append(1) or 1  # type: ignore[method-assign, func-returns-value]
        driver.app.post_message(events.AppBlur())
        await driver.pilot.pause(1.3)
        assert asked == []
        driver.app.post_message(events.AppFocus())
        await driver.pilot.pause()
        assert asked

    drive(backend, script)


def test_light_and_dark_change_places() -> None:
    async def script(driver: Driver) -> None:
        await driver.press("t")
        assert driver.app.theme == LIGHT.name
        await driver.press("t")
        assert driver.app.theme != LIGHT.name

    drive(MadeBackend(), script)


def test_quit_leaves_from_a_page_and_escape_never_does() -> None:
    async def script(driver: Driver) -> None:
        await driver.press("escape", "escape")
        assert driver.app.is_running
        await driver.pilot.press("q")

    drive(MadeBackend(), script)


def test_a_plain_terminal_gets_no_glyph_it_cannot_draw() -> None:
    lines = screen_text(MadeBackend(), "1", size=SMALL, is_ascii=True).splitlines()
    beside_scrollbar = [line[:79] for line in lines[:2] + lines[6:]]
    assert [line for line in beside_scrollbar if not line.isascii()] == []


def test_a_word_is_found_in_any_list_and_escape_gives_the_place_back() -> None:
    async def script(driver: Driver) -> None:
        await driver.press("7", "j")
        items = driver.app.screen.query_one("#items", LedgerList)
        began = items.cursor
        await driver.press("slash", *"OLDER")
        assert "logs older than 30 days" in str(items.row)
        await driver.press("escape")
        assert items.cursor == began
        assert items.has_focus
        await driver.press("slash", *"claude", "enter")
        found = items.cursor
        assert "claude-code" in str(items.row)
        await driver.press("slash", *"logs")
        older = items.cursor
        assert older > found
        await driver.press("down")
        assert items.cursor == 0, "the search goes round"
        await driver.press("up", "enter")
        assert items.cursor == older
        await driver.press("slash", *"zzz")
        assert driver.app.screen.query_one(FindLine).has_class("-none")
        await driver.press("escape")
        assert not driver.app.screen.query(FindLine)

    drive(MadeBackend(), script)


def test_a_number_in_the_navigation_can_be_clicked() -> None:
    async def script(driver: Driver) -> None:
        column = driver.lines()[0].index("Doctor")
        await driver.pilot.click("#nav", offset=(column, 0))
        await driver.settle()
        assert driver.app.page is not None
        assert driver.app.page.SCOPE == "doctor"

    drive(MadeBackend(), script, size=LARGE)


def test_a_list_takes_the_colours_of_the_other_theme() -> None:
    async def script(driver: Driver) -> None:
        ledger = driver.app.screen.query_one("#projects", LedgerList)
        dark = ledger._ink("shipped")
        await driver.press("t")
        assert ledger._ink("shipped") != dark

    drive(MadeBackend(), script)


@pytest.mark.parametrize("theme", ["textual-light", "nord", "ansi-dark"])
def test_any_other_theme_draws_every_page(theme: str) -> None:
    async def script(driver: Driver) -> None:
        driver.app.theme = theme
        for key in ("1", "2", "6"):
            await driver.press(key)
            assert driver.lines()[0].startswith(" 1 Today")

    drive(MadeBackend(), script)


def test_a_watcher_that_samples_no_power_is_not_to_be_started_again(monkeypatch: pytest.MonkeyPatch) -> None:
    backend = MadeBackend()
    silent = backend.power()._replace(live=None)
    monkeypatch.setattr(backend, "power", lambda: silent)
    shown = screen_text(backend, "5")
    assert "The watcher runs and samples no power." in shown
    assert "Start the watcher." not in shown


def test_the_months_share_of_local_energy_opens_its_sessions() -> None:
    async def script(driver: Driver) -> None:
        await driver.press("5")
        assert driver.figures()["month.share"] == "61 %"
        await driver.press("enter")
        assert "measured here" in driver.text()
        await driver.press("escape")
        assert driver.figures()["month.elsewhere"] == "100 to 2000 Wh"
        driver.app.page.open_figure("month.share")  # type: ignore[union-attr]
        await driver.settle()
        assert "measured here" in driver.text()

    drive(MadeBackend(), script)


def test_without_a_measured_session_there_is_nothing_to_open() -> None:
    async def script(driver: Driver) -> None:
        await driver.press("5", "enter")
        assert "measured here" not in driver.text()
        assert "No session of this month" in driver.text()

    drive(MadeBackend(is_demo=True), script)


def test_a_database_that_fails_behind_an_event_of_today_ends_nothing() -> None:
    backend = MadeBackend()

    def fails(ids: Sequence[int]) -> list[SessionRow]:
        raise OSError(f"database is locked: {len(ids)}")

    backend.session_rows = fails  # type: ignore[method-assign]
    behind = dataclasses.replace(today().events[0], sessions=(3,))
    backend.today = lambda: dataclasses.replace(today(), events=(behind,))  # type: ignore[method-assign]

    async def script(driver: Driver) -> None:
        await driver.press("1", "enter")
        assert "not refreshed: database is locked" in driver.text()

    drive(backend, script)
