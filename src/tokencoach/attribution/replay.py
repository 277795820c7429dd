"""Whether a commit left a file as its edits had left it: then nothing is open, and what landed is certain.

The commit before is the image that the edits began with, the commit the one that they ended with. Where
every line that came or went is an edit's, and every line that an edit left standing came, both images
are those of the log.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from tokencoach.attribution.lines import BLANK
from tokencoach.attribution.pool import USUAL_CONFIDENCE

if TYPE_CHECKING:
    from array import array
    from collections.abc import Callable, Iterable, Mapping

    from tokencoach.attribution.claims import Claim
    from tokencoach.attribution.delta import Delta
    from tokencoach.attribution.facts import AuthoredEdit
    from tokencoach.attribution.pool import Line, Overwrites, Tier
    from tokencoach.attribution.whole import Whole

    TakenOf = Callable[[int, int], bytes | bytearray]


class Landed(NamedTuple):
    """What landed of one side of a file's change: one edit that is all of it, or claims line by line."""

    whole: Whole | None
    claims: list[Claim]

    def lines(self, delta: Delta, *, is_removal: bool) -> set[Line] | None:
        """The edits' lines that land, where each line of the side is one, as the usual match finds it."""
        keys = delta.removed if is_removal else delta.added
        count = len(keys) - keys.count(BLANK)
        if self.whole is not None:
            is_all = len(self.whole.positions) == count and _is_usual(self.whole.confidence, self.whole.edit)
            return self.whole.lines() if is_all else None
        if len(self.claims) != count or not all(map(_is_alone, self.claims)):
            return None
        owners = {claim.places[0]: (claim.edit.edit_id, claim.position) for claim in self.claims}
        if len(owners) != count or not (is_removal or _is_in_order(delta, owners)):
            return None
        return set(owners.values())


def is_replayed(
    delta: Delta,
    tier: Tier,
    overwrites: Overwrites,
    until_ms: int,
    sides: tuple[Landed, Landed],
    taken: tuple[TakenOf, TakenOf],
) -> bool:
    """Whether the ``sides`` of a change, what came and what went, are the edits of ``tier`` and nothing else.

    ``taken`` flags the lines of an edit, and its removals, that landed before.
    """
    came = None if delta.carried else sides[0].lines(delta, is_removal=False)
    went = None if came is None else sides[1].lines(delta, is_removal=True)
    if came is None or went is None:
        return False
    return all(
        _is_spent(edit.edit_id, edit.added, came, taken[0], overwrites.victims, until_ms)
        and _is_spent(edit.edit_id, edit.removed, went, taken[1], overwrites.removals, None)
        for edit in tier.edits
    )


def certain(claims: Iterable[Claim]) -> list[Claim]:
    """Claims as sure as their edits' kind allows."""
    return [claim._replace(confidence=claim.edit.trust) for claim in claims]


def certain_whole(whole: Whole | None) -> Whole | None:
    """The same of an edit that is the whole change."""
    return whole and whole._replace(confidence=whole.edit.trust)


def is_usual(edits: Iterable[AuthoredEdit]) -> bool:
    """Whether the log shows what each of the edits did."""
    return not any(edit.kind.is_unseen for edit in edits)


def _is_usual(confidence: float, edit: AuthoredEdit) -> bool:
    return confidence == min(USUAL_CONFIDENCE, edit.trust)


def _is_alone(claim: Claim) -> bool:
    """Whether nobody else has a claim on the line."""
    return claim.credit == 1.0 and _is_usual(claim.confidence, claim.edit)


def _is_in_order(delta: Delta, owners: dict[int, Line]) -> bool:
    """Whether the lines of each edit stand within a hunk as they stood in it."""
    for splice in delta.splices:
        places = [
            place for place in range(splice.first_come, splice.first_come + splice.come) if place in owners
        ]
        for one, other in pairwise(places):
            if owners[one][0] == owners[other][0] and owners[one][1] > owners[other][1]:
                return False
    return True


def _is_spent(
    edit_id: int,
    keys: array[int],
    here: set[Line],
    taken_of: TakenOf,
    void: Mapping[Line, object],
    until_ms: int | None,
) -> bool:
    """Whether every line of an edit's side came now or before, or never could: ``void`` by then."""
    flags = taken_of(edit_id, len(keys))
    if flags.count(1) == len(keys) - keys.count(BLANK):
        return True
    for position, key in enumerate(keys):
        if not key or flags[position] or (edit_id, position) in here:
            continue
        at_ms = void.get((edit_id, position))
        if at_ms is None or (until_ms is not None and isinstance(at_ms, int) and at_ms > until_ms):
            return False
    return True
