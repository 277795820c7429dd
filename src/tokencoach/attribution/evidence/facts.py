"""Evidence from outside the logs, as values: who is said to have written which lines or commits."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final, NamedTuple

Ranges = tuple[tuple[int, int], ...]
"""First and last line, both included, from 1; in order."""

_STRANGE: Final = re.compile(r"[^0-9A-Za-z ._:+/@-]+")
_DATED: Final = re.compile(r"^\d{4}-\d\d-\d\d-(?=[0-9a-f]{8}-)")
_UUID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_LONGEST_NAME: Final = 100
_HIGHEST_LINE: Final = 1 << 31
_MOST_RANGES: Final = 20_000


class Dialect(StrEnum):
    """The format that a piece of evidence was written in."""

    NOTE = "git-ai"
    TRACE = "agent-trace"
    TRAILER = "trailer"
    CHECKPOINT = "checkpoint"


class HintKind(StrEnum):
    """What a commit says of itself as a whole."""

    SESSION = "session"
    CHECKPOINT = "checkpoint"
    CO_AUTHOR = "co_author"
    AIDER = "aider"


class Agent(NamedTuple):
    """An assistant's conversation: the tool by our source name, and the tool's own session id.

    Either is empty where the evidence does not say it.
    """

    tool: str
    session: str


HUMAN: Final = Agent("human", "")
"""The agent of lines that a tool saw a person type."""
SOMEONE: Final = Agent("", "")
"""An assistant of which nothing else is said."""


class Attestation(NamedTuple):
    """Lines of a file, as it is in one commit, that are said to be an agent's."""

    path: bytes
    agent: Agent
    ranges: Ranges


class Hint(NamedTuple):
    """A commit's own word: a session's id, a checkpoint's id, or a tool that took part."""

    kind: HintKind
    tool: str
    name: str


def clean(text: object) -> str:
    """A name out of untrusted text: plain characters only, at most 100; empty where it is no text."""
    return _STRANGE.sub("", text).strip()[:_LONGEST_NAME] if isinstance(text, str) else ""


def session_name(text: object) -> str:
    """A session's id as the logs spell it: a date before it, or an address around it, is taken off."""
    name = _DATED.sub("", clean(text))
    found = _UUID.findall(name)
    return str(found[-1]) if found and ("/" in name or name.endswith(".jsonl")) else name


def ranges_of(text: str) -> Ranges:
    """Ranges as they are written in notes: ``1-4,9,12-14``.

    Raises:
        ValueError: anything else.
    """
    found = []
    for part in text.split(",", _MOST_RANGES):
        first, dash, last = part.partition("-")
        if not (first.isascii() and first.isdigit() and (not dash or (last.isascii() and last.isdigit()))):
            raise ValueError(f"no range of lines: {part[:40]!r}")
        pair = (int(first), int(last if dash else first))
        if not 1 <= pair[0] <= pair[1] < _HIGHEST_LINE:
            raise ValueError(f"no range of lines: {part[:40]!r}")
        found.append(pair)
    return merged(found)


def merged(ranges: list[tuple[int, int]]) -> Ranges:
    """Ranges of lines joined where they touch or overlap, in order."""
    found: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return tuple(found)


def written(ranges: Ranges) -> str:
    """Ranges as text; ``ranges_of`` reads it."""
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in ranges)


def holds(ranges: Ranges, line: int) -> bool:
    """Whether a line is in the ranges."""
    return any(first <= line <= last for first, last in ranges)
