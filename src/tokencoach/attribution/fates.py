"""What becomes of landed lines in one commit: which come back from the dead, and which die."""

from __future__ import annotations

from itertools import chain, groupby
from typing import TYPE_CHECKING

from tokencoach.attribution.copies import left_by_chance
from tokencoach.attribution.exact import NEAR_LINES
from tokencoach.attribution.facts import DeathKind, DiedBlock, Revival
from tokencoach.attribution.ledger import UNKNOWN
from tokencoach.attribution.reversal import restorations
from tokencoach.attribution.rules import Rule
from tokencoach.attribution.wander import MOST_SHARE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tokencoach.attribution.delta import Delta
    from tokencoach.attribution.facts import BlockEvent
    from tokencoach.attribution.mainline import Mainline
    from tokencoach.attribution.remembered import RowsByKey
    from tokencoach.attribution.reversal import Restored, Undone
    from tokencoach.git.history import Commit


class Fates:
    """Deaths and revivals of one commit; they are told among its other ``events``."""

    def __init__(self, line: Mainline, commit: Commit, events: list[BlockEvent]) -> None:
        self._rules = line.pool.rules
        self._ledger = line.ledger
        self._reversals = line.reversals
        self._commit = commit
        self._events = events
        self._touched: dict[int, Delta] = {}
        self._reverted: set[int] = set()
        self._undone: dict[bytes, Undone] = {}

    def undone_in(self, delta: Delta) -> Undone:
        """Which earlier commits a file's change undoes, as things stood when the commit was begun."""
        undone = self._undone.get(delta.path)
        if undone is None:
            undone = self._undone[delta.path] = self._reversals.undone(self._commit, delta, self._rules)
        return undone

    def leave(self, delta: Delta) -> None:
        """Take an assistant's lines that a file's change removes from the place where they stood."""
        if min(delta.held, default=UNKNOWN) >= UNKNOWN:
            return
        delta.leaving = self._ledger.owners(delta.held)
        copies, rows = self._ledger.copies, list(chain.from_iterable(delta.leaving.values()))
        for row in rows:
            copies[row] -= 1
        self._touched.update(dict.fromkeys(rows, delta))

    def revive(self, delta: Delta, places: Iterable[int]) -> None:
        """Dead lines of the path whose text came back; landed removals that the commit undoes.

        The ``places`` are those of lines that landed.
        """
        undoable = self._ledger.undoable.get(delta.path)
        if undoable and not undoable.keys().isdisjoint(delta.added):
            self._undo_removals(delta, places, undoable)
        dead = self._ledger.dead.get(delta.path)
        if not dead or dead.keys().isdisjoint(delta.telling_come) or Rule.REVIVED not in self._rules:
            return
        claimed = set(places)
        back = [
            place
            for place, key in enumerate(delta.added)
            if key & 1 and place not in claimed and place not in delta.carried and key in dead
        ]
        if not self._tells([delta.added[place] for place in back], dead):
            return
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
                self.back(delta, place, row)

    def _tells(self, keys: list[int], dead: RowsByKey) -> bool:
        """Whether lines of a path are back and not mere phrases, which died there more than once: one line, or most."""
        previous = self._ledger.previous
        if any(previous[dead[key]] < 0 for key in keys):
            return True
        rows = [row for key, row in dead.items() if key & 1]
        died = len(rows)
        while rows and len(keys) >= MOST_SHARE * died:
            rows = [before for row in rows if (before := previous[row]) >= 0]
            died += len(rows)
        return len(keys) >= MOST_SHARE * died

    def back(self, delta: Delta, place: int, row: int) -> None:
        """A dead line is back at a place of a file's change."""
        delta.carried[place] = (row,)
        self._ledger.live_again(row)
        edit_id, position = self._ledger.line(row)
        self._events.append(Revival(edit_id, False, position, self._commit.sha, self._commit.commit_ms))

    def _undo_removals(self, delta: Delta, places: Iterable[int], undoable: RowsByKey) -> None:
        claimed = set(places)
        may_be_back = Rule.RESTORED in self._rules and not undoable.keys().isdisjoint(delta.telling_come)
        for restored in restorations(delta, self._ledger, undoable) if may_be_back else ():
            back = {
                place for place in restored.places if self._undo(delta, place, undoable, claimed, restored)
            }
            if back:
                self._reverted.update(restored.rows)
                claimed = claimed | back
        undone = self.undone_in(delta)
        if undone.is_any:
            for place in range(len(delta.added)):
                self._undo(delta, place, undoable, claimed, undone)

    def _undo(
        self, delta: Delta, place: int, undoable: RowsByKey, claimed: set[int], undone: Undone | Restored
    ) -> bool:
        """Take back the landed removal of an added line that nobody claims; whether there was one."""
        if place in claimed:
            return False
        commits = self._ledger.commits
        row = self._ledger.take(undoable, delta.added[place], lambda row: undone.holds(commits[row]))
        if row is not None:
            self._ledger.remember(self._ledger.undone, delta.path, row)
            self._die([row], DeathKind.REVERTED)
        return row is not None

    def remove_again(self, delta: Delta, places: Iterable[int]) -> None:
        """Landed removals that were taken back and now hold again: the revert was reverted."""
        undone = self._ledger.undone.get(delta.path)
        if not undone or undone.keys().isdisjoint(delta.removed) or Rule.REVIVED not in self._rules:
            return
        claimed = set(places)
        for place, key in enumerate(delta.removed):
            row = self._ledger.take(undone, key) if key and place not in claimed else None
            if row is not None:
                self._ledger.remember(self._ledger.undoable, delta.path, row)
                edit_id, position = self._ledger.line(row)
                self._events.append(
                    Revival(edit_id, True, position, self._commit.sha, self._commit.commit_ms)
                )

    def bury(self, changed: list[Delta]) -> None:
        """Lines that no place of the tree holds any more are dead."""
        # Only now: a line may have left one place and arrived at another.
        copies = self._ledger.copies
        for delta, touched in groupby(self._touched, self._touched.__getitem__):
            self._bury_rows(delta, [row for row in touched if not copies[row]])
        for row in left_by_chance(self._touched, self._ledger, changed):
            self._ledger.die_beside_copies(row)
            self._bury_rows(self._touched[row], [row])

    def _bury_rows(self, delta: Delta, rows: list[int]) -> None:
        withdrawn = self._ledger.withdrawn
        rows = [row for row in rows if row not in withdrawn] if withdrawn else rows
        if not rows:
            return
        undone, ledger, commits = self.undone_in(delta), self._ledger, self._ledger.commits
        ledger.was_alike(rows)
        usual = DeathKind.DELETED if delta.change.is_deleted else DeathKind.REWRITTEN
        ledger.remember_many(ledger.dead, delta.path, rows)
        if not undone.is_any and self._reverted.isdisjoint(rows):
            self._die(rows, usual)
            return
        for row in rows:
            is_back = row in self._reverted or (undone.is_any and undone.holds(commits[row]))
            self._die([row], DeathKind.REVERTED if is_back else usual)

    def _die(self, rows: list[int], kind: DeathKind) -> None:
        edits, removals, positions = self._ledger.edit_ids, self._ledger.removals, self._ledger.positions
        lines = [(edits[row], removals[row], positions[row]) for row in rows]
        self._events.append(DiedBlock(lines, self._commit.sha, self._commit.commit_ms, kind))


def _near(number: int) -> range:
    return range(number - NEAR_LINES, number + NEAR_LINES + 1)
