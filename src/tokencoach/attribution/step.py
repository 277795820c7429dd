"""One commit of a default branch: what lands with it, what it carries on, what dies in it."""

from __future__ import annotations

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
from tokencoach.attribution.copies import left_by_chance
from tokencoach.attribution.delta import Delta, added_keys
from tokencoach.attribution.exact import NEAR_LINES
from tokencoach.attribution.facts import Death, DeathKind, Event, Landing, Method, Revival
from tokencoach.attribution.ledger import UNKNOWN
from tokencoach.attribution.origins import NOWHERE, Origins, dissolved
from tokencoach.attribution.pool import SLACK_MS, USUAL_CONFIDENCE, Window
from tokencoach.attribution.provenance import splice
from tokencoach.attribution.replay import Landed, certain, certain_whole, is_replayed, is_usual
from tokencoach.attribution.reversal import restorations
from tokencoach.attribution.rules import ALL_RULES, Rule
from tokencoach.attribution.touched import touched_lines, touched_removals, touches
from tokencoach.attribution.wander import SHORTEST
from tokencoach.attribution.whole import land_whole

if TYPE_CHECKING:
    from tokencoach.attribution.facts import AuthoredEdit
    from tokencoach.attribution.ledger import RowsByKey
    from tokencoach.attribution.mainline import Mainline
    from tokencoach.attribution.pool import Tier
    from tokencoach.attribution.reversal import Restored, Undone
    from tokencoach.git.history import Commit
    from tokencoach.git.patch import FileChange

# Found under another name by its text, a line is as sure as one found after a month.
MOVED_TRUST = 0.8


class Step:
    """One commit's effect on the books of a ``Mainline``."""

    def __init__(
        self, line: Mainline, commit: Commit, window: Window, deltas: list[Delta], rest: list[FileChange]
    ) -> None:
        self._line = line
        self._rules = line.pool.rules
        self._may_be_whole = self._rules == ALL_RULES
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
        others = self._strangers() if waits or is_fresh else []
        changed += self._settle_wanderers(others) if waits else []
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
        """Files without provenance that may hold a line which waits to land, or landed a short time ago."""
        if self._others is not None:
            return self._others
        found = []
        for change in self._rest:
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
            if not self._line.copies.may_hold(delta.telling_come):
                continue
            copied = self._line.copies.found(delta)
            delta.carried |= {place: (row,) for place, row in copied.items()}
            self._ledger.copied.update(copied.values())
            returned = self._line.copies.returned(delta) if Rule.REVIVED in self._rules else {}
            back = {place: row for place, row in returned.items() if self._ledger.revive(row)}
            for place, row in back.items():
                self._back(delta, place, row)
            if (copied or back) and id(delta) not in known:
                fresh.append(delta)
        return fresh

    def _settle_wanderers(self, others: list[Delta]) -> list[Delta]:
        """Land what edits of other files wrote; returns the files that had no line until then."""
        known = {id(delta) for delta in others if delta.carried}
        waiting = [delta for delta in (*self._deltas, *others) if self._line.wanderers.may_hold(delta)]
        if not waiting:
            return []
        until_ms = self._window.last_ms + SLACK_MS
        is_asked = Rule.RENAMED in self._rules
        origins = dissolved(waiting, self._line.wanderers, self._line.pool, until_ms) if is_asked else NOWHERE
        landed = {id(delta) for delta in waiting if self._take_in(delta, origins, until_ms)}
        return [delta for delta in others if id(delta) in landed - known]

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
        for claim in claims:
            self._land(delta, claim)
        if claims:
            self._line.reversals.landed(self._commit, self._line.commits, delta)
        return bool(claims)

    def _last_touch(self, delta: Delta) -> AuthoredEdit | None:
        """The last shell command that changed the file and whose lines no commit has brought yet."""
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
        for claim in removed:
            self._land_removal(delta, claim)
        for edit in touches(self._line.pool, delta.path, self._window):
            self._ledger.spend(edit.edit_id)
        if removed:
            self._line.reversals.landed(self._commit, self._line.commits, delta)

    def _leave(self, delta: Delta) -> None:
        for index, value in enumerate(delta.held):
            for row in self._ledger.rows(value) if value < UNKNOWN else ():
                self._ledger.copies[row] -= 1
                self._touched[row] = (delta, index)

    def _match(self, delta: Delta) -> None:
        """Landings of one file: equal lines, revived lines, changed lines, removals."""
        line, ledger = self._line, self._ledger
        if not line.pool.has_edits(delta.path):
            self._revive(delta, set())
            self._remove_again(delta, set())
            return
        tiers = line.pool.tiers(delta.path, self._window)
        if not tiers:
            self._revive(delta, set())
            self._remove_again(delta, set())
            return
        asked = (delta, line.pool, tiers, self._window, ledger.taken)
        # Where a note names the authors, or a rule is off, each line is settled by itself.
        is_noted = line.witnesses is not None and line.witnesses.is_noted(self._commit.sha, delta.path)
        whole = whole_added(*asked) if self._may_be_whole and not is_noted else None
        claims = [] if whole else added_claims(*asked)
        if line.witnesses is not None and claims:
            claims = line.witnesses.settle(claims, delta, self._commit, tiers, ledger.taken)
        here = whole.lines() if whole else {(claim.edit.edit_id, claim.position) for claim in claims}

        def has_landed(edit_id: int, position: int) -> bool:
            # A line that this commit brings was not overwritten before it.
            return (edit_id, position) in here or ledger.is_taken(edit_id, position)

        gone = (delta, line.pool, tiers, ledger.taken_removals, has_landed)
        going = whole_removed(*gone) if self._may_be_whole else None
        removed = [] if going else removed_claims(*gone)
        come, went = Landed(whole, claims), Landed(going, removed)
        if not is_noted and self._is_certain(delta, tiers, come, went):
            whole, claims = certain_whole(whole), certain(claims)
            going, removed = certain_whole(going), certain(removed)
        if whole:
            self._events += land_whole(ledger, line.commits, self._commit, delta, whole)
            self._revive(delta, set(whole.positions))
        else:
            removing = {going.edit.edit_id} if going else {claim.edit.edit_id for claim in removed}
            self._land_claims(delta, claims, removing)
        if going:
            self._events += land_whole(ledger, line.commits, self._commit, delta, going, is_removal=True)
        for claim in removed:
            self._land_removal(delta, claim)
        self._removed[id(delta)] = set(going.positions if going else [claim.places[0] for claim in removed])
        self._remove_again(delta, self._removed[id(delta)])
        if delta.rows or going or removed:
            line.reversals.landed(self._commit, line.commits, delta)

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

    def _land_claims(self, delta: Delta, claims: list[Claim], removing: set[int]) -> None:
        """Land what equal keys found, then what they left over."""
        for claim in claims:
            self._land(delta, claim)
        self._revive(delta, {place for claim in claims for place in claim.places})
        # A line that came back is no residue: it has its owner.
        last = self._last_touch(delta)
        pool, taken = self._line.pool, self._ledger.taken
        for claim in residue_claims(delta, pool, self._window, taken, delta.owned(), claims, removing):
            # What a command may have changed since, no person did.
            if last and claim.method is Method.HUMAN_MODIFIED and claim.edit.at_ms <= last.at_ms:
                self._reworded.setdefault(id(delta), set()).update(claim.places)
            else:
                self._land(delta, claim)

    def _land(self, delta: Delta, claim: Claim) -> None:
        edit, position = claim.edit, claim.position
        # A command's own text names no lines: then the commit's are all there is.
        key = edit.added[position] if edit.added else delta.added[claim.places[0]]
        row = self._ledger.land((edit.edit_id, position), key, self._line.commits, len(edit.added))
        for place in claim.places:
            delta.rows[place] = (*delta.rows.get(place, ()), row)
        self._events.append(
            self._landing(delta, claim, delta.added_numbers[claim.places[0]], is_removal=False)
        )

    def _land_removal(self, delta: Delta, claim: Claim) -> None:
        edit, position = claim.edit, claim.position
        key = edit.removed[position] if edit.removed else delta.removed[claim.places[0]]
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
        back_again = restorations(delta, self._ledger, undoable) if Rule.RESTORED in self._rules else ()
        for restored in back_again:
            back = {
                place for place in restored.places if self._undo(delta, place, undoable, claimed, restored)
            }
            if back:
                self._reverted.update(restored.rows)
                claimed = claimed | back
        undone = self._line.reversals.undone(self._commit, delta, self._rules)
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
            self._die(row, DeathKind.REVERTED)
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
        for row, (delta, _) in self._touched.items():
            if not copies[row]:
                self._bury_row(delta, row)
        for row in left_by_chance(self._touched, self._ledger, changed):
            self._ledger.die_beside_copies(row)
            self._bury_row(self._touched[row][0], row)

    def _bury_row(self, delta: Delta, row: int) -> None:
        undone = self._undone_in(delta)
        if row in self._reverted or (undone.is_any and undone.holds(self._ledger.commits[row])):
            kind = DeathKind.REVERTED
        else:
            kind = DeathKind.DELETED if delta.change.is_deleted else DeathKind.REWRITTEN
        self._ledger.remember(self._ledger.dead, delta.path, row)
        self._die(row, kind)

    def _die(self, row: int, kind: DeathKind) -> None:
        edit_id, position = self._ledger.line(row)
        is_removal = bool(self._ledger.removals[row])
        self._events.append(
            Death(edit_id, is_removal, position, self._commit.sha, self._commit.commit_ms, kind)
        )


def _near(number: int) -> range:
    return range(number - NEAR_LINES, number + NEAR_LINES + 1)
