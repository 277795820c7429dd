"""What equal keys leave over: lines that were wrapped anew, or changed by a person, before the commit.

Both need the text of the edit. At most 400 lines a side and file are looked at.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from difflib import SequenceMatcher
from itertools import compress, repeat, takewhile
from math import inf
from operator import methodcaller
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from tokencoach.attribution.lines import skeleton, skeletons

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

# Of an equal line, the place in the edit and the place in the file.
Anchor = tuple[int, int]

MOST_LINES: Final = 400
SIMILAR: Final = 0.75
_TOKEN: Final = re.compile(rb"\w+|[^\w\s]")
_LONGEST: Final = 2_000
_FEWEST_LETTERS: Final = 6
# Of Windows' Latin a line's key knows.
_ENCODINGS: Final = (
    *("cp932", "euc_jp", "gb18030", "big5", "euc_kr", "cp1251", "koi8_r", "cp1250", "cp1253", "cp1254"),
    *("cp1255", "cp1256", "tis_620"),
)
_FEWEST_TOKENS: Final = 6
_FEWEST_WORDS: Final = 3
_MOST_GROWTH: Final = 3
_FEW_PAIRS: Final = 400


class Left(msgspec.Struct, frozen=True, gc=False):
    """An unmatched line: its place in the edit or in the file, and its text."""

    place: int
    text: bytes


class Pairing(NamedTuple):
    """Lines of an edit that stand behind lines of a file, with the share of credit."""

    edit_places: tuple[int, ...]
    file_places: tuple[int, ...]
    credit: float


def rewrapped(edit_lines: list[Left], file_lines: list[Left]) -> Iterator[Pairing]:
    """Runs of lines whose joined text is equal once white space, quotes and call brackets are gone."""
    ours = _Skeletons(edit_lines[:MOST_LINES])
    theirs = _Skeletons(file_lines[:MOST_LINES])
    # Equal runs begin with the same byte; that spares comparing every pair.
    starts: dict[bytes, list[int]] = {}
    for number, text in enumerate(theirs.texts):
        starts.setdefault(text[:1], []).append(number)
    used: set[int] = set()
    number = 0
    while number < len(ours.texts):
        step = 1
        for other in starts.get(ours.texts[number][:1], ()) if ours.texts[number] else ():
            ends = None if other in used else _equal_run(ours, number, theirs, other)
            if ends is None or not used.isdisjoint(range(other, ends[1])):
                continue
            yield from _parts(ours, range(number, ends[0]), theirs, range(other, ends[1]))
            used.update(range(other, ends[1]))
            step = ends[0] - number
            break
        number += step


def reencoded(edit_lines: list[Left], file_lines: list[Left]) -> Iterator[Pairing]:
    """Lines that are the edit's in an encoding of the years before UTF-8, which is all that logs know."""
    odd: dict[bytes, list[int]] = {}
    for line in file_lines:
        if not line.text.isascii() and not _is_utf8(line.text):
            odd.setdefault(line.text.strip(), []).append(line.place)
    for line in edit_lines if odd else ():
        text = line.text.strip().decode("utf-8", "replace")
        told = () if text.isascii() else (text.encode(name, "ignore") for name in _ENCODINGS)
        places = next((odd[there] for there in told if odd.get(there)), None)
        if places:
            yield Pairing((line.place,), (places.pop(0),), 1.0)


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def may_be_rewrapped(ours: list[bytes], theirs: list[bytes]) -> bool:
    """Whether any two lines, given as skeletons, begin alike as far as the shorter one goes: every run begins so."""
    if len(ours) * len(theirs) <= _FEW_PAIRS:
        # Where both are short, to compare each with each costs less than to sort them.
        mine, yours = tuple(filter(None, ours)), tuple(filter(None, theirs))
        begins = bytes.startswith
        return any(map(begins, yours, repeat(mine))) or any(map(begins, mine, repeat(yours)))
    first, second = {*ours}, {*theirs}
    first.discard(b"")
    second.discard(b"")
    if not first.isdisjoint(second):
        return True
    every = sorted([*first, *second])
    # What begins like a text comes right after it, so nearly always this is all that has to be asked.
    for place in compress(range(len(every)), map(bytes.startswith, every[1:], every)):
        text = every[place]
        others = second if text in first else first
        longer = takewhile(methodcaller("startswith", text), every[place + 1 :])
        if not others.isdisjoint(longer):
            return True
    return False


def whole_runs(pairings: Iterable[Pairing]) -> list[Pairing]:
    """The pairings that wrap: one line became several, or several one."""
    found = list(pairings)
    held = Counter(place for pairing in found for place in pairing.file_places)
    return [
        pairing
        for pairing in found
        if len(pairing.file_places) > 1 or any(held[place] > 1 for place in pairing.file_places)
    ]


def human_modified(
    edit_lines: list[Left],
    file_lines: list[Left],
    anchors: Sequence[Anchor] = (),
    *,
    may_grow: bool = True,
) -> Iterator[Pairing]:
    """Pairs of similar lines in the order of both; credit is the similarity.

    Where none is similar enough and it ``may_grow``, a line counts that holds all of ours and more: types
    were put in.
    Of a line whose parts only changed places nothing is lost. ``anchors`` are equal lines of both, by
    their place in the edit: what stood between two of them still does.
    """
    theirs = _Tokens(file_lines[:MOST_LINES])
    at = 0
    for line in edit_lines[:MOST_LINES]:
        tokens = _tokens(line.text)
        best, best_ratio = None, 0.0
        grown, grown_ratio = None, 0.0
        low, high = _between(line.place, anchors)
        matcher: SequenceMatcher[bytes] = SequenceMatcher(None, (), tokens, autojunk=False)
        for number in theirs.near(tokens, at):
            if not low < file_lines[number].place < high:
                continue
            matcher.set_seq1(theirs.lines[number])
            needed = max(SIMILAR, best_ratio)
            likely = matcher.real_quick_ratio()
            if likely < SIMILAR:
                is_closer = may_grow and best is None and likely > grown_ratio
                if is_closer and _is_grown(tokens, theirs.lines[number]):
                    grown, grown_ratio = number, likely
                continue
            if likely < needed or (shared := matcher.quick_ratio()) < needed:
                continue
            ratio = 1.0 if shared == 1.0 and len(tokens) >= _FEWEST_TOKENS else matcher.ratio()
            if ratio >= SIMILAR and ratio > best_ratio:
                best, best_ratio = number, ratio
        if best is None:
            best, best_ratio = grown, grown_ratio
        if best is not None:
            yield Pairing((line.place,), (file_lines[best].place,), best_ratio)
            at = best + 1


def _is_grown(ours: list[bytes], theirs: list[bytes]) -> bool:
    """Whether a line holds all of another in its order, and so much of it that nobody wrote it by chance."""
    if not _FEWEST_TOKENS <= len(ours) < len(theirs) <= _MOST_GROWTH * len(ours):
        return False
    rest = iter(theirs)
    return sum(token.isalnum() for token in ours) >= _FEWEST_WORDS and all(token in rest for token in ours)


def _between(place: int, anchors: Sequence[Anchor]) -> tuple[float, float]:
    """The places in the file between the equal lines before and after a line of the edit."""
    at = bisect_left(anchors, (place, 0))
    low = anchors[at - 1][1] if at else -1.0
    high = anchors[at][1] if at < len(anchors) else inf
    return (low, high) if low < high else (-1.0, inf)


def overlaps(ours: Iterable[bytes], theirs: Iterable[bytes]) -> list[list[int]] | None:
    """For each of their lines, which of ours its text comes from; None where the joined texts differ.

    A line without text of its own belongs where the line before it ends.
    """
    our_texts = [skeleton([line]) for line in ours]
    their_texts = [skeleton([line]) for line in theirs]
    whole = b"".join(our_texts)
    if not whole or whole != b"".join(their_texts):
        return None
    owners = [number for number, text in enumerate(our_texts) for _ in text]
    found: list[list[int]] = []
    at = 0
    for text in their_texts:
        span = owners[at : at + len(text)]
        at += len(text)
        found.append(sorted(set(span)) if span else (found[-1][-1:] if found else []))
    return found


class _Tokens:
    """Lines of a file by the tokens they hold."""

    def __init__(self, lines: list[Left]) -> None:
        self.lines = [_tokens(line.text) for line in lines]
        self._holding: dict[bytes, list[int]] = {}
        for number, tokens in enumerate(self.lines):
            for token in set(tokens):
                self._holding.setdefault(token, []).append(number)

    def near(self, tokens: list[bytes], first: int) -> list[int]:
        """Lines from ``first`` on that may be similar enough, in order.

        A similarity of 0.75 needs 0.6 of the tokens in common, so of any larger part than the
        other 0.4 at least one is shared: the rarest part decides.
        """
        rarest = sorted(tokens, key=lambda token: len(self._holding.get(token, ())))
        deciding = set(rarest[: len(tokens) * 2 // 5 + 1])
        return sorted(
            {number for token in deciding for number in self._holding.get(token, ()) if number >= first}
        )


def _tokens(text: bytes) -> list[bytes]:
    return _TOKEN.findall(text[:_LONGEST])


class _Skeletons:
    """Lines with their skeletons; a run ends where a place is skipped."""

    def __init__(self, lines: list[Left]) -> None:
        self.places = [line.place for line in lines]
        self.lines = [line.text for line in lines]
        self.texts = skeletons(self.lines)

    def follows(self, number: int) -> bool:
        """Whether the line stands right after the one before it."""
        return number < len(self.texts) and self.places[number] == self.places[number - 1] + 1


def _equal_run(ours: _Skeletons, first: int, theirs: _Skeletons, other: int) -> tuple[int, int] | None:
    """Ends of the shortest runs from two lines on whose joined skeletons are equal."""
    one, two = ours.texts[first], theirs.texts[other]
    end, other_end = first + 1, other + 1
    while one != two:
        if len(one) < len(two):
            if not two.startswith(one) or not ours.follows(end):
                return None
            one += ours.texts[end]
            end += 1
        else:
            if not one.startswith(two) or not theirs.follows(other_end):
                return None
            two += theirs.texts[other_end]
            other_end += 1
    # A closing bracket on a line of its own has no text, but belongs to the run.
    while theirs.follows(other_end) and not theirs.texts[other_end] and theirs.lines[other_end].strip():
        other_end += 1
    letters = sum(chr(byte).isalnum() for byte in one)
    return (end, other_end) if letters >= _FEWEST_LETTERS else None


def _parts(ours: _Skeletons, mine: range, theirs: _Skeletons, other: range) -> Iterator[Pairing]:
    """One pairing for each line of the edit with the lines of the file that hold its text."""
    sources = overlaps((ours.lines[number] for number in mine), (theirs.lines[number] for number in other))
    for number in mine:
        places = tuple(
            theirs.places[place]
            for place, owners in zip(other, sources or (), strict=True)
            if number - mine.start in owners
        )
        if places:
            yield Pairing((ours.places[number],), places, 1.0)
