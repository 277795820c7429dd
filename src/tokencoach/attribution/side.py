"""Generated lines on other branches, in pull requests, in what a reflog still holds."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import msgspec

from tokencoach.attribution.claims import added_claims, removed_claims, residue_claims
from tokencoach.attribution.delta import Delta
from tokencoach.attribution.facts import DeathKind, Leaving, SideSighting
from tokencoach.attribution.pool import EditPool, window_of
from tokencoach.attribution.programs import program_claims
from tokencoach.attribution.sweeps import may_be_swept, sweeps_before, swept_lines
from tokencoach.attribution.touched import touches
from tokencoach.attribution.unfinished import unfinished
from tokencoach.git.history import reverts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tokencoach.attribution.claims import Claim
    from tokencoach.attribution.facts import AuthoredEdit
    from tokencoach.attribution.pool import Window
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
    unseen = _Unseen()
    for commit in commits:
        makings = sweeps_before(pool, window_of(commit))
        for change in commit.changes:
            if change.old_path is not None and not change.is_copy:
                pool.renamed(change.old_path, change.path)
                if change.old_path in standing:
                    standing.setdefault(change.path, {}).update(standing[change.old_path])
            if change.hunks and (pool.has_edits(change.path) or may_be_swept(makings, change)):
                held = holders.get(commit.sha, frozenset())
                seen += _sight(commit, Delta(change), pool, held, standing, unseen)
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


class _Unseen:
    """Lines that commands made without showing them: a line has one position in all versions of a commit."""

    def __init__(self) -> None:
        self._positions: dict[int, dict[tuple[bytes, bytes], int]] = {}

    def claims(self, delta: Delta, pool: EditPool, window: Window, matched: set[int]) -> list[Claim]:
        """What commands left behind in a file's change, beside the lines that are ``matched``."""
        if not pool.has_touches:
            return []
        makings = sweeps_before(pool, window)
        edits = touches(pool, delta.path, window)
        found: list[Claim] = []
        for making in makings:
            found += swept_lines(delta, making, matched | _places(found), 0)
        if edits:
            # What a command only may have made is not looked for in versions that nobody kept.
            found += program_claims(delta, edits, matched | _places(found), _untaken)
        texts = delta.added_texts()
        return [self._placed(claim, (delta.path, texts[claim.places[0]])) for claim in found]

    def _placed(self, claim: Claim, line: tuple[bytes, bytes]) -> Claim:
        mine = self._positions.setdefault(claim.edit.edit_id, {})
        return msgspec.structs.replace(claim, position=mine.setdefault(line, len(mine)))


def _places(claims: Iterable[Claim]) -> set[int]:
    return {place for claim in claims for place in claim.places}


def _sight(
    commit: Commit,
    delta: Delta,
    pool: EditPool,
    refs: frozenset[str],
    standing: Standing,
    unseen: _Unseen,
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
    )
    removing = {claim.edit.edit_id for claim in removed}
    claims += residue_claims(delta, pool, window, edits, matched, list(claims), removing)
    claims += unseen.claims(delta, pool, window, {place for claim in claims for place in claim.places})
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
