"""The one large figure of a screen, and the sentence that it begins."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Digits, Static

if TYPE_CHECKING:
    from textual import events
    from textual.app import ComposeResult


class Headline(Horizontal, can_focus=True):
    """Large digits at the left, three lines of plain words beside them; enter, or a second click, opens them."""

    DEFAULT_CSS = """
    Headline { height: 3; padding: 0 1; }
    Headline:focus { background: $cursor-dim; }
    Headline Digits { width: auto; color: $tone-shipped; text-style: bold; margin-right: 2; }
    Headline Static { width: 1fr; height: 3; text-wrap: nowrap; text-overflow: ellipsis; }
    """

    BINDINGS: ClassVar = [Binding("enter", "open", "open", show=False)]
    _figure = ""

    class Opened(Message):
        """What is behind the figure was asked for."""

    def compose(self) -> ComposeResult:
        """Digits and words."""
        yield Digits("")
        yield Static("")

    def show(self, figure: str, lines: list[Content]) -> None:
        """Show a figure and up to three lines."""
        self._figure = figure
        # A dash in large type is a hyphen: of others there is no large form.
        self.query_one(Digits).update(figure.replace("—", "-"))
        self.query_one(Static).update(Content("\n").join(lines[:3]))

    @property
    def figure(self) -> str:
        """The large figure as it is drawn."""
        return self._figure

    def action_open(self) -> None:
        """Ask for what is behind the figure."""
        self.post_message(self.Opened())

    def on_click(self, event: events.Click) -> None:
        """Open at a second click."""
        if event.chain > 1:
            self.action_open()
