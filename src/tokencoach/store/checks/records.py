"""The rows of comprehension checks as facts: what was asked of whom, what was said, what is remembered.

Every key outlives a rebuild: a check has one of its own, a question the same one for the same
blob, function and generator, a place is the common git directory of a repository.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Outcome(StrEnum):
    """How a check ended; ``WAITING`` ones are the inbox."""

    ASKED = "asked"
    SKIPPED = "skipped"
    ABORTED = "aborted"
    WAITING = "waiting"
    NOT_ASKED = "not_asked"


class Check(NamedTuple):
    """One check. ``why`` is the reason of a skip, of waiting, or of not having been asked.

    ``mode`` is where it was held: pre-commit, pre-push, inbox, verb. ``tree`` is what was staged,
    ``sha`` the commit it became; empty while unknown. ``open_ms`` is from the hook's start to the
    first question, ``total_ms`` to the last answer.
    """

    key: str
    place: str
    started_ms: int
    mode: str
    outcome: Outcome
    why: str = ""
    tree: str = ""
    sha: str = ""
    ai_lines: int = 0
    open_ms: int | None = None
    total_ms: int | None = None


class AskedQuestion(NamedTuple):
    """A question of a check. The span of its function is in lines of ``blob``, from 1, both included.

    ``body`` is the question with its key, as the room above writes it.
    """

    check_key: str
    question_id: str
    position: int
    kind: str
    part: str
    path: str
    qualname: str
    first_line: int
    last_line: int
    ai_lines: int
    blob: str
    body_hash: str
    body: str


class Answer(NamedTuple):
    """What was answered last. ``is_right`` is None where only the person can judge, ``self_grade`` their word.

    ``is_shown``: the person asked to see the answer, which is no failure.
    """

    check_key: str
    question_id: str
    answer: str
    is_right: bool | None
    is_shown: bool
    self_grade: bool | None
    tries: int
    took_ms: int
    said_ms: int

    @property
    def is_understood(self) -> bool:
        """Whether it shows that the code is understood: the machine's word, else the person's own."""
        return not self.is_shown and bool(self.is_right if self.is_right is not None else self.self_grade)


class Card(NamedTuple):
    """What is to be asked again. ``area`` is the folder; ``memory`` the scheduler's state as JSON."""

    place: str
    path: str
    qualname: str
    kind: str
    area: str
    body_hash: str
    question_id: str
    memory: str
    due_ms: int
    said_ms: int
    body: str


class BadMark(NamedTuple):
    """A question that the person called bad. ``pattern`` names what of its kind is not to be asked again."""

    question_id: str
    kind: str
    pattern: str
    why: str
    said_ms: int


def area_of(path: str) -> str:
    """The folder of a path in a repository; empty at its top."""
    return path.rpartition("/")[0]
