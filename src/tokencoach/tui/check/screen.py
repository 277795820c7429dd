"""The question screen: one check from the first question to the last, code beside question."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding
from textual.containers import Container, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tokencoach.comprehension.question import Form
from tokencoach.comprehension.sitting import Ending, Reason
from tokencoach.tui.check.code import CodePane, notes_by_line
from tokencoach.tui.check.forms import Choices, FewSentences, ShowAsked, Submitted, form_for
from tokencoach.tui.check.keys_line import KeysLine
from tokencoach.tui.check.words import (
    answer_words,
    header,
    prompt_words,
    right_words,
    rubric_words,
    shown_words,
)
from tokencoach.tui.keys import bindings

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.message import Message
    from textual.timer import Timer

    from tokencoach.comprehension.advice import Advice, Adviser
    from tokencoach.comprehension.sitting import Item, Sitting
    from tokencoach.tui.theme import Glyphs

ENOUGH_WORDS = 25
"""Words that an explanation should have."""
_HINT_S = 0.3
_MOST_POINTED = 4
"""Where more lines are meant, a pointer at each would point at nothing."""
_ASKING, _GRADED, _JUDGED = "question", "graded", "judged"


class QuestionScreen(ModalScreen[None]):
    """Asks what a sitting holds, and says at the end how it ended.

    ``can_abort`` where something waits that can be stopped: a commit. ``because`` says why just
    these are asked.
    """

    CSS_PATH = "question.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(_ASKING),
        *bindings(_GRADED),
        *bindings(_JUDGED),
        # Never a signal: it would end git with the commit. No table lists it, for nobody needs it.
        Binding("ctrl+c", "leave_all", show=False, priority=True),
    ]
    HORIZONTAL_BREAKPOINTS: list[tuple[int, str]] | None = [(0, "-narrow"), (100, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS: list[tuple[int, str]] | None = [(0, "-low"), (20, "-normal")]  # noqa: RUF012

    def __init__(
        self,
        sitting: Sitting,
        glyphs: Glyphs,
        on_end: Callable[[Ending], None],
        *,
        can_abort: bool = False,
        place: str = "",
        because: str = "",
    ) -> None:
        super().__init__()
        self._sitting = sitting
        self._glyphs = glyphs
        self._on_end = on_end
        self._can_abort = can_abort
        self._place = place
        self._because = because
        self.phase = _ASKING
        self._hint_timer: Timer | None = None

    def compose(self) -> ComposeResult:
        """The header, the code, the question, the keys."""
        yield Static("", id="head")
        with Container(id="body"):
            yield CodePane(self._glyphs)
            with VerticalScroll(id="ask", can_focus=False):
                yield Static("", id="prompt")
                yield Container(form_for(self._sitting.asked.question, self._glyphs, ENOUGH_WORDS), id="form")
                yield Static("", id="outcome")
        yield KeysLine(self._glyphs)

    def on_mount(self) -> None:
        """The first question; its form stands already."""
        self._show_question()
        self.call_after_refresh(self._sitting.begin)

    async def ask(self) -> None:
        """Put the question that is due on the screen."""
        place = self.query_one("#form", Container)
        await place.remove_children()
        await place.mount(form_for(self._sitting.asked.question, self._glyphs, ENOUGH_WORDS))
        self._show_question()

    def _show_question(self) -> None:
        self._enter_phase(_ASKING)
        sitting, asked = self._sitting, self._sitting.asked
        question = asked.question
        width = self.size.width or 80
        self.query_one("#head", Static).update(header(sitting, self._place, width, self._glyphs))
        self.query_one("#prompt", Static).update(prompt_words(question, self._glyphs))
        self.query_one("#outcome", Static).update("")
        pointed = question.lines if 0 < len(question.lines) <= _MOST_POINTED else (question.line,)
        self.query_one(CodePane).show(sitting.item.exhibit, pointed)
        self.query_one("#ask", VerticalScroll).scroll_home(animate=False)
        self._focus_form()
        self._show_keys()

    def _focus_form(self) -> None:
        form = self.query_one("#answer")
        target = form.query_one("Writing") if isinstance(form, FewSentences) else form
        target.focus()

    def on_resize(self) -> None:
        """The header says what fits."""
        self.query_one("#head", Static).update(
            header(self._sitting, self._place, self.size.width, self._glyphs)
        )

    def on_descendant_focus(self) -> None:
        """Letters are keys where nothing is typed, and the last line says so."""
        self._show_keys()

    def _show_keys(self) -> None:
        question = self._sitting.asked.question
        types = question.form in {Form.TYPED, Form.TEXT} and not isinstance(self.focused, CodePane)
        self.query_one(KeysLine).show(
            self.phase, is_typing=types, can_abort=self._can_abort, may_retry=self._sitting.may_retry
        )

    @on(Submitted)
    def take_answer(self, event: Submitted) -> None:
        """Grade an answer and show what it was worth."""
        event.stop()
        if self.phase != _ASKING or self._sitting.ending is not None:
            return
        sitting = self._sitting
        form = sitting.asked.question.form
        grade = sitting.answer(event.given)
        if form is Form.TEXT and sitting.may_retry:
            self.query_one("#outcome", Static).update(answer_words(sitting, event.given, self._glyphs))
            self._in_sight()
            sitting.retry()
            self._show_keys()
            return
        words = (right_words if grade.right else answer_words)(sitting, event.given, self._glyphs)
        self._reveal(words, is_judged=form is Form.TEXT or grade.right is None)
        if form is Form.TEXT and sitting.adviser is not None:
            self.run_worker(self._advise(sitting.adviser, event.given, words), group="advice", exclusive=True)

    async def _advise(self, adviser: Adviser, given: str, words: Content) -> None:
        """Add what a model says once it has said it; nobody waits for it."""
        from tokencoach.tui.background import in_background  # noqa: PLC0415 - where a person wants it
        from tokencoach.tui.check.words import advice_words  # noqa: PLC0415 - as above

        item = self._sitting.item
        outcome = self.query_one("#outcome", Static)
        outcome.update(Content("").join([words, advice_words(None)]))
        advice = await in_background(lambda: None, adviser.on, item.exhibit, given)
        self._tell(item, words, advice)
        if advice.text:
            self._sitting.advise(item.prepared, advice)
            # The meters are read after the request: the words come first.
            advice = await in_background(lambda: None, adviser.with_joules, advice)
            self._sitting.advise(item.prepared, advice)
            self._tell(item, words, advice)

    def _tell(self, item: Item, words: Content, advice: Advice) -> None:
        """Show an advice, if its question is still the one on the screen."""
        from tokencoach.tui.check.words import advice_words  # noqa: PLC0415 - where a person wants it

        if self.phase == _JUDGED and self._sitting.item is item and self._sitting.ending is None:
            self.query_one("#outcome", Static).update(Content("").join([words, advice_words(advice)]))
            self._in_sight()

    def on_text_area_changed(self, event: Message) -> None:
        """Once a text was handed in, the rubric follows what is added to it."""
        text = getattr(event.control, "text", "").strip()
        if self.phase == _ASKING and self._sitting.tries and text:
            if self._hint_timer is not None:
                self._hint_timer.stop()
            self._hint_timer = self.set_timer(_HINT_S, lambda: self._hint(text))

    def _hint(self, text: str) -> None:
        if self.phase == _ASKING and self._sitting.tries:
            grade = self._sitting.preview(text)
            self.query_one("#outcome", Static).update(rubric_words(grade, self._glyphs))

    @on(ShowAsked)
    def action_show(self) -> None:
        """The person does not know: show the answer and what really happens."""
        if self.phase == _ASKING and self._sitting.ending is None:
            self._sitting.show()
            self._reveal(shown_words(self._sitting, self._glyphs), is_judged=False)

    def _reveal(self, words: Content, *, is_judged: bool) -> None:
        self._enter_phase(_JUDGED if is_judged else _GRADED)
        asked = self._sitting.asked
        form = self.query_one("#answer")
        if isinstance(form, Choices):
            form.reveal(asked.key)
        else:
            form.disabled = True
        beside, _ = notes_by_line(asked.key.trace, self._sitting.item.exhibit)
        code = self.query_one(CodePane)
        code.focus()
        # The code has its new height only after the next layout.
        self.call_after_refresh(code.annotate, beside)
        self.query_one("#outcome", Static).update(words)
        self._in_sight()
        self._show_keys()

    def _enter_phase(self, phase: str) -> None:
        """A judged text needs its room; else what happened is read in the code, which gets more of it."""
        self.phase = phase
        self.set_class(phase == _GRADED, "-graded")

    def _in_sight(self) -> None:
        ask = self.query_one("#ask", VerticalScroll)
        if self.phase == _ASKING:
            self.call_after_refresh(ask.scroll_to_widget, self.query_one("#form"), top=True, animate=False)
        else:
            self.call_after_refresh(ask.scroll_end, animate=False)

    async def action_next(self) -> None:
        """One more on another input after a wrong answer, else the next question, else the end."""
        sitting = self._sitting
        if sitting.may_retry:
            sitting.retry()
            await self.ask()
        elif sitting.go_on():
            await self.ask()
        else:
            self._finish()

    async def action_judge(self, word: str) -> None:
        """The person's own word on a text; then on."""
        self._sitting.judge_self(word)
        await self.action_next()

    def action_skip(self) -> None:
        """Ask for the reason; a question that was answered is left at once."""
        from tokencoach.tui.check.skipping import SkipWindow  # noqa: PLC0415 - when it is asked for

        if self.phase != _ASKING:
            self.call_later(self.action_next)
        elif self._sitting.ending is None:
            self.app.push_screen(SkipWindow(can_abort=self._can_abort), self._after_skip)

    async def _after_skip(self, word: str | None) -> None:
        if word == "show":
            self.action_show()
        elif word == "abort":
            self.action_abort()
        elif word is not None:
            self._sitting.skip(Reason(word))
            await self._on()

    async def action_bad(self) -> None:
        """The question is wrong or worth nothing: it is not asked again."""
        if self._sitting.ending is None:
            self._sitting.mark_bad()
            await self._on()

    async def _on(self) -> None:
        if self._sitting.ending is None:
            await self.ask()
        else:
            self._finish()

    def action_abort(self) -> None:
        """The person wants to mend something first."""
        if self._can_abort and self._sitting.ending is None:
            self._sitting.abort()
            self._finish()

    def action_leave_all(self) -> None:
        """Ctrl-C: what is left waits in the inbox, and whatever asked for the check goes on."""
        self._sitting.leave()
        self._finish()

    def action_code(self, pages: int) -> None:
        """Scroll the code by most of what is seen of it; the answer keeps the focus."""
        code = self.query_one(CodePane)
        code.scroll_relative(y=pages * max(code.size.height - 2, 1), animate=False)

    def action_why(self) -> None:
        """Why this is asked, and all keys."""
        from tokencoach.tui.check.reasons import ReasonsWindow  # noqa: PLC0415 - when it is asked for

        item = self._sitting.item
        self.app.push_screen(ReasonsWindow(item, self._because, can_abort=self._can_abort))

    def _finish(self) -> None:
        ending = self._sitting.ending
        if ending is not None:
            self._on_end(ending)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys follow what is on the screen."""
        del parameters
        return {
            "abort": self._can_abort,
            "next": self.phase != _ASKING,
            "judge": self.phase == _JUDGED,
        }.get(action, True)
