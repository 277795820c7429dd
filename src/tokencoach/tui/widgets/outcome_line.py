"""One line of the audit that opens the features behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.message import Message
from textual.widgets import Static

if TYPE_CHECKING:
    from textual import events


class OutcomeLine(Static, can_focus=True):
    """A sentence with figures; enter, or a second click, opens what is behind them."""

    DEFAULT_CSS = """
    OutcomeLine { height: 1; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
    OutcomeLine:focus { background: $cursor-dim; }
    """
    BINDINGS: ClassVar = [Binding("enter", "open", "open", show=False)]

    class Opened(Message):
        """The features were asked for."""

    def action_open(self) -> None:
        """Ask for the features."""
        self.post_message(self.Opened())

    def on_click(self, event: events.Click) -> None:
        """Open at a second click."""
        if event.chain > 1:
            self.action_open()
