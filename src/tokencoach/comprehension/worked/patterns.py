"""Patterns of texts that are sure to come to an end."""

from __future__ import annotations

import re
from typing import Any, Final

from tokencoach.comprehension.languages.python_values import UnknownValueError

_LONGEST_TEXT: Final = 80
_REPEATS: Final = re.compile(r"\)[*+{]|\(\?[<=!]|\\[1-9]")
"""A group that is repeated may be tried in more ways than anybody waits for."""
_MOST_REPEATS: Final = 4
FLAGS: Final = {
    "re.DOTALL": int(re.DOTALL), "re.IGNORECASE": int(re.IGNORECASE), "re.MULTILINE": int(re.MULTILINE),
    "re.S": int(re.DOTALL), "re.I": int(re.IGNORECASE), "re.M": int(re.MULTILINE),
}  # fmt: skip
_PATTERN_WORDS: Final = frozenset({"match", "search", "fullmatch", "sub", "findall", "split"})


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
