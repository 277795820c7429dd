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
            window.border_title = Content(self._title)
            window.border_subtitle = "esc closes"
            if self._prompt.problem is not None:
                yield Static(self._problem(self._prompt.problem))
            with VerticalScroll(id="prompt-text"):
                yield Static(self._text())

    def _problem(self, problem: str) -> Content:
        kept = "; this is what was kept" if self._prompt.text else "; nothing of it was kept"
        return Content.styled(f"{clean(problem)}{kept}\n", "bold $tone-alert")

    def _text(self) -> Content:
        """The prompt, then where it stands."""
        parts = list(map(Content, lines_of(self._prompt.text or "", _MOST_LINES)))
        if self._prompt.where:
            parts += [Content(""), Content.styled(clean(self._prompt.where), "$tone-muted")]
        return Content("\n").join(parts)

    def on_mount(self) -> None:
        """Let the arrows scroll."""
        self.query_one(VerticalScroll).focus()

    def action_close(self) -> None:
        """Go back to the page."""
        self.dismiss()
