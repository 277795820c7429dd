"""Which of a file's added and removed lines belong to which edits: equal keys first, then the rest."""

from __future__ import annotations

from array import array
from collections import Counter
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.attribution.exact import Match, Side, match_side
from tokencoach.attribution.facts import Method
from tokencoach.attribution.pool import RESIDUE_MS, SLACK_MS
from tokencoach.attribution.residue import MOST_LINES, Anchor, Left, Pairing, human_modified, rewrapped
from tokencoach.attribution.rules import Rule
from tokencoach.attribution.whole import Whole, whole_edit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from collections.abc import Set as AbstractSet

    from tokencoach.attribution.delta import Delta
    from tokencoach.attribution.facts import AuthoredEdit
    from tokencoach.attribution.pool import EditPool, Line, Tier, Window

    HasLanded = Callable[[int, int], bool]
    # Flags of an edit's lines, by edit and number of lines.
    TakenOf = Callable[[int, int], Sequence[int]]


_MOST: Final = 2 / 3


class Claim(NamedTuple):
    """A line of an edit that stands behind lines of a file's change, by index into the delta."""

    edit: AuthoredEdit
    position: int
    places: tuple[int, ...]
    method: Method
    confidence: float
    credit: float


def added_claims(
    delta: Delta,
    pool: EditPool,
    tiers: list[Tier],
    window: Window,
    taken_of: TakenOf,
    owned: AbstractSet[int] = frozenset(),
) -> list[Claim]:
    """Added lines whose keys equal lines of edits; ``owned`` lines are not asked for."""
    telling = delta.telling_come
    if not any(tier.holds(telling, _added) for tier in tiers):
        return []
    victims = pool.overwrites(delta.path).victims
    until_ms = window.last_ms + SLACK_MS
    moved = _moved_by_people(delta, tiers) if Rule.PEOPLES_MOVES in pool.rules else set()
    keys = delta.added
    if owned:
        keys = array("Q", [0 if place in owned else key for place, key in enumerate(keys)])
    side = Side(
        keys,
        delta.added_numbers,
        _added,
        lambda edit: taken_of(edit.edit_id, len(edit.added)),
        moved,
        (lambda edit, position: victims.get((edit.edit_id, position), until_ms + 1) <= until_ms)
        if victims
        else None,
        pool.rules,
    )
    return list(_claims(match_side(side, tiers)))


def removed_claims(
    delta: Delta, pool: EditPool, tiers: list[Tier], taken_of: TakenOf, has_landed: HasLanded
) -> list[Claim]:
    """Removed lines whose keys equal lines that edits removed; void removals claim nothing."""
    telling = delta.telling_gone
    if not any(tier.holds(telling, _removed) for tier in tiers):
        return []
    taken = _removals_taken(pool.overwrites(delta.path).removals, taken_of, has_landed)
    side = Side(delta.removed, delta.removed_numbers, _removed, taken, rules=pool.rules)
    return list(_claims(match_side(side, tiers)))


def whole_added(
    delta: Delta, pool: EditPool, tiers: list[Tier], window: Window, taken_of: TakenOf
) -> Whole | None:
    """The edit whose added lines are those of the change, all of them free to land; ``added_claims`` agrees."""
    until_ms = window.last_ms + SLACK_MS

    def is_free(edit: AuthoredEdit) -> bool:
        if any(taken_of(edit.edit_id, len(edit.added))) or _moved_by_people(delta, tiers):
            return False
        victims = pool.overwrites(delta.path).victims
        gone = (victims.get((edit.edit_id, place)) for place in range(len(edit.added))) if victims else ()
        return all(at_ms is None or at_ms > until_ms for at_ms in gone)

    return whole_edit(delta.added, delta.added_numbers, tiers, _added, is_free)


def whole_removed(
    delta: Delta, pool: EditPool, tiers: list[Tier], taken_of: TakenOf, has_landed: HasLanded
) -> Whole | None:
    """The edit whose removed lines are those of the change; ``removed_claims`` agrees."""
    taken = _removals_taken(pool.overwrites(delta.path).removals, taken_of, has_landed)
    return whole_edit(
        delta.removed, delta.removed_numbers, tiers, _removed, lambda edit: not any(taken(edit))
    )


def _removals_taken(
    voids: dict[Line, Line], taken_of: TakenOf, has_landed: HasLanded
) -> Callable[[AuthoredEdit], Sequence[int]]:
    """Flags of an edit's removals that landed, or whose line never did."""

    def taken(edit: AuthoredEdit) -> Sequence[int]:
        flags = taken_of(edit.edit_id, len(edit.removed))
        if not voids:
            return flags
        mine = ((position, voids.get((edit.edit_id, position))) for position in range(len(flags)))
        void = {position for position, victim in mine if victim is not None and not has_landed(*victim)}
        return bytes(flag or position in void for position, flag in enumerate(flags)) if void else flags

    return taken


def residue_claims(
    delta: Delta,
    pool: EditPool,
    window: Window,
    taken_of: TakenOf,
    matched: set[int],
    exact: Iterable[Claim] = (),
    removing: AbstractSet[int] = frozenset(),
) -> list[Claim]:
    """Added lines that were wrapped anew or changed by a person since an edit wrote them.

    ``exact`` are the claims of the file's equal lines: they show where in it an edit lies. Of an
    edit that shows nowhere in the file, neither by those nor as one of ``removing``, most lines
    have to be alike: else the person may as well have written the one that is.
    """
    moved = delta.gone_keys
    open_places = [
        place for place, key in enumerate(delta.added) if place not in matched and key and key not in moved
    ]
    if not any(delta.added[place] & 1 for place in open_places):
        return []
    until_ms = window.last_ms + SLACK_MS
    edits = [edit for edit in pool.between(delta.path, until_ms - RESIDUE_MS, until_ms) if edit.has_text]
    if not edits:
        return []
    victims = pool.overwrites(delta.path).victims
    exact = list(exact)
    anchors = _anchors(exact)
    shown = {claim.edit.edit_id for claim in exact} | removing
    texts = delta.added_texts()
    claims: list[Claim] = []
    looked_at = 0
    for edit in edits:
        taken = taken_of(edit.edit_id, len(edit.added))
        if not pool.has_free(edit, taken):
            continue
        free = [
            place
            for place, key in enumerate(edit.added)
            if key
            and not taken[place]
            and (not victims or victims.get((edit.edit_id, place), until_ms + 1) > until_ms)
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
    wrapped = list(rewrapped(free, left)) if Rule.REWRAPPED in rules else []
    for pairing in wrapped:
        yield _claim(edit, pairing, Method.REWRAPPED, 0.8)
    if Rule.HUMAN_MODIFIED not in rules:
        return
    done = {place for pairing in wrapped for place in pairing.edit_places}
    gone = {place for pairing in wrapped for place in pairing.file_places}
    ours = [line for line in free if line.place not in done and edit.added[line.place] & 1]
    theirs = [line for line in left if line.place not in gone and delta.added[line.place] & 1]
    for pairing in human_modified(ours, theirs, anchors):
        yield _claim(edit, pairing, Method.HUMAN_MODIFIED, 0.6)


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


def _claims(matches: dict[int, Match]) -> Iterator[Claim]:
    """One claim a match; two with half the credit where two sessions wrote the line."""
    for place, match in matches.items():
        if match.rival is None:
            yield Claim(match.edit, match.position, (place,), Method.ORDERED, match.confidence, 1.0)
            continue
        for edit, position in ((match.edit, match.position), match.rival):
            yield Claim(edit, position, (place,), Method.ORDERED, match.confidence / 2, 0.5)


def _added(edit: AuthoredEdit) -> array[int]:
    return edit.added


def _removed(edit: AuthoredEdit) -> array[int]:
    return edit.removed


def _moved_by_people(delta: Delta, tiers: list[Tier]) -> set[int]:
    """Keys that the commit only moves within the file, though no edit took them away."""
    # An assistant that moves code removes it too: then it is the assistant's.
    both = delta.gone_keys & delta.come_keys
    if not both:
        return set()
    both = both.difference(*(edit.removed for tier in tiers for edit in tier.edits))
    balance = Counter(key for key in delta.added if key in both)
    balance.subtract(key for key in delta.removed if key in both)
    return {key for key, extra in balance.items() if extra <= 0}
