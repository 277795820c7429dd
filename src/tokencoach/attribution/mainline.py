"""The default branch, commit by commit: which generated lines land, die and come back.

Commits are fed oldest first, as differences against their first parent. Feeding them one by one,
in any portions, with the state exported and restored between, equals feeding them at once.
"""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

from tokencoach.attribution.carry import carry
from tokencoach.attribution.claims import (
    Claim,
    added_claims,
    removed_claims,
    residue_claims,
    whole_added,
    whole_removed,
)
from tokencoach.attribution.delta import Delta
from tokencoach.attribution.exact import NEAR_LINES
from tokencoach.attribution.facts import Death, DeathKind, Event, Landing, Method, Revival, Unreadable, Void
from tokencoach.attribution.ledger import UNKNOWN, Ledger
from tokencoach.attribution.pool import DAY_MS, SLACK_MS, EditPool, Window
from tokencoach.attribution.reversal import Reversals

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tokencoach.attribution.facts import AuthoredEdit
    from tokencoach.attribution.pool import Tier
    from tokencoach.attribution.whole import Whole
    from tokencoach.git.history import Commit
    from tokencoach.git.patch import FileChange

Dying = dict[int, Delta]


class Mainline:
    """Matches edits with the commits of one default branch and follows what landed.

    Provenance is kept for files that hold a landed line, for every file with ``track_all``.
    """

    def __init__(self, edits: Iterable[AuthoredEdit] = (), *, track_all: bool = False) -> None:
        self.pool = EditPool(edits)
        self.ledger = Ledger()
        self.reversals = Reversals()
        self.files: dict[bytes, array[int]] = {}
        self.seen: dict[bytes, int] = {}
        self.commits = 0
        self.tip: str | None = None
        self.track_all = track_all

    def add_edits(self, edits: Iterable[AuthoredEdit]) -> None:
        """Take in more edits, which must be newer than the commits fed."""
        self.pool.add(edits)

    def is_late(self, edits: Iterable[AuthoredEdit]) -> bool:
        """Whether one of the edits is older than a commit of its file that was fed already."""
        last: dict[bytes, int] = {}
        for path, last_ms in self.seen.items():
            for name in self.pool.names(path):
                last[name] = max(last_ms, last.get(name, 0))
        return any(edit.at_ms <= last.get(edit.path, 0) + SLACK_MS for edit in edits)

    def wanted(self, path: bytes) -> bool:
        """Whether hunks of the path matter: for the stream that feeds this."""
        return self.track_all or path in self.files or self.pool.has_edits(path)

    def feed(self, commit: Commit) -> list[Event]:
        """What one commit does to generated lines."""
        events: list[Event] = []
        window = window_of(commit)
        deltas: list[FileChange] = []
        rest: list[FileChange] = []
        for change in commit.changes:
            source = change.path if change.is_copy else change.old_path or change.path
            for name in (change.path, source):
                self.seen[name] = max(window.last_ms, self.seen.get(name, 0))
            if source != change.path:
                self._renamed(source, change.path)
            (deltas if self.wanted(change.path) else rest).append(change)
        readable = []
        for change in deltas:
            if change.is_complete and not change.is_binary:
                readable.append(Delta(change))
            else:
                self.files.pop(change.path, None)
                events.append(Unreadable(commit.sha, change.path, commit.commit_ms))
        events += _Step(self, commit, window, readable, rest).events()
        self.commits += 1
        self.tip = commit.sha
        return events

    def voids(self, paths: Iterable[bytes] | None = None) -> list[Void]:
        """Removals whose line never landed, as things stand now: of all paths or of some."""
        found = []
        for path in sorted(self.pool.paths() if paths is None else paths):
            for (edit_id, position), (over_id, over_position) in self.pool.overwrites_under(
                path
            ).removals.items():
                is_landed = self.ledger.is_taken(over_id, over_position)
                if not is_landed and not self.ledger.is_taken(edit_id, position, is_removal=True):
                    found.append(Void(edit_id, position, over_id, over_position))
        return found

    def provenance(self, path: bytes) -> array[int]:
        """A file's provenance values, which may end before the file does; empty where none is kept."""
        return self.files.get(path, array("q"))

    def _renamed(self, old: bytes, new: bytes) -> None:
        self.pool.renamed(old, new)
        self.ledger.renamed(old, new)
        self.reversals.renamed(old, new)
        if old in self.files:
            self.files[new] = self.files.pop(old)


class _Step:
    """One commit's effect on the books of a ``Mainline``."""

    def __init__(
        self, line: Mainline, commit: Commit, window: Window, deltas: list[Delta], rest: list[FileChange]
    ) -> None:
        self._line = line
        self._ledger = line.ledger
        self._commit = commit
        self._window = window
        self._deltas = deltas
        self._rest = rest
        self._others: list[Delta] | None = None
        self._events: list[Event] = []
        self._touched: dict[int, Delta] = {}

    def events(self) -> list[Event]:
        """Carry, match, revive, splice; then see who died."""
        for delta in self._deltas:
            values = self._line.files.get(delta.path)
            if values is not None:
                delta.take_from(values)
                self._leave(delta)
        carry(self._deltas, self._ledger, self._untracked)
        receiving = [delta for delta in self._others or () if delta.carried]
        # All of the commit is carried before anything is matched: a moved line is no fresh one.
        for delta in [*self._deltas, *receiving]:
            self._match(delta)
            self._splice(delta)
        self._bury()
        return self._events

    def _untracked(self) -> list[Delta]:
        self._others = [Delta(change) for change in self._rest if change.hunks]
        return self._others

    def _leave(self, delta: Delta) -> None:
        for value in delta.held:
            for row in self._ledger.rows(value) if value < UNKNOWN else ():
                self._ledger.copies[row] -= 1
                self._touched[row] = delta

    def _match(self, delta: Delta) -> None:
        """Landings of one file: equal lines, revived lines, changed lines, removals."""
        line, ledger = self._line, self._ledger
        if not line.pool.has_edits(delta.path):
            self._revive(delta, set())
            return
        tiers = line.pool.tiers(delta.path, self._window)
        if not tiers:
            self._revive(delta, set())
            return
        # What goes away is judged before anything of this file lands.
        removed = (delta, line.pool, tiers, ledger.taken_removals, ledger.is_taken)
        whole_going = whole_removed(*removed)
        going = [] if whole_going else removed_claims(*removed)
        self._match_added(delta, tiers)
        if whole_going:
            self._land_whole_removal(delta, whole_going)
        for claim in going:
            self._land_removal(delta, claim)
        if delta.rows or whole_going or going:
            line.reversals.landed(self._commit, line.commits, delta)

    def _match_added(self, delta: Delta, tiers: list[Tier]) -> None:
        pool, taken_of = self._line.pool, self._ledger.taken
        whole = whole_added(delta, pool, tiers, self._window, taken_of)
        if whole is not None:
            self._land_whole(delta, whole)
            self._revive(delta, set(whole.positions))
            # No significant line is left over.
            return
        claims = added_claims(delta, pool, tiers, self._window, taken_of)
        for claim in claims:
            self._land(delta, claim)
        self._revive(delta, {place for claim in claims for place in claim.places})
        # A line that came back is no residue: it has its owner.
        matched = set(delta.rows) | set(delta.carried)
        for claim in residue_claims(delta, pool, self._window, taken_of, matched):
            self._land(delta, claim)

    def _land_whole(self, delta: Delta, whole: Whole) -> None:
        edit, places = whole.edit, whole.positions
        rows = self._ledger.land_many(edit.edit_id, places, edit.added, self._line.commits)
        delta.rows = dict(zip(places, zip(rows), strict=True))
        self._tell_whole(delta, whole, delta.added_numbers, is_removal=False)

    def _land_whole_removal(self, delta: Delta, whole: Whole) -> None:
        edit, places = whole.edit, whole.positions
        ledger = self._ledger
        for row in ledger.land_many(edit.edit_id, places, edit.removed, self._line.commits, is_removal=True):
            ledger.remember(ledger.undoable, delta.path, row)
        self._tell_whole(delta, whole, delta.removed_numbers, is_removal=True)

    def _tell_whole(self, delta: Delta, whole: Whole, numbers: list[int], *, is_removal: bool) -> None:
        sha, at_ms, edit_id, path = self._commit.sha, self._commit.commit_ms, whole.edit.edit_id, delta.path
        method, sure = Method.ORDERED, whole.confidence
        self._events += [
            Landing(edit_id, is_removal, place, sha, path, numbers[place], at_ms, method, sure, 1.0)
            for place in whole.positions
        ]

    def _land(self, delta: Delta, claim: Claim) -> None:
        edit, position = claim.edit, claim.position
        row = self._ledger.land(
            (edit.edit_id, position), edit.added[position], self._line.commits, len(edit.added)
        )
        for place in claim.places:
            delta.rows[place] = (*delta.rows.get(place, ()), row)
        self._events.append(
            self._landing(delta, claim, delta.added_numbers[claim.places[0]], is_removal=False)
        )

    def _land_removal(self, delta: Delta, claim: Claim) -> None:
        edit, position = claim.edit, claim.position
        key = edit.removed[position]
        row = self._ledger.land(
            (edit.edit_id, position), key, self._line.commits, len(edit.removed), is_removal=True
        )
        self._ledger.remember(self._ledger.undoable, delta.path, row)
        number = delta.removed_numbers[claim.places[0]]
        self._events.append(self._landing(delta, claim, number, is_removal=True))

    def _landing(self, delta: Delta, claim: Claim, number: int, *, is_removal: bool) -> Landing:
        edit, position, _, method, confidence, credit = claim
        commit = self._commit
        return Landing(
            edit.edit_id,
            is_removal,
            position,
            commit.sha,
            delta.path,
            number,
            commit.commit_ms,
            method,
            confidence,
            credit,
        )

    def _revive(self, delta: Delta, claimed: set[int]) -> None:
        """Dead lines of the path whose text came back; landed removals that the commit undoes."""
        self._undo_removals(delta, claimed)
        dead = self._ledger.dead.get(delta.path)
        if not dead or dead.keys().isdisjoint(delta.telling_come):
            return
        back = [
            place
            for place, key in enumerate(delta.added)
            if key & 1 and place not in claimed and place not in delta.carried and key in dead
        ]
        near = {number for place in back for number in _near(delta.added_numbers[place])}
        back += [
            place
            for place, key in enumerate(delta.added)
            if key
            and not key & 1
            and place not in claimed
            and place not in delta.carried
            and delta.added_numbers[place] in near
        ]
        for place in sorted(back):
            row = self._ledger.take(dead, delta.added[place])
            if row is not None:
                self._back(delta, place, row)

    def _back(self, delta: Delta, place: int, row: int) -> None:
        delta.carried[place] = (row,)
        edit_id, position = self._ledger.line(row)
        self._events.append(Revival(edit_id, False, position, self._commit.sha, self._commit.commit_ms))

    def _undo_removals(self, delta: Delta, claimed: set[int]) -> None:
        undoable = self._ledger.undoable.get(delta.path)
        if not undoable or undoable.keys().isdisjoint(delta.come_keys):
            return
        undone = self._line.reversals.undone(self._commit, delta)
        if not undone.is_any:
            return
        for place, key in enumerate(delta.added):
            if place in claimed:
                continue
            row = self._ledger.take(undoable, key, lambda row: undone.holds(self._ledger.commits[row]))
            if row is not None:
                self._die(row, DeathKind.REVERTED)

    def _splice(self, delta: Delta) -> None:
        """Put the new lines' provenance into the file's array, where it has or now needs one."""
        files, rows = self._line.files, delta.rows
        if delta.carried:
            rows = {
                place: tuple(dict.fromkeys((*delta.rows.get(place, ()), *delta.carried.get(place, ()))))
                for place in (*delta.rows, *delta.carried)
            }
        values = files.get(delta.path)
        if values is None:
            if not rows and not self._line.track_all:
                return
            values = files[delta.path] = array("q")
        # Human lines take the commit's number, moved or not, as git blame would say.
        new_values = array("q", [self._line.commits]) * len(delta.added)
        # A new owner stands beside those that the line carried; they share its end.
        for place, owners in rows.items():
            new_values[place] = self._ledger.value(owners)
            for row in owners:
                self._ledger.copies[row] += 1
        delta.apply_to(values, new_values)
        if delta.change.is_deleted:
            del files[delta.path]

    def _bury(self) -> None:
        """Lines that no place of the tree holds any more are dead."""
        undone = {}
        # Only now: a line may have left one place and arrived at another.
        for row, delta in self._touched.items():
            if self._ledger.copies[row]:
                continue
            if delta.path not in undone:
                undone[delta.path] = self._line.reversals.undone(self._commit, delta)
            kind = DeathKind.REWRITTEN
            if undone[delta.path].holds(self._ledger.commits[row]):
                kind = DeathKind.REVERTED
            elif delta.change.is_deleted:
                kind = DeathKind.DELETED
            self._ledger.remember(self._ledger.dead, delta.path, row)
            self._die(row, kind)

    def _die(self, row: int, kind: DeathKind) -> None:
        edit_id, position = self._ledger.line(row)
        is_removal = bool(self._ledger.removals[row])
        self._events.append(
            Death(edit_id, is_removal, position, self._commit.sha, self._commit.commit_ms, kind)
        )


def window_of(commit: Commit) -> Window:
    """When a commit's work was done; an author's clock over a day ahead of git's is not believed."""
    last = commit.commit_ms
    if commit.author_ms <= last + DAY_MS:
        last = max(last, commit.author_ms)
    return Window(min(commit.first_author_ms, last), last)


def _near(number: int) -> range:
    return range(number - NEAR_LINES, number + NEAR_LINES + 1)
