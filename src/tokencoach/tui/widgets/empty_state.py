"""What stands where there is nothing to show: why, and the one next step with its key."""

from __future__ import annotations

from typing import Final

from textual.content import Content
from textual.message import Message
from textual.widgets import Static

NOTHING_READ: Final = ("No request of an assistant has been read yet.", "See what was found, and where.", "7")
"""Why a page is empty, the step and its key, where the database holds no request at all."""


class EmptyState(Static):
    """A reason and one next step. Hidden until it is needed."""

    DEFAULT_CSS = """
    EmptyState { display: none; width: 1fr; height: 1fr; padding: 2 4; }
    EmptyState.-shown { display: block; }
    """
    key = ""
    """The key of the next step; none where it has none, or where nothing is explained."""

    class Changed(Message):
        """There is nothing to show now, or something again."""

        def __init__(self, *, is_shown: bool, key: str) -> None:
            self.is_shown = is_shown
            self.key = key
            super().__init__()

    def explain(self, why: str, step: str, key: str = "") -> None:
        """Show why there is nothing, and what to do about it."""
        parts = [Content.styled(why, "bold"), Content("\n\n")]
        if key:
            parts.append(Content.styled(f" {key} ", "reverse bold"))
            parts.append(Content("  "))
        parts.append(Content(step))
        self.update(Content("").join(parts))
        self.key = key
        self._show(is_shown=True)

    def hide(self) -> None:
        """There is something to show after all."""
        self.key = ""
        self._show(is_shown=False)

    def _show(self, *, is_shown: bool) -> None:
        self.set_class(is_shown, "-shown")
        self.post_message(self.Changed(is_shown=is_shown, key=self.key))
