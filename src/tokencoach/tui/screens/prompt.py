"""The window with the prompt that made a line, read from the tool's own log when it is opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tokencoach.tui.keys import bindings
from tokencoach.tui.safe_text import clean, lines_of

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from tokencoach.audit.report import LoggedPrompt

_MOST_LINES = 400


class PromptWindow(ModalScreen[None]):
    """A prompt and where it stands; or that its log is gone, and what was kept."""

    CSS_PATH = "word.tcss"
    BINDINGS = bindings("window")

    def __init__(self, title: str, prompt: LoggedPrompt) -> None:
        super().__init__()
        self._title, self._prompt = title, prompt

    def compose(self) -> ComposeResult:
        """The text and its place."""
        with Vertical(id="word") as window:
            window.border_title = self._title
            window.border_subtitle = "esc closes"
            yield Static(self._about())
            with VerticalScroll(id="prompt-text"):
                yield Static(self._text())

    def _about(self) -> Content:
        prompt, parts = self._prompt, []
        if prompt.problem is not None:
            kept = "; this is what was kept" if prompt.text else "; nothing of it was kept"
            parts.append(Content.styled(f"{clean(prompt.problem)}{kept}", "bold $tone-alert"))
        if prompt.where:
            parts.append(Content.styled(clean(prompt.where), "$tone-muted"))
        return Content("\n").join([*parts, Content("")])

    def _text(self) -> Content:
        return Content("\n").join(map(Content, lines_of(self._prompt.text or "", _MOST_LINES)))

    def on_mount(self) -> None:
        """Let the arrows scroll."""
        self.query_one(VerticalScroll).focus()

    def action_close(self) -> None:
        """Go back to the page."""
        self.dismiss()
