"""The one entry: a change in, the questions to ask about it out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from tokencoach.comprehension.change import ChangedFile, ChangedFunction, Skip
from tokencoach.comprehension.generators.base import Generator, Repository
from tokencoach.comprehension.question import Kind, Part, Prepared

if TYPE_CHECKING:
    from collections.abc import Mapping

GENERATORS: Final[tuple[Generator, ...]] = ()


class Options(msgspec.Struct, frozen=True):
    """How much to ask: of whose lines (``ai`` or ``all``), of how many functions, how many questions.

    ``last_parts`` are the parts of understanding that were asked before, the newest last: the four
    rotate. ``is_full`` asks of all four.
    """

    ask: str = "ai"
    most_functions: int = 3
    most_questions: int = 4
    most_seconds: int = 90
    is_full: bool = False
    last_parts: tuple[Part, ...] = ()


class Known(msgspec.Struct, frozen=True):
    """What is known from before and from elsewhere.

    ``weak`` tells of ``(folder, kind)`` how little of it is remembered, 0 to 1; ``bad`` holds the
    patterns that the person called bad; ``words`` are texts by name that an explanation must not
    repeat: the commit's message, the assistant's last messages.
    """

    weak: Mapping[tuple[str, Kind], float] = {}
    bad: frozenset[str] = frozenset()
    asked: frozenset[str] = frozenset()
    words: Mapping[str, str] = {}


class PreparedCheck(msgspec.Struct, frozen=True):
    """What to ask about a change: ``questions`` now, ``others`` are good too but too many.

    ``functions`` are all that changed, best first; ``skipped`` says of files why nothing is asked;
    ``nothing_because`` is set exactly where there is no question.
    """

    questions: tuple[Prepared, ...] = ()
    others: tuple[Prepared, ...] = ()
    functions: tuple[ChangedFunction, ...] = ()
    skipped: Mapping[str, Skip] = {}
    ai_lines: int = 0
    asked_because: str | None = None
    nothing_because: str | None = None


def prepare(
    change: tuple[ChangedFile, ...],
    *,
    recordings: object | None = None,
    repository: Repository | None = None,
    known: Known | None = None,
    options: Options | None = None,
) -> PreparedCheck:
    """The questions about a change. The same blobs, facts and options give the same questions."""
    del recordings, repository, known, options
    skipped = {file.path: file.skip for file in change if file.skip is not None}
    return PreparedCheck(skipped=skipped, nothing_because="no question of a kind is made yet")
