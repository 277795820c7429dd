"""The Check page: what waits, one key to start, and back again."""

from __future__ import annotations

from tokencoach.comprehension.sitting import Ending, Reason
from tokencoach.comprehension.verified import AnsweredLine, Reached
from tokencoach.tui.check.screen import QuestionScreen
from tokencoach.tui.screens.check_columns import _REACHED, owed_rows
from tokencoach.tui.screens.sessions import SessionsPage
from tokencoach.tui.widgets.ledger_list import LedgerList
from tui.driving import LARGE, Driver, drive
from tui.made_values import MadeBackend


def test_one_key_starts_with_the_newest_and_the_page_is_back_at_the_end() -> None:
    backend = MadeBackend()

    async def script(driver: Driver) -> None:
        await driver.press("4", "c")
        assert isinstance(driver.app.screen, QuestionScreen)
        assert "2 questions, about 40 s" in driver.lines()[0]
        await driver.press("3", "0", "full_stop", "0", "enter")
        assert "Right." in driver.text()
        await driver.press("enter")
        await driver.press("1", "enter")
        await driver.press("enter")
        assert not driver.app.screen.is_modal
        assert "2 of 2 right" in driver.text()

    drive(backend, script)
    assert backend.diary is not None
    assert backend.diary.ending == (Ending.DONE, None)
    assert [note.given for note in backend.diary.notes] == ["30.0", "attempt < 0"]


def test_enter_opens_the_check_under_the_cursor() -> None:
    async def script(driver: Driver) -> None:
        await driver.press("4", "j", "enter")
        assert isinstance(driver.app.screen, QuestionScreen)

    drive(MadeBackend(), script)


def test_enter_on_a_folder_that_is_owed_opens_the_sessions_of_its_project_and_escape_comes_back() -> None:
    backend = MadeBackend()

    async def script(driver: Driver) -> None:
        await driver.press("4")
        driver.app.screen.query_one("#owed", LedgerList).focus()
        await driver.press("j", "enter")
        assert isinstance(driver.app.page, SessionsPage)
        assert driver.app.page.crumbs[0] == "Check"
        await driver.press("escape")
        assert driver.app.screen.query_one("#owed", LedgerList).cursor == 1

    drive(backend, script, size=LARGE)
    second = owed_rows(backend.checks().debts)[1]
    assert backend.asked[-1].text == second.path


def test_a_check_that_is_over_opens_with_its_questions_the_answers_and_what_was_right() -> None:
    backend = MadeBackend()

    async def script(driver: Driver) -> None:
        await driver.press("4")
        driver.app.screen.query_one("#past", LedgerList).focus()
        await driver.press("j", "enter")
        assert "billing" in driver.text()
        assert "1 of 2 right" in driver.text()
        for said in ("called backoff(1).", "You said: 0.5  right at the second try", "Right: 0.5"):
            assert said in driver.text()
        await driver.press("end")
        for said in ("* src/api.py", "You gave no answer.", "Right: src/api.py; src/jobs.py"):
            assert said in driver.text()
        await driver.press("escape")
        assert driver.app.screen.query_one("#past", LedgerList).cursor == 1

    drive(backend, script, size=LARGE)
    assert backend.looked_at == ["p1"]


def test_where_nothing_waits_enter_opens_the_newest_check_that_is_over() -> None:
    backend = MadeBackend()
    whole = backend.checks()
    backend.checks = lambda: whole._replace(waiting=(), debts=())  # type: ignore[method-assign]

    async def script(driver: Driver) -> None:
        await driver.press("4")
        await driver.press("enter")
        assert "called backoff(1)." in driver.text()

    drive(backend, script)
    assert backend.looked_at == ["p0"]


def test_the_keys_of_the_app_do_nothing_during_a_check() -> None:
    async def script(driver: Driver) -> None:
        await driver.press("4", "c")
        await driver.press("tab", "2", "u", "R")
        assert isinstance(driver.app.screen, QuestionScreen)
        assert driver.app.current_mode == "check"

    drive(MadeBackend(), script)


def test_leaving_a_check_in_the_app_leaves_the_app_open_and_the_questions_waiting() -> None:
    backend = MadeBackend()

    async def script(driver: Driver) -> None:
        await driver.press("4", "c")
        await driver.press("ctrl+c")
        assert not driver.app.screen.is_modal

    drive(backend, script)
    assert backend.diary is not None
    assert backend.diary.ending == (Ending.SKIPPED, Reason.LATER)


def test_a_commit_cannot_be_stopped_where_none_waits() -> None:
    async def script(driver: Driver) -> None:
        await driver.press("4", "c")
        await driver.press("f4")
        assert isinstance(driver.app.screen, QuestionScreen)
        assert "stop" not in driver.lines()[-1]

    drive(MadeBackend(), script)


def test_a_check_that_waits_no_more_is_said_and_nothing_opens() -> None:
    async def script(driver: Driver) -> None:
        await driver.press("4")
        page = driver.app.page
        assert page is not None
        page._begin("gone")  # type: ignore[attr-defined]
        await driver.settle()
        assert "this check waits no more" in driver.text()
        assert driver.app.screen is page

    drive(MadeBackend(), script)


def test_before_the_first_check_the_page_says_the_next_step() -> None:
    backend = MadeBackend()
    backend.has_no_checks = True

    async def script(driver: Driver) -> None:
        await driver.press("4")
        assert "No check was held yet" in driver.text()
        assert "u unit" not in driver.lines()[-1], "no cost and no tokens stand here"
        assert "tokencoach hook install" in driver.text()
        await driver.press("c")
        assert "Nothing waits" in driver.text()

    drive(backend, script)


def test_the_page_tells_what_became_of_lines_that_no_test_had_reached() -> None:
    lines = tuple(
        AnsweredLine("p", "src/web/retry.py", "backoff", 9, 3, "d", "backoff(-1)", 1, state)
        for state in (Reached.REACHED, Reached.MISSED, Reached.MISSED, Reached.WAITING)
    )
    backend = MadeBackend()
    whole = backend.checks()
    backend.checks = lambda: whole._replace(answered=lines)  # type: ignore[method-assign]
    said = "Untested lines you named a call for: 1 tested now, 2 still not, 1 not run."

    async def script(driver: Driver) -> None:
        await driver.press("4")
        assert said in driver.text()
        assert {str(state) for state in Reached} == {state for state, _ in _REACHED}

    drive(backend, script)

    async def without(driver: Driver) -> None:
        await driver.press("4")
        assert "you named a call" not in driver.text()

    drive(MadeBackend(), without)


def test_every_figure_of_the_page_is_explained() -> None:
    async def script(driver: Driver) -> None:
        await driver.press("4")
        page = driver.app.page
        assert page is not None
        assert len(page.figures()) >= 4
        assert [name for name in page.figures() if page.explained(name) is None] == []

    drive(MadeBackend(), script)


def test_another_size_shows_the_page_whole() -> None:
    async def script(driver: Driver) -> None:
        await driver.press("4")
        for size in ((40, 12), (120, 40), (80, 24)):
            await driver.pilot.resize_terminal(*size)
            await driver.settle()
            assert "questions wait" in driver.text()

    drive(MadeBackend(), script)
