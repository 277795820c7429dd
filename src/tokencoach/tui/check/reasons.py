"""The window that says why just this is asked, and what every key does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tokencoach.comprehension.question import Form
from tokencoach.tui.check.words import KNOWN_BY, plural
from tokencoach.tui.keys import actions_of, bindings, key_name
from tokencoach.tui.safe_text import clean

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from tokencoach.comprehension.sitting import Item


class ReasonsWindow(ModalScreen[None]):
    """Why me, what is kept, and the keys."""

    CSS_PATH = "window.tcss"
    BINDINGS = bindings("window")

    def __init__(self, item: Item, because: str, *, can_abort: bool) -> None:
        super().__init__()
        self._item, self._because, self._can_abort = item, because, can_abort

    def compose(self) -> ComposeResult:
        """A few sentences and a table of keys."""
        with VerticalScroll(classes="window") as window:
            window.border_title = "Why me"
            window.border_subtitle = "esc closes"
            yield Static(Content("\n").join([*self._why(), Content(""), *self._keys()]))

    def on_mount(self) -> None:
        """Let the arrows scroll."""
        self.query_one(VerticalScroll).focus()

    def _why(self) -> list[Content]:
        exhibit, prepared = self._item.exhibit, self._item.prepared
        said = [clean(self._because)] if self._because else []
        if exhibit.ai_count:
            lines = plural(exhibit.ai_count, "line")
            said.append(f"{lines} of {clean(exhibit.qualname or exhibit.path)} came from an assistant.")
        said.append(f"How the answer is known: {KNOWN_BY[prepared.key.checked_by]}.")
        said.append("Answers stay on this computer. Nothing here stops a commit but your own word.")
        return [Content(text) for text in said]

    def _keys(self) -> list[Content]:
        rows = []
        is_chosen = self._item.prepared.question.form in (Form.CHOICE, Form.MULTIPLE)
        for action in actions_of("question", "choice", "graded", "judged"):
            hidden = action.id == "question.leave" or (action.id == "question.abort" and not self._can_abort)
            is_motion = action.scope == "choice" and action.id != "choice.answer"
            if hidden or (is_motion and (action.keys.isdigit() or not is_chosen)):
                continue
            keys = key_name(action)
            if action.scope == "question" and action.keys.startswith("f") and "," in action.keys:
                keys = f"{keys} {action.keys.split(',')[-1].replace('question_mark', '?')}"
            rows.append(
                Content("").join([Content.styled(f"  {keys:<7}", "bold $tone-shipped"), Content(action.help)])
            )
        rows.append(
            Content.styled(
                "  tab     between the code and the answer; letters are keys in the code", "$tone-muted"
            )
        )
        return rows

    def action_close(self) -> None:
        """Back to the question."""
        self.dismiss(None)
