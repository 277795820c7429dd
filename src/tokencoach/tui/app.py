"""The app: its screens, the keys that work everywhere, and the beat that keeps it current."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from textual import work
from textual.app import App, SystemCommand

from tokencoach import clock, paths
from tokencoach.settings import read_settings
from tokencoach.tui.background import in_background
from tokencoach.tui.companion import Companion
from tokencoach.tui.hang_up import end_with
from tokencoach.tui.keys import ACTIONS, EVERYWHERE, bindings
from tokencoach.tui.ledger import LedgerBackend
from tokencoach.tui.remembered import UNITS, chosen_unit, remember_unit
from tokencoach.tui.theme import DARK, DEFAULT_VARIABLES, LIGHT, Glyphs, choose_glyphs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from textual.screen import Screen

    from tokencoach.tui.backend import Backend
    from tokencoach.tui.screens.page import Page

_BEAT_S = 1.0
_BEATS_BETWEEN_PULSES = 10
_BEATS_BETWEEN_LOOKS = 300
_AFTER_FIRST_SCREEN_S = 0.2


def _today() -> Screen[None]:
    from tokencoach.tui.screens.today import TodayPage  # noqa: PLC0415 - built when first shown

    return TodayPage()


def _audit() -> Screen[None]:
    from tokencoach.tui.screens.audit import AuditPage  # noqa: PLC0415

    return AuditPage()


def _checklist() -> Screen[None]:
    from tokencoach.tui.screens.checklist import ChecklistPage  # noqa: PLC0415

    return ChecklistPage()


def _check() -> Screen[None]:
    from tokencoach.tui.screens.check import CheckPage  # noqa: PLC0415

    return CheckPage()


def _sessions() -> Screen[None]:
    from tokencoach.tui.screens.sessions import SessionsPage  # noqa: PLC0415

    return SessionsPage()


def _power() -> Screen[None]:
    from tokencoach.tui.screens.power import PowerPage  # noqa: PLC0415

    return PowerPage()


def _doctor() -> Screen[None]:
    from tokencoach.tui.screens.doctor import DoctorPage  # noqa: PLC0415

    return DoctorPage()


def _welcome() -> Screen[None]:
    from tokencoach.tui.screens.welcome import WelcomePage  # noqa: PLC0415

    return WelcomePage()


class CoachApp(App[str]):
    """Shows one database. Returns ``demo`` where the person asked for made-up data."""

    TITLE = "tokencoach"
    # The first screen's styles come with the app: a screen that brings its own has everything parsed again.
    CSS_PATH = "screens/audit.tcss"
    CSS = "Screen { background: $background; color: $foreground; }"
    MODES: ClassVar[dict[str, str | Callable[[], Screen[None]]]] = {
        "today": _today,
        "audit": _audit,
        "checklist": _checklist,
        "check": _check,
        "sessions": _sessions,
        "power": _power,
        "doctor": _doctor,
        "welcome": _welcome,
    }
    BINDINGS = bindings(EVERYWHERE)
    ENABLE_COMMAND_PALETTE = True

    def __init__(
        self,
        backend: Backend,
        *,
        glyphs: Glyphs | None = None,
        companion: Companion | None = None,
        has_demo: bool = True,
        state: Path | None = None,
        with_ritual: bool = False,
    ) -> None:
        super().__init__()
        self._with_ritual = with_ritual
        self._state = state
        self.companion = companion
        self.has_demo = has_demo
        self.backend = backend
        self.glyphs = glyphs or choose_glyphs(os.environ, sys.stdout.encoding)
        self.unit = chosen_unit(state)
        self.version = backend.data_version()
        self._beats = 0
        self.due = ""
        self.pulse = backend.pulse()
        self.register_theme(DARK)
        self.register_theme(LIGHT)
        self.theme = DARK.name

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Our colour names under a theme that has none of them."""
        return dict(DEFAULT_VARIABLES)

    def on_mount(self) -> None:
        """Open the first screen and begin the beat."""
        self.switch_mode("audit" if self.backend.months() else "welcome")
        self._beat = self.set_interval(_BEAT_S, self.beat)
        if self.companion is not None:
            self.set_timer(_AFTER_FIRST_SCREEN_S, self.companion.start)
        self.set_timer(_AFTER_FIRST_SCREEN_S, self.look_whether_due)
        if self._with_ritual:
            self.call_after_refresh(self.action_ritual)

    @work(exclusive=True, group="due")
    async def look_whether_due(self) -> None:
        """Ask whether the last month's ritual is due, and say so where it is."""
        try:
            due = await in_background(self.backend.release, self.backend.due_ritual)
        except Exception as error:  # noqa: BLE001 - a reminder that cannot be read is none
            self.log(str(error))
            return
        self.due = f"{due}, press M" if due else ""
        if self.page is not None and self.page.is_mounted:
            self.page.show_due()

    def on_app_blur(self) -> None:
        """Nobody looks: rest."""
        self._beat.pause()

    def on_app_focus(self) -> None:
        """Someone looks again: catch up."""
        self._beat.resume()
        self.beat()

    @property
    def may_start_watcher(self) -> bool:
        """Whether ``w`` would start one: the app may, and has had the time to."""
        return self.companion is not None and self._beats > _BEATS_BETWEEN_PULSES

    @property
    def is_judged_soon(self) -> bool:
        """Whether someone watches, or is about to: what is read is judged without the person's doing."""
        is_about_to = self.companion is not None and not self.may_start_watcher
        return self.pulse.freshness.is_watching or is_about_to

    @property
    def page(self) -> Page[Any] | None:
        """The topmost page, below any window."""
        from tokencoach.tui.screens.page import Page  # noqa: PLC0415

        return next((screen for screen in reversed(self.screen_stack) if isinstance(screen, Page)), None)

    def beat(self) -> None:
        """Ask the database whether it changed, and tell the page that is seen."""
        page = self.page
        if self.companion is not None:
            self.companion.keep(is_watching=self.pulse.freshness.is_watching)
        if page is None or not page.is_mounted:
            return
        self._beats += 1
        try:
            version = self.backend.data_version()
            if version != self.version or self._beats % _BEATS_BETWEEN_PULSES == 0:
                self.version = version
                self._feel_pulse(page)
            if self._beats % _BEATS_BETWEEN_LOOKS == 0 and not self.due:
                # A month ends while the app is open, and a first run reads one only now.
                self.look_whether_due()
        except Exception as error:  # noqa: BLE001 - a database that fails for a while must not end the app
            page.show_error(error)
        page.tick()

    def _feel_pulse(self, page: Page[Any]) -> None:
        before, self.pulse = self.pulse, self.backend.pulse()
        page.show_freshness(self.pulse.freshness)
        if self.pulse.mark != before.mark:
            page.data_changed()

    async def action_show(self, mode: str) -> None:
        """Go to a screen; from deep inside it, back to its first page."""
        if self.current_mode == mode:
            while len(self.screen_stack) > 1:
                await self.pop_screen()
            return
        await self.switch_mode(mode)

    def action_go_back(self) -> None:
        """One level out."""
        page = self.page
        if not self.screen.is_modal and page is not None and not page.may_go_back():
            return
        if len(self.screen_stack) > 1:
            self.pop_screen()

    def action_go_up(self, level: int) -> None:
        """Back to a level of the breadcrumb, 0 for its first; where a level has no page, to the one above it."""
        while len(self.screen_stack) > 1:
            page = self.page
            if page is not None and not self.screen.is_modal and len(page.crumbs) <= level + 1:
                break
            self.pop_screen()

    def action_ritual(self) -> None:
        """The ritual of the month that is shown where that is over, else of the last one that is."""
        from tokencoach.tui.months import month_of  # noqa: PLC0415 - seldom
        from tokencoach.tui.screens.ritual import RitualPage  # noqa: PLC0415

        page, backend = self.page, self.backend
        if self.screen.is_modal or page is None or isinstance(page, RitualPage):
            return
        now = month_of(backend.now_ms(), backend.tz)
        months = [month for month in backend.months() if month < now]
        if not months:
            self.notify("No month with requests is over yet.", markup=False)
            return
        shown = getattr(page, "month", "")
        month = shown if shown in months else months[-1]
        self.push_screen(RitualPage(month, page.nav_mode))

    def action_leave(self) -> None:
        """Close the window on top; from a page, the app."""
        if self.screen.is_modal:
            self.pop_screen()
        else:
            self.exit()

    def action_unit(self) -> None:
        """The next unit; it stays chosen in the next run."""
        self.unit = UNITS[(UNITS.index(self.unit) + 1) % len(UNITS)]
        remember_unit(self._state, self.unit)
        if self.page is not None:
            self.page.unit_changed()

    def action_refresh_now(self) -> None:
        """Read again."""
        if self.page is not None:
            self.page.reload()

    def action_watch(self) -> None:
        """Start the watcher again where it has ended."""
        if self.companion is None or self.pulse.freshness.is_watching:
            return
        self.companion.start()
        self.notify(self.companion.problem or "Starting the watcher.", markup=False)

    def action_light_or_dark(self) -> None:
        """The other of our two themes."""
        self.theme = LIGHT.name if self.theme == DARK.name else DARK.name

    def action_why(self) -> None:
        """Explain the figures of this page, the focused one first; where there is none, the keys."""
        page = self.page
        if self.screen.is_modal or page is None:
            return
        found = page.at_hand()
        if not found:
            self.action_keys()
            return
        from tokencoach.tui.screens.why import WhyWindow  # noqa: PLC0415

        def go_down(figure: str | None) -> None:
            if figure is not None:
                page.open_figure(figure)

        self.push_screen(WhyWindow(found, page.focused_figure(), self.glyphs), go_down)

    def action_keys(self) -> None:
        """All keys of this page."""
        page = self.page
        if page is None or self.screen.is_modal:
            return
        from tokencoach.tui.screens.why import KeysWindow  # noqa: PLC0415

        self.push_screen(KeysWindow(page.SCOPE, has_list=page.HAS_LIST))

    async def action_press_enter(self) -> None:
        """Do what enter does on the focused widget; for a click on the footer."""
        focused = self.screen.focused
        if focused is not None and hasattr(focused, "action_open"):
            focused.action_open()

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """The palette: every action that works here, with its key."""
        from tokencoach.tui.palette import commands  # noqa: PLC0415

        return commands(self, screen, ACTIONS)


class Demonstration(NamedTuple):
    """Made-up data: its database, and the home folder whose logs belong to it."""

    database: Path
    logs_home: Path


def run(
    database: Path,
    *,
    tz_name: str | None = None,
    is_demo: bool = False,
    logs_home: Path | None = None,
    now_ms: Callable[[], int] = clock.now_ms,
    open_demo: Callable[[], Demonstration] | None = None,
    has_watcher: bool = True,
    with_ritual: bool = False,
) -> int:
    """Open the app until the person leaves it; the exit code.

    ``logs_home`` is a home folder other than the person's own. ``open_demo`` makes the made-up
    data that the first run offers; the app then opens on that. ``with_ritual`` opens the monthly
    ritual on top of the first screen.

    Raises:
        TokencoachError: an unknown zone, damaged settings, a damaged or newer database.
    """
    if sys.__stdin__ is not None:
        with contextlib.suppress(OSError, ValueError):
            end_with(sys.__stdin__.fileno())
    while True:
        settings = read_settings(paths.settings_file(database.parent))
        backend = LedgerBackend(
            database,
            clock.zone(tz_name or settings.timezone),
            is_demo=is_demo,
            logs_home=logs_home,
            now=now_ms,
        )
        watcher = Companion(database, logs_home, tz_name)
        app = CoachApp(
            backend,
            companion=watcher if has_watcher else None,
            has_demo=open_demo is not None,
            state=paths.app_state(database.parent),
            with_ritual=with_ritual,
        )
        try:
            wish = app.run()
        finally:
            backend.release()
            watcher.stop()
        if wish != "demo" or open_demo is None:
            return app.return_code or 0
        made = open_demo()
        database, logs_home, is_demo = made.database, made.logs_home, True
