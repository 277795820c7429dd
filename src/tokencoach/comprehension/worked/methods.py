"""Which functions and methods are worked out: those that only compute, on built-in values."""

from __future__ import annotations

import json
import math
import posixpath
import re
from typing import TYPE_CHECKING, Any, Final

from tokencoach.comprehension.languages.python_values import TEXT_METHODS, UnknownValueError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_LONGEST_TEXT: Final = 80
_REPEATS: Final = re.compile(r"\)[*+{]|\(\?[<=!]|\\[1-9]")
"""A group that is repeated may be tried in more ways than anybody waits for."""
_MOST_REPEATS: Final = 4
_FIELDS: Final = re.compile(r"(?:[^{}]|\{\{|\}\}|\{\w*(?::[,.<>]?\d{0,2}(?:\.\d)?[dfsx%,]?)?\})*")
_TEXT: Final = TEXT_METHODS | {"index", "rindex", "isidentifier", "isnumeric", "isdecimal"}
_LIST: Final = frozenset(
    {"index", "count", "copy", "append", "extend", "insert", "pop", "remove", "reverse", "sort", "clear"}
)
_DICT: Final = frozenset(
    {"get", "items", "keys", "values", "copy", "pop", "setdefault", "update", "clear", "popitem"}
)
_SET: Final = frozenset(
    {"add", "discard", "remove", "update", "union", "intersection", "difference", "issubset", "issuperset",
     "isdisjoint", "copy", "symmetric_difference"}
)  # fmt: skip
_MATCH: Final = frozenset({"group", "groups", "start", "end", "groupdict"})
METHODS: Final[Mapping[type, frozenset[str]]] = {
    str: _TEXT, list: _LIST, dict: _DICT, set: _SET, frozenset: _SET - {"add", "discard", "remove", "update"},
    tuple: frozenset({"index", "count"}), re.Match: _MATCH,
}  # fmt: skip
CHANGING: Final = frozenset(
    {"append", "extend", "insert", "pop", "remove", "reverse", "sort", "clear", "setdefault", "update", "add",
     "discard", "popitem"}
)  # fmt: skip
FUNCTIONS: Final[Mapping[str, Callable[..., Any]]] = {
    "len": len, "sorted": sorted, "min": min, "max": max, "sum": sum, "abs": abs, "bool": bool, "str": str,
    "int": int, "float": float, "list": list, "tuple": tuple, "round": round, "any": any, "all": all, "set": set,
    "frozenset": frozenset, "dict": dict, "zip": zip, "enumerate": enumerate, "range": range, "reversed": reversed,
    "repr": repr, "next": next, "iter": iter, "ord": ord, "chr": chr, "divmod": divmod,
}  # fmt: skip
FREE_OF_ORDER: Final = frozenset({"len", "sorted", "min", "max", "any", "all", "set", "frozenset", "bool"})
"""Functions for which it makes no difference in which order a set gives its elements."""
KEYWORDS: Final = frozenset(
    {
        "key",
        "reverse",
        "default",
        "strict",
        "start",
        "maxsplit",
        "sep",
        "count",
        "flags",
        "indent",
        "sort_keys",
    }
)
IN_MODULES: Final[Mapping[str, Callable[..., Any]]] = {
    "os.path.basename": posixpath.basename, "os.path.splitext": posixpath.splitext,
    "os.path.dirname": posixpath.dirname, "json.dumps": json.dumps, "json.loads": json.loads,
    "math.ceil": math.ceil, "math.floor": math.floor, "re.escape": re.escape,
}  # fmt: skip
FLAGS: Final = {
    "re.DOTALL": int(re.DOTALL), "re.IGNORECASE": int(re.IGNORECASE), "re.MULTILINE": int(re.MULTILINE),
    "re.S": int(re.DOTALL), "re.I": int(re.IGNORECASE), "re.M": int(re.MULTILINE),
}  # fmt: skip
_PATTERN_WORDS: Final = frozenset({"match", "search", "fullmatch", "sub", "findall", "split"})
TYPES: Final[Mapping[str, type]] = {
    "str": str, "int": int, "float": float, "bool": bool, "bytes": bytes, "list": list, "dict": dict, "tuple": tuple,
    "set": set, "frozenset": frozenset,
}  # fmt: skip


def formatted(text: str, positional: list[Any], named: dict[str, Any]) -> str:
    """A text with the fields between its braces filled in.

    Raises:
        UnknownValueError: a field looks inside of a value, or is written in a way that few know.
    """
    if not _FIELDS.fullmatch(text) or len(text) > 2 * _LONGEST_TEXT:
        raise UnknownValueError
    if any(not isinstance(one, str | int | float) for one in (*positional, *named.values())):
        raise UnknownValueError
    return text.format(*positional, **named)


def compiled(text: Any, flags: int = 0) -> re.Pattern[str]:
    """A pattern that is sure to come to an end.

    Raises:
        UnknownValueError: it is no text, it is wrong, or it may try for ages.
    """
    if not isinstance(text, str) or len(text) > _LONGEST_TEXT or _REPEATS.search(text):
        raise UnknownValueError
    if text.count("*") + text.count("+") + text.count("{") > _MOST_REPEATS:
        raise UnknownValueError
    try:
        return re.compile(text, flags)
    except (re.error, OverflowError, RecursionError) as error:
        raise UnknownValueError from error


def searched(pattern: re.Pattern[str], word: str, arguments: list[Any]) -> Any:
    """What a pattern's method gives for short texts.

    Raises:
        UnknownValueError: it is another method, or gets something else than texts.
    """
    is_short = all(isinstance(one, str) and len(one) <= _LONGEST_TEXT for one in arguments)
    if word not in _PATTERN_WORDS or not is_short or len(arguments) != (2 if word == "sub" else 1):
        raise UnknownValueError
    return getattr(pattern, word)(*arguments)
