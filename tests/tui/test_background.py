"""Work beside the loop: answers and errors arrive, and nothing keeps the app from ending."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import TYPE_CHECKING

import pytest

from tokencoach.tui.app import CoachApp
from tokencoach.tui.background import in_background

if TYPE_CHECKING:
    from tokencoach.audit.report import PeriodAudit
from tui.driving import Driver, drive
from tui.made_values import MadeBackend


def test_an_answer_and_an_error_arrive_and_the_thread_lets_go() -> None:
    released: list[int] = []

    async def main() -> None:
        assert await in_background(lambda: released.append(1), sorted, [3, 1]) == [1, 3]
        with pytest.raises(ZeroDivisionError):
            await in_background(lambda: released.append(2), divmod, 1, 0)

    asyncio.run(main())
    assert released == [1, 2]


class SlowBackend(MadeBackend):
    """An audit that does not come back until the test says so."""

    def __init__(self) -> None:
        super().__init__()
        self.may_end = threading.Event()

    def audit(self, month: str) -> PeriodAudit:
        """Wait."""
        self.may_end.wait(30)
        return super().audit(month)


def test_a_person_who_quits_does_not_wait_for_an_audit() -> None:
    backend = SlowBackend()

    async def main() -> None:
        app = CoachApp(backend)
        async with app.run_test() as pilot:
            await pilot.press("full_stop", "q")

    started = time.monotonic()
    asyncio.run(main())
    assert time.monotonic() - started < 10
    backend.may_end.set()


def test_a_load_that_ends_while_its_page_is_taken_away_ends_nothing_else() -> None:
    async def script(driver: Driver) -> None:
        page = driver.app.page
        assert page is not None
        await page.query("ContextLine").remove()
        page.value = None
        page.reload()
        await driver.settle()
        assert not driver.app._exception

    drive(MadeBackend(), script)
