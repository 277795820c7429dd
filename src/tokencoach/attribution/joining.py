"""One request told twice: by the assistant that asked, and by the server on this computer that answered.

The assistant's log knows the session, the server's how many tokens and how long. They are joined
one to one, by time, counts and model; the nearest pair first, so that the order in which logs are
read decides nothing.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

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
    by_counts: defaultdict[tuple[int, int], list[AskedRequest]] = defaultdict(list)
    for other in ordered:
        by_counts[other.prompt, other.output].append(other)
    pairs = []
    for one in served:
        begun = one.at_ms - int(one.busy_ms) - _TIGHT_MS
        ended = one.at_ms + _TIGHT_MS if one.is_timed else 0
        near = ordered[bisect_left(instants, begun) : bisect_right(instants, ended)]
        for rank, other in (*_same(one, by_counts), *_alike(one, near)):
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


def _prompts(one: ServedRequest) -> set[int]:
    """Lengths of the prompt as a client may note it: some servers tell it only what was computed anew."""
    return {one.input + one.cache_read, one.input}


def _same(
    one: ServedRequest, by_counts: Mapping[tuple[int, int], Sequence[AskedRequest]]
) -> Iterator[tuple[int, AskedRequest]]:
    """Records with the very same counts, in the wide window."""
    first, last = window(one)
    for prompt in _prompts(one) if one.has_counts else ():
        for other in by_counts.get((prompt, one.output), ()):
            if first <= other.at_ms <= last:
                yield _SAME, other


def _alike(one: ServedRequest, near: Sequence[AskedRequest]) -> Iterator[tuple[int, AskedRequest]]:
    """Records of the same time and model whose counts are rounded, or not told by one of the two."""
    for other in near:
        is_counted = one.has_counts and (other.prompt or other.output)
        is_near = is_counted and _is_near(one.output, other.output)
        if is_counted and not (is_near and any(_is_near(told, other.prompt) for told in _prompts(one))):
            continue
        if is_alike(one.model, other.model):
            yield _ALIKE if is_counted else _UNCOUNTED, other


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
    if bare.startswith(("unknown", "sha256-")):
        return frozenset()
    bare = re.sub(r"[-_. ](?:i?q\d\w*|b?f(?:p)?(?:16|32)|fp8)\b.*", "", bare)
    return frozenset(_WORDS.findall(bare)) - _PACKAGING
