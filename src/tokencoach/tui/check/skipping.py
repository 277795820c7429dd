"""The window that asks why a question is left out. Skipping is always possible, kept, and no failure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tokencoach.tui.keys import actions_of, bindings, key_name

if TYPE_CHECKING:
    from textual.app import ComposeResult


class SkipWindow(ModalScreen[str | None]):
    """One key leaves with a reason; escape leaves all for later; enter goes back to the question."""

    CSS_PATH = "window.tcss"
    BINDINGS = bindings("skip")

    def __init__(self, *, can_abort: bool) -> None:
        super().__init__()
        self._can_abort = can_abort

    def compose(self) -> ComposeResult:
        """One line for each key."""
        with Vertical(classes="window") as window:
            window.border_title = "Leave it out"
            window.border_subtitle = "↵ back to the question"
            yield Static(Content("\n").join(self._lines()))

    def _lines(self) -> list[Content]:
        lines = []
        for action in actions_of("skip"):
            if action.id == "skip.back" or (action.id == "skip.abort" and not self._can_abort):
                continue
            lines.append(
                Content("").join(
                    [
                        Content.styled(f"{key_name(action):>6}  ", "bold $tone-shipped"),
                        Content.styled(f"{action.label:<9}", "bold"),
                        Content.styled(action.help, "$tone-muted"),
                    ]
                )
            )
        return lines

    def action_choose(self, word: str) -> None:
        """Leave with a reason."""
        self.dismiss(word)

    def action_show(self) -> None:
        """Show the answer instead."""
        self.dismiss("show")

    def action_abort(self) -> None:
        """Stop what asked for the check."""
        if self._can_abort:
            self.dismiss("abort")

    def action_close(self) -> None:
        """Back to the question."""
        self.dismiss(None)
