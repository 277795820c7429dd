"""Which of a file's added and removed lines belong to which edits: equal keys first, then the rest."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from tokencoach.attribution.exact import Match, Side, match_side
from tokencoach.attribution.facts import Method
from tokencoach.attribution.pool import RESIDUE_MS, SLACK_MS
from tokencoach.attribution.residue import MOST_LINES, Left, Pairing, human_modified, rewrapped

if TYPE_CHECKING:
    from array import array
    from collections.abc import Callable, Iterator

    from tokencoach.attribution.delta import Delta
    from tokencoach.attribution.facts import AuthoredEdit
    from tokencoach.attribution.pool import EditPool, Tier, Window

    IsTaken = Callable[[int, int], bool]


class Claim(NamedTuple):
    """A line of an edit that stands behind lines of a file's change, by index into the delta."""

    edit: AuthoredEdit
    position: int
    places: tuple[int, ...]
    method: Method
    confidence: float
    credit: float


def added_claims(delta: Delta, pool: EditPool, window: Window, is_taken: IsTaken) -> list[Claim]:
    """Added lines whose keys equal lines of edits."""
    tiers = list(pool.tiers(delta.path, window))
    if not delta.added or not any(tier.edits for tier in tiers):
        return []
    victims = pool.overwrites(delta.path).victims
    until_ms = window.last_ms + SLACK_MS
    moved = _moved_by_people(delta, tiers)
    side = Side(
        delta.added,
        delta.added_numbers,
        lambda edit: edit.added,
        lambda edit, position: edit.added[position] not in moved and not is_taken(edit.edit_id, position),
        lambda edit, position: victims.get((edit.edit_id, position), until_ms + 1) <= until_ms,
    )
    return list(_claims(match_side(side, tiers)))


def removed_claims(
    delta: Delta, pool: EditPool, window: Window, is_taken: IsTaken, has_landed: IsTaken
) -> list[Claim]:
    """Removed lines whose keys equal lines that edits removed; void removals claim nothing."""
    tiers = [tier for tier in pool.tiers(delta.path, window) if tier.edits]
    if not delta.removed or not tiers:
        return []
    voids = pool.overwrites(delta.path).removals

    def is_free(edit: AuthoredEdit, position: int) -> bool:
        victim = voids.get((edit.edit_id, position))
        return not is_taken(edit.edit_id, position) and (victim is None or has_landed(*victim))

    side = Side(delta.removed, delta.removed_numbers, _removed, is_free, _never)
    return list(_claims(match_side(side, tiers)))


def residue_claims(
    delta: Delta, pool: EditPool, window: Window, is_taken: IsTaken, matched: set[int]
) -> list[Claim]:
    """Added lines that were wrapped anew or changed by a person since an edit wrote them."""
    moved = delta.gone_keys
    open_places = [
        place for place, key in enumerate(delta.added) if key and place not in matched and key not in moved
    ]
    if not any(delta.added[place] & 1 for place in open_places):
        return []
    until_ms = window.last_ms + SLACK_MS
    edits = [
        edit for edit in pool.between(delta.path, until_ms - RESIDUE_MS, until_ms) if edit.text is not None
    ]
    if not edits:
        return []
    victims = pool.overwrites(delta.path).victims
    texts = delta.added_texts()
    claims: list[Claim] = []
    looked_at = 0
    for edit in edits:
        free = [
            place
            for place, key in enumerate(edit.added)
            if key
            and not is_taken(edit.edit_id, place)
            and victims.get((edit.edit_id, place), until_ms + 1) > until_ms
        ]
        if not any(edit.added[place] & 1 for place in free):
            continue
        for claim in _residue_of(edit, free, [Left(place, texts[place]) for place in open_places], delta):
            claims.append(claim)
            open_places = [place for place in open_places if place not in claim.places]
        looked_at += len(free)
        # What nobody committed in 60 days piles up; the newest edits are the likely ones.
        if looked_at > MOST_LINES or not open_places:
            break
    return claims


def _residue_of(edit: AuthoredEdit, places: list[int], left: list[Left], delta: Delta) -> Iterator[Claim]:
    texts = (edit.text or b"").split(b"\n")
    free = [Left(place, texts[place]) for place in places if place < len(texts)]
    wrapped = list(rewrapped(free, left))
    for pairing in wrapped:
        yield _claim(edit, pairing, Method.REWRAPPED, 0.8)
    done = {place for pairing in wrapped for place in pairing.edit_places}
    gone = {place for pairing in wrapped for place in pairing.file_places}
    ours = [line for line in free if line.place not in done and edit.added[line.place] & 1]
    theirs = [line for line in left if line.place not in gone and delta.added[line.place] & 1]
    for pairing in human_modified(ours, theirs):
        yield _claim(edit, pairing, Method.HUMAN_MODIFIED, 0.6)


def _claim(edit: AuthoredEdit, pairing: Pairing, method: Method, confidence: float) -> Claim:
    return Claim(edit, pairing.edit_places[0], pairing.file_places, method, confidence, pairing.credit)


def _claims(matches: dict[int, Match]) -> Iterator[Claim]:
    """One claim a match; two with half the credit where two sessions wrote the line."""
    for place, match in matches.items():
        if match.rival is None:
            yield Claim(match.edit, match.position, (place,), Method.ORDERED, match.confidence, 1.0)
            continue
        for edit, position in ((match.edit, match.position), match.rival):
            yield Claim(edit, position, (place,), Method.ORDERED, match.confidence / 2, 0.5)


def _removed(edit: AuthoredEdit) -> array[int]:
    return edit.removed


def _never(_edit: AuthoredEdit, _position: int) -> bool:
    return False


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
