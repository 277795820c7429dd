"""One commit of a default branch: what lands with it, what it carries on, what dies in it."""

from __future__ import annotations

from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Final, cast

from tokencoach.attribution.carry import carry
from tokencoach.attribution.claims import (
    Claim,
    Landed,
    added_claims,
    landed_added,
    landed_removed,
    residue_claims,
)
from tokencoach.attribution.copies import left_by_chance
from tokencoach.attribution.delta import Delta, added_keys
from tokencoach.attribution.exact import NEAR_LINES
from tokencoach.attribution.facts import Death, DeathKind, Event, Method, Revival
from tokencoach.attribution.landing import land_claims, land_whole
from tokencoach.attribution.origins import NOWHERE, Origins, dissolved
from tokencoach.attribution.pool import SLACK_MS, USUAL_CONFIDENCE, Window
from tokencoach.attribution.provenance import splice
from tokencoach.attribution.replay import is_replayed, is_usual
from tokencoach.attribution.reversal import restorations
from tokencoach.attribution.rules import ALL_RULES, Rule
from tokencoach.attribution.sweeps import may_be_swept, reworded, sweeps_before, swept_lines
from tokencoach.attribution.touched import touched_lines, touched_removals, touches
from tokencoach.attribution.wander import SHORTEST

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Set as AbstractSet

    from tokencoach.attribution.facts import AuthoredEdit
    from tokencoach.attribution.ledger import RowsByKey
    from tokencoach.attribution.mainline import Mainline
    from tokencoach.attribution.pool import Tier
    from tokencoach.attribution.reversal import Restored, Undone
    from tokencoach.git.history import Commit
    from tokencoach.git.patch import FileChange

# A named tuple's own constructor runs Python for every line.
_death: Final = cast("Callable[[tuple[object, ...]], Death]", partial(tuple.__new__, Death))

# Found under another name by its text, a line is as sure as one found after a month.
MOVED_TRUST = 0.8


class Step:
    """One commit's effect on the books of a ``Mainline``."""

    def __init__(
        self, line: Mainline, commit: Commit, window: Window, deltas: list[Delta], rest: list[FileChange]
    ) -> None:
        self._line = line
        self._rules = line.pool.rules
        self._has_all_rules = self._rules == ALL_RULES
        self._ledger = line.ledger
        self._commit = commit
        self._window = window
        self._deltas = deltas
        self._rest = rest
        self._others: list[Delta] | None = None
        self._events: list[Event] = []
        self._touched: dict[int, tuple[Delta, int]] = {}
        self._removed: dict[int, set[int]] = {}
        self._reworded: dict[int, set[int]] = {}
        self._reverted: set[int] = set()
        self._makings = sweeps_before(line.pool, window)
        self._undone: dict[bytes, Undone] = {}

    def events(self) -> list[Event]:
        """Carry, match, revive, splice; then see who died."""
        for delta in self._deltas:
            values = self._line.files.get(delta.path)
            if values is not None:
                delta.take_from(values)
                self._leave(delta)
        carry(self._deltas, self._ledger, self._untracked, self._undone_in, self._rules)
        receiving = [delta for delta in self._others or () if delta.carried]
        # All of the commit is carried before anything is matched: a moved line is no fresh one.
        changed = [*self._deltas, *receiving]
        for delta in changed:
            self._match(delta)
        line = self._line
        waits = line.wanderers.catch_up(self._window, line.clock_ms)
        is_fresh = Rule.KEPT_COPIED in self._rules and line.copies.catch_up(line.clock_ms)
        others = self._strangers() if waits or is_fresh or self._makings else []
        changed += self._settle_wanderers(others) if waits else []
        changed += self._sweep(others) if self._makings else []
        for delta in self._deltas:
            self._touch(delta)
        changed += self._copy(others, changed) if is_fresh else []
        for delta in changed:
            splice(self._line, delta)
        self._bury(changed)
        return self._events

    def _undone_in(self, delta: Delta) -> Undone:
        """Which earlier commits a file's change undoes, as things stood when the commit was begun."""
        undone = self._undone.get(delta.path)
        if undone is None:
            undone = self._undone[delta.path] = self._line.reversals.undone(self._commit, delta, self._rules)
        return undone

    def _untracked(self) -> list[Delta]:
        if self._others is None:
            self._others = [Delta(change) for change in self._rest if change.hunks]
        return self._others

    def _strangers(self) -> list[Delta]:
        """Files without provenance that may hold a line which waits to land, landed lately, or was swept."""
        if self._others is not None:
            return self._others
        found = []
        for change in self._rest:
            if self._makings and may_be_swept(self._makings, change):
                found.append(Delta(change))
                continue
            if sum(len(hunk.raw_added) for hunk in change.hunks) < SHORTEST:
                continue
            # Most files of a repository hold no such line, and are not read closely for it.
            keys = frozenset(added_keys(change))
            if self._line.wanderers.may_come(keys) or self._line.copies.may_hold(keys):
                found.append(Delta(change))
        return found

    def _copy(self, others: list[Delta], changed: list[Delta]) -> list[Delta]:
        """Let copied lines stand for their rows too; returns the files that had no line until then."""
        known = {id(delta) for delta in changed}
        fresh = []
        for delta in (*self._deltas, *others):
            if delta.block is not None or not self._line.copies.may_hold(delta.telling_come):
                continue
            runs = self._line.copies.known(delta)
            copied = self._line.copies.found(delta, runs)
            if copied:
                delta.carried |= {place: (row,) for place, row in copied.items()}
                self._ledger.copied.update(copied.values())
                runs = self._line.copies.known(delta)
            returned = self._line.copies.returned(delta, runs) if Rule.REVIVED in self._rules else {}
            back = {place: row for place, row in returned.items() if self._ledger.revive(row)}
            for place, row in back.items():
                self._back(delta, place, row)
            if (copied or back) and id(delta) not in known:
                fresh.append(delta)
        return fresh

    def _settle_wanderers(self, others: list[Delta]) -> list[Delta]:
        """Land what edits of other files wrote; returns the files that had no line until then."""
        known = {id(delta) for delta in others if delta.carried}
        there = (delta for delta in (*self._deltas, *others) if delta.block is None)
        waiting = [delta for delta in there if self._line.wanderers.may_hold(delta)]
        if not waiting:
            return []
        until_ms = self._window.last_ms + SLACK_MS
        is_asked = Rule.RENAMED in self._rules
        origins = dissolved(waiting, self._line.wanderers, self._line.pool, until_ms) if is_asked else NOWHERE
        landed = {id(delta) for delta in waiting if self._take_in(delta, origins, until_ms)}
        return [delta for delta in others if id(delta) in landed - known]

    def _sweep(self, others: list[Delta]) -> list[Delta]:
        """Land what substitutions made of a commit's lines; returns the files that had no line until then."""
        fresh = []
        for delta in (*self._deltas, *others):
            had_lines = bool(delta.owned())
            for making in self._makings if delta.block is None else ():
                first = len(self._ledger.taken(making[0].edit_id, 0))
                self._land_all(delta, swept_lines(delta, making, delta.owned(), first))
            if delta.rows and not had_lines:
                fresh.append(delta)
        return [delta for delta in others if any(delta is one for one in fresh)]

    def _take_in(self, delta: Delta, origins: Origins, until_ms: int) -> bool:
        """Land what an edit of another file wrote of a file's change; whether there was any."""
        line = self._line
        landed = False
        former = origins.names.get(id(delta))
        if former:
            line.pool.joined(former, delta.path)
            landed = self._land_all(delta, self._renamed_claims(delta))
        if Rule.MOVED in self._rules:
            found = line.wanderers.claims(delta, delta.owned(), until_ms, origins.paths)
            landed = self._land_all(delta, found) or landed
        return landed

    def _renamed_claims(self, delta: Delta) -> list[Claim]:
        """Lines of a new file that were written under the name it had before any commit."""
        line, window, taken = self._line, self._window, self._ledger.taken
        tiers = line.pool.tiers(delta.path, window)
        claims = added_claims(delta, line.pool, tiers, window, taken, delta.owned())
        found = [
            claim._replace(method=Method.MOVED, confidence=min(claim.confidence, MOVED_TRUST))
            for claim in claims
        ]
        # What lands in this step is no residue of the next.
        spent = {(claim.edit.edit_id, claim.position) for claim in claims}
        matched = delta.owned() | {place for claim in claims for place in claim.places}

        def taken_now(edit_id: int, length: int) -> bytes:
            flags = bytearray(taken(edit_id, length))
            for position in range(length):
                flags[position] |= (edit_id, position) in spent
            return bytes(flags)

        return found + residue_claims(delta, line.pool, window, taken_now, matched, claims)

    def _land_all(self, delta: Delta, claims: list[Claim]) -> bool:
        self._land(delta, claims)
        if claims:
            self._line.reversals.landed(self._commit, self._line.commits, delta)
        return bool(claims)

    def _last_touch(self, delta: Delta) -> AuthoredEdit | None:
        """The last shell command that changed the file and whose lines no commit has brought yet."""
        if not self._line.pool.has_touches:
            return None
        said = self._line.witnesses
        edits = touches(self._line.pool, delta.path, self._window)
        if said is not None:
            edits = [edit for edit in edits if not said.denies(self._commit.sha, edit.session_id)]
        return next((edit for edit in edits if not self._ledger.is_spent(edit.edit_id)), None)

    def _touch(self, delta: Delta) -> None:
        """What is left of a file's change is the work of the last command that touched the file before."""
        newest = self._last_touch(delta)
        if newest is None:
            return
        claims = touched_lines(delta, newest, delta.owned(), self._reworded.get(id(delta), set()))
        if self._line.witnesses is not None:
            claims = self._line.witnesses.undenied(claims, delta, self._commit)
        self._land_all(delta, claims)
        removed = touched_removals(delta, newest, self._removed.get(id(delta), set()))
        self._land_removals(delta, removed)
        for edit in touches(self._line.pool, delta.path, self._window):
            self._ledger.spend(edit.edit_id)
        if removed:
            self._line.reversals.landed(self._commit, self._line.commits, delta)

    def _leave(self, delta: Delta) -> None:
        """Take an assistant's lines that a file's change removes from the place where they stood."""
        delta.leaving = self._ledger.owners(delta.held)
        copies, touched = self._ledger.copies, self._touched
        for index, rows in delta.leaving.items():
            for row in rows:
                copies[row] -= 1
                touched[row] = (delta, index)

    def _match(self, delta: Delta) -> None:
        """Landings of one file: equal lines, revived lines, changed lines, removals."""
        line, ledger, commit = self._line, self._ledger, self._commit
        tiers = []
        may_match = line.pool.may_match(delta.path, self._window, delta.telling_come, delta.telling_gone)
        if may_match or not self._has_all_rules:
            tiers = line.pool.tiers(delta.path, self._window)
            if not tiers:
                self._revive(delta, set())
                self._remove_again(delta, set())
                return
        come, went = self._landed(delta, tiers) if tiers else (Landed(None, []), Landed(None, []))
        if come.whole:
            self._events += land_whole(ledger, line.commits, commit, delta, come.whole)
            self._revive(delta, set(come.whole.places))
        else:
            self._land_claims(delta, come.claims, went.lines().keys())
        if went.whole:
            self._events += land_whole(ledger, line.commits, commit, delta, went.whole, is_removal=True)
        elif went.claims:
            self._land_removals(delta, went.claims)
        removed = self._removed[id(delta)] = set(went.places())
        self._remove_again(delta, removed)
        if delta.rows or removed:
            line.reversals.landed(commit, line.commits, delta)

    def _landed(self, delta: Delta, tiers: list[Tier]) -> tuple[Landed, Landed]:
        """What lands by equal keys of the lines that came, and of those that went."""
        line, ledger, said = self._line, self._ledger, self._line.witnesses
        # Where a note names the authors, or a rule is off, each line is settled by itself.
        is_noted = said is not None and said.is_noted(self._commit.sha, delta.path)
        may_be_whole = self._has_all_rules and not is_noted
        asked = (delta, line.pool, tiers)
        come = landed_added(*asked, self._window, ledger.taken, may_be_whole=may_be_whole)
        if said is not None and come.claims:
            come = Landed(None, said.settle(come.claims, delta, self._commit, tiers, ledger.taken))
        here = come.lines()

        def has_landed(edit_id: int, position: int) -> bool:
            # A line that this commit brings was not overwritten before it.
            return position in here.get(edit_id, ()) or ledger.is_taken(edit_id, position)

        removals = (ledger.taken_removals, has_landed)
        went = landed_removed(*asked, *removals, may_be_whole=self._has_all_rules)
        if (come or went) and not is_noted and self._is_certain(delta, tiers, come, went):
            return come.certain(), went.certain()
        return come, went

    def _is_certain(self, delta: Delta, tiers: list[Tier], come: Landed, went: Landed) -> bool:
        """Whether the file is as the edits of the usual time left it."""
        if Rule.REPLAYED not in self._rules or tiers[0].confidence < USUAL_CONFIDENCE:
            return False
        if self._line.pool.has_touches and not is_usual(tiers[0].edits):
            return False
        until_ms = self._window.last_ms + SLACK_MS
        overwrites = self._line.pool.overwrites(delta.path)
        taken = (self._ledger.taken, self._ledger.taken_removals)
        return is_replayed(delta, tiers[0], overwrites, until_ms, (come, went), taken)

    def _land_claims(self, delta: Delta, claims: list[Claim], removing: AbstractSet[int]) -> None:
        """Land what equal keys found, then what they left over."""
        if claims:
            self._land(delta, claims)
        self._revive(delta, {place for claim in claims for place in claim.places})
        # A line that came back is no residue: it has its owner.
        last = self._last_touch(delta)
        pool, taken = self._line.pool, self._ledger.taken
        for alike in residue_claims(
            delta, pool, self._window, taken, delta.owned(), claims, removing, self._line.finished
        ):
            # What a command may have changed since, no person did.
            claim = reworded(alike, delta, self._makings, taken)
            if last and claim.method is Method.HUMAN_MODIFIED and claim.edit.at_ms <= last.at_ms:
                self._reworded.setdefault(id(delta), set()).update(claim.places)
            else:
                self._land(delta, [claim])

    def _land(self, delta: Delta, claims: list[Claim]) -> None:
        self._events += land_claims(self._ledger, self._line.commits, self._commit, delta, claims)

    def _land_removals(self, delta: Delta, claims: list[Claim]) -> None:
        number = self._line.commits
        self._events += land_claims(self._ledger, number, self._commit, delta, claims, is_removal=True)

    def _revive(self, delta: Delta, claimed: set[int]) -> None:
        """Dead lines of the path whose text came back; landed removals that the commit undoes."""
        self._undo_removals(delta, claimed)
        dead = self._ledger.dead.get(delta.path)
        if not dead or dead.keys().isdisjoint(delta.telling_come) or Rule.REVIVED not in self._rules:
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
        self._ledger.live_again(row)
        edit_id, position = self._ledger.line(row)
        self._events.append(Revival(edit_id, False, position, self._commit.sha, self._commit.commit_ms))

    def _undo_removals(self, delta: Delta, claimed: set[int]) -> None:
        undoable = self._ledger.undoable.get(delta.path)
        if not undoable or undoable.keys().isdisjoint(delta.come_keys):
            return
        may_be_back = Rule.RESTORED in self._rules and not undoable.keys().isdisjoint(delta.telling_come)
        for restored in restorations(delta, self._ledger, undoable) if may_be_back else ():
            back = {
                place for place in restored.places if self._undo(delta, place, undoable, claimed, restored)
            }
            if back:
                self._reverted.update(restored.rows)
                claimed = claimed | back
        undone = self._undone_in(delta)
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

    def _remove_again(self, delta: Delta, claimed: set[int]) -> None:
        """Landed removals that were taken back and now hold again: the revert was reverted."""
        undone = self._ledger.undone.get(delta.path)
        if not undone or undone.keys().isdisjoint(delta.gone_keys) or Rule.REVIVED not in self._rules:
            return
        for place, key in enumerate(delta.removed):
            row = self._ledger.take(undone, key) if key and place not in claimed else None
            if row is not None:
                self._ledger.remember(self._ledger.undoable, delta.path, row)
                edit_id, position = self._ledger.line(row)
                self._events.append(
                    Revival(edit_id, True, position, self._commit.sha, self._commit.commit_ms)
                )

    def _bury(self, changed: list[Delta]) -> None:
        """Lines that no place of the tree holds any more are dead."""
        # Only now: a line may have left one place and arrived at another.
        copies = self._ledger.copies
        for delta, touched in groupby(self._touched.items(), _delta_of):
            self._bury_rows(delta, [row for row, _ in touched if not copies[row]])
        for row in left_by_chance(self._touched, self._ledger, changed):
            self._ledger.die_beside_copies(row)
            self._bury_rows(self._touched[row][0], [row])

    def _bury_rows(self, delta: Delta, rows: list[int]) -> None:
        if not rows:
            return
        undone, ledger, commits = self._undone_in(delta), self._ledger, self._ledger.commits
        usual = DeathKind.DELETED if delta.change.is_deleted else DeathKind.REWRITTEN
        ledger.remember_many(ledger.dead, delta.path, rows)
        if not undone.is_any and self._reverted.isdisjoint(rows):
            self._die(rows, usual)
            return
        for row in rows:
            is_back = row in self._reverted or (undone.is_any and undone.holds(commits[row]))
            self._die([row], DeathKind.REVERTED if is_back else usual)

    def _die(self, rows: list[int], kind: DeathKind) -> None:
        ledger, sha, at_ms = self._ledger, self._commit.sha, self._commit.commit_ms
        edits, positions, removals = ledger.edit_ids, ledger.positions, ledger.removals
        self._events += map(
            _death, [(edits[row], removals[row] == 1, positions[row], sha, at_ms, kind) for row in rows]
        )


def _delta_of(touched: tuple[int, tuple[Delta, int]]) -> Delta:
    return touched[1][0]


def _near(number: int) -> range:
    return range(number - NEAR_LINES, number + NEAR_LINES + 1)
