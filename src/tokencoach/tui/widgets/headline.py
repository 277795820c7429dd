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


_DIGIT, _BESIDE = 3, 4
"""Cells of a large digit, and of the room around the words."""


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
    _lines: tuple[Content, ...] | list[Content] = ()
    _short: Content | None = None

    class Opened(Message):
        """What is behind the figure was asked for."""

    def compose(self) -> ComposeResult:
        """Digits and words."""
        yield Digits("")
        yield Static("")

    def show(self, figure: str, lines: list[Content], short: Content | None = None) -> None:
        """Show a figure and up to three lines; ``short`` stands for the first where that is too long."""
        self._figure, self._lines, self._short = figure, lines[:3], short
        # A dash in large type is a hyphen: of others there is no large form.
        self.query_one(Digits).update(figure.replace("—", "-"))
        self._draw()

    def _draw(self) -> None:
        lines, room = list(self._lines), self.size.width - _BESIDE - _DIGIT * len(self._figure)
        if lines and self._short is not None and 0 < room < lines[0].cell_length:
            lines[0] = self._short
        self.query_one(Static).update(Content("\n").join(lines))

    def on_resize(self) -> None:
        """Another width may have room for another sentence."""
        self._draw()

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
