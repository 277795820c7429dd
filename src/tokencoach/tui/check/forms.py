"""How a question is answered: a typed line, one of several, some of several, a few sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Input, Static

from tokencoach.comprehension.question import Form
from tokencoach.tui.keys import bindings
from tokencoach.tui.safe_text import clean

if TYPE_CHECKING:
    from textual import events
    from textual.app import ComposeResult

    from tokencoach.comprehension.question import AnswerKey, Question
    from tokencoach.tui.theme import Glyphs

_LONGEST = 500
_LONGEST_TEXT = 4_000
SEPARATOR = "\n"
"""Between the options of an answer to a multiple choice."""


class Submitted(Message):
    """An answer was given."""

    def __init__(self, given: str) -> None:
        self.given = given
        super().__init__()


class ShowAsked(Message):
    """``?`` where nothing was typed yet: the person does not know."""


class TypedLine(Input):
    """One line of typed text."""

    DEFAULT_CSS = """
    TypedLine, TypedLine:focus { border: none; height: 1; padding: 0 1; background: $panel; }
    """

    def __init__(self) -> None:
        super().__init__(placeholder="type the answer", compact=True, max_length=_LONGEST, id="answer")

    async def _on_key(self, event: events.Key) -> None:
        if event.key == "question_mark" and not self.value:
            event.stop()
            event.prevent_default()
            self.post_message(ShowAsked())
            return
        await super()._on_key(event)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """An empty line is no answer."""
        event.stop()
        if self.value.strip():
            self.post_message(Submitted(self.value.strip()))
        else:
            self.notify("Type an answer first; F2 shows it, esc skips.", markup=False)


class Choices(Widget, can_focus=True):
    """Options under a cursor, by number; some may be marked where several are right."""

    DEFAULT_CSS = """
    Choices { height: auto; padding: 0 1; }
    """
    BINDINGS = bindings("choice")

    cursor: reactive[int] = reactive(0)

    def __init__(self, question: Question, glyphs: Glyphs) -> None:
        super().__init__(id="answer")
        self._options = tuple(clean(option) for option in question.options)
        self._raw = question.options
        self._is_multiple = question.form is Form.MULTIPLE
        self._glyphs = glyphs
        self._chosen: set[int] = set()
        self._key: AnswerKey | None = None

    def render(self) -> Content:
        """One line an option; long ones wrap under their own beginning."""
        lines = [self._line(at, option) for at, option in enumerate(self._options)]
        return Content("\n").join(lines)

    def _line(self, at: int, option: str) -> Content:
        is_here = at == self.cursor and self._key is None
        mark = self._glyphs.cursor if is_here else " "
        box = ""
        if self._is_multiple:
            box = "[x] " if at in self._chosen else "[ ] "
        style = "bold" if is_here else ""
        if self._key is not None:
            is_right = self._raw[at] in self._key.expected
            word = "right" if is_right else "your answer" if at in self._chosen else ""
            style = "bold $tone-shipped" if is_right else "$tone-not-landed" if word else "$tone-muted"
            reason = self._key.reasons[at] if at < len(self._key.reasons) else ""
            tail = ", ".join(part for part in (word, clean(reason)) if part)
            option = f"{option}   {self._glyphs.beside} {tail}" if tail else option
        return Content.styled(f"{mark} {at + 1}  {box}{option}", style)

    def reveal(self, key: AnswerKey) -> None:
        """Show which options are right, and why each is or is not."""
        self._key = key
        self.refresh(layout=True)

    def action_down(self) -> None:
        """One option down."""
        self.cursor = min(self.cursor + 1, len(self._options) - 1)

    def action_up(self) -> None:
        """One option up."""
        self.cursor = max(self.cursor - 1, 0)

    def action_pick(self, number: int) -> None:
        """To an option by its number; where several may be right it is marked as well."""
        if self._key is None and 1 <= number <= len(self._options):
            self.cursor = number - 1
            self.action_mark()

    def action_mark(self) -> None:
        """Mark the option under the cursor, or take its mark away."""
        if self._key is None and self._is_multiple:
            self._chosen ^= {self.cursor}
            self.refresh()

    def action_answer(self) -> None:
        """Give what is chosen as the answer; a multiple choice may rightly be none at all."""
        if self._key is not None:
            return
        if not self._is_multiple:
            self._chosen = {self.cursor}
        self.post_message(Submitted(SEPARATOR.join(self._raw[at] for at in sorted(self._chosen))))

    def on_click(self, event: events.Click) -> None:
        """A click moves the cursor; a second one answers or marks."""
        at = self._option_at(event.y)
        if at is None or self._key is not None:
            return
        if self._is_multiple:
            self.action_pick(at + 1)
        elif at == self.cursor and event.chain > 1:
            self.action_answer()
        else:
            self.cursor = at

    def _option_at(self, y: int) -> int | None:
        width, line = max(self.content_size.width, 1), 0
        for at, option in enumerate(self._options):
            line += len(self._line(at, option).wrap(width))
            if y < line:
                return at
        return None


class FewSentences(Vertical):
    """A text of a few sentences, with its words counted; enter hands it in."""

    DEFAULT_CSS = """
    FewSentences { height: auto; }
    FewSentences TextArea { height: auto; min-height: 3; max-height: 6; border: none; padding: 0 1; background: $panel; }
    FewSentences:disabled TextArea { min-height: 1; max-height: 3; }
    FewSentences:disabled #words { display: none; }
    FewSentences #words { height: 1; padding: 0 1; color: $tone-muted; }
    """

    def __init__(self, wanted: int, glyphs: Glyphs) -> None:
        super().__init__(id="answer")
        self._wanted = wanted
        self._enter = glyphs.enter

    def compose(self) -> ComposeResult:
        """The text and the count."""
        from tokencoach.tui.check.writing import Writing  # noqa: PLC0415 - a text area is slow to import

        yield Writing(_LONGEST_TEXT)
        yield Static(self._count(""), id="words")

    def _count(self, text: str) -> str:
        words = len(text.split())
        wanted = f" of at least {self._wanted}" if words < self._wanted else ""
        return (
            f"{words} {'word' if words == 1 else 'words'}{wanted}   {self._enter} hand in   ctrl+j new line"
        )

    def on_text_area_changed(self, event: Message) -> None:
        """Count the words."""
        text = getattr(event.control, "text", "")
        self.query_one("#words", Static).update(self._count(text))


def form_for(question: Question, glyphs: Glyphs, wanted_words: int) -> Widget:
    """The widget that takes the answer to a question."""
    if question.form is Form.TYPED:
        return TypedLine()
    if question.form is Form.TEXT:
        return FewSentences(wanted_words, glyphs)
    return Choices(question, glyphs)
