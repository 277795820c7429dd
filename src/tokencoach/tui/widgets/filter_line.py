"""The line where a filter is typed."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding
from textual.message import Message
from textual.widgets import Input


class FilterLine(Input):
    """One line above the keys; escape leaves it and forgets the filter."""

    DEFAULT_CSS = """
    FilterLine, FilterLine:focus {
        dock: bottom; height: 1; border: none; padding: 0 1; margin-bottom: 1; background: $panel;
    }
    """
    BINDINGS: ClassVar = [Binding("escape", "leave", "clear", show=False)]

    class Left(Message):
        """The filter is to be forgotten."""

    def __init__(self, text: str) -> None:
        super().__init__(text, placeholder="keep sessions that hold…", compact=True, max_length=200)

    def action_leave(self) -> None:
        """Forget the filter."""
        self.post_message(self.Left())
