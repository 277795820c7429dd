"""What a person types again and again: prompts that say the same, found without any model."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.clock import day_of
from tokencoach.prompts.template import Template, template_of
from tokencoach.prompts.typed import Typed, is_mask, normalised, typed_tokens

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date
    from zoneinfo import ZoneInfo

LIKE: Final = 0.7
SHINGLE: Final = 5
LEAST_USES: Final = 3
LEAST_DAYS: Final = 2
LEAST_WORDS: Final = 8
_LEAST_PLAIN: Final = 5
_LEAST_SENT: Final = 5
_MOST_COMPARED: Final = 32
"""Of a shingle that very many prompts share, so many are looked at: they are of few groups anyway."""


class Repeated(NamedTuple):
    """Prompts that say the same, oldest first; ``tokens`` is about how many were typed in all."""

    uses: tuple[Typed, ...]
    days: int
    tokens: int
    template: Template

    @property
    def projects(self) -> int:
        """In how many projects it was typed."""
        return len({use.project for use in self.uses})


class Micro(NamedTuple):
    """A short prompt ("continue") and its uses: reported, never proposed."""

    words: str
    uses: tuple[Typed, ...]


class Mined(NamedTuple):
    """``prompts`` were typed as sentences; what of them repeats, the most typed first."""

    prompts: int
    repeated: tuple[Repeated, ...]
    micro: tuple[Micro, ...]


def mine(
    prompts: Iterable[Typed],
    tz: ZoneInfo,
    *,
    least_uses: int = LEAST_USES,
    least_days: int = LEAST_DAYS,
    least_words: int = LEAST_WORDS,
    like: float = LIKE,
) -> Mined:
    """Group prompts of which at least ``like`` of the five-word runs are the same (Jaccard), by chains of likeness.

    A group counts from ``least_uses`` on ``least_days`` days of the zone, with ``least_words`` words of
    which five are no masks; not where a script sent it.
    """
    by_words: defaultdict[tuple[str, ...], list[Typed]] = defaultdict(list)
    for prompt in prompts:
        words = normalised(prompt.text)
        if words:
            by_words[tuple(words)].append(prompt)
    long = [words for words in by_words if len(words) >= least_words and _plain(words) >= _LEAST_PLAIN]
    repeated = []
    for group in _groups(long, like):
        uses = sorted(
            (use for words in group for use in by_words[words]), key=lambda use: (use.at_ms, use.turn)
        )
        days = _days(uses, tz)
        if _is_sent(uses):
            continue
        if len(uses) >= least_uses and days >= least_days:
            ordered = sorted(
                group, key=lambda words: (-len(by_words[words]), -by_words[words][-1].at_ms, words)
            )
            tokens = sum(typed_tokens(use.text) for use in uses)
            repeated.append(Repeated(tuple(uses), days, tokens, template_of(ordered)))
    repeated.sort(key=lambda one: (-one.tokens, one.uses[0].at_ms))
    micro = [
        Micro(" ".join(words), tuple(uses))
        for words, uses in by_words.items()
        if len(words) < least_words
        and _plain(words)
        and len(uses) >= least_uses
        and _days(uses, tz) >= least_days
    ]
    micro.sort(key=lambda one: (-len(one.uses), one.words))
    return Mined(sum(map(len, by_words.values())), tuple(repeated), tuple(micro))


def _is_sent(uses: Sequence[Typed]) -> bool:
    """Whether a program sent it: the same to the letter, again and again, each time as the first word of a session."""
    return (
        len(uses) >= _LEAST_SENT
        and len({use.text for use in uses}) == 1
        and len({use.session for use in uses}) == len(uses)
        and all(use.is_first for use in uses)
    )


def _plain(words: Sequence[str]) -> int:
    return sum(not is_mask(word) for word in words)


def _days(uses: Iterable[Typed], tz: ZoneInfo) -> int:
    found: set[date] = {day_of(use.at_ms, tz) for use in uses}
    return len(found)


def shingles(words: Sequence[str]) -> frozenset[tuple[str, ...]]:
    """All runs of five words; of a shorter text the whole; of none nothing."""
    if not words:
        return frozenset()
    return frozenset(tuple(words[at : at + SHINGLE]) for at in range(max(1, len(words) - SHINGLE + 1)))


def _groups(texts: Sequence[tuple[str, ...]], like: float) -> list[list[tuple[str, ...]]]:
    """Texts joined by likeness, in the order of their first members.

    Two sets that share ``like`` of their members share one of their rarest few: only those are
    looked up, so a text is compared with the handful that may be like it, not with all.
    Source: Chaudhuri, Ganti, Kaushik, 2006 (prefix filter).
    """
    sets = [shingles(text) for text in texts]
    times = Counter(shingle for own in sets for shingle in own)
    parent = list(range(len(texts)))
    holders: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    for index, own in enumerate(sets):
        rare_first = sorted(own, key=lambda shingle: (times[shingle], shingle))
        first = len(own) - math.ceil(like * len(own)) + 1
        shared = [shingle for shingle in rare_first[:first] if times[shingle] > 1]
        for other in set().union(*(holders[shingle][-_MOST_COMPARED:] for shingle in shared)):
            own_root, other_root = _root(parent, index), _root(parent, other)
            if own_root != other_root and _are_alike(own, sets[other], like):
                parent[max(own_root, other_root)] = min(own_root, other_root)
        for shingle in shared:
            holders[shingle].append(index)
    found: defaultdict[int, list[tuple[str, ...]]] = defaultdict(list)
    for index, text in enumerate(texts):
        found[_root(parent, index)].append(text)
    return list(found.values())


def _root(parent: list[int], index: int) -> int:
    while parent[index] != index:
        parent[index] = parent[parent[index]]
        index = parent[index]
    return index


def _are_alike(one: frozenset[tuple[str, ...]], other: frozenset[tuple[str, ...]], like: float) -> bool:
    if min(len(one), len(other)) < like * max(len(one), len(other)):
        return False
    shared = len(one & other)
    return shared >= like * (len(one) + len(other) - shared)
