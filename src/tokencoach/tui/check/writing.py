"""The text area of an explanation: enter hands in, for a few sentences need no line of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.widgets import TextArea

from tokencoach.tui.check.forms import ShowAsked, Submitted

if TYPE_CHECKING:
    from textual import events


class Writing(TextArea):
    """A few sentences in the person's own words."""

    def __init__(self, longest: int) -> None:
        super().__init__(
            compact=True,
            tab_behavior="focus",
            placeholder="in your own words: what it is for, what it decides, what then happens, and why so",
        )
        self._longest = longest

    async def _on_key(self, event: events.Key) -> None:
        if event.key == "enter":
            event.stop()
            event.prevent_default()
            self._hand_in()
        elif event.key == "ctrl+j":
            event.stop()
            event.prevent_default()
            self.insert("\n")
        elif event.key == "question_mark" and not self.text.strip():
            event.stop()
            event.prevent_default()
            self.post_message(ShowAsked())
        elif event.is_printable and len(self.text) >= self._longest:
            event.stop()
            event.prevent_default()
        else:
            await super()._on_key(event)

    def _hand_in(self) -> None:
        if self.text.strip():
            self.post_message(Submitted(self.text.strip()[: self._longest]))
        else:
            self.notify("Write a few words first; F2 shows the points, esc skips.", markup=False)
