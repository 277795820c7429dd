"""What a test expects: a check that it makes, with the value taken out of it."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

BLANK: Final = "____"
MOST_SHOWN: Final = 18
"""Most lines of a test that are put before a question."""
MOST_WIDE: Final = 120
MOST_VALUE: Final = 60
_WORD: Final = re.compile(r"[A-Za-z_]\w*")
_NUMBER: Final = re.compile(r"[-+]?\d[\d_]*(?:\.\d+)?")
_TEXT: Final = re.compile(r"""[rbu]?(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`$]*`)""")
_INNER_NUMBER: Final = re.compile(r"(?<![\w.'\"])\d+(?![\w.('\"])")
_REMARK: Final = re.compile(r"\s+(?://|#) [^\"'`]*$")
_KEYED: Final = re.compile(r"""(?:\w+|"[^"]*"|'[^']*')\s*(?::|=>)\s*""")
_COMMENTS: Final = ("#", "//", "/*", "* ")
_LONG_QUOTES: Final = ("`", '"""', "'''")
_CALLED: Final = re.compile(r"(\w+)!?\s*\(")
_CALM: Final = frozenset(
    {"len", "sorted", "list", "set", "dict", "tuple", "str", "repr", "isinstance", "type", "int", "float", "bool", "all",
     "any", "sum", "min", "max", "hasattr", "getattr", "startswith", "endswith", "splitlines", "strip", "keys", "values",
     "items", "is_some", "is_none", "is_empty", "is_ok", "is_err", "as_deref", "to_string", "unwrap", "as_str", "matches",
     "Some", "Ok", "vec", "string", "Contains", "HasPrefix", "HasSuffix", "Error", "Errorf", "Fatal", "Fatalf", "T",
     "toBe", "toEqual", "toStrictEqual", "toHaveLength", "toContain", "toBeDefined", "toBeUndefined", "toBeNull",
     "toBeInstanceOf", "isArray", "Equal", "NotEqual", "NoError", "Nil", "NotNil", "True", "False", "Len", "Empty",
     "NotEmpty", "size", "length", "get", "if", "assert", "eq", "to", "contains", "format", "String", "Is"}
)  # fmt: skip
_CHECKING: Final = ("assert", "expect", "EXPECT_", "ASSERT_")
_OPENING: Final = "([{"
_CLOSING: Final = ")]}"


class Sort(StrEnum):
    """What a value is: it decides whether it is typed or picked, and out of what."""

    NUMBER = "number"
    TEXT = "text"
    WHOLE = "whole"
    ERROR = "error"


class Expectation(NamedTuple):
    """A check in a test. ``shown`` is the test up to it, ``BLANK`` in the place of the ``value``.

    ``others`` are values of the same sort that could stand there too, the most plausible first.
    ``words`` are those of the whole test, ``checked`` those of the check alone; ``blob`` is the
    name of the test's file in git.
    """

    test: str
    path: str
    line: int
    shown: tuple[str, ...]
    value: str
    sort: Sort
    others: tuple[str, ...]
    words: frozenset[str]
    checked: frozenset[str]
    blob: str = ""


def sort_of(value: str) -> Sort:
    """What a written value is."""
    if _NUMBER.fullmatch(value):
        return Sort.NUMBER
    return Sort.TEXT if _TEXT.fullmatch(value) else Sort.WHOLE


def words_of(text: str) -> frozenset[str]:
    """Every word of a text that could be a name."""
    return frozenset(_WORD.findall(text))


def fits(shown: Sequence[str]) -> bool:
    """Whether a test is short enough to be put before a question, with one place in it to fill."""
    is_short = len(shown) <= MOST_SHOWN and all(len(line) <= MOST_WIDE for line in shown)
    return is_short and sum(BLANK in line for line in shown) == 1


def dedented(lines: Sequence[str]) -> tuple[str, ...]:
    """Lines without comments and empty ones, moved to the left by what all of them share."""
    told: list[str] = []
    is_inside = False
    for line in lines:
        # A text over several lines may hold what looks like a comment.
        was_inside, is_inside = is_inside, is_inside ^ _opens(line)
        plain = line.expandtabs(4).rstrip()
        plain = plain if was_inside else _REMARK.sub("", plain)
        if was_inside or (plain.strip() and not plain.lstrip().startswith(_COMMENTS)):
            told.append(plain)
    shared = min((len(line) - len(line.lstrip()) for line in told if line.strip()), default=0)
    return tuple(line[shared:] if line[:shared].isspace() else line for line in told)


def _opens(line: str) -> bool:
    """Whether a text that goes on below begins on a line, or one ends there."""
    return any(line.count(mark) % 2 for mark in _LONG_QUOTES)


def is_calm(code: str) -> bool:
    """Whether a check does nothing besides looking: it calls nothing that may change what is looked at."""
    return all(name in _CALM or name.startswith(_CHECKING) for name in _CALLED.findall(_TEXT.sub('""', code)))


def slips(value: str) -> Iterator[str]:
    """Values that a slip would give instead: an element too few or too many, another order, a number beside it."""
    numbers = [found.span() for found in _INNER_NUMBER.finditer(value)]
    if len(numbers) > 1:
        (first, last), (start, end) = numbers[-2:]
        yield value[:first] + value[start:end] + value[last:start] + value[first:last] + value[end:]
    opening = min((at for mark in _OPENING if (at := _outside(value, mark)) >= 0), default=-1)
    if sort_of(value) is Sort.WHOLE and opening >= 0 and value[-1:] in _CLOSING:
        head, tail = value[: opening + 1], value[-1]
        if head.endswith("struct{"):
            return
        for items in _slipped(elements(value[opening + 1 : -1]), is_row=head != "{"):
            yield head + ", ".join(items) + tail
    if numbers:
        start, end = numbers[-1]
        yield f"{value[:start]}{int(value[start:end]) + 1}{value[end:]}"


def _outside(value: str, mark: str) -> int:
    """Where a mark stands outside of texts; empty brackets, as in a Go slice's type, do not count."""
    bare = _TEXT.sub(lambda found: "_" * len(found.group()), value)
    bare = bare.replace("[]", "__") if not bare.endswith("[]") else bare
    return bare.find(mark)


def _slipped(items: Sequence[str], *, is_row: bool) -> Iterator[list[str]]:
    keys = [found.group() for item in items if (found := _KEYED.match(item)) is not None]
    if not items:
        return
    yield list(items[:-1])
    if len(keys) == len(items):
        if len(items) > 1:
            values = [item[len(key) :] for key, item in zip(keys, items, strict=True)]
            moved = [*values[1:], values[0]]
            yield [key + value for key, value in zip(keys, moved, strict=True)]
            yield list(items[1:])
    elif is_row:
        yield list(reversed(items))
        yield list(items[1:])
        yield [*items, items[-1]]
    else:
        yield list(items[1:])


def elements(text: str) -> list[str]:
    """The parts between the commas of a text that stand in no brackets and no quotes of their own."""
    bare = _TEXT.sub(lambda found: "_" * len(found.group()), text)
    found, depth, start = [], 0, 0
    for at, mark in enumerate(bare):
        depth += (mark in _OPENING) - (mark in _CLOSING)
        if mark == "," and depth == 0:
            found.append(text[start:at].strip())
            start = at + 1
    found.append(text[start:].strip())
    return [one for one in found if one]
