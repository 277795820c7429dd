"""Lines that keep their identity whatever happens to their text, and what assistants did to them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

SIGNIFICANT_CHARACTERS = 6
_numbers = count(1)


@dataclass(slots=True)
class Life:
    """A stretch of time on the default branch."""

    landed_ms: int
    died_ms: int | None = None


@dataclass(eq=False, slots=True)
class Mark:
    """One line that an assistant wrote, or took away: ``target`` then names the line that went.

    ``fixed`` is the bucket that holds whatever git does; ``credit`` what a person left of the line
    when it landed.
    """

    session_id: str
    turn: int
    at_ms: int
    path: str
    text: str
    target: frozenset[int] = frozenset()
    fixed: str | None = None
    lives: list[Life] = field(default_factory=list)
    credit: float = 1.0

    @property
    def is_removal(self) -> bool:
        """Whether the assistant took the line away."""
        return bool(self.target)

    @property
    def open_life(self) -> Life | None:
        """The life that goes on."""
        return self.lives[-1] if self.lives and self.lives[-1].died_ms is None else None


@dataclass(frozen=True, eq=False, slots=True)
class Line:
    """A line of a file. ``ids`` are the lines it continues, ``marks`` who of the assistants wrote it."""

    text: str
    ids: frozenset[int]
    marks: tuple[tuple[Mark, float], ...] = ()


Tree = dict[str, tuple[Line, ...]]


def new_line(text: str, marks: tuple[tuple[Mark, float], ...] = ()) -> Line:
    """A line that continues no other."""
    return Line(text, frozenset({next(_numbers)}), marks)


def continued(text: str, sources: Sequence[Line]) -> Line:
    """The same line or lines in another shape: nobody wrote anything new."""
    if len(sources) == 1 and sources[0].text == text:
        return sources[0]
    marks = dict(pair for line in sources for pair in line.marks)
    return Line(text, frozenset().union(*(line.ids for line in sources)), tuple(marks.items()))


def retouched(line: Line, text: str) -> Line:
    """A person changed a part of the line: the rest is still the assistant's."""
    left = kept_share(line.text, text)
    marks = tuple((mark, credit * left) for mark, credit in line.marks if left >= 0.75)
    return Line(text, frozenset({next(_numbers)}), marks)


def kept_share(old: str, new: str) -> float:
    """The share of a line's words and signs that a change left in place."""
    ours, theirs = (re.findall(r"\w+|[^\w\s]", text) for text in (old, new))
    same = sum(block.size for block in SequenceMatcher(None, ours, theirs, False).get_matching_blocks())
    return 2 * same / (len(ours) + len(theirs)) if ours or theirs else 1.0


def is_significant(text: str) -> bool:
    """At least six letters or digits."""
    return sum(character.isalnum() for character in text) >= SIGNIFICANT_CHARACTERS


def texts(lines: Iterable[Line]) -> list[str]:
    """What the lines say."""
    return [line.text for line in lines]


def aligned(
    before: Sequence[Line], lines: Sequence[str], write: Callable[[str], Line] = new_line
) -> list[Line]:
    """The lines to be: what stood there in the same order, blanks aside, is not written anew."""
    old, new = [line.text.strip() for line in before], [text.strip() for text in lines]
    fresh: list[Line] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            pairs = zip(before[i1:i2], lines[j1:j2], strict=True)
            fresh += [continued(text, [line]) for line, text in pairs]
        else:
            fresh += [write(text) for text in lines[j1:j2]]
    return fresh


class ConflictError(ValueError):
    """Two sides changed the same place: the script is wrong."""


def merged(base: Sequence[Line], ours: Sequence[Line], theirs: Sequence[Line]) -> tuple[Line, ...]:
    """Both sides' changes of one file, by the identity of lines."""
    if list(ours) == list(base):
        return tuple(theirs)
    if list(theirs) == list(base) or list(ours) == list(theirs):
        return tuple(ours)
    mine, his = _changes(base, ours), _changes(base, theirs)
    out: list[Line] = []
    for place, line in enumerate([*base, None]):
        come, come_too = mine[0].get(place, ()), his[0].get(place, ())
        if come and come_too and texts(come) != texts(come_too):
            raise ConflictError(f"both sides write before {line}")
        out += come or come_too
        if line is not None and place not in mine[1] and place not in his[1]:
            out.append(line)
    return tuple(out)


def _changes(base: Sequence[Line], side: Sequence[Line]) -> tuple[dict[int, tuple[Line, ...]], set[int]]:
    """What a side inserts before each place of the base, and the places it takes away."""
    come: dict[int, tuple[Line, ...]] = {}
    gone: set[int] = set()
    old = [(line.ids, line.text) for line in base]
    new = [(line.ids, line.text) for line in side]
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            gone.update(range(i1, i2))
            if j2 > j1:
                come[i1] = tuple(side[j1:j2])
    return come, gone
