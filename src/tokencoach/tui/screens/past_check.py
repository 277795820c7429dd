"""The window of a check that is over: each question, the answer given, the right one, what really happens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tokencoach.comprehension.question import Form
from tokencoach.tui.keys import bindings
from tokencoach.tui.safe_text import clean, lines_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult

    from tokencoach.comprehension.past import Told

_PROMPT_LINES, _TRACE_LINES = 40, 30


class PastCheckWindow(ModalScreen[None]):
    """What was asked in a check and what came of it."""

    CSS_PATH = "word.tcss"
    BINDINGS = bindings("window")

    def __init__(self, title: str, told: Sequence[Told]) -> None:
        super().__init__()
        self._title, self._told = title, told

    def compose(self) -> ComposeResult:
        """The questions, one below the other."""
        with Vertical(id="word") as window:
            window.border_title = self._title
            window.border_subtitle = "esc closes"
            with VerticalScroll(id="prompt-text"):
                yield Static(self._text())

    def on_mount(self) -> None:
        """Let the arrows scroll."""
        self.query_one(VerticalScroll).focus()

    def _text(self) -> Content:
        if not self._told:
            return Content("Nothing is kept of its questions.")
        parts = [_one(number, told) for number, told in enumerate(self._told, 1)]
        return Content("\n\n").join(parts)

    def action_close(self) -> None:
        """Go back to the page."""
        self.dismiss()


def _one(number: int, told: Told) -> Content:
    """A question with all that is known of it."""
    question, key = told.prepared.question, told.prepared.key
    where = f"{question.path}:{question.line}" + (f" {question.qualname}" if question.qualname else "")
    parts = [Content.styled(f"{number}  {clean(where)}", "$tone-muted")]
    parts += [Content.styled(line, "bold") for line in lines_of(question.prompt, _PROMPT_LINES)]
    chosen = set(key.expected) if question.options else set()
    parts += [Content(f"  {'*' if option in chosen else ' '} {clean(option)}") for option in question.options]
    parts.append(_came_to(told))
    right = "; ".join(clean(word, 300) for word in key.expected)
    lead = "It should cover: " if question.form is Form.TEXT else "Right: "
    parts.append(Content.assemble(lead, (right, "bold")))
    parts += [Content.styled(f"  {clean(line, 200)}", "$tone-muted") for line in key.trace[:_TRACE_LINES]]
    return Content("\n").join(parts)


def _came_to(told: Told) -> Content:
    """What was answered, and what that was worth."""
    answer = told.answer
    if answer is None:
        return Content.styled("You gave no answer.", "$tone-muted")
    if answer.is_shown:
        return Content.styled("You asked to be shown: learned, not failed.", "$tone-pending")
    said = f"You said: {clean(answer.answer, 600)}"
    if answer.is_right is None and answer.self_grade is None:
        return Content(f"{said}  (nobody could check it)")
    word = "right" if answer.is_understood else "not so"
    tries = " at the second try" if answer.tries > 1 else ""
    tone = "$tone-shipped" if answer.is_understood else "$tone-not-landed"
    return Content.assemble(f"{said}  ", (f"{word}{tries}", f"bold {tone}"))
