"""A turn opened: its edits, and below them every call that was made in it."""

from __future__ import annotations

from tokencoach.tui.widgets.ledger_list import LedgerList
from tui.driving import LARGE, Driver, drive
from tui.made_values import MadeBackend

FIRST_TURN = ("enter", "enter", "enter")
WITHOUT_EDITS = ("enter", "enter", "G", "enter")


def test_the_calls_of_a_turn_say_what_they_were_on_and_how_they_ended() -> None:
    async def script(driver: Driver) -> None:
        await driver.press(*FIRST_TURN)
        text = driver.text()
        assert "What it did, 5 calls" in text
        assert "docs/retry.md  sub-agent" in text
        assert "exit 1" in text
        assert "rejected" in text

    drive(MadeBackend(), script, size=LARGE)


def test_a_turn_without_edits_shows_what_it_did_instead() -> None:
    async def script(driver: Driver) -> None:
        await driver.press(*WITHOUT_EDITS)
        assert "no file changed" in driver.text()
        assert "What it did, 4 calls" in driver.text()
        calls = driver.app.screen.query_one("#calls", LedgerList)
        assert calls.has_focus
        await driver.press("G", "enter")
        assert "own log only" in driver.text()
        assert "overrule" in driver.lines()[-1]

    drive(MadeBackend(), script)


def test_a_call_that_made_an_edit_opens_its_lines() -> None:
    async def script(driver: Driver) -> None:
        await driver.press(*FIRST_TURN, "tab", "G", "enter")
        assert driver.app.page is not None
        assert driver.app.page.SCOPE == "lines"

    drive(MadeBackend(), script, size=LARGE)


def test_the_size_of_an_answer_is_explained() -> None:
    async def script(driver: Driver) -> None:
        await driver.press(*WITHOUT_EDITS, "question_mark")
        assert "Answer of a call" in driver.text()
        assert "1,700" in driver.text()

    drive(MadeBackend(), script, size=LARGE)


def test_a_command_is_shown_by_what_it_ran_and_opens_whole() -> None:
    async def script(driver: Driver) -> None:
        await driver.press(*WITHOUT_EDITS)
        assert "npm test -- ␛[2Jretry [b]twice[/b]" in driver.text()
        assert "cd /home/me/web-app" not in driver.text()
        await driver.press("j", "j", "enter")
        assert "Bash: what it was asked to do" in driver.text()
        assert "cd /home/me/web-app && npm test -- ␛[2Jretry" in driver.text()
        assert "web-app/log.jsonl" in driver.text()

    drive(MadeBackend(), script, size=LARGE)
