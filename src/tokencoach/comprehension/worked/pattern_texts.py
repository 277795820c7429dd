"""Texts that a pattern was written for, and texts that differ from them in one place."""

from __future__ import annotations

import importlib
import re
from math import comb
from typing import TYPE_CHECKING, Any, Final

from tokencoach.comprehension.languages.python_values import UnknownValueError

if TYPE_CHECKING:
    from collections.abc import Iterator

_LONGEST_PATTERN: Final = 90
_LONGEST_TEXT: Final = 24
_LONGEST_NESTED: Final = 14
_MOST_TRIES: Final = 400_000
_MOST_NESTED: Final = 2
_VARIANTS: Final = 6
_LETTERS: Final = "abx7Z-_ .:/@=#,+'\"()[]{}<>!?*&%$;|~^"
_KINDS: Final = {
    "DIGIT": "73",
    "WORD": "wk",
    "SPACE": " ",
    "NOT_DIGIT": "x-",
    "NOT_WORD": "-.",
    "NOT_SPACE": "xk",
}
_OTHER: Final = {"d": "x", "a": "7", "o": "q"}
_PARSER: Final[Any] = importlib.import_module("re._parser")
"""The only way to a pattern's own parts; what is not known of them is refused."""


class Pattern:
    """A pattern that comes to an end on every text that is made here."""

    def __init__(self, text: str, flags: int = 0) -> None:
        """Read a pattern.

        Raises:
            UnknownValueError: it is wrong, long, or does things whose end or meaning is not sure.
        """
        if not text.isprintable() or len(text) > _LONGEST_PATTERN:
            raise UnknownValueError
        try:
            self.compiled = re.compile(text, flags | re.ASCII)
            self._parts = _PARSER.parse(text, flags | re.ASCII)
        except (re.error, OverflowError, RecursionError, ValueError) as error:
            raise UnknownValueError from error
        self.constructs: set[str] = set()
        repeats, nested = _repeats(self._parts, self.constructs)
        size = _LONGEST_NESTED if nested else _LONGEST_TEXT
        if (
            nested > _MOST_NESTED
            or comb(size + repeats, repeats) * (2**size if nested > 1 else 1) > _MOST_TRIES
        ):
            raise UnknownValueError
        self._size = size

    def fits(self, text: str, way: str) -> re.Match[str] | None:
        """What ``match``, ``search`` or ``fullmatch`` finds in a short text.

        Raises:
            UnknownValueError: the text is too long to be sure of an end.
        """
        if len(text) > self._size:
            raise UnknownValueError
        found: re.Match[str] | None = getattr(self.compiled, way)(text)
        return found

    def texts(self) -> Iterator[str]:
        """Texts made from the pattern's own parts, the plainest first; not all of them may fit."""
        for variant in range(_VARIANTS):
            text = "".join(_made(self._parts, variant))
            if 0 < len(text) <= self._size - 1:
                yield text

    def near(self, text: str) -> Iterator[str]:
        """The text with one change: a letter less, another one, one more, or other capitals."""
        for place, letter in enumerate(text):
            yield text[:place] + text[place + 1 :]
            yield text[:place] + _other(letter) + text[place + 1 :]
            if letter.isalpha():
                yield text[:place] + letter.swapcase() + text[place + 1 :]
            yield text[:place] + letter + text[place:]
        yield from (f"x{text}", f"{text}x", f" {text}", f"{text}7")


def _other(letter: str) -> str:
    kind = "d" if letter.isdigit() else "a" if letter.isalpha() else "o"
    return _OTHER[kind]


def _repeats(parts: Any, constructs: set[str]) -> tuple[int, int]:
    """How many parts may be repeated, and how deep such repeats stand in each other."""
    count = deepest = 0
    for kind, value in parts:
        name = str(kind)
        constructs.add(name)
        if name in {"MAX_REPEAT", "MIN_REPEAT"}:
            least, most, inner = value
            inside, depth = _repeats(inner, constructs)
            free = int(least != most)
            count += inside + free
            deepest = max(deepest, depth + free if inside else 0)
        elif name == "SUBPATTERN":
            inside, depth = _repeats(value[3], constructs)
            count, deepest = count + inside, max(deepest, depth)
        elif name == "BRANCH":
            for one in value[1]:
                inside, depth = _repeats(one, constructs)
                count, deepest = count + inside, max(deepest, depth)
        elif name not in {"LITERAL", "NOT_LITERAL", "ANY", "IN", "AT", "CATEGORY"}:
            raise UnknownValueError
    return count, deepest


def _made(parts: Any, variant: int) -> Iterator[str]:
    for place, (kind, value) in enumerate(parts):
        name, turn = str(kind), variant + place
        if name == "LITERAL":
            yield chr(value)
        elif name == "NOT_LITERAL":
            yield "k" if value != ord("k") else "m"
        elif name == "ANY":
            yield "kmz"[turn % 3]
        elif name == "IN":
            yield _one_of(value, turn)
        elif name == "BRANCH":
            yield from _made(value[1][variant % len(value[1])], variant)
        elif name == "SUBPATTERN":
            yield from _made(value[3], variant)
        elif name in {"MAX_REPEAT", "MIN_REPEAT"}:
            least, most, inner = value
            wanted = [max(least, 2), max(least, 1), least][variant % 3]
            for again in range(min(wanted, int(most))):
                yield from _made(inner, variant + again)


def _one_of(items: Any, turn: int) -> str:
    """A letter of a class, in square brackets or by name."""
    if str(items[0][0]) == "NEGATE":
        known = {chr(value) for kind, value in items[1:] if str(kind) == "LITERAL"}
        barred = "".join(
            _KINDS.get(_category(value), "") for kind, value in items[1:] if str(kind) == "CATEGORY"
        )
        free = [
            one for one in _LETTERS if one not in known and one not in barred and not _within(one, items[1:])
        ]
        return free[turn % min(3, len(free))] if free else "k"
    kind, value = items[turn % len(items)]
    if str(kind) == "LITERAL":
        return chr(value)
    if str(kind) == "RANGE":
        return chr(value[0] + turn % (value[1] - value[0] + 1))
    letters = _KINDS.get(_category(value), "k")
    return letters[turn % len(letters)]


def _within(letter: str, items: Any) -> bool:
    return any(str(kind) == "RANGE" and value[0] <= ord(letter) <= value[1] for kind, value in items)


def _category(value: Any) -> str:
    return str(value).removeprefix("CATEGORY_")
