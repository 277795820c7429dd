"""A file's change that is one edit, line for line: what lands so needs no search among other edits."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Sequence
from itertools import compress, pairwise
from operator import sub
from typing import TYPE_CHECKING, Final

import msgspec

from tokencoach.attribution.exact import NEAR_LINES, next_line
from tokencoach.attribution.facts import AuthoredEdit

if TYPE_CHECKING:
    from array import array
    from collections.abc import Callable, Iterable

    from tokencoach.attribution.pool import Tier


# Whether a key is a significant line's, without a call of Python's own.
_ODD: Final = (1).__and__


class Whole(msgspec.Struct, frozen=True, gc=False):
    """An edit and those of its positions that land, with the lines of the change that they are."""

    edit: AuthoredEdit
    positions: Sequence[int]
    places: Sequence[int]
    confidence: float


def whole_edit(
    keys: list[int],
    numbers: Sequence[int],
    tiers: Iterable[Tier],
    lines_of: Callable[[AuthoredEdit], array[int]],
    is_free: Callable[[AuthoredEdit], bool],
) -> Whole | None:
    """The one edit that wrote every significant line of a side of a change, where no other may claim any.

    ``is_free`` says whether all lines of an edit may still land. The answer is the one that
    ``match_side`` gives for the same lines, found without it; None leaves the question to that.
    """
    tier = next((tier for tier in tiers if tier.edits), None)
    places = list(compress(range(len(keys)), map(_ODD, keys)))
    if tier is None or tier.cover or not places:
        return None
    edit = (
        tier.edits[0]
        if len(tier.edits) == 1
        else _only(tier.edits, {keys[place] for place in places}, lines_of)
    )
    if edit is None:
        return None
    lines = lines_of(edit).tolist()
    if lines == keys:
        landing = _landing(keys, numbers, places)
        pairs = (landing, landing)
    else:
        found = _paired(keys, lines, places)
        if found is None:
            return None
        _add_beside(found, keys, numbers, lines)
        pairs = ([*found.values()], [*found])
    return Whole(edit, *pairs, min(tier.confidence, edit.trust)) if is_free(edit) else None


def _only(
    edits: Iterable[AuthoredEdit], keys: set[int], lines_of: Callable[[AuthoredEdit], array[int]]
) -> AuthoredEdit | None:
    """The one of the edits that has a line with one of the keys; None where several have."""
    holding = [edit for edit in edits if not keys.isdisjoint(lines_of(edit))]
    return holding[0] if len(holding) == 1 else None


def _paired(keys: list[int], lines: list[int], places: list[int]) -> dict[int, int] | None:
    """Where the significant lines of a change stand in an edit that has all of them, each once, in this order."""
    telling = [(key, position) for position, key in enumerate(lines) if key & 1]
    position_of = dict(telling)
    found = [position_of.get(keys[place], -1) for place in places]
    is_clear = len(position_of) == len(telling) and found[0] >= 0
    if not is_clear or any(one >= other for one, other in pairwise(found)):
        return None
    return dict(zip(places, found, strict=True))


def _landing(keys: list[int], numbers: Sequence[int], places: list[int]) -> Sequence[int]:
    """Significant lines, and others within a few lines of one with none between."""
    if len(places) == len(keys):
        return range(len(keys))
    if _are_close([numbers[0] - 1, *map(numbers.__getitem__, places), numbers[-1] + 1]):
        places = [place for place, key in enumerate(keys) if key]
    else:
        near = [
            place
            for place, key in enumerate(keys)
            if key and not key & 1 and _is_near(place, places, numbers)
        ]
        places = sorted(places + near)
    return range(places[0], places[-1] + 1) if len(places) == places[-1] - places[0] + 1 else places


def _are_close(told: list[int]) -> bool:
    """Whether nothing that stands between significant lines is far from both, by their numbers.

    The first and the last are those just outside of the lines asked about.
    """
    return (
        told[1] - told[0] <= NEAR_LINES + 1
        and told[-1] - told[-2] <= NEAR_LINES + 1
        and max(map(sub, told[1:], told)) <= 2 * NEAR_LINES + 1
    )


def _is_near(place: int, places: list[int], numbers: Sequence[int]) -> bool:
    """Whether a line stands within a few lines of the next of the ``places`` before or after it."""
    after = bisect(places, place)
    return any(
        abs(numbers[other] - numbers[place]) <= NEAR_LINES for other in places[max(after - 1, 0) : after + 1]
    )


def _add_beside(found: dict[int, int], keys: list[int], numbers: Sequence[int], lines: list[int]) -> None:
    """The same where the edit has other such lines than the change: those beside a significant line on both sides."""
    taken = set(found.values())
    last = len(keys) - 1
    for place in list(found):
        # Most neighbours of a significant line are significant.
        steps = [1] if place < last and not keys[place + 1] & 1 else []
        if place and not keys[place - 1] & 1:
            steps.append(-1)
        for step in steps:
            at, position = next_line(keys, place, step), next_line(lines, found[place], step)
            while (
                at >= 0
                and position >= 0
                and at not in found
                and position not in taken
                and keys[at] == lines[position]
                and abs(numbers[at] - numbers[place]) <= NEAR_LINES
            ):
                found[at] = position
                taken.add(position)
                at, position = next_line(keys, at, step), next_line(lines, position, step)
