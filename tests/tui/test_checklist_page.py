"""The checklist on the screen: its lines, what stands behind one, leaving one alone, a plan against one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tokencoach.checklist.as_text import word_lines
from tokencoach.checklist.registry import ITEMS
from tokencoach.tui.screens.checklist import ChecklistPage
from tokencoach.tui.screens.item import ItemPage
from tokencoach.tui.screens.item_words import words_for
from tokencoach.tui.screens.session import SessionPage
from tui.driving import LARGE, SMALL, drive, screen_text
from tui.made_values import MadeBackend

if TYPE_CHECKING:
    from tui.driving import Driver


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_each_item_is_a_line_with_its_state_and_months(size: tuple[int, int]) -> None:
    text = screen_text(MadeBackend(), "3", size=size)
    assert "C1   Audit last month's use" in text
    assert "✓ met" in text
    assert "◐ partly" in text
    assert "✗ not met" in text
    assert size == SMALL or "day 22, next ritual Tue 1 Dec" in text
    assert "Next: do the next thing" in text


def test_what_a_word_carries_has_another_mark_than_evidence() -> None:
    text = screen_text(MadeBackend(), "3", size=LARGE)
    assert [line for line in text.splitlines() if "C5 " in line and "☑ met" in line]


def test_a_plain_terminal_gets_plain_marks() -> None:
    text = screen_text(MadeBackend(), "3", is_ascii=True)
    assert "+ met" in text
    assert "x not met" in text


def test_hostile_evidence_is_shown_as_text() -> None:
    text = screen_text(MadeBackend(), "3", "enter", size=LARGE)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "[bold]red[/]" in text


def test_enter_opens_the_item_then_the_session_and_escape_comes_back_to_the_same_line() -> None:
    async def script(driver: Driver) -> None:
        await driver.press("3", "j", "enter")
        assert isinstance(driver.app.page, ItemPage)
        assert "In a repository that is marked as the trial" in driver.text()
        assert driver.figures()["value"] == "4 %"
        await driver.press("enter")
        assert isinstance(driver.app.page, SessionPage)
        await driver.press("escape", "escape")
        page = driver.app.page
        assert isinstance(page, ChecklistPage)
        assert page.row is not None
        assert page.row.item.id == "C2"

    drive(MadeBackend(), script, size=LARGE)


def test_evidence_without_a_session_is_copied() -> None:
    async def script(driver: Driver) -> None:
        await driver.press("3", "enter", "enter")
        assert isinstance(driver.app.page, ItemPage)
        assert driver.app.clipboard == "3f2a91c0" * 5

    drive(MadeBackend(), script)


def test_an_item_shows_ones_own_number_and_the_median_that_is_proposed() -> None:
    text = screen_text(MadeBackend(), "3", "j", "j", "j", "j", "enter", size=LARGE)
    assert "C5.peak 70 % (yours; we start with 60 %)" in text
    assert "Your own median is 0.74" in text
    assert "By your word until" in text


def test_leaving_an_item_alone_needs_a_reason() -> None:
    backend = MadeBackend()

    async def script(driver: Driver) -> None:
        await driver.press("3", "z", "enter", "enter")
        assert backend.snoozed == {}
        assert "Name a day, and say why." in driver.text()
        await driver.press(*"later", "enter")
        assert backend.snoozed == {"C1": ("2026-12-06", "later")}
        assert isinstance(driver.app.page, ChecklistPage)
        await driver.press("z", "f2")
        assert backend.snoozed == {}

    drive(backend, script)


def test_a_word_that_cannot_be_kept_is_said_to_be_lost() -> None:
    backend = MadeBackend()
    backend.is_broken = True

    async def script(driver: Driver) -> None:
        await driver.press("3", "z", "enter", *"later", "enter")
        assert "Not kept: the database is locked" in driver.text()

    drive(backend, script)


def test_p_makes_a_plan_of_the_finding_behind_an_item() -> None:
    backend = MadeBackend()

    async def script(driver: Driver) -> None:
        await driver.press("3", "j", "j", "j", "j", "p")
        assert "Your plan" in driver.text()
        await driver.press("enter", "enter")
        assert len(backend.accepted) == 1

    drive(backend, script)


def test_p_on_an_item_without_a_finding_says_its_next_step() -> None:
    async def script(driver: Driver) -> None:
        await driver.press("3", "p")
        assert "No habit to plan against was found." in driver.text()

    drive(MadeBackend(), script, size=LARGE)


def test_brackets_go_to_other_months() -> None:
    async def script(driver: Driver) -> None:
        await driver.press("3")
        page = driver.app.page
        assert isinstance(page, ChecklistPage)
        before = page.month
        await driver.press("[")
        assert page.month < before
        assert "as it was seen" in driver.text()
        await driver.press("]")
        assert page.month == before

    drive(MadeBackend(), script)


def test_the_value_of_an_item_is_explained_by_its_rule() -> None:
    async def script(driver: Driver) -> None:
        await driver.press("3", "question_mark")
        assert "C1.known" in driver.text()

    drive(MadeBackend(), script, size=LARGE)


def test_the_lines_of_the_list_do_not_move_with_the_length_of_what_is_said_below() -> None:
    async def script(driver: Driver) -> None:
        await driver.press("3")
        heights = set()
        for _ in range(5):
            heights.add(driver.app.screen.query_one("#items").size.height)
            await driver.press("j")
        assert len(heights) == 1

    drive(MadeBackend(), script)


def test_of_what_no_evidence_can_show_the_meaning_and_the_words_are_told() -> None:
    said = {meaning: command for item in ITEMS for meaning, command in word_lines(item)}
    assert set(said) == {subject.meaning for item in ITEMS for subject in item.subjects}
    gates = next(item for item in ITEMS if item.id == "C17")
    assert (
        "tokencoach checklist tick C17 --gate reader --repo PATH --because WHY"
        in dict(word_lines(gates)).values()
    )
    row = next(one for one in MadeBackend().checklist("2026-11").items if not one.item.subjects)
    assert words_for(row) == []
    shown = [part.plain for part in words_for(replace(row, item=gates))]
    assert "a second person read it" in shown


def test_without_any_request_the_page_says_what_to_do() -> None:
    assert "No request of an assistant has been read yet" in screen_text(MadeBackend(is_empty=True), "3")
