"""The nouns of a check: a question, what answers it, and the grade of an answer."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Kind(StrEnum):
    """The generator that made a question; the better kinds come first."""

    RECORDED_TRACE = "G1"
    EXPECTED = "G21"
    CHECKS = "G23"
    WORKED_OUT = "G22"
    FIND_INPUT = "G2"
    BEHAVIOUR_DIFF = "G3"
    PATH_TO_EXIT = "G4"
    FAILURE_FLOW = "G5"
    GUARD = "G6"
    HIDDEN_TRAP = "G7"
    UNCOVERED_LINE = "G8"
    BLAST_RADIUS = "G9"
    DEPENDENCY = "G10"
    EXPLAIN = "G11"
    PATH_TO_VALUE = "G12"
    EXPRESSION = "G13"
    ARGUMENTS = "G14"
    VALUE_SOURCES = "G15"
    CONDITION_CHANGE = "G16"
    TAKEN_OUT = "G17"
    CALLED = "G18"
    FIELD_USES = "G19"
    VALUE_USES = "G20"
    INHERITED = "G24"
    HOLDS = "G25"
    PATTERN = "G26"


class Part(StrEnum):
    """Which of the four parts of understanding a question asks for."""

    EXPLAIN = "explain"
    EDGES = "edges"
    TRACE = "trace"
    WHY = "why"


class Form(StrEnum):
    """How a question is answered; ``CHOICE`` and ``MULTIPLE`` have at least four options."""

    TYPED = "typed"
    CHOICE = "choice"
    MULTIPLE = "multiple"
    TEXT = "text"


class CheckedBy(StrEnum):
    """What stands behind an answer key."""

    RECORDED = "recorded"
    EXECUTED = "executed"
    SYNTAX = "syntax"
    METADATA = "metadata"
    RUBRIC = "rubric"


class Question(msgspec.Struct, frozen=True):
    """A question without its answer; ``id`` is the same for the same blob, function and generator.

    ``line`` is 1-based in the new file, ``lines`` are those shown marked beside the question.
    ``seconds`` is what a person is expected to need.
    """

    id: str
    kind: Kind
    part: Part
    path: str
    qualname: str
    line: int
    prompt: str
    form: Form
    options: tuple[str, ...] = ()
    lines: tuple[int, ...] = ()
    seconds: int = 25


class AnswerKey(msgspec.Struct, frozen=True):
    """What is right, why, and how it is known.

    ``expected`` holds every accepted answer of a typed question, the right option of a choice, all
    right options of a multiple choice, the points to be covered of a text. ``reasons`` says of
    each option why it is right or wrong. ``trace`` is what really happens, shown after a wrong
    answer. ``matcher`` names how a typed answer is compared (``literal``, ``exception``, ``line``,
    ``arguments``, ``word``); ``evidence`` names the run, test or rule that the key comes from.
    """

    expected: tuple[str, ...]
    checked_by: CheckedBy
    evidence: str
    matcher: str = "literal"
    reasons: tuple[str, ...] = ()
    trace: tuple[str, ...] = ()
    facts: dict[str, str] = msgspec.field(default_factory=dict)


class Prepared(msgspec.Struct, frozen=True):
    """A question, its key, and another question of the same kind on another input for the one retry."""

    question: Question
    key: AnswerKey
    retry: Prepared | None = None


class Grade(msgspec.Struct, frozen=True):
    """What an answer was worth; ``right`` is None where only the person can judge.

    ``lines`` are the rubric's rows of a text answer, shown in full.
    """

    id: str
    right: bool | None
    expected: str
    evidence: str
    score: float | None = None
    lines: tuple[str, ...] = ()
