"""One request told twice: by the assistant that asked, and by the server on this computer that answered.

The assistant's log knows the session, the server's how many tokens and how long. They are joined
one to one, by time, counts and model; the nearest pair first, so that the order in which logs are
read decides nothing.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

#: An assistant notes the moment it asks, which lies before a model is loaded, or the one it is answered.
EARLY_MS: Final = 15 * 60_000
LATE_MS: Final = 2 * 60_000
#: How long a log without a clock may have lain before it was written to for the last time.
UNTIMED_MS: Final = 31 * 86_400_000
_TIGHT_MS: Final = 10_000
_NEAR: Final = 0.06
_SAME, _ALIKE, _UNCOUNTED = range(3)
_WORDS: Final = re.compile(r"[a-z]+|\d+(?:\.\d+)?")
#: What names say of a packaging, not of a model.
_PACKAGING: Final = frozenset(
    {
        "gguf",
        "latest",
        "instruct",
        "it",
        "chat",
        "q",
        "k",
        "m",
        "s",
        "l",
        "f",
        "bf",
        "b",
        "fp",
        "iq",
        "xl",
        "ud",
    }
)


class ServedRequest(NamedTuple):
    """A request as a server tells it, done at ``at_ms``; without ``is_timed`` at that instant or before."""

    key: int
    at_ms: int
    busy_ms: float
    input: int
    cache_read: int
    output: int
    model: str
    is_timed: bool
    has_counts: bool


class AskedRequest(NamedTuple):
    """A request as an assistant's log tells it; ``prompt`` counts all tokens of the prompt."""

    key: int
    at_ms: int
    prompt: int
    output: int
    model: str


def join(served: Sequence[ServedRequest], asked: Sequence[AskedRequest]) -> dict[int, int]:
    """The assistant's request of each served one that has one."""
    ordered = sorted(asked, key=lambda one: (one.at_ms, one.key))
    instants = [one.at_ms for one in ordered]
    pairs = []
    for one in served:
        first, last = window(one)
        for other in ordered[bisect_left(instants, first) : bisect_right(instants, last)]:
            rank = _rank(one, other)
            if rank is not None:
                pairs.append((rank, distance_ms(one, other.at_ms), one.at_ms, one.key, other.key))
    found: dict[int, int] = {}
    taken: set[int] = set()
    for *_, own, theirs in sorted(pairs):
        if own not in found and theirs not in taken:
            found[own] = theirs
            taken.add(theirs)
    return found


def window(one: ServedRequest) -> tuple[int, int]:
    """The first and the last instant at which an assistant may have noted the request."""
    early = int(one.busy_ms) + EARLY_MS if one.is_timed else UNTIMED_MS
    return one.at_ms - early, one.at_ms + LATE_MS


def distance_ms(one: ServedRequest, at_ms: int) -> int:
    """How far an instant lies from the span in which the server worked."""
    return max(0, at_ms - one.at_ms, one.at_ms - int(one.busy_ms) - at_ms)


def _rank(one: ServedRequest, other: AskedRequest) -> int | None:
    """How well two records fit, the best first; None where they are of different requests."""
    # Some servers tell their clients only the part of the prompt that was computed anew.
    prompts = (one.input + one.cache_read, one.input)
    if one.has_counts and other.output == one.output and other.prompt in prompts:
        return _SAME
    if not one.is_timed or distance_ms(one, other.at_ms) > _TIGHT_MS or not is_alike(one.model, other.model):
        return None
    if not one.has_counts or not (other.prompt or other.output):
        return _UNCOUNTED
    is_near = _is_near(one.output, other.output) and any(_is_near(told, other.prompt) for told in prompts)
    return _ALIKE if is_near else None


def _is_near(exact: int, told: int) -> bool:
    """Whether a count may be the other, rounded to two digits as some assistants do."""
    return abs(exact - told) <= max(1.0, _NEAR * exact)


def is_alike(one: str, other: str) -> bool:
    """Whether two names may be of one model: the words of one are words of the other."""
    first, second = _words(one), _words(other)
    if not first or not second:
        return True
    return first <= second or second <= first


@lru_cache(maxsize=1024)
def _words(name: str) -> frozenset[str]:
    bare = name.lower().rpartition("/")[2]
    if bare == "unknown" or bare.startswith("sha256-"):
        return frozenset()
    bare = re.sub(r"[-_. ](?:i?q\d\w*|b?f(?:p)?(?:16|32)|fp8)\b.*", "", bare)
    return frozenset(_WORDS.findall(bare)) - _PACKAGING
