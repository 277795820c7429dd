"""Calls by the names that their providers gave them, some of which name the calls of every answer alike."""

from __future__ import annotations

from typing import Final

#: The latest calls of a log by their session and name: the key of each, and the answer that made it.
Named = dict[str, tuple[str, str]]

_MOST: Final = 64


def call_key(calls: Named, session: str, answer: str, name: str) -> str:
    """The key of a call that an answer makes; the first of its name has the name alone."""
    named = f"{session}:{name}"
    known = calls.pop(named, None)
    if known is None:
        known = (named, answer)
    elif known[1] != answer:
        known = (f"{answer}:{name}", answer)
    calls[named] = known
    while len(calls) > _MOST:
        del calls[next(iter(calls))]
    return known[0]


def result_key(calls: Named, session: str, name: str) -> str:
    """The key of the call that a result is of: the latest of its name."""
    named = f"{session}:{name}"
    return calls[named][0] if named in calls else named
