"""The least app that can ask: one screen, opened from a hook over the terminal that the person sits at."""

from __future__ import annotations

import gc
import signal
import sys
from typing import TYPE_CHECKING, Any

from textual import events
from textual.app import App

from tokencoach.comprehension.sitting import Ending
from tokencoach.tui.check.screen import QuestionScreen
from tokencoach.tui.theme import DARK, DEFAULT_VARIABLES

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.screen import Screen

    from tokencoach.comprehension.sitting import Sitting
    from tokencoach.tui.theme import Glyphs

LONGEST_PAUSE_S = 900.0
"""After so long without a key nobody is there: what is left waits in the inbox, the commit goes on."""

_LOOK_S = 2.0


class CheckApp(App[Ending]):
    """Asks, and returns how it ended.

    Keys of the first ``deaf_s`` seconds after the first painting were meant for the shell: they
    answer nothing. Where ``is_wanted`` says no, whoever asked has gone.
    """

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
        deaf_s: float = 0.0,
        is_wanted: Callable[[], bool] = lambda: True,
    ) -> None:
        super().__init__()
        self._deaf_s = deaf_s
        self._is_deaf = deaf_s > 0
        self._is_wanted = is_wanted
        self._sitting = sitting
        self._question = QuestionScreen(
            sitting, glyphs, self.exit, can_abort=can_abort, place=place, because=because
        )
        self._pause_s = pause_s
        self.failure: BaseException | None = None
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
        self.set_interval(_LOOK_S, self._look)
        self._terminated = signal.signal(signal.SIGTERM, lambda *_: self.call_later(self._nobody))

    def on_unmount(self) -> None:
        """The signal is the program's again."""
        signal.signal(signal.SIGTERM, self._terminated)

    def on_ready(self) -> None:
        """The first question stands on the screen."""
        gc.freeze()
        gc.enable()
        if self._is_deaf:
            self.set_timer(self._deaf_s, self._listen)

    def _listen(self) -> None:
        self._is_deaf = False

    async def on_event(self, event: events.Event) -> None:
        """Keys count once the question has been seen."""
        if self._is_deaf and isinstance(event, events.Key | events.Paste):
            return
        await super().on_event(event)

    def _look(self) -> None:
        if not self._is_wanted():
            self._nobody()

    def on_key(self, event: events.Key) -> None:
        """Someone is there."""
        del event
        self._absence.reset()

    def _fatal_error(self) -> None:
        """A fault of ours ends the screen; its trace is no matter for someone who wants to commit."""
        self.failure = sys.exc_info()[1]
        self._close_messages_no_wait()

    def _nobody(self) -> None:
        self._sitting.leave()
        self.exit(self._sitting.ending)

    async def action_quit(self) -> None:
        """Leave; what is not answered waits."""
        self._nobody()
