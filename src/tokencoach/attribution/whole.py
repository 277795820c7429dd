"""A file's change that is one edit, line for line: what lands so needs no search among other edits."""

from __future__ import annotations

from bisect import bisect
from collections import Counter
from collections.abc import Sequence
from itertools import compress, pairwise
from operator import sub
from typing import TYPE_CHECKING

import msgspec

from tokencoach.attribution.exact import NEAR_LINES, next_line
from tokencoach.attribution.facts import AuthoredEdit
from tokencoach.attribution.pool import USUAL_CONFIDENCE

if TYPE_CHECKING:
    from array import array
    from collections.abc import Callable, Iterable

    from tokencoach.attribution.delta import Delta
    from tokencoach.attribution.ledger import Ledger
    from tokencoach.attribution.pool import EditPool, Tier

    Pairs = tuple[Sequence[int], Sequence[int]]


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
    places = list(compress(range(len(keys)), [key & 1 for key in keys]))
    if tier is None or tier.cover or not places:
        return None
    edit = (
        tier.edits[0]
        if len(tier.edits) == 1
        else _only(tier.edits, {keys[place] for place in places}, lines_of)
    )
    pairs = None if edit is None else _pairs(keys, numbers, places, lines_of(edit))
    if edit is None or pairs is None or not is_free(edit):
        return None
    return Whole(edit, *pairs, min(tier.confidence, edit.trust))


def whole_change(
    delta: Delta, edit: AuthoredEdit, pool: EditPool, until_ms: int, ledger: Ledger
) -> tuple[Whole, Whole | None] | None:
    """What came and what went of a change that no other edit may have a line of, where the edit is all of it.

    Each side is what ``whole_edit`` finds where that is asked about the edit alone.
    """
    number, confidence = edit.edit_id, min(USUAL_CONFIDENCE, edit.trust)
    came = _of_side(delta.added, delta.added_numbers, edit.added)
    if came is None or 1 in ledger.taken_as_written(number, len(edit.added)):
        return None
    overwrites = pool.overwrites(delta.path)
    if overwrites.gone_by(number, until_ms) or moved_by_people(delta, (edit,)):
        return None
    whole = Whole(edit, *came, confidence)
    if delta.telling_gone.isdisjoint(edit.removed):
        return whole, None
    gone = _of_side(delta.removed, delta.removed_numbers, edit.removed)
    if gone is None or 1 in ledger.taken_removals(number, len(edit.removed)):
        return None
    for other, position in overwrites.removals.get(number, {}).values():
        is_here = other == number and position in whole.positions
        if not is_here and not ledger.is_taken(other, position):
            return None
    return whole, Whole(edit, *gone, confidence)


def moved_by_people(delta: Delta, edits: Iterable[AuthoredEdit]) -> set[int]:
    """Keys that the commit only moves within the file, though none of the edits took them away."""
    # An assistant that moves code removes it too: then it is the assistant's.
    both = delta.kept_keys
    if not both:
        return set()
    both = both.difference(*(edit.removed for edit in edits))
    if not both:
        return set()
    balance = Counter(key for key in delta.added if key in both)
    balance.subtract(key for key in delta.removed if key in both)
    return {key for key, extra in balance.items() if extra <= 0}


def _of_side(keys: list[int], numbers: Sequence[int], lines: array[int]) -> Pairs | None:
    """Which positions of an edit are which places of a side, if it wrote every significant line there."""
    places = list(compress(range(len(keys)), [key & 1 for key in keys]))
    return _pairs(keys, numbers, places, lines) if places else None


def _pairs(keys: list[int], numbers: Sequence[int], places: list[int], lines: array[int]) -> Pairs | None:
    """The same, where the significant lines of the side are told."""
    positions = lines.tolist()
    if positions == keys:
        landing = _landing(keys, numbers, places)
        return landing, landing
    found = _paired(keys, positions, places)
    if found is None:
        return None
    _add_beside(found, keys, numbers, positions)
    return [*found.values()], [*found]


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
    # Where the few others stand in one piece with the significant lines, none is far from all of them.
    is_one = numbers[-1] - numbers[0] == len(keys) - 1 and len(keys) - len(places) <= NEAR_LINES
    if is_one or _are_close([numbers[0] - 1, *map(numbers.__getitem__, places), numbers[-1] + 1]):
        places = list(compress(range(len(keys)), keys))
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
