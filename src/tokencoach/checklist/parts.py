"""Items with several limits: which hold, which do not, which nobody knows; and what that makes of the item."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tokencoach.checklist.item import State

if TYPE_CHECKING:
    from collections.abc import Sequence


class Part(NamedTuple):
    """One limit of an item. ``holds`` is None where it cannot be known; ``words`` say value and limit, or why not."""

    holds: bool | None
    words: str


def state_of(parts: Sequence[Part]) -> State:
    """Met where all hold; not enough data where none is known; what is unknown never counts as held."""
    known = [part.holds for part in parts if part.holds is not None]
    if not known:
        return State.NOT_ENOUGH_DATA
    if not any(known):
        return State.NOT_MET
    return State.MET if all(known) and len(known) == len(parts) else State.PARTLY


def sentence(parts: Sequence[Part]) -> str:
    """What does not hold first, then what holds, then what is not known."""
    groups = (
        ("", [part.words for part in parts if part.holds is False]),
        ("holds: ", [part.words for part in parts if part.holds]),
        ("not known: ", [part.words for part in parts if part.holds is None]),
    )
    return "; ".join(lead + ", ".join(words) for lead, words in groups if words)
