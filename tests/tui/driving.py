"""Driving the app without a terminal: press, wait for what it loads, read the screen as text."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from tokencoach.tui.app import CoachApp
from tokencoach.tui.theme import ASCII, UNICODE
from tui.quiet import has_work

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from textual.pilot import Pilot

    from tokencoach.tui.backend import Backend

SMALL = (80, 24)
LARGE = (120, 40)
_MOST_ROUNDS = 20


class Driver:
    """One running app."""

    def __init__(self, app: CoachApp, pilot: Pilot[Any]) -> None:
        self.app = app
        self.pilot = pilot

    async def settle(self) -> None:
        """Wait until everything that was begun has been shown."""
        shown: str | None = None
        # What was loaded may begin to load more, and a scroll bar that appears lays everything out once more.
        for _ in range(_MOST_ROUNDS):
            await self._finish()
            shown, last = self.text(), shown
            if shown == last and not has_work():
                return

    async def _finish(self) -> None:
        """Wait for what was begun, and for what that begins."""
        await self.pilot.pause()
        while any(not worker.is_finished for worker in self.app.workers):
            await self.app.workers.wait_for_complete()
            await self.pilot.pause()

    async def press(self, *keys: str) -> None:
        """Press some keys, each of them on what the one before has opened, then settle."""
        for key in keys:
            await self.pilot.press(key)
            await self._finish()
        await self.settle()

    async def beat(self) -> None:
        """One beat of the app, for a page that has rested."""
        if self.app.page is not None:
            self.app.page._rests_until = 0.0
        self.app.beat()
        await self.settle()

    def lines(self) -> list[str]:
        """The screen as it is drawn."""
        strips = self.app.screen._compositor.render_strips()
        return ["".join(segment.text for segment in strip).rstrip() for strip in strips]

    def text(self) -> str:
        """The screen as one text."""
        return "\n".join(self.lines())

    def figures(self) -> dict[str, str]:
        """The figures of the page on top."""
        page = self.app.page
        assert page is not None
        return page.figures()


def drive(
    backend: Backend,
    script: Callable[[Driver], Awaitable[None]],
    *,
    size: tuple[int, int] = SMALL,
    is_ascii: bool = False,
) -> CoachApp:
    """Run the app on a backend, and a script on the app."""

    async def run() -> CoachApp:
        app = CoachApp(backend, glyphs=ASCII if is_ascii else UNICODE)
        async with app.run_test(size=size, notifications=True) as pilot:
            driver = Driver(app, pilot)
            await driver.settle()
            await script(driver)
        return app

    return asyncio.run(run())


def screen_text(backend: Backend, *keys: str, size: tuple[int, int] = SMALL, is_ascii: bool = False) -> str:
    """What stands on the screen after some keys."""
    shown: list[str] = []

    async def script(driver: Driver) -> None:
        for key in keys:
            await driver.press(key)
        shown.append(driver.text())

    drive(backend, script, size=size, is_ascii=is_ascii)
    return shown[0]
