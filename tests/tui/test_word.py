"""The person's word in the app: said, refused, taken back; marks, closing, and the unit that stays."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tokencoach.tui.app import CoachApp
from tokencoach.tui.backend import Pointed
from tokencoach.tui.remembered import chosen_unit, remember_unit
from tokencoach.tui.theme import UNICODE
from tokencoach.usage.words import Bucket
from tui.driving import LARGE, SMALL, Driver, drive
from tui.made_values import MadeBackend

if TYPE_CHECKING:
    from pathlib import Path

ROW = 1
TURN = 11
EDIT = 10


def notes(driver: Driver) -> str:
    return " ".join(note.message for note in driver.app._notifications)


@pytest.mark.parametrize("size", [SMALL, LARGE])
@pytest.mark.parametrize(
    ("path", "about"),
    [
        (("enter",), Pointed(ROW)),
        (("enter", "enter"), Pointed(ROW, TURN)),
        (("enter", "enter", "enter"), Pointed(ROW, TURN)),
        (("enter", "enter", "enter", "enter"), Pointed(ROW, None, EDIT)),
    ],
    ids=["session", "turn", "turn-page", "edit"],
)
def test_v_overrules_what_is_shown_with_a_reason(
    path: tuple[str, ...], about: Pointed, size: tuple[int, int]
) -> None:
    backend = MadeBackend()

    async def script(driver: Driver) -> None:
        for key in path:
            await driver.press(key)
        await driver.press("v", "g", "j", "j")
        assert "what became of it" in driver.text()
        assert "machine: " in driver.text()
        await driver.press("enter", *"gone", "enter")
        assert backend.overruled == {about: (Bucket.NOT_LANDED, "gone")}
        assert "Your word: not landed" in notes(driver)

    drive(backend, script, size=size)


def test_capital_v_overrules_the_whole_session_an_edit_and_a_span_of_lines() -> None:
    backend = MadeBackend()

    async def script(driver: Driver) -> None:
        await driver.press("enter", "enter", "V", "enter", "a", "enter")
        await driver.press("enter", "V", "enter", "b", "enter")
        await driver.press("enter", "j", "s", "j", "j", "V", "enter", "c", "enter")
        assert list(backend.overruled) == [
            Pointed(ROW),
            Pointed(ROW, None, EDIT),
            Pointed(ROW, None, EDIT, (1, 3)),
        ]

    drive(backend, script)


def test_without_a_reason_nothing_is_said_and_escape_changes_nothing() -> None:
    backend = MadeBackend()

    async def script(driver: Driver) -> None:
        await driver.press("enter", "v", "enter", "enter")
        assert "Say why" in notes(driver)
        await driver.press("escape", "escape")
        assert driver.app.screen is driver.app.page
        await driver.press("v", "u")
        assert "Nothing was said here." in notes(driver)
        assert backend.overruled == {}

    drive(backend, script)


def test_a_database_that_cannot_be_written_is_said_and_the_app_goes_on() -> None:
    backend = MadeBackend()

    async def script(driver: Driver) -> None:
        await driver.press("enter")
        backend.is_broken = True
        await driver.press("v", "enter", "x", "enter")
        assert "Not written: tokencoach.db is locked by another program" in notes(driver)
        assert driver.app.is_running

    drive(backend, script)


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_m_marks_a_session_its_branch_or_its_folder_and_u_takes_it_back(size: tuple[int, int]) -> None:
    backend = MadeBackend()

    async def script(driver: Driver) -> None:
        await driver.press("enter", "m")
        marks = [line for line in driver.lines() if "this session" in line]
        assert marks
        assert "session-1" not in " ".join(marks)
        assert "the folder" in driver.text()
        await driver.press("enter", "m", "j", "j", "j", "j", "enter")
        assert backend.marked == {("session", "session-1"): "exploration", ("branch", "main"): "prototype"}
        await driver.press("m", "u")
        assert backend.marked == {("branch", "main"): "prototype"}
        await driver.press("m", "u")
        assert "It is not marked." in notes(driver)

    drive(backend, script, size=size)


def test_c_asks_once_then_closes_the_month() -> None:
    backend = MadeBackend()

    async def script(driver: Driver) -> None:
        await driver.press("c")
        assert "3 % is still pending" in driver.text()
        await driver.press("escape")
        assert backend.closed == []
        await driver.press("c", "enter")
        assert backend.closed == ["2026-10"]
        assert "2026-10 is closed." in notes(driver)

    drive(backend, script)


def test_the_running_month_is_not_closed() -> None:
    backend = MadeBackend()

    async def script(driver: Driver) -> None:
        await driver.press("full_stop", "c")
        assert "This month is not over." in notes(driver)
        assert backend.closed == []

    drive(backend, script)


def test_a_closing_that_fails_is_said() -> None:
    backend = MadeBackend()

    async def script(driver: Driver) -> None:
        await driver.press("c")
        backend.is_broken = True
        await driver.press("enter")
        assert "Not closed: tokencoach.db is locked" in notes(driver)

    drive(backend, script)


def test_the_unit_is_kept_between_runs(tmp_path: Path) -> None:
    state = tmp_path / "state" / "app.json"

    async def units() -> list[str]:
        seen = []
        for presses in (1, 0, 1, 0):
            app = CoachApp(MadeBackend(), glyphs=UNICODE, state=state)
            async with app.run_test() as pilot:
                seen.append(app.unit)
                await pilot.press(*["u"] * presses)
        return seen

    assert asyncio.run(units()) == ["cost", "tokens", "tokens", "cost"]
    assert state.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{", b'{"unit": "euros"}', b"\xff\xfe", b'{"unit": ["cost"]}']
)
def test_a_strange_state_file_means_cost(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "app.json"
    file.write_bytes(content)
    assert chosen_unit(file) == "cost"


def test_a_unit_chosen_on_one_screen_holds_on_the_others() -> None:
    async def script(driver: Driver) -> None:
        await driver.press("6", "u", "2")
        assert "$" not in driver.figures()["projects./home/me/web-app.spend"]
        assert "$" not in driver.text()
        await driver.press("u", "6")
        assert all("$" in text for name, text in driver.figures().items() if name.endswith(".spend"))

    drive(MadeBackend(), script)


def test_a_unit_that_cannot_be_kept_is_no_error(tmp_path: Path) -> None:
    file = tmp_path / "not-a-folder"
    file.write_text("x")
    remember_unit(file / "app.json", "tokens")
    assert chosen_unit(file / "app.json") == "cost"
