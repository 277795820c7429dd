"""A file's change that is one edit, line for line: what lands so needs no search among other edits."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tokencoach.attribution.exact import NEAR_LINES
from tokencoach.attribution.facts import Landing, Method

if TYPE_CHECKING:
    from array import array
    from collections.abc import Callable, Collection, Sequence

    from tokencoach.attribution.delta import Delta
    from tokencoach.attribution.facts import AuthoredEdit
    from tokencoach.attribution.ledger import Ledger
    from tokencoach.attribution.pool import Tier
    from tokencoach.git.history import Commit


class Whole(NamedTuple):
    """An edit and those of its positions that land; the change's lines have the same positions."""

    edit: AuthoredEdit
    positions: list[int]
    confidence: float

    def lines(self) -> set[tuple[int, int]]:
        """Edit and position of each line that lands."""
        return {(self.edit.edit_id, position) for position in self.positions}


def whole_edit(
    keys: array[int],
    numbers: Sequence[int],
    tiers: list[Tier],
    lines_of: Callable[[AuthoredEdit], array[int]],
    is_free: Callable[[AuthoredEdit], bool],
) -> Whole | None:
    """The one edit that a side of a change equals, where no other may claim any of its lines.

    ``is_free`` says whether all lines of an edit may still land. The answer is the one that
    ``match_side`` gives for the same lines, found without it; None leaves the question to that.
    """
    if not keys or not tiers or tiers[0].cover:
        return None
    edits = tiers[0].edits
    found = next((edit for edit in edits if lines_of(edit) == keys), None)
    if found is None:
        return None
    significant = {key for key in keys if key & 1}
    if not significant or not is_free(found):
        return None
    # Only where every significant line goes to the one edit are later tiers never asked.
    if any(edit is not found and not significant.isdisjoint(lines_of(edit)) for edit in edits):
        return None
    return Whole(found, _landing(keys, numbers), min(tiers[0].confidence, found.trust))


def land_whole(
    ledger: Ledger, number: int, commit: Commit, delta: Delta, whole: Whole, *, is_removal: bool = False
) -> list[Landing]:
    """Enter what lands with a commit of that number; tells its landings."""
    edit, places = whole.edit, whole.positions
    keys, numbers = (edit.removed, delta.removed_numbers) if is_removal else (edit.added, delta.added_numbers)
    rows = ledger.land_many(edit.edit_id, places, keys, number, is_removal=is_removal)
    if is_removal:
        for row in rows:
            ledger.remember(ledger.undoable, delta.path, row)
    else:
        delta.rows = dict(zip(places, zip(rows), strict=True))
    sha, at_ms, edit_id, path = commit.sha, commit.commit_ms, edit.edit_id, delta.path
    method, sure = Method.ORDERED, whole.confidence
    return [
        Landing(edit_id, is_removal, place, sha, path, numbers[place], at_ms, method, sure, 1.0)
        for place in places
    ]


def _landing(keys: array[int], numbers: Sequence[int]) -> list[int]:
    """Significant lines, and others within a few lines of one with none between."""
    places = [place for place, key in enumerate(keys) if key & 1]
    if len(places) == len(keys):
        return places
    near = _after(keys, numbers, range(len(keys))) | _after(keys, numbers, range(len(keys) - 1, -1, -1))
    return sorted(near.union(places))


def _after(keys: array[int], numbers: Sequence[int], order: Collection[int]) -> set[int]:
    found = set()
    last: int | None = None
    for place in order:
        key = keys[place]
        if key & 1:
            last = numbers[place]
        elif key and last is not None and abs(numbers[place] - last) <= NEAR_LINES:
            found.add(place)
    return found
