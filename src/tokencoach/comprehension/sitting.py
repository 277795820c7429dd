"""One check from its first question to its end: what is asked now, what an answer did, what is kept."""

from __future__ import annotations

import time
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple, Protocol

from tokencoach.comprehension.question import Form

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tokencoach.comprehension.advice import Advice, Adviser
    from tokencoach.comprehension.question import Grade, Prepared

_MOST_TRIES = 2


class Result(StrEnum):
    """How a question ended for the person."""

    RIGHT = "right"
    WRONG = "wrong"
    SHOWN = "shown"
    SKIPPED = "skipped"
    BAD = "bad question"


class Reason(StrEnum):
    """Why a question was skipped."""

    TRIVIAL = "trivial"
    REVIEWED = "reviewed elsewhere"
    HOTFIX = "hotfix"
    BAD = "question is bad"
    LATER = "later"


class Ending(StrEnum):
    """How a check ended; only ``ABORTED`` stops what asked for it."""

    DONE = "done"
    SKIPPED = "skipped"
    ABORTED = "aborted"


class Exhibit(NamedTuple):
    """The code beside a question: a file of the change, and where in it to look.

    ``lines`` is the whole file, ``first`` and ``last`` the function in it, 1-based like ``changed``
    and ``ai``. ``origin`` names the session that wrote it, where that is known;
    ``ai_lines`` counts an assistant's lines where ``ai`` cannot name them.
    """

    path: str
    qualname: str
    lines: tuple[str, ...]
    first: int = 1
    last: int = 1
    changed: frozenset[int] = frozenset()
    ai: frozenset[int] = frozenset()
    origin: str = ""
    ai_lines: int = 0

    @property
    def ai_count(self) -> int:
        """How many lines an assistant wrote; which ones may be known no more."""
        return len(self.ai) or self.ai_lines


class Item(NamedTuple):
    """A question and the code that stands beside it."""

    prepared: Prepared
    exhibit: Exhibit


class Answered(NamedTuple):
    """What became of one question so far; a later one with the same question replaces it.

    ``right`` is None where nothing was answered, or only the person can judge. ``self_grade`` is
    the person's own word on a text: ``right``, ``partly`` or ``wrong``.
    """

    prepared: Prepared
    result: Result
    given: str = ""
    right: bool | None = None
    tries: int = 0
    took_ms: int = 0
    reason: Reason | None = None
    self_grade: str | None = None


class Diary(Protocol):
    """Where a check is written down. Each method may be called in any thread, never two at once."""

    def begin(self) -> None:
        """The first question is seen; from now on a check that is broken off waits in the inbox."""
        ...

    def note(self, answered: Answered) -> None:
        """Keep what became of a question."""
        ...

    def advise(self, prepared: Prepared, advice: Advice) -> None:
        """Keep which model read an explanation, and what that cost; a later call takes its place."""
        ...

    def close(self, ending: Ending, reason: Reason | None) -> None:
        """The check is over; without this call it was broken off."""
        ...


class Sitting:
    """A check that is going on. It knows no screen; every answer is noted before the next question."""

    def __init__(
        self,
        items: Sequence[Item],
        grade: Callable[[Prepared, str], Grade],
        diary: Diary,
        *,
        now: Callable[[], float] = time.monotonic,
        adviser: Adviser | None = None,
    ) -> None:
        self.items = tuple(items)
        self.results: dict[str, Answered] = {}
        self.ending: Ending | None = None
        self.index = 0
        self.tries = 0
        self.grade: Grade | None = None
        self._asked = self.items[0].prepared if self.items else None
        self._grade = grade
        self._diary = diary
        self._now = now
        self.adviser = adviser
        self._began = now()

    @property
    def item(self) -> Item:
        """The question that is asked now, with its code."""
        return self.items[self.index]

    @property
    def asked(self) -> Prepared:
        """What stands on the screen: the question, or after a wrong answer its other input."""
        return self._asked or self.item.prepared

    @property
    def seconds(self) -> int:
        """What the questions that are left are expected to take."""
        return sum(item.prepared.question.seconds for item in self.items[self.index :])

    @property
    def may_retry(self) -> bool:
        """Whether a wrong answer may be followed by one more: another input, or a text written further."""
        if self.grade is None or self.grade.right is not False or self.tries >= _MOST_TRIES:
            return False
        return self.asked.retry is not None or self.asked.question.form is Form.TEXT

    def begin(self) -> None:
        """The person sees the first question."""
        self._began = self._now()
        self._diary.begin()

    def answer(self, given: str) -> Grade:
        """Grade an answer and note it."""
        self.tries += 1
        self.grade = self._grade(self.asked, given)
        right = self.grade.right
        result = Result.WRONG if right is False else Result.RIGHT
        self._note(Answered(self.item.prepared, result, given, right, self.tries))
        return self.grade

    def advise(self, prepared: Prepared, advice: Advice) -> None:
        """Keep that a model gave advice on a text; it counts for nothing."""
        self._diary.advise(prepared, advice)

    def preview(self, given: str) -> Grade:
        """What an answer would be worth; nothing is noted."""
        return self._grade(self.asked, given)

    def retry(self) -> Prepared:
        """Ask the same on another input; a text is asked again as it is."""
        self._asked = self.asked.retry or self.asked
        self.grade = None
        return self._asked

    def judge_self(self, word: str) -> None:
        """The person's own word on a text that no machine can judge."""
        before = self.results.get(self.item.prepared.question.id)
        if before is not None:
            self._note(before._replace(self_grade=word))

    def show(self) -> Prepared:
        """The person does not know: learned later, which is no failure."""
        before = self.results.get(self.item.prepared.question.id)
        if before is None:
            self._note(Answered(self.item.prepared, Result.SHOWN))
        return self.asked

    def mark_bad(self) -> None:
        """The question itself is wrong or worth nothing."""
        before = self.results.get(self.item.prepared.question.id)
        answered = before or Answered(self.item.prepared, Result.BAD)
        self._note(answered._replace(result=Result.BAD, reason=Reason.BAD))
        self.go_on()

    def skip(self, reason: Reason) -> None:
        """Leave out what the reason speaks of: this question, its function, or all that is left."""
        here = self.item.prepared.question
        while self.ending is None:
            question = self.item.prepared.question
            is_meant = {
                Reason.TRIVIAL: question.id == here.id,
                Reason.BAD: question.id == here.id,
                Reason.REVIEWED: (question.path, question.qualname) == (here.path, here.qualname),
            }.get(reason, True)
            if not is_meant:
                return
            if question.id not in self.results:
                result = Result.BAD if reason is Reason.BAD else Result.SKIPPED
                self._note(Answered(self.item.prepared, result, reason=reason))
            self.go_on()

    def go_on(self) -> bool:
        """The next question; False where there is none and the check is over."""
        self.index += 1
        self.tries, self.grade = 0, None
        self._began = self._now()
        if self.index >= len(self.items):
            self.index = len(self.items) - 1
            self._end(Ending.SKIPPED if self._all_skipped() else Ending.DONE, self._one_reason())
            return False
        self._asked = self.item.prepared
        return True

    def abort(self) -> None:
        """The person wants to mend something first."""
        self._end(Ending.ABORTED, None)

    def leave(self, reason: Reason = Reason.LATER) -> None:
        """Break off here: what is not answered yet is for later."""
        if self.ending is None:
            self.skip(reason)

    def _all_skipped(self) -> bool:
        return all(answered.result is Result.SKIPPED for answered in self.results.values())

    def _one_reason(self) -> Reason | None:
        reasons = {answered.reason for answered in self.results.values() if answered.reason}
        return reasons.pop() if len(reasons) == 1 else None

    def _note(self, answered: Answered) -> None:
        took = round((self._now() - self._began) * 1000)
        answered = answered._replace(took_ms=took)
        self.results[answered.prepared.question.id] = answered
        self._diary.note(answered)

    def _end(self, ending: Ending, reason: Reason | None) -> None:
        if self.ending is None:
            self.ending = ending
            self._diary.close(ending, reason)


def summary(sitting: Sitting) -> str:
    """What a check came to, in a few words: ``2 of 4 right, 1 shown, 1 left for later``."""
    later = sum(1 for answered in sitting.results.values() if answered.reason is Reason.LATER)
    results = [
        answered.result for answered in sitting.results.values() if answered.reason is not Reason.LATER
    ]
    parts = [f"{results.count(Result.RIGHT)} of {len(sitting.items)} right"]
    for result in (Result.SHOWN, Result.SKIPPED, Result.BAD):
        if count := results.count(result):
            word = "marked bad" if result is Result.BAD else result.value
            parts.append(f"{count} {word}")
    if later:
        parts.append(f"{later} left for later")
    if left := len(sitting.items) - len(sitting.results):
        parts.append(f"{left} not asked")
    return ", ".join(parts)
