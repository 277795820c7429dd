"""Which of a file's added and removed lines belong to which edits: equal keys first, then the rest."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Final

import msgspec

from tokencoach.attribution.exact import Match, Side, match_side
from tokencoach.attribution.facts import AuthoredEdit, Method
from tokencoach.attribution.imports import may_import, rearranged
from tokencoach.attribution.pool import SLACK_MS, Tier
from tokencoach.attribution.residue import (
    MOST_LINES,
    Anchor,
    Left,
    Pairing,
    human_modified,
    reencoded,
    rewrapped,
)
from tokencoach.attribution.rules import Rule
from tokencoach.attribution.whole import Whole, moved_by_people, whole_edit

if TYPE_CHECKING:
    from array import array
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from tokencoach.attribution.delta import Delta
    from tokencoach.attribution.pool import EditPool, Overwrites, Window

    HasLanded = Callable[[int, int], bool]
    # Flags of an edit's lines, by edit and number of lines.
    TakenOf = Callable[[int, int], Sequence[int]]


_MOST: Final = 2 / 3
_added: Final = attrgetter("added")
_removed: Final = attrgetter("removed")
_text: Final = attrgetter("text")


class Claim(msgspec.Struct, frozen=True, gc=False):
    """A line of an edit that stands behind lines of a file's change, by index into the delta."""

    edit: AuthoredEdit
    position: int
    places: tuple[int, ...]
    method: Method
    confidence: float
    credit: float


class Landed(msgspec.Struct, frozen=True, gc=False):
    """What landed of one side of a file's change: one edit that is all of it, or claims line by line."""

    whole: Whole | None
    claims: list[Claim]

    def __bool__(self) -> bool:
        """Whether anything did."""
        return self.whole is not None or bool(self.claims)

    def places(self) -> Sequence[int]:
        """The lines of the side that landed."""
        if self.whole is not None:
            return self.whole.places
        return [place for claim in self.claims for place in claim.places]

    def lines(self) -> Mapping[int, Collection[int]]:
        """Positions of the lines that landed, by edit."""
        if self.whole is not None:
            positions = self.whole.positions
            return {self.whole.edit.edit_id: positions if isinstance(positions, range) else set(positions)}
        found: dict[int, set[int]] = {}
        for claim in self.claims:
            found.setdefault(claim.edit.edit_id, set()).add(claim.position)
        return found

    def certain(self) -> Landed:
        """These landings at the highest confidence that the kind of each edit allows."""
        whole = self.whole and msgspec.structs.replace(self.whole, confidence=self.whole.edit.trust)
        claims = [
            Claim(claim.edit, claim.position, claim.places, claim.method, claim.edit.trust, claim.credit)
            for claim in self.claims
        ]
        return Landed(whole, claims)


def added_claims(
    delta: Delta,
    pool: EditPool,
    tiers: list[Tier],
    window: Window,
    taken_of: TakenOf,
    owned: AbstractSet[int] = frozenset(),
) -> list[Claim]:
    """Added lines whose keys equal lines of edits; ``owned`` lines are not asked for."""
    holding = _holding(tiers, delta.telling_come, _added)
    return _added_claims(delta, pool, (tiers, holding), window, taken_of, owned) if holding else []


def _added_claims(
    delta: Delta,
    pool: EditPool,
    candidates: tuple[list[Tier], list[Tier]],
    window: Window,
    taken_of: TakenOf,
    owned: AbstractSet[int] = frozenset(),
) -> list[Claim]:
    tiers, holding = candidates
    overwrites = pool.overwrites(delta.path)
    until_ms = window.last_ms + SLACK_MS
    moved = moved_by_people(delta, _edits(tiers)) if Rule.PEOPLES_MOVES in pool.rules else set()
    keys = delta.added
    if owned:
        keys = [0 if place in owned else key for place, key in enumerate(keys)]
    side = Side(
        keys,
        delta.added_numbers,
        _added,
        lambda edit: taken_of(edit.edit_id, len(edit.added)),
        moved,
        lambda edit: overwrites.gone_by(edit.edit_id, until_ms),
        pool.rules,
    )
    return _claims(match_side(side, holding))


def removed_claims(
    delta: Delta, pool: EditPool, tiers: list[Tier], taken_of: TakenOf, has_landed: HasLanded
) -> list[Claim]:
    """Removed lines whose keys equal lines that edits removed; void removals claim nothing."""
    holding = _holding(tiers, delta.telling_gone, _removed)
    if not holding:
        return []
    return _removed_claims(
        delta, holding, _removals_taken(pool.overwrites(delta.path), taken_of, has_landed), pool.rules
    )


def _removed_claims(
    delta: Delta,
    holding: list[Tier],
    taken: Callable[[AuthoredEdit], Sequence[int]],
    rules: frozenset[Rule],
) -> list[Claim]:
    return _claims(
        match_side(Side(delta.removed, delta.removed_numbers, _removed, taken, rules=rules), holding)
    )


def landed_added(
    delta: Delta,
    pool: EditPool,
    tiers: list[Tier],
    window: Window,
    taken_of: TakenOf,
    *,
    may_be_whole: bool,
) -> Landed:
    """What lands of the added lines: the one edit that they are, all of it free to land, else ``added_claims``."""
    holding = _holding(tiers, delta.telling_come, _added)
    if not holding:
        return Landed(None, [])
    whole = _whole_added(delta, pool, (tiers, holding), window, taken_of) if may_be_whole else None
    if whole is not None:
        return Landed(whole, [])
    return Landed(None, _added_claims(delta, pool, (tiers, holding), window, taken_of))


def _whole_added(
    delta: Delta,
    pool: EditPool,
    candidates: tuple[list[Tier], list[Tier]],
    window: Window,
    taken_of: TakenOf,
) -> Whole | None:
    """The one edit that the added lines are; ``candidates`` are all of them, and those that have one of the lines."""
    tiers, holding = candidates

    def is_free(edit: AuthoredEdit) -> bool:
        if 1 in taken_of(edit.edit_id, len(edit.added)) or moved_by_people(delta, _edits(tiers)):
            return False
        return not pool.overwrites(delta.path).gone_by(edit.edit_id, window.last_ms + SLACK_MS)

    return whole_edit(delta.added, delta.added_numbers, holding, _added, is_free)


def landed_removed(
    delta: Delta,
    pool: EditPool,
    tiers: list[Tier],
    taken_of: TakenOf,
    has_landed: HasLanded,
    *,
    may_be_whole: bool,
) -> Landed:
    """What lands of the removed lines: the one edit that took them all, else ``removed_claims``."""
    holding = _holding(tiers, delta.telling_gone, _removed)
    if not holding:
        return Landed(None, [])
    whole = _whole_removed(delta, pool, holding, taken_of, has_landed) if may_be_whole else None
    if whole is not None:
        return Landed(whole, [])
    taken = _removals_taken(pool.overwrites(delta.path), taken_of, has_landed)
    return Landed(None, _removed_claims(delta, holding, taken, pool.rules))


def _whole_removed(
    delta: Delta, pool: EditPool, holding: list[Tier], taken_of: TakenOf, has_landed: HasLanded
) -> Whole | None:
    """The one edit that took away all of the removed lines, among those that have one of them."""
    taken = _removals_taken(pool.overwrites(delta.path), taken_of, has_landed)
    return whole_edit(
        delta.removed, delta.removed_numbers, holding, _removed, lambda edit: 1 not in taken(edit)
    )


def _holding(
    tiers: list[Tier], keys: frozenset[int], lines_of: Callable[[AuthoredEdit], array[int]]
) -> list[Tier]:
    """The tiers without the edits that have no line with one of the keys; none where no edit has."""
    isdisjoint = keys.isdisjoint
    found = (
        [[edit for edit in tier.edits if not isdisjoint(lines_of(edit))] for tier in tiers] if keys else ()
    )
    if not any(found):
        return []
    return [Tier(edits, tier.confidence, tier.cover) for edits, tier in zip(found, tiers, strict=True)]


def _edits(tiers: Iterable[Tier]) -> list[AuthoredEdit]:
    return [edit for tier in tiers for edit in tier.edits]


def _removals_taken(
    overwrites: Overwrites, taken_of: TakenOf, has_landed: HasLanded
) -> Callable[[AuthoredEdit], Sequence[int]]:
    """Flags of an edit's removals that landed, or whose line never did."""
    known: dict[int, Sequence[int]] = {}

    def taken(edit: AuthoredEdit) -> Sequence[int]:
        flags = known.get(edit.edit_id)
        if flags is not None:
            return flags
        flags = taken_of(edit.edit_id, len(edit.removed))
        mine = overwrites.removals.get(edit.edit_id)
        void = [position for position, victim in mine.items() if not has_landed(*victim)] if mine else ()
        if void:
            flags = bytearray(flags)
            for position in void:
                flags[position] = 1
        known[edit.edit_id] = flags
        return flags

    return taken


def residue_claims(
    delta: Delta,
    pool: EditPool,
    window: Window,
    edits: list[tuple[AuthoredEdit, Sequence[int]]],
    matched: set[int],
    exact: Iterable[Claim] = (),
    removing: AbstractSet[int] = frozenset(),
) -> list[Claim]:
    """Added lines that were wrapped anew or changed by a person since one of the ``edits`` wrote them.

    ``exact`` are the claims of the file's equal lines: they show where in it an edit lies. Of an
    edit that shows nowhere in the file, neither by those nor as one of ``removing``, most lines
    have to be alike: else the person may as well have written the one that is.
    """
    if not edits:
        return []
    until_ms = window.last_ms + SLACK_MS
    moved = delta.gone_keys
    open_places = [
        place for place, key in enumerate(delta.added) if place not in matched and key and key not in moved
    ]
    if not any(delta.added[place] & 1 for place in open_places):
        return []
    overwrites = pool.overwrites(delta.path)
    exact = list(exact)
    anchors = _anchors(exact)
    shown = {claim.edit.edit_id for claim in exact} | removing
    texts = delta.added_texts()
    claims: list[Claim] = []
    looked_at = 0
    for edit, taken in edits:
        gone_again = overwrites.gone_by(edit.edit_id, until_ms)
        free = [
            place
            for place, key in enumerate(edit.added)
            if key and not taken[place] and place not in gone_again
        ]
        if not any(edit.added[place] & 1 for place in free):
            continue
        left = [Left(place, texts[place]) for place in open_places]
        found = list(_residue_of(edit, free, left, delta, pool.rules, anchors.get(edit.edit_id, [])))
        if Rule.SHOWN in pool.rules and edit.edit_id not in shown and not any(taken):
            found = _most_alike(found, sum(edit.added[place] & 1 for place in free))
        claims += found
        gone = {place for claim in found for place in claim.places}
        open_places = [place for place in open_places if place not in gone]
        looked_at += len(free)
        # What nobody committed in 60 days piles up; the newest edits are the likely ones.
        if looked_at > MOST_LINES or not open_places:
            break
    return claims


def _residue_of(
    edit: AuthoredEdit,
    places: list[int],
    left: list[Left],
    delta: Delta,
    rules: frozenset[Rule],
    anchors: list[Anchor],
) -> Iterator[Claim]:
    texts = edit.lines()
    free = [Left(place, texts[place]) for place in places if place < len(texts)]
    wrapped = _rewritten(free, left, rules)
    if Rule.IMPORTS in rules and may_import(map(_text, free)) and may_import(map(_text, left)):
        wrapped += _imported(free, left, delta, wrapped)
    for pairing in wrapped:
        yield _claim(edit, pairing, Method.REWRAPPED, 0.8)
    if Rule.HUMAN_MODIFIED not in rules:
        return
    done = {place for pairing in wrapped for place in pairing.edit_places}
    gone = {place for pairing in wrapped for place in pairing.file_places}
    ours = [line for line in free if line.place not in done and edit.added[line.place] & 1]
    theirs = [line for line in left if line.place not in gone and delta.added[line.place] & 1]
    for pairing in human_modified(ours, theirs, anchors, may_grow=Rule.GROWN in rules):
        yield _claim(edit, pairing, Method.HUMAN_MODIFIED, 0.6)


def _rewritten(free: list[Left], left: list[Left], rules: frozenset[Rule]) -> list[Pairing]:
    """Lines that stand in another encoding, or wrapped anew."""
    found = list(reencoded(free, left)) if Rule.REENCODED in rules else []
    if Rule.REWRAPPED not in rules:
        return found
    if not found:
        return list(rewrapped(free, left))
    done = {place for pairing in found for place in pairing.edit_places}
    gone = {place for pairing in found for place in pairing.file_places}
    ours = [line for line in free if line.place not in done]
    return found + list(rewrapped(ours, [line for line in left if line.place not in gone]))


def _imported(free: list[Left], left: list[Left], delta: Delta, wrapped: list[Pairing]) -> list[Pairing]:
    """Imports of an edit that were sorted, joined or taken apart since; ``wrapped`` are found already."""
    done = {place for pairing in wrapped for place in pairing.edit_places}
    gone = {place for pairing in wrapped for place in pairing.file_places}
    removed = [
        Left(number, delta.removed_text(index))
        for index, number in enumerate(delta.removed_numbers[:MOST_LINES])
    ]
    ours = [line for line in free if line.place not in done]
    theirs = [line for line in left if line.place not in gone]
    return list(rearranged(ours, theirs, removed))


def _most_alike(found: list[Claim], lines: int) -> list[Claim]:
    """The claims on a file that shows no line of an edit as it is, where they are most of the edit."""
    is_there = any(claim.method is Method.REWRAPPED for claim in found) or len(found) >= _MOST * lines
    return found if is_there else []


def _anchors(exact: Iterable[Claim]) -> dict[int, list[Anchor]]:
    """Per edit, its significant lines that stand in the file as they are."""
    anchors: dict[int, list[Anchor]] = {}
    for claim in exact:
        if claim.edit.added[claim.position] & 1:
            anchors.setdefault(claim.edit.edit_id, []).append((claim.position, claim.places[0]))
    for found in anchors.values():
        found.sort()
    return anchors


def _claim(edit: AuthoredEdit, pairing: Pairing, method: Method, confidence: float) -> Claim:
    confidence = min(confidence, edit.trust)
    return Claim(edit, pairing.edit_places[0], pairing.file_places, method, confidence, pairing.credit)


def _claims(matches: dict[int, Match]) -> list[Claim]:
    """One claim a match; two with half the credit where two sessions wrote the line."""
    ordered = Method.ORDERED
    claims = []
    for place, match in matches.items():
        if match.rival is None:
            claims.append(Claim(match.edit, match.position, (place,), ordered, match.confidence, 1.0))
            continue
        for author, line in ((match.edit, match.position), match.rival):
            claims.append(Claim(author, line, (place,), ordered, match.confidence / 2, 0.5))
    return claims
