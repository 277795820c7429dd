"""The least app that can ask: one screen, opened from a hook over the terminal that the person sits at."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, Any

from textual.app import App

from tokencoach.comprehension.sitting import Ending
from tokencoach.tui.check.screen import QuestionScreen
from tokencoach.tui.theme import DARK, DEFAULT_VARIABLES

if TYPE_CHECKING:
    from textual import events
    from textual.screen import Screen

    from tokencoach.comprehension.sitting import Sitting
    from tokencoach.tui.theme import Glyphs

LONGEST_PAUSE_S = 900.0
"""After so long without a key nobody is there: what is left waits in the inbox, the commit goes on."""


class CheckApp(App[Ending]):
    """Asks, and returns how it ended; a broken-off run returns None."""

    TITLE = "tokencoach"
    # The styles of a default screen are not loaded by themselves.
    CSS_PATH = "question.tcss"
    CSS = "Screen { background: $background; color: $foreground; }"
    ENABLE_COMMAND_PALETTE = False

    def __init__(
        self,
        sitting: Sitting,
        glyphs: Glyphs,
        *,
        can_abort: bool = False,
        place: str = "",
        because: str = "",
        pause_s: float = LONGEST_PAUSE_S,
    ) -> None:
        super().__init__()
        self._sitting = sitting
        self._question = QuestionScreen(
            sitting, glyphs, self.exit, can_abort=can_abort, place=place, because=because
        )
        self._pause_s = pause_s
        self.register_theme(DARK)
        self.theme = DARK.name

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Our colour names under a theme that has none of them."""
        return dict(DEFAULT_VARIABLES)

    def get_default_screen(self) -> Screen[Any]:
        """The question is the first and only screen."""
        return self._question

    def on_mount(self) -> None:
        """Begin to wait for the person."""
        self._absence = self.set_timer(self._pause_s, self._nobody)
        signal.signal(signal.SIGTERM, lambda *_: self.call_later(self._nobody))

    def on_key(self, event: events.Key) -> None:
        """Someone is there."""
        del event
        self._absence.reset()

    def _nobody(self) -> None:
        self._sitting.leave()
        self.exit(self._sitting.ending)

    async def action_quit(self) -> None:
        """Leave; what is not answered waits."""
        self._nobody()
