"""Habits on the audit, a finding's own page, plans, and the ritual's four screens; at 80x24 and larger."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tokencoach.tui.app import _BEATS_BETWEEN_LOOKS, CoachApp
from tokencoach.tui.backend import PlanWords
from tokencoach.tui.screens.audit import AuditPage
from tokencoach.tui.screens.finding import FindingPage
from tokencoach.tui.screens.finding_list import FindingList
from tokencoach.tui.screens.plan import PlanWindow
from tokencoach.tui.screens.ritual import RitualPage
from tokencoach.tui.screens.session import SessionPage
from tokencoach.tui.screens.why import WhyWindow
from tui.driving import LARGE, SMALL, Driver, drive
from tui.made_findings import finding
from tui.made_names import NOW_MS
from tui.made_values import MadeBackend

if TYPE_CHECKING:
    from tokencoach.coach.habits import Habits

SIZES = pytest.mark.parametrize("size", [SMALL, LARGE])


def with_habits() -> MadeBackend:
    backend = MadeBackend()
    backend.has_habits = True
    return backend


async def to_finding(driver: Driver) -> FindingPage:
    driver.app.screen.query_one(FindingList).focus()
    await driver.press("enter")
    page = driver.app.page
    assert isinstance(page, FindingPage)
    return page


def shown_and_explained(driver: Driver) -> dict[str, str]:
    """The page's figures; each is drawn, and each can be asked about."""
    page = driver.app.page
    assert page is not None
    text, found = driver.text(), page.figures()
    assert [name for name, value in found.items() if name != "headline" and value not in text] == []
    assert [name for name in found if page.explained(name) is None] == []
    return found


@SIZES
@pytest.mark.parametrize("unit", ["cost", "tokens"])
def test_the_audit_lists_the_three_dearest_habits_with_what_they_come_to(
    size: tuple[int, int], unit: str
) -> None:
    async def script(driver: Driver) -> None:
        if unit == "tokens":
            await driver.press("u")
        found = shown_and_explained(driver)
        costs = [found[f"habits.{finding(number).id}.cost"] for number in (1, 2, 3)]
        if unit == "cost":
            assert costs == ["$38.0", "4.70M", "~$16.2"]
            assert found["habits_together"] == "$49.5 of $410"
        else:
            assert costs == ["9.40M", "4.70M", "~3.13M"]
            assert found["habits_together"] == "14.0M of 102M"
        assert "\x1b[31m" not in driver.text()
        assert "Debugging by ␛[31m[bold]" in driver.text()

    drive(with_habits(), script, size=size)


def test_evidence_says_what_its_session_was_about_where_there_is_room() -> None:
    async def script(driver: Driver) -> None:
        driver.app.screen.query_one(FindingList).focus()
        await driver.press("enter")
        await driver.settle()
        title = driver.app.backend.session_rows([1])[0].title
        assert title
        line = next(line for line in driver.lines() if "1 requests past the limit" in line)
        assert title[:16].replace("\x1b", "␛") in line

    drive(with_habits(), script, size=LARGE)


def test_a_month_without_habits_has_no_such_list() -> None:
    async def script(driver: Driver) -> None:
        assert not driver.app.screen.query_one(FindingList).display
        assert "habits" not in driver.text()
        assert "habits_together" not in driver.figures()

    drive(MadeBackend(), script)


class Grown(MadeBackend):
    """Habits were looked for when the month had a tenth of its tokens."""

    def __init__(self) -> None:
        super().__init__()
        self.has_habits = True

    def kept_habits(self, month: str) -> Habits | None:
        """Those of that time."""
        now = self.habits(month)
        return None if now is None else replace(now, whole_tokens=now.whole_tokens // 10)


def test_habits_kept_of_a_part_of_the_month_are_never_shown_for_all_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wholes = []
    show = FindingList.show

    def noted(self: FindingList, habits: Habits | None, unit: str) -> None:
        wholes.append(None if habits is None else habits.whole_tokens)
        show(self, habits, unit)

    async def script(driver: Driver) -> None:
        await driver.settle()
        assert driver.figures()["habits_together"] == "$49.5 of $410"

    monkeypatch.setattr(FindingList, "show", noted)
    drive(Grown(), script)
    assert set(wholes) == {None, 102_500_000}


@SIZES
def test_a_habit_opens_with_its_reason_and_evidence_and_escape_leads_back(size: tuple[int, int]) -> None:
    async def script(driver: Driver) -> None:
        page = await to_finding(driver)
        found = shown_and_explained(driver)
        assert found["cost"] == "$38.0"
        assert found["rate"] == "7 of 41 sessions"
        text = driver.text()
        for words in ("measured", "Next: Start a fresh session", "The part of each prompt beyond 60 %"):
            assert words in text
        assert page.figures()["evidence.1.cost"] == "$19.0"
        await driver.press("enter")
        assert type(driver.app.screen) is SessionPage
        await driver.press("escape")
        assert driver.app.page is page
        await driver.press("escape")
        assert isinstance(driver.app.page, AuditPage)
        assert isinstance(driver.app.screen.focused, FindingList)

    drive(with_habits(), script, size=size)


def test_an_estimate_shows_its_range() -> None:
    async def script(driver: Driver) -> None:
        driver.app.screen.query_one(FindingList).cursor = 2
        await to_finding(driver)
        found = shown_and_explained(driver)
        assert (found["cost"], found["range"]) == ("~$16.2", " $12.0 to $21.0")

    drive(with_habits(), script)


def test_evidence_whose_session_is_gone_says_so() -> None:
    async def script(driver: Driver) -> None:
        page = await to_finding(driver)
        await driver.press("G", "enter")
        assert driver.app.page is page
        assert "This session is not in" in driver.text()

    drive(with_habits(), script)


def test_p_makes_a_habit_a_plan_and_a_second_one_says_what_gives_way() -> None:
    backend = with_habits()

    async def script(driver: Driver) -> None:
        await to_finding(driver)
        await driver.press("p")
        assert isinstance(driver.app.screen, PlanWindow)
        assert "gives way" not in driver.text()
        await driver.press("escape")
        assert not backend.accepted
        await driver.press("p", "enter", "end", *(["backspace"] * 6), *"now", "enter")
        one = finding(1)
        assert backend.accepted == {1: (one.id, PlanWords(one.condition, "commit and start now"))}
        found = shown_and_explained(driver)
        assert found["worked"] == "67 % before, 17 % after"
        assert "It worked" in driver.text()
        await driver.press("p")
        assert "This one gives way: If a session passes" in driver.text()
        await driver.press("escape", "D")
        assert not backend.accepted

    drive(backend, script)


def test_half_a_plan_is_none_and_a_locked_database_is_said() -> None:
    backend = with_habits()

    async def script(driver: Driver) -> None:
        await to_finding(driver)
        await driver.press("p", "ctrl+u", "enter", "enter")
        assert isinstance(driver.app.screen, PlanWindow)
        assert "Both halves need" in driver.text()
        await driver.press("escape")
        backend.is_broken = True
        await driver.press("p", "enter", "enter")
        assert "Not kept: the database is locked" in driver.text()
        backend.is_broken = False

    drive(backend, script)


def test_a_long_reason_ends_where_its_room_ends_and_says_where_the_rest_is() -> None:
    long = replace(finding(1), why="A reason of some words. " * 60 + "The end of it.")

    async def script(driver: Driver) -> None:
        await driver.app.push_screen(FindingPage(("October 2026",), long, "audit"))
        await driver.settle()
        assert "… (? says all of it)" in driver.text()
        await driver.press("question_mark", "tab", "end")
        assert "The end of it." in driver.text()

    drive(MadeBackend(), script)


def test_the_second_half_of_a_plan_is_seen_in_a_low_terminal() -> None:
    async def script(driver: Driver) -> None:
        await to_finding(driver)
        await driver.press("p", "enter")
        assert finding(1).action[:40] in driver.text()

    drive(with_habits(), script, size=(60, 15))


@SIZES
def test_the_ritual_leads_through_four_screens_to_one_plan(size: tuple[int, int]) -> None:
    backend = with_habits()
    backend.due = "October is over: 10 minutes"

    async def script(driver: Driver) -> None:
        driver.app.look_whether_due()
        await driver.settle()
        assert "October is over: 10 minutes, press M" in driver.lines()[1]
        await driver.press("M")
        page = driver.app.page
        assert isinstance(page, RitualPage)
        assert "ritual 1 of 4: what I spent" in driver.lines()[1]
        found = shown_and_explained(driver)
        assert (found["spend"], found["before_spend"]) == ("$410", "$369")
        assert found["held"] == "It worked"
        assert found["held.after"] == "2026-11-03 to 2026-11-16: 3 of 18 sessions, 17 %"
        await driver.press("enter")
        found = shown_and_explained(driver)
        assert found["shipped.share"] == "60 %"
        assert "ritual 2 of 4: where it ended" in driver.lines()[1]
        await driver.press("n")
        assert "Which one of these do you want to stop?" in driver.text()
        assert shown_and_explained(driver)["habits.full-context.cost"] == "$38.0"
        await driver.press("j")
        assert "Debugging by ␛" in driver.text()
        await driver.press("k", "o")
        assert isinstance(driver.app.page, FindingPage)
        await driver.press("escape", "enter")
        assert backend.ritual_step == (4, "full-context")
        assert "If a session passes 60 % of its window," in driver.text()
        await driver.press("enter", "enter", "enter")
        assert backend.accepted[1][0] == "full-context"
        assert backend.ritual_done == NOW_MS
        assert shown_and_explained(driver)["chosen"] == "It worked"
        assert "This month's ritual is done." in driver.text()
        assert "Written to ~/notes/tokencoach-2026-10.md." in driver.text()
        await driver.press("escape")
        assert isinstance(driver.app.page, AuditPage)
        assert "press M" not in driver.text()

    drive(backend, script, size=size)


def test_a_month_that_ends_while_the_app_is_open_is_reminded_of() -> None:
    backend = MadeBackend()

    async def script(driver: Driver) -> None:
        assert "press M" not in driver.lines()[1]
        backend.due = "October is over: 10 minutes"
        driver.app._beats = _BEATS_BETWEEN_LOOKS - 1
        await driver.beat()
        assert "October is over: 10 minutes, press M" in driver.lines()[1]

    drive(backend, script)


def test_a_ritual_that_was_left_goes_on_where_it_was() -> None:
    backend = with_habits()

    async def leave(driver: Driver) -> None:
        await driver.press("M", "n", "n", "j", "n", "escape")

    async def go_on(driver: Driver) -> None:
        await driver.press("1", "M")
        assert "ritual 4 of 4: one plan" in driver.lines()[1]
        assert "Debugging by" in driver.text()
        await driver.press("b")
        assert driver.app.screen.query_one(FindingList).cursor == 1
        await driver.press("b", "b", "b")
        assert "ritual 1 of 4" in driver.lines()[1]
        assert backend.ritual_step == (1, "re-prompting")

    drive(backend, leave)
    drive(backend, go_on)


def test_a_ritual_may_end_without_a_plan() -> None:
    backend = with_habits()

    async def script(driver: Driver) -> None:
        await driver.press("M", "x")
        assert backend.ritual_done is None
        await driver.press("n", "n", "x")
        assert backend.ritual_done == NOW_MS
        assert not backend.accepted
        assert "You finished without a plan." in driver.text()

    drive(backend, script)


def test_a_month_without_habits_has_nothing_to_stop() -> None:
    async def script(driver: Driver) -> None:
        await driver.press("M", "n", "n")
        assert "No habit was found that cost you something" in driver.text()
        await driver.press("enter")
        assert "No habit is chosen." in driver.text()
        await driver.press("enter")
        assert isinstance(driver.app.page, RitualPage)

    drive(MadeBackend(), script)


@pytest.mark.parametrize(
    ("unjudged", "said"), [(1, "for 1 habit the month"), (12, "for 12 habits the month")]
)
def test_a_month_of_few_data_does_not_claim_that_nothing_is_wrong(unjudged: int, said: str) -> None:
    backend = MadeBackend()
    backend.unjudged = unjudged

    async def script(driver: Driver) -> None:
        await driver.press("M", "n", "n")
        assert f"{said} has too few data." in " ".join(driver.text().split())
        assert "nothing to stop" not in driver.text()

    drive(backend, script)


def test_there_is_no_ritual_before_a_month_is_over() -> None:
    async def script(driver: Driver) -> None:
        await driver.press("M")
        assert not isinstance(driver.app.page, RitualPage)
        assert "No month with requests is over yet." in driver.text()

    drive(MadeBackend(is_empty=True), script)


def test_the_app_may_open_on_the_ritual() -> None:
    async def script() -> None:
        app = CoachApp(with_habits(), with_ritual=True)
        async with app.run_test(size=SMALL) as pilot:
            driver = Driver(app, pilot)
            await driver.settle()
            assert "ritual 1 of 4" in driver.lines()[1]
            await driver.press("escape")
            assert isinstance(driver.app.page, AuditPage)

    asyncio.run(script())


@SIZES
def test_the_figures_of_every_screen_of_the_ritual_can_be_asked_about(size: tuple[int, int]) -> None:
    async def script(driver: Driver) -> None:
        await driver.press("M")
        for _ in range(3):
            await driver.press("question_mark")
            assert isinstance(driver.app.screen, WhyWindow)
            await driver.press("escape", "n")

    drive(with_habits(), script, size=size)
