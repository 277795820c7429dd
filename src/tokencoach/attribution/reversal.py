"""Evidence that a commit undoes an earlier one: its message, its patch, or the blob it brings back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from tokencoach.git.history import reverts

if TYPE_CHECKING:
    from tokencoach.attribution.delta import Delta
    from tokencoach.git.history import Commit

_SHORT: Final = 16


class Reversals(msgspec.Struct, array_like=True):
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
        self.inverses.setdefault(delta.path, {})[delta.fingerprint()] = number
        # To delete what a commit created is a deletion, unless the message says more.
        if not delta.change.is_new:
            self.blobs.setdefault(delta.path, {})[delta.change.old_blob] = number

    def renamed(self, old: bytes, new: bytes) -> None:
        """What is remembered about a path goes with the file."""
        if old in self.inverses:
            self.inverses[new] = self.inverses.pop(old)
        if old in self.blobs:
            self.blobs[new] = self.blobs.pop(old)

    def undone(self, commit: Commit, delta: Delta) -> Undone:
        """Which earlier commits this commit undoes in this file."""
        shas = reverts(commit.message)
        commits: set[int | None] = {number for sha in shas for number in self._named(sha)}
        # A whole file that goes is told by the message alone.
        since = None
        if not delta.change.is_deleted:
            since = self.blobs.get(delta.path, {}).get(delta.change.new_blob)
            inverse = self.inverses.get(delta.path, {}).get(delta.fingerprint(inverse=True))
            commits |= {inverse} - {None}
        return Undone(commits, since, bool(shas) and commit.subject.startswith("Revert "))

    def _named(self, sha: str) -> list[int]:
        if len(sha) >= _SHORT:
            number = self.names.get(sha[:_SHORT])
            return [] if number is None else [number]
        return [number for name, number in self.names.items() if name.startswith(sha)]


class Undone(msgspec.Struct, frozen=True):
    """Numbers of undone commits; everything since ``since`` is undone too, or all of it."""

    commits: set[int | None]
    since: int | None
    is_all: bool

    @property
    def is_any(self) -> bool:
        """Whether anything is undone at all."""
        return self.is_all or bool(self.commits) or self.since is not None

    def holds(self, number: int) -> bool:
        """Whether what landed with that commit was undone."""
        return self.is_all or number in self.commits or (self.since is not None and number >= self.since)
