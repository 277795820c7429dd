"""Pages with nothing to show, or not yet: what they say instead, and what they offer."""

from __future__ import annotations

from array import array
from dataclasses import replace
from typing import TYPE_CHECKING

from tokencoach.audit.power_day import PowerDay, PowerNow, PowerTimes
from tokencoach.audit.report import Spend, Today
from tokencoach.doctor.report import DoctorItem, DoctorReport, DoctorSection
from tokencoach.store.power.rows import RequestEnergy
from tokencoach.tui.widgets.ledger_list import LedgerList
from tokencoach.usage.tokens import TokenCounts
from tui.driving import Driver, drive
from tui.made_names import NOW_MS
from tui.made_values import MadeBackend, today

if TYPE_CHECKING:
    from tokencoach.audit.report import PeriodAudit
    from tokencoach.tui.backend import SessionQuery


def test_a_week_without_work_names_when_the_last_was_and_one_next_step() -> None:
    async def script(driver: Driver) -> None:
        await driver.press("1")
        assert "No assistant has worked today, nor in the week before; the last request" in driver.text()
        assert "See what the last month's spend became." in driver.text()
        assert driver.figures() == {}

    drive(MadeBackend(is_empty=True), script)


class IdleToday(MadeBackend):
    """A morning before any assistant has worked; until ``has_begun``."""

    has_begun = False

    def today(self) -> Today:
        """Nothing of today, the days before it as ever."""
        if self.has_begun:
            return today()
        idle = replace(today().days[0], tokens=0, cost_nano=0, sessions=())
        return Today(
            "2026-11-22", "UTC", Spend(0, TokenCounts(), 0, 0, 0), (), "cost", days=(idle, *today().days[1:])
        )


def test_a_morning_before_work_shows_the_days_before_and_opens_the_last_one() -> None:
    async def script(driver: Driver) -> None:
        await driver.press("1")
        assert "no assistant has worked yet." in driver.text()
        assert driver.figures()["headline"] == "$0.00"
        days = driver.app.screen.query_one("#days", LedgerList)
        assert days.has_focus
        assert days.row is not None
        assert days.row.sessions
        await driver.press("question_mark")
        assert "Spend of" in driver.text()
        await driver.press("escape", "enter")
        assert driver.app.page is not None
        assert driver.app.page.SCOPE in {"session", "sessions"}

    drive(IdleToday(), script)


def test_when_work_begins_the_events_have_the_room_and_the_keys_again() -> None:
    backend = IdleToday()

    async def script(driver: Driver) -> None:
        await driver.press("1")
        backend.has_begun = True
        await driver.press("R")
        assert driver.app.screen.query_one("#events", LedgerList).has_focus
        assert not driver.app.screen.query_one("#days").display
        assert "spent today so far" in driver.text()

    drive(backend, script)


def test_the_footer_of_an_empty_page_offers_only_what_works() -> None:
    async def script(driver: Driver) -> None:
        await driver.press("6")
        assert "sort" in driver.lines()[-1]
        await driver.press("slash", "x", "y", "z", "enter")
        assert "overrule" not in driver.lines()[-1]
        await driver.press("escape")
        assert "overrule" in driver.lines()[-1]

    drive(MadeBackend(), script)


class Bare(MadeBackend):
    """A computer without a meter, on which no model has ever run."""

    def power(self) -> PowerNow:
        """Nothing now, nothing before."""
        from tokencoach.power.live import Live  # noqa: PLC0415 - the app opens without msgspec
        from tokencoach.power.reading import Quality  # noqa: PLC0415 - the same

        live = Live(NOW_MS, None, None, Quality.NONE, (), (), (), (), (), "a container", 0.1)
        never = PowerDay(
            None, Quality.NONE, 0.0, 0, 0, 0.0, None, (), RequestEnergy(0, 0, 0, 0, 0, frozenset())
        )
        return PowerNow(live, PowerTimes(never, never, None))


def test_where_nothing_can_be_measured_and_nothing_runs_that_is_all_the_power_screen_says() -> None:
    async def script(driver: Driver) -> None:
        await driver.press("5")
        text = " ".join(driver.text().split())
        assert "no meter tells the watts (NONE): inside a container." in text
        assert "tokencoach power machine" in text
        assert "tok/s" not in text
        assert driver.figures() == {}

    drive(Bare(), script)


class Growing(MadeBackend):
    """A database whose sessions are not judged yet when they are first looked at."""

    is_judged = False

    def session_ids(self, query: SessionQuery) -> array[int]:
        """None, until they are judged."""
        return super().session_ids(query) if self.is_judged else array("q")


def test_a_list_that_fills_while_it_is_looked_at_has_the_keys() -> None:
    backend = Growing()

    async def script(driver: Driver) -> None:
        await driver.press("6")
        assert not driver.app.screen.query_one("#sessions").display
        backend.is_judged = True
        await driver.press("R")
        ledger = driver.app.screen.query_one("#sessions", LedgerList)
        assert ledger.has_focus
        await driver.press("j", "j")
        assert ledger.cursor == 2
        await driver.press("enter")
        assert driver.app.page is not None
        assert driver.app.page.SCOPE == "session"

    drive(backend, script)


def test_an_empty_month_names_the_month_that_its_key_leads_to() -> None:
    async def script(driver: Driver) -> None:
        await driver.press("right_square_bracket", "right_square_bracket")
        text = driver.text()
        assert "Nothing was logged in" in text
        before = driver.app.screen.query_one("#projects")
        await driver.press("left_square_bracket")
        assert driver.app.screen.focused is before

    drive(NoNewMonth(), script)


class NoNewMonth(MadeBackend):
    """A person who has not worked in the running month."""

    def months(self) -> dict[str, int]:
        """All but the running one."""
        return {month: count for month, count in super().months().items() if month < "2026-11"}

    def audit(self, month: str) -> PeriodAudit:
        """Nothing in the running one."""
        audit = super().audit(month)
        return audit if month < "2026-11" else replace(audit, spend=Spend(0, TokenCounts(), 0, 0, 0))


class BeingRead(MadeBackend):
    """A first start: logs were found, and nothing of them has been read yet."""

    def doctor(self) -> DoctorReport:
        """One assistant, whose logs are to be read."""
        logs = DoctorItem("claude-code", "found, not read yet in ~/.claude/projects", "tokencoach ingest")
        return DoctorReport((DoctorSection("logs", (logs,)),))


def test_a_first_start_says_that_what_was_found_is_being_read() -> None:
    async def script(driver: Driver) -> None:
        assert "is being read" in driver.text()
        assert "--logs-home" not in driver.text()
        assert "show me" not in driver.lines()[-1], "nothing can be shown yet"

    drive(BeingRead(is_empty=True), script)
