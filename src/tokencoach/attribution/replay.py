"""Whether a commit left a file as its edits had left it: then nothing is open, and what landed is certain.

The commit before is the image that the edits began with, the commit the one that they ended with. Where
every line that came or went is an edit's, and every line that an edit left standing came, both images
are those of the log.
"""

from __future__ import annotations

from itertools import compress, pairwise
from typing import TYPE_CHECKING

from tokencoach.attribution.lines import BLANK
from tokencoach.attribution.pool import USUAL_CONFIDENCE

if TYPE_CHECKING:
    from array import array
    from collections.abc import Collection, Iterable

    from tokencoach.attribution.claims import Claim, Landed
    from tokencoach.attribution.delta import Delta
    from tokencoach.attribution.facts import AuthoredEdit
    from tokencoach.attribution.ledger import Ledger
    from tokencoach.attribution.pool import Line, Overwrites


def is_replayed(
    delta: Delta,
    edits: Iterable[AuthoredEdit],
    overwrites: Overwrites,
    until_ms: int,
    sides: tuple[Landed, Landed],
    ledger: Ledger,
) -> bool:
    """Whether the ``sides`` of a change, what came and what went, are the ``edits`` and nothing else."""
    come, went = sides
    if delta.carried or not _is_as_long(come, delta.added) or not _is_as_long(went, delta.removed):
        return False
    came, gone = come.lines(), went.lines()
    for edit in edits:
        number, added, removed = edit.edit_id, edit.added, edit.removed
        if number in ledger.used_up:
            continue
        flags = ledger.taken(number, len(added)), ledger.taken_removals(number, len(removed))
        # An edit that something comes of now was not used up before.
        is_here = number in came or number in gone
        if not is_here and _is_taken(added, flags[0]) and _is_taken(removed, flags[1]):
            ledger.used_up.add(number)
            continue
        never = overwrites.gone_by(number, until_ms)
        if not _is_spent(added, flags[0], came.get(number, ()), never):
            return False
        void = overwrites.removals.get(number, ())
        if not _is_spent(removed, flags[1], gone.get(number, ()), void):
            return False
    return _is_all(come, delta, is_removal=False) and _is_all(went, delta, is_removal=True)


def is_usual(edits: Iterable[AuthoredEdit]) -> bool:
    """Whether the log shows what each of the edits did."""
    return not any(edit.kind.is_unseen for edit in edits)


def _is_as_long(landed: Landed, keys: list[int]) -> bool:
    """Whether as many lines landed as the side has, blank ones aside."""
    there = landed.claims if landed.whole is None else landed.whole.positions
    return len(there) == len(keys) - keys.count(BLANK)


def _is_all(landed: Landed, delta: Delta, *, is_removal: bool) -> bool:
    """Whether each line of a side that is as long is an edit's, as the usual match finds it."""
    if landed.whole is not None:
        return _is_usual(landed.whole.confidence, landed.whole.edit)
    if not all(map(_is_alone, landed.claims)):
        return False
    owners = {claim.places[0]: (claim.edit.edit_id, claim.position) for claim in landed.claims}
    return len(owners) == len(landed.claims) and (is_removal or _is_in_order(delta, owners))


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


def _is_taken(keys: array[int], flags: bytes | bytearray) -> bool:
    """Whether every line of an edit's side came before, by its flag."""
    if 1 not in flags:
        return not any(keys)
    # As bits of one number: most edits of a file have no line left.
    return not int.from_bytes(bytes(map(bool, keys)), "little") & ~int.from_bytes(flags, "little")


def _is_spent(keys: array[int], flags: bytes | bytearray, here: Collection[int], void: Iterable[int]) -> bool:
    """Whether every line of an edit's side came now or before, or never could: it is ``void``."""
    # What comes now has not come before, nor is it blank.
    if len(here) == len(keys) - keys.count(BLANK):
        return True
    left = set(compress(range(len(keys)), keys)).difference(here, void)
    return all(map(flags.__getitem__, left))
