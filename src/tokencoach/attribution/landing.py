"""Enters what a file's change lands into the ledger, many lines at a time; tells its landings."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from tokencoach.attribution.delta import Block
from tokencoach.attribution.facts import LandedBlock, Landing, Method

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tokencoach.attribution.claims import Claim
    from tokencoach.attribution.delta import Delta
    from tokencoach.attribution.ledger import Ledger
    from tokencoach.attribution.whole import Whole
    from tokencoach.git.history import Commit


def land_whole(
    ledger: Ledger,
    number: int,
    commit: Commit,
    delta: Delta,
    whole: Whole,
    confidence: float,
    *,
    is_removal: bool = False,
) -> LandedBlock:
    """Enter one edit that is a whole side of a change, landed with a commit of that number."""
    edit, positions, places = whole.edit, whole.positions, whole.places
    keys = edit.removed if is_removal else edit.added
    numbers = delta.removed_numbers if is_removal else delta.added_numbers
    rows = ledger.land_many(edit.edit_id, positions, keys, number, is_removal=is_removal)
    if is_removal:
        ledger.remember_many(ledger.undoable, delta.path, rows, is_fresh=True)
    else:
        delta.block = Block(places, rows)
    lines = (
        numbers[places.start : places.stop]
        if isinstance(places, range)
        else list(map(numbers.__getitem__, places))
    )
    return LandedBlock(
        edit.edit_id, is_removal, positions, commit.sha, delta.path, lines, commit.commit_ms, confidence
    )


def land_claims(
    ledger: Ledger,
    number: int,
    commit: Commit,
    delta: Delta,
    claims: Iterable[Claim],
    *,
    is_removal: bool = False,
) -> list[Landing]:
    """Enter claims on lines of one side of a change, landed with a commit of that number."""
    landings: list[Landing] = []
    sha, at_ms, path = commit.sha, commit.commit_ms, delta.path
    numbers = delta.removed_numbers if is_removal else delta.added_numbers
    for edit_id, run in groupby(claims, _edit_id):
        mine = list(run)
        rows = _rows(ledger, number, delta, mine, is_removal=is_removal)
        if is_removal:
            ledger.remember_many(ledger.undoable, path, rows, is_fresh=True)
        else:
            rows = list(rows)
            _give(delta, mine, rows)
            for claim, row in zip(mine, rows, strict=True):
                if claim.method is Method.HUMAN_MODIFIED:
                    ledger.only_alike(edit_id, claim.position, row)
        landings += [
            Landing(
                edit_id,
                is_removal,
                claim.position,
                sha,
                path,
                numbers[claim.places[0]],
                at_ms,
                claim.method,
                claim.confidence,
                claim.credit,
            )
            for claim in mine
        ]
    return landings


def _edit_id(claim: Claim) -> int:
    return claim.edit.edit_id


def _rows(
    ledger: Ledger, number: int, delta: Delta, claims: list[Claim], *, is_removal: bool
) -> Iterable[int]:
    """Enter claims of one edit; their rows."""
    edit = claims[0].edit
    keys = edit.removed if is_removal else edit.added
    if keys:
        positions = [claim.position for claim in claims]
        return ledger.land_many(edit.edit_id, positions, keys, number, is_removal=is_removal)
    # A command's own text names no lines: then the commit's are all there is.
    come = delta.removed if is_removal else delta.added
    return [
        ledger.land((edit.edit_id, claim.position), come[claim.places[0]], number, 0, is_removal=is_removal)
        for claim in claims
    ]


def _give(delta: Delta, claims: list[Claim], rows: Iterable[int]) -> None:
    """Note beside each line of a change which rows stand for it."""
    given = delta.rows
    delta.block = None
    for claim, row in zip(claims, rows, strict=True):
        for place in claim.places:
            owners = given.get(place)
            given[place] = (row,) if owners is None else (*owners, row)
