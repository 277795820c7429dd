"""Whether an explanation covers what matters, by four rules that are shown in full; truth is not judged."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

GROUPS: Final = ("inputs", "decisions", "outcomes", "effects")
LEAST_WORDS: Final = 25
LEAST_STEMS: Final = 12
LONGEST_RUN: Final = 6
MOST_OVERLAP: Final = 0.2
LEAST_GROUPS: Final = 3
PASS: Final = 3
_GRAM: Final = 5
_MOST_TOKENS: Final = 20_000
_SEPARATOR: Final = " | "
_WORD: Final = re.compile(r"[^\W_]+")
_HUMP: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_CAUSE: Final = re.compile(
    r"\b(?:because|since|so that|so as|in order to|otherwise|instead of|rather than|unless|therefore|which means|"
    r"that way|to avoid|to prevent|to keep|to make sure|even if|even when|as long as|only (?:if|when)|hence)\b",
    re.IGNORECASE,
)
_WITHOUT_CONTENT: Final = """
the and for are was were this that with from into then than when what which who will would can could should has have
had its their there here not but you your our they them also just only very each any all some one does did done get
gets set sets function method code line call called calls value return returns
"""
_EMPTY: Final = frozenset(_WITHOUT_CONTENT.split())
_ENDINGS: Final = (
    "ations", "ation", "ingly", "ments", "ment", "ings", "ing", "ied", "ies", "ers", "ed", "es", "er", "ly", "s", "e",
)  # fmt: skip


class Row(msgspec.Struct, frozen=True):
    """One rule: whether it is met, and what was measured."""

    name: str
    is_met: bool
    measured: str


class Verdict(msgspec.Struct, frozen=True):
    """The four rules; ``missing`` names what the text says nothing about."""

    rows: tuple[Row, ...]
    missing: tuple[str, ...]

    @property
    def score(self) -> int:
        """Rules met, 0 to 4."""
        return sum(row.is_met for row in self.rows)

    @property
    def is_passed(self) -> bool:
        """Three rules of four, the one of own words among them."""
        return self.score >= PASS and self.rows[1].is_met


def judge(text: str, points: Mapping[str, str], sources: Sequence[str], looked: str = "") -> Verdict:
    """An explanation against the points of a function and the texts that it must not repeat.

    ``points`` holds for each of ``GROUPS`` its items, separated by `` | ``; ``looked`` says in words
    which texts ``sources`` are.
    """
    tokens = words(text)
    stems = {stem(word) for word in tokens if len(word) > 2 and word not in _EMPTY}
    run, overlap = _repeated(tokens, sources)
    coverage, missing = _coverage(stems, points)
    cause = bool(_CAUSE.search(text))
    literal = _literal_share(text)
    return Verdict(
        (
            Row(
                "substance",
                len(tokens) >= LEAST_WORDS and len(stems) >= LEAST_STEMS,
                f"{len(tokens)} words of {LEAST_WORDS}, {len(stems)} different ones of {LEAST_STEMS}",
            ),
            Row(
                "own words",
                run <= LONGEST_RUN and overlap <= MOST_OVERLAP,
                f"longest copied run {run} words, at most {LONGEST_RUN}; {overlap:.0%} copied, at most {MOST_OVERLAP:.0%}"
                + (f"; compared with {looked}" if looked else ""),
            ),
            coverage,
            Row(
                "why, not only what",
                cause and literal <= 0.5,
                f"{'a' if cause else 'no'} word of cause or condition, {literal:.0%} names taken from the code",
            ),
        ),
        missing,
    )


def words(text: str) -> list[str]:
    """Lower-case words; names of code are taken apart at humps and underscores."""
    return [word.lower() for part in _WORD.findall(text[: _MOST_TOKENS * 8]) for word in _HUMP.split(part)]


def stem(word: str) -> str:
    """A word without its ending, so that forms of one word are equal."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word.removesuffix(ending)
    return word


def _coverage(stems: set[str], points: Mapping[str, str]) -> tuple[Row, tuple[str, ...]]:
    """Whether enough groups are spoken of, and half of the decisions."""
    touched, missing, there = 0, [], 0
    halves = True
    for group in GROUPS:
        items = [item for item in points.get(group, "").split(_SEPARATOR) if item]
        if not items:
            continue
        there += 1
        hit = [item for item in items if any(stem(word) in stems for word in words(item))]
        touched += bool(hit)
        if group == "decisions":
            halves = 2 * len(hit) >= len(items)
            missing += [f"what happens when `{item}` is false" for item in items if item not in hit]
        elif not hit:
            missing.append(f"the {group}: {', '.join(items[:3])}")
    needed = min(LEAST_GROUPS, there)
    row = Row(
        "coverage",
        touched >= needed and halves,
        f"{touched} of {there} groups spoken of, {needed} needed{'' if halves else '; under half of the decisions'}",
    )
    return row, tuple(missing)


def _repeated(tokens: list[str], sources: Sequence[str]) -> tuple[int, float]:
    """Longest run of words that stands in a source too, and the share of words within runs of five."""
    if not tokens:
        return 0, 0.0
    longest, copied = 0, [False] * len(tokens)
    for source in sources:
        other = words(source)[:_MOST_TOKENS]
        places: dict[tuple[str, ...], list[int]] = {}
        for at in range(len(other) - _GRAM + 1):
            places.setdefault(tuple(other[at : at + _GRAM]), []).append(at)
        for at in range(len(tokens) - _GRAM + 1):
            for there in places.get(tuple(tokens[at : at + _GRAM]), [])[:20]:
                size = _GRAM
                while (
                    at + size < len(tokens)
                    and there + size < len(other)
                    and tokens[at + size] == other[there + size]
                ):
                    size += 1
                longest = max(longest, size)
                copied[at : at + size] = [True] * size
    return longest, sum(copied) / len(tokens)


def _literal_share(text: str) -> float:
    """Share of the words that are written as code: with underscores, dots, brackets or humps."""
    parts = text.split()
    if not parts:
        return 0.0
    return sum(bool(re.search(r"_|\w\.\w|\(\)|`|[a-z][A-Z]|==", part)) for part in parts) / len(parts)


def rows_of(verdict: Verdict) -> tuple[str, ...]:
    """The rubric as lines of text, shown in full."""
    shown = [f"{'met' if row.is_met else 'not met'}: {row.name} ({row.measured})" for row in verdict.rows]
    return (*shown, *(f"nothing about {missing}" for missing in verdict.missing))
