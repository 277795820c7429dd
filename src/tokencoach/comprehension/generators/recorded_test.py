"""A recorded call's test by its name, unless the name gives the answer away."""

from __future__ import annotations

import re
from typing import Final

_WORDS: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|\d+")
_EXCEPTION: Final = re.compile(r"^[A-Za-z_][\w.]*$")
_RAISING: Final = frozenset(
    {
        "raise",
        "raises",
        "raised",
        "error",
        "errors",
        "fail",
        "fails",
        "failure",
        "exception",
        "rejects",
        "rejected",
    }
)
_SAID: Final = {
    "None": {"none", "null", "nothing", "missing"},
    "True": {"true", "accepts", "accepted", "allows", "allowed"},
    "False": {"false", "rejects", "rejected", "denied"},
    "[]": {"empty", "nothing"},
    "{}": {"empty", "nothing"},
    "''": {"empty", "blank", "nothing"},
}


def test_shown(test: str, answer: str) -> str:
    """``test`` and where it stands; without its own name where that holds the answer's words.

    The parameters in a test's name, which may hold what it expects, are never shown.
    """
    path, *names = test.partition("[")[0].split("::")
    own = {word.lower() for word in _WORDS.findall(names[-1])} if names else set()
    if own.isdisjoint(_telling(answer)):
        return f"test {'::'.join([path, *names])}"
    return f"tests, in {path},"


def _telling(answer: str) -> set[str]:
    """Words of a test's name that give an answer away."""
    if answer in _SAID:
        return _SAID[answer]
    if _EXCEPTION.match(answer):
        return {*_RAISING, *(word.lower() for word in _WORDS.findall(answer) if word != "Error")}
    return {word.lower() for word in _WORDS.findall(answer) if len(word) > 1}
