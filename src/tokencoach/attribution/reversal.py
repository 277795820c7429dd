"""Evidence that a commit undoes an earlier one: its message, its patch, or the blob it brings back."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

import msgspec

from tokencoach.attribution.ledger import UNKNOWN
from tokencoach.attribution.rules import ALL_RULES, Rule
from tokencoach.git.history import reverts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tokencoach.attribution.delta import Delta, Splice
    from tokencoach.attribution.ledger import Ledger
    from tokencoach.attribution.remembered import RowsByKey
    from tokencoach.git.history import Commit

_SHORT: Final = 16
_FEWEST: Final = 3


class Reversals(msgspec.Struct, array_like=True, dict=True):
    """What commits with landings did, so that their undoing is recognised. It is its own state.

    ``names`` maps the first 16 digits of a commit's name, and of the names a merge brought in, to
    the commit's number. ``inverses`` and ``blobs`` do so per path for the patch that would undo the
    commit and for the blob that stood there before it.
    """

    names: dict[str, int] = {}
    inverses: dict[bytes, dict[int, int]] = {}
    blobs: dict[bytes, dict[bytes, int]] = {}

    def landed(self, commit: Commit, number: int, delta: Delta) -> None:
        """Remember a commit that lines of a file landed with."""
        for name in (commit.sha, *commit.brings):
            self.names[name[:_SHORT]] = number
        inverses = self.inverses.get(delta.path)
        if inverses is None:
            inverses = self.inverses[delta.path] = {}
            self._sizes[delta.path] = set()
        inverses[delta.fingerprint()] = number
        if delta.path in self._sizes:
            self._sizes[delta.path].add((len(delta.removed), len(delta.added)))
        # To delete what a commit created is a deletion, unless the message says more.
        if not delta.change.is_new:
            self.blobs.setdefault(delta.path, {})[delta.change.old_blob] = number

    def renamed(self, old: bytes, new: bytes) -> None:
        """What is remembered about a path goes with the file."""
        if old in self.inverses:
            self.inverses[new] = self.inverses.pop(old)
            self._sizes.pop(new, None)
        if old in self.blobs:
            self.blobs[new] = self.blobs.pop(old)

    def undone(self, commit: Commit, delta: Delta, rules: frozenset[Rule] = ALL_RULES) -> Undone:
        """Which earlier commits this commit undoes in this file."""
        shas = reverts(commit.message) if Rule.REVERT_NAMED in rules else ()
        commits = {number for sha in shas for number in self._named(sha)}
        # A whole file that goes is told by the message alone.
        since = None
        if not delta.change.is_deleted:
            blobs = self.blobs.get(delta.path)
            inverses = self.inverses.get(delta.path) if self._may_be_inverse(delta) else None
            if blobs and Rule.REVERT_BLOB in rules:
                since = blobs.get(delta.change.new_blob)
            inverse = inverses.get(delta.fingerprint(inverse=True)) if inverses else None
            if inverse is not None and Rule.REVERT_PATCH in rules:
                commits.add(inverse)
        if not shas and not commits and since is None:
            return _NOTHING
        return Undone(frozenset(commits), since, bool(shas) and commit.subject.startswith("Revert "))

    @cached_property
    def _sizes(self) -> dict[bytes, set[tuple[int, int]]]:
        """How many lines the patches remove and add, of paths whose patches this object has all seen."""
        return {}

    def _may_be_inverse(self, delta: Delta) -> bool:
        """Whether a patch of the path is as long as one that a change undoes: it is compared only then."""
        sizes = self._sizes.get(delta.path)
        return sizes is None or (len(delta.added), len(delta.removed)) in sizes

    def _named(self, sha: str) -> list[int]:
        if len(sha) >= _SHORT:
            number = self.names.get(sha[:_SHORT])
            return [] if number is None else [number]
        return [number for name, number in self.names.items() if name.startswith(sha)]


class Undone(msgspec.Struct, frozen=True):
    """Numbers of undone commits; everything since ``since`` is undone too, or all of it."""

    commits: frozenset[int]
    since: int | None
    is_all: bool

    @property
    def is_any(self) -> bool:
        """Whether anything is undone at all."""
        return self.is_all or bool(self.commits) or self.since is not None

    def holds(self, number: int) -> bool:
        """Whether what landed with that commit was undone."""
        return self.is_all or number in self.commits or (self.since is not None and number >= self.since)


_NOTHING: Final = Undone(frozenset(), None, False)


class Restored(msgspec.Struct, frozen=True):
    """Added lines of one hunk that may be removed lines come back, and the landed ``rows`` that they replace.

    Where they replace none, what landed with any of the ``commits`` may be back, if that is empty anything.
    """

    places: list[int]
    rows: list[int]
    commits: frozenset[int]

    def holds(self, number: int) -> bool:
        """Whether a removal that landed with that commit may be undone here."""
        return not self.commits or number in self.commits


def restorations(delta: Delta, ledger: Ledger, undoable: RowsByKey) -> Iterator[Restored]:
    """Hunks that put back what landed removals took away, whatever else the commit does.

    A line is back where it takes the place of what landed with its removal; else three or more in a row are.
    """
    for splice in delta.splices:
        places = [place for place in _added(splice) if delta.added[place] & 1]
        back = [place for place in places if delta.added[place] in undoable]
        if not back:
            continue
        held = delta.held[splice.first_gone : splice.first_gone + splice.gone]
        rows = [row for value in held if value < UNKNOWN for row in ledger.rows(value)]
        if rows:
            yield Restored(back, rows, frozenset(ledger.commits[row] for row in rows))
        else:
            yield from (Restored(run, [], frozenset()) for run in _runs(places, set(back)))


def _added(splice: Splice) -> range:
    return range(splice.first_come, splice.first_come + splice.come)


def _runs(places: list[int], back: set[int]) -> list[list[int]]:
    runs: list[list[int]] = [[]]
    for place in places:
        if place in back:
            runs[-1].append(place)
        else:
            runs.append([])
    return [run for run in runs if len(run) >= _FEWEST]
