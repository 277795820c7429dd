"""Generated lines on other branches, in pull requests, in what a reflog still holds."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from tokencoach.attribution.claims import added_claims, removed_claims, residue_claims, unfinished
from tokencoach.attribution.delta import Delta
from tokencoach.attribution.facts import DeathKind, Leaving, SideSighting
from tokencoach.attribution.pool import EditPool, window_of
from tokencoach.git.history import reverts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tokencoach.attribution.claims import Claim
    from tokencoach.attribution.facts import AuthoredEdit
    from tokencoach.git.history import Commit

Standing = dict[bytes, dict[int, list["_Seen"]]]


class _Seen:
    """A sighting whose line may still be taken away by a later commit of the same branch."""

    def __init__(
        self, claim: Claim, commit: Commit, delta: Delta, refs: frozenset[str], *, is_removal: bool
    ) -> None:
        self.claim = claim
        self.path = delta.path
        numbers = delta.removed_numbers if is_removal else delta.added_numbers
        self.line_no = numbers[claim.places[0]]
        self.commit = commit
        self.refs = refs
        self.is_removal = is_removal
        self.leavings: list[Leaving] = []

    def leave(self, refs: frozenset[str], commit: Commit, *, is_deletion: bool) -> None:
        """A later commit of some refs takes the line away."""
        going = self.refs & refs
        kind = DeathKind.DELETED if is_deletion else DeathKind.REWRITTEN
        if any(self.commit.sha.startswith(sha) for sha in reverts(commit.message)):
            kind = DeathKind.REVERTED
        self.leavings.append(Leaving(tuple(sorted(going)), commit.sha, commit.commit_ms, kind))
        self.refs -= going


def side_sightings(
    edits: Iterable[AuthoredEdit], commits: Iterable[Commit], holders: Mapping[str, frozenset[str]]
) -> Iterator[SideSighting]:
    """Lines of edits in commits outside the default branch, parents before children.

    ``holders`` names the refs that reach each commit. Nothing is consumed: a line that was amended
    or rebased is seen in every version. ``refs`` of a sighting leaves out those on which a later
    commit took the line away again.
    """
    pool = EditPool(edits)
    seen: list[_Seen] = []
    standing: Standing = {}
    for commit in commits:
        for change in commit.changes:
            if change.old_path is not None and not change.is_copy:
                pool.renamed(change.old_path, change.path)
                if change.old_path in standing:
                    standing.setdefault(change.path, {}).update(standing[change.old_path])
            if change.hunks and pool.has_edits(change.path):
                seen += _sight(commit, Delta(change), pool, holders.get(commit.sha, frozenset()), standing)
    for sight in seen:
        yield SideSighting(
            sight.claim.edit.edit_id,
            sight.is_removal,
            sight.claim.position,
            sight.commit.sha,
            sight.commit.commit_ms,
            tuple(sorted(sight.refs)),
            sight.path,
            sight.line_no,
            sight.claim.method,
            sight.claim.confidence,
            sight.claim.credit,
            tuple(sight.leavings),
        )


def _sight(
    commit: Commit, delta: Delta, pool: EditPool, refs: frozenset[str], standing: Standing
) -> list[_Seen]:
    there = standing.setdefault(delta.path, {})
    _take_away(commit, delta, refs, there)
    window = window_of(commit)
    tiers = pool.tiers(delta.path, window)
    claims = added_claims(delta, pool, tiers, window, _untaken)
    # Each commit is matched as if it were the only one: versions of one change hold the same lines.
    claimed: dict[int, set[int]] = {}
    for claim in claims:
        claimed.setdefault(claim.edit.edit_id, set()).add(claim.position)
    matched = {place for claim in claims for place in claim.places}
    removed = removed_claims(delta, pool, tiers, _untaken, _never_landed)
    edits = unfinished(
        delta.path,
        pool,
        window,
        lambda edit_id, length: [place in claimed.get(edit_id, ()) for place in range(length)],
        set(),
    )
    removing = {claim.edit.edit_id for claim in removed}
    claims += residue_claims(delta, pool, window, edits, matched, list(claims), removing)
    seen = [_Seen(claim, commit, delta, refs, is_removal=False) for claim in claims]
    for sight in seen:
        for place in sight.claim.places:
            there.setdefault(delta.added[place], []).append(sight)
    return seen + [_Seen(claim, commit, delta, refs, is_removal=True) for claim in removed]


def _take_away(commit: Commit, delta: Delta, refs: frozenset[str], there: dict[int, list[_Seen]]) -> None:
    """Each removed line ends the newest sighting of it on the refs that hold the removal."""
    going = Counter(delta.removed)
    going.subtract(Counter(delta.added))
    for key, count in going.items():
        holding = [sight for sight in there.get(key, ()) if sight.refs & refs]
        for sight in holding[-count:] if count > 0 else ():
            sight.leave(refs, commit, is_deletion=delta.change.is_deleted)


def _untaken(_edit_id: int, length: int) -> bytes:
    return bytes(length)


def _never_landed(_edit_id: int, _position: int) -> bool:
    return False
