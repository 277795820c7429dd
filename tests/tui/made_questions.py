"""Questions of every form about made code, and a diary that remembers."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from textual.events import Paste

from tokencoach.comprehension.question import (
    AnswerKey,
    CheckedBy,
    Form,
    Grade,
    Kind,
    Part,
    Prepared,
    Question,
)
from tokencoach.comprehension.sitting import Exhibit, Item, Sitting
from tokencoach.tui.check.app import CheckApp
from tokencoach.tui.theme import ASCII, UNICODE

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from textual.pilot import Pilot

    from tokencoach.comprehension.advice import Advice, Adviser
    from tokencoach.comprehension.sitting import Answered, Ending, Reason

CODE = '''"""Retry with backoff."""

from random import random


def backoff(attempt: int, base: float = 0.5, cap: float = 30.0) -> float:
    """Seconds to wait before another attempt."""
    if attempt < 0:
        raise ValueError("attempt")
    delay = min(cap, base * 2 ** attempt)
    if delay >= cap:
        return cap
    return delay / 2


def again(call, attempts=5):
    for attempt in range(attempts):
        try:
            return call()
        except OSError:
            wait(backoff(attempt))
    return None
'''
EXHIBIT = Exhibit(
    "src/web/retry.py",
    "backoff",
    tuple(CODE.split("\n")),
    6,
    13,
    frozenset(range(6, 14)),
    frozenset({6, 8, 9, 10, 11, 12, 13}),
    "claude-code session 14:02",
)


def prepared(
    name: str,
    form: Form,
    prompt: str,
    key: AnswerKey,
    *,
    part: Part = Part.TRACE,
    options: tuple[str, ...] = (),
    line: int = 10,
    retry: Prepared | None = None,
) -> Prepared:
    """A question about the made code."""
    kind = Kind.EXPLAIN if form is Form.TEXT else Kind.RECORDED_TRACE
    question = Question(
        name, kind, part, EXHIBIT.path, EXHIBIT.qualname, line, prompt, form, options, (line,), 20
    )
    return Prepared(question, key, retry)


def typed(*, with_retry: bool = True) -> Prepared:
    """A typed literal, with another input to try."""
    trace = ("line 10: delay = 30.0", "line 12: returns 30.0", "the test then compares it with cap")
    other = AnswerKey(("0.5",), CheckedBy.RECORDED, "test_backoff_start", trace=("line 13: returns 0.5",))
    retry = prepared(
        "typed-2", Form.TYPED, "test_backoff_start called backoff(1).\nWhat did it return?", other
    )
    return prepared(
        "typed",
        Form.TYPED,
        "Your own test test_backoff_cap called backoff(10).\nWhat did it return?",
        AnswerKey(("30.0",), CheckedBy.RECORDED, "test_backoff_cap", trace=trace),
        retry=retry if with_retry else None,
    )


def choice() -> Prepared:
    """One of four."""
    options = ("attempt < 0", "attempt <= 0", "attempt > 0", "delay >= cap")
    reasons = ("the guard on line 8", "0 is allowed", "the negation", "belongs to line 12")
    return prepared(
        "choice",
        Form.CHOICE,
        "Which condition makes line 9 raise?",
        AnswerKey(("attempt < 0",), CheckedBy.SYNTAX, "line 8 dominates line 9", reasons=reasons),
        part=Part.EDGES,
        options=options,
        line=9,
    )


def multiple() -> Prepared:
    """Some of four."""
    options = ("src/api.py", "src/jobs.py", "src/cli.py", "src/models.py")
    return prepared(
        "multiple",
        Form.MULTIPLE,
        "Which of these files call backoff?",
        AnswerKey(("src/api.py", "src/jobs.py"), CheckedBy.METADATA, "git grep and the syntax tree"),
        part=Part.WHY,
        options=options,
        line=6,
    )


def text() -> Prepared:
    """A few sentences."""
    points = (
        "inputs: attempt, base, cap",
        "decisions: attempt < 0, delay >= cap",
        "outcomes: ValueError, cap",
    )
    return prepared(
        "text",
        Form.TEXT,
        "Explain backoff to a colleague in two or three sentences.",
        AnswerKey(points, CheckedBy.RUBRIC, "the points of the function"),
        part=Part.EXPLAIN,
        line=6,
    )


def grade(asked: Prepared, given: str) -> Grade:
    """A plain grader: a text is good with eight words; ``unrunnable`` is what nothing here can judge."""
    key, question = asked.key, asked.question
    if question.form is Form.TEXT:
        is_long = len(given.split()) >= 8
        rows = (
            f"{'ok ' if is_long else 'no '} substance: {len(given.split())} words, 8 wanted",
            "ok  own words",
            "no  coverage: nothing about what happens when `attempt < 0` is true",
        )
        return Grade(
            question.id, is_long, "; ".join(key.expected), key.evidence, 3.0 if is_long else 1.0, rows
        )
    if given == "unrunnable":
        return Grade(question.id, None, ", ".join(key.expected), key.evidence)
    wanted = set(key.expected)
    said = set(given.split("\n")) if question.form is Form.MULTIPLE else {given}
    return Grade(question.id, said == wanted, ", ".join(key.expected), key.evidence)


class Remembered:
    """A diary in memory."""

    def __init__(self) -> None:
        self.notes: list[Answered] = []
        self.advised: list[tuple[str, Advice]] = []
        self.ending: tuple[Ending, Reason | None] | None = None
        self.is_begun = False

    def begin(self) -> None:
        """The first question is seen."""
        self.is_begun = True

    def note(self, answered: Answered) -> None:
        """Keep an answer."""
        self.notes.append(answered)

    def advise(self, prepared: Prepared, advice: Advice) -> None:
        """Keep that a model read it."""
        self.advised.append((prepared.question.id, advice))

    def close(self, ending: Ending, reason: Reason | None) -> None:
        """Keep the end."""
        assert self.ending is None
        self.ending = (ending, reason)


class Asking:
    """A check under way in an app without a terminal."""

    def __init__(self, app: CheckApp, pilot: Pilot[Any], diary: Remembered, sitting: Sitting) -> None:
        self.app, self.pilot, self.diary, self.sitting = app, pilot, diary, sitting

    async def press(self, *keys: str) -> None:
        """Press some keys and let all of it be drawn."""
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def type(self, text: str) -> None:
        """Type a text."""
        await self.press(*("space" if letter == " " else letter for letter in text))

    async def paste(self, text: str) -> None:
        """Have the terminal paste a text into what has the focus."""
        self.app.post_message(Paste(text))
        await self.pilot.pause()

    def lines(self) -> list[str]:
        """The screen as it is drawn."""
        strips = self.app.screen._compositor.render_strips()
        return ["".join(segment.text for segment in strip).rstrip() for strip in strips]

    def text(self) -> str:
        """The screen as one text."""
        return "\n".join(self.lines())


def hold(
    items: list[Prepared],
    script: Callable[[Asking], Awaitable[None]],
    *,
    size: tuple[int, int] = (80, 24),
    exhibit: Exhibit = EXHIBIT,
    can_abort: bool = True,
    is_ascii: bool = False,
    pause_s: float = 900.0,
    adviser: Adviser | None = None,
) -> tuple[Remembered, Sitting, CheckApp]:
    """Hold a check of some questions and run a script on it."""
    diary = Remembered()
    held = [Item(item, exhibit) for item in items]
    sitting = Sitting(held, grade, diary, now=lambda: 0.0, adviser=adviser)

    async def run() -> CheckApp:
        app = CheckApp(
            sitting,
            ASCII if is_ascii else UNICODE,
            can_abort=can_abort,
            place="web-app",
            because="24 of 31 added lines are an assistant's.",
            pause_s=pause_s,
        )
        async with app.run_test(size=size, notifications=True) as pilot:
            await pilot.pause()
            await script(Asking(app, pilot, diary, sitting))
        return app

    return diary, sitting, asyncio.run(run())
