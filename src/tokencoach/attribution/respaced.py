"""Lines that an edit takes away and puts back with other white space, quotes or commas: nobody wrote those anew."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.attribution.lines import is_significant
from tokencoach.attribution.path_kinds import means_by_indent

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet

_MOST_LINES: Final = 2_000
_NONE: Final[frozenset[int]] = frozenset()


class Respaced(NamedTuple):
    """Positions of such lines among those that an edit added, and among those that it removed."""

    added: AbstractSet[int]
    removed: AbstractSet[int]


NOTHING: Final = Respaced(_NONE, _NONE)


def respaced(added: Sequence[int], removed: Sequence[int], path: str = "") -> Respaced:
    """The significant lines with equal keys on both sides of an edit, in their order.

    Where indentation means something, an edit that changes nothing else is that change.
    """
    # A new file removes nothing, and most edits put nothing back.
    both = set(removed).intersection(added) if removed else None
    if not both or max(len(added), len(removed)) > _MOST_LINES:
        return NOTHING
    ours = [position for position, key in enumerate(removed) if key in both and is_significant(key)]
    theirs = [position for position, key in enumerate(added) if key in both and is_significant(key)]
    matcher = SequenceMatcher(
        None, [removed[at] for at in ours], [added[at] for at in theirs], autojunk=False
    )
    gone, come = set(), set()
    for first, second, size in matcher.get_matching_blocks():
        gone.update(ours[first : first + size])
        come.update(theirs[second : second + size])
    is_alone = len(come) == _significant(added) and len(gone) == _significant(removed)
    return NOTHING if is_alone and means_by_indent(path) else Respaced(come, gone)


def _significant(keys: Sequence[int]) -> int:
    return sum(map(is_significant, keys))
