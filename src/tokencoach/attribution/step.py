"""One commit of a default branch: what lands with it, what it carries on, what dies in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from tokencoach.attribution.carry import carry
from tokencoach.attribution.claims import (
    Claim,
    Landed,
    added_claims,
    landed_added,
    landed_removed,
    residue_claims,
)
from tokencoach.attribution.delta import Delta, added_keys
from tokencoach.attribution.facts import Method
from tokencoach.attribution.fates import Fates
from tokencoach.attribution.landing import land_claims, land_whole
from tokencoach.attribution.origins import NOWHERE, Origins, dissolved
from tokencoach.attribution.pool import SLACK_MS, USUAL_CONFIDENCE, USUAL_MS
from tokencoach.attribution.programs import program_claims
from tokencoach.attribution.provenance import splice
from tokencoach.attribution.replay import is_replayed, is_usual
from tokencoach.attribution.rules import ALL_RULES, Rule
from tokencoach.attribution.sweeps import may_be_swept, reworded, sweeps_before, swept_lines
from tokencoach.attribution.touched import touched_lines, touched_removals, touches
from tokencoach.attribution.unfinished import unfinished
from tokencoach.attribution.wander import CONFIDENCE, SHORTEST
from tokencoach.attribution.whole import whole_change

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tokencoach.attribution.facts import AuthoredEdit, BlockEvent
    from tokencoach.attribution.mainline import Mainline
    from tokencoach.attribution.pool import Tier, Window
    from tokencoach.attribution.whole import Whole
    from tokencoach.git.history import Commit
    from tokencoach.git.patch import FileChange

_NOTHING: Final = Landed(None, [])

# Found under another name by its text, a line is as sure as one found after a month.
MOVED_TRUST = 0.8
WHOLE_SHARE = 0.8


class Step:
    """One commit's effect on the books of a ``Mainline``."""

    def __init__(
        self, line: Mainline, commit: Commit, window: Window, deltas: list[Delta], rest: list[FileChange]
    ) -> None:
        self._line = line
        self._rules = line.pool.rules
        self._has_all_rules = self._rules == ALL_RULES
        self._ledger = line.ledger
        self._said = line.witnesses if Rule.WITNESSED in self._rules else None
        self._commit = commit
        self._window = window
        self._deltas = deltas
        self._rest = rest
        self._others: list[Delta] | None = None
        self._events: list[BlockEvent] = []
        self._removed: dict[int, set[int]] = {}
        self._reworded: dict[int, set[int]] = {}
        self._fates = Fates(line, commit, self._events)
        self._makings = sweeps_before(line.pool, window)

    def events(self) -> list[BlockEvent]:
        """Carry, match, revive, splice; then see who died."""
        for delta in self._deltas:
            values = self._line.files.get(delta.path)
            if values is not None:
                delta.take_from(values)
                self._fates.leave(delta)
        carry(self._deltas, self._ledger, self._untracked, self._fates.undone_in, self._rules)
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
        for delta in self._deltas if line.pool.has_touches else ():
            self._touch(delta)
        changed += self._copy(others, changed) if is_fresh else []
        for delta in changed:
            splice(self._line, delta)
        self._fates.bury(changed)
        return self._events

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
        copies = self._line.copies
        fresh = []
        for delta in (*self._deltas, *others):
            if delta.block is not None or not copies.may_hold(delta.telling_come):
                continue
            runs = copies.known(delta)
            copied = copies.found(delta, runs) if runs else {}
            if copied:
                delta.carried |= {place: (row,) for place, row in copied.items()}
                self._ledger.copied.update(copied.values())
                runs = copies.known(delta)
            returned = copies.returned(delta, runs) if runs and Rule.REVIVED in self._rules else {}
            back = {place: row for place, row in returned.items() if self._ledger.revive(row)}
            for place, row in back.items():
                self._fates.back(delta, place, row)
            if (copied or back) and not any(delta is one for one in changed):
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
        # Licences and phrases of the language are most of many a short file, whoever wrote it.
        is_whole = len(delta.telling_come) * WHOLE_SHARE <= len(
            {delta.added[claim.places[0]] for claim in claims}
        )
        trust = MOVED_TRUST if is_whole else CONFIDENCE
        found = [
            msgspec.structs.replace(claim, method=Method.MOVED, confidence=min(claim.confidence, trust))
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

        edits = unfinished(delta.path, line.pool, window, taken_now)
        return found + residue_claims(delta, line.pool, window, edits, matched, claims)

    def _land_all(self, delta: Delta, claims: list[Claim]) -> bool:
        self._land(delta, claims)
        if claims:
            self._line.reversals.landed(self._commit, self._line.commits, delta)
        return bool(claims)

    def _last_touch(self, delta: Delta) -> AuthoredEdit | None:
        """The last shell command that changed the file and whose lines no commit has brought yet."""
        return next(iter(self._open_touches(delta)), None) if self._line.pool.has_touches else None

    def _open_touches(self, delta: Delta) -> list[AuthoredEdit]:
        """The shell commands that changed the file and whose lines no commit has brought yet, newest first."""
        said = self._said
        edits = touches(self._line.pool, delta.path, self._window)
        if said is not None:
            edits = [edit for edit in edits if not said.denies(self._commit.sha, edit.session_id)]
        return [edit for edit in edits if not self._ledger.is_spent(edit.edit_id)]

    def _touch(self, delta: Delta) -> None:
        """What is left of a file's change is the work of the last command that touched the file before."""
        edits = self._open_touches(delta) if self._line.pool.has_touches else []
        if not edits:
            return
        newest, taken = edits[0], self._ledger.taken
        if Rule.PROGRAMS in self._rules:
            self._land_touched(delta, program_claims(delta, edits, delta.owned(), taken))
        first = len(taken(newest.edit_id, 0))
        reworded_places = self._reworded.get(id(delta), set())
        self._land_touched(delta, touched_lines(delta, newest, delta.owned(), reworded_places, first))
        removed = touched_removals(delta, newest, self._removed.get(id(delta), set()))
        self._land_removals(delta, removed)
        for edit in touches(self._line.pool, delta.path, self._window):
            self._ledger.spend(edit.edit_id)
        if removed:
            self._line.reversals.landed(self._commit, self._line.commits, delta)

    def _land_touched(self, delta: Delta, claims: list[Claim]) -> None:
        said = self._said
        self._land_all(delta, claims if said is None else said.undenied(claims, delta, self._commit))

    def _match(self, delta: Delta) -> None:
        """Landings of one file: equal lines, revived lines, changed lines, removals."""
        line, come, went = self._line, _NOTHING, _NOTHING
        likely = delta.likely
        if likely is None or likely or not self._has_all_rules:
            if likely and self._land_alone(delta, likely[0]):
                return
            tiers = line.pool.tiers(delta.path, self._window)
            if not tiers:
                self._fates.revive(delta, ())
                self._fates.remove_again(delta, ())
                return
            come, went = self._landed(delta, tiers)
        if come.whole:
            self._land_whole(delta, come.whole)
            self._fates.revive(delta, come.whole.places)
        else:
            self._land_claims(delta, come.claims, went)
        if went.whole:
            self._land_whole(delta, went.whole, is_removal=True)
        elif went.claims:
            self._land_removals(delta, went.claims)
        self._end_match(delta, went.places(), has_landed=bool(come or went))

    def _end_match(self, delta: Delta, removed: Sequence[int], *, has_landed: bool) -> None:
        if self._line.pool.has_touches:
            self._removed[id(delta)] = set(removed)
        self._fates.remove_again(delta, removed)
        if has_landed or delta.has_rows:
            self._line.reversals.landed(self._commit, self._line.commits, delta)

    def _land_alone(self, delta: Delta, edit: AuthoredEdit) -> bool:
        """Land an edit that alone may have lines of a change, where it is all of it; whether it is."""
        pool, window = self._line.pool, self._window
        until_ms = window.last_ms + SLACK_MS
        if not window.first_ms - USUAL_MS <= edit.at_ms <= until_ms or not self._may_be_whole(delta):
            return False
        sides = whole_change(delta, edit, pool, until_ms, self._ledger)
        if sides is None:
            return False
        came, gone = sides
        went = Landed(gone, [])
        is_certain = self._is_certain(delta, pool.usual(delta.path, window), Landed(came, []), went)
        self._land_whole(delta, came, is_certain=is_certain)
        self._fates.revive(delta, came.places)
        if gone is not None:
            self._land_whole(delta, gone, is_removal=True, is_certain=is_certain)
        self._end_match(delta, went.places(), has_landed=True)
        return True

    def _land_whole(
        self, delta: Delta, whole: Whole, *, is_removal: bool = False, is_certain: bool = False
    ) -> None:
        confidence = whole.edit.trust if is_certain else whole.confidence
        self._events.append(
            land_whole(
                self._ledger,
                self._line.commits,
                self._commit,
                delta,
                whole,
                confidence,
                is_removal=is_removal,
            )
        )

    def _may_be_whole(self, delta: Delta) -> bool:
        """Whether one edit may land as a whole: where a note names the authors, each line is settled by itself."""
        said = self._said
        return self._has_all_rules and not (said is not None and said.is_noted(self._commit.sha, delta.path))

    def _has_landed_with(self, come: Landed) -> Callable[[int, int], bool]:
        """Whether a line has landed, those that a change brings counted in: they were not overwritten before it."""
        here, is_taken = come.lines(), self._ledger.is_taken
        return lambda edit_id, position: position in here.get(edit_id, ()) or is_taken(edit_id, position)

    def _landed(self, delta: Delta, tiers: list[Tier]) -> tuple[Landed, Landed]:
        """What lands by equal keys of the lines that came, and of those that went."""
        line, ledger, said = self._line, self._ledger, self._said
        may_be_whole = self._may_be_whole(delta)
        asked = (delta, line.pool, tiers)
        written = ledger.taken_as_written if Rule.ONCE in self._rules else _untaken
        come = landed_added(*asked, self._window, written, may_be_whole=may_be_whole)
        if said is not None and come.claims:
            come = Landed(None, said.settle(come.claims, delta, self._commit, tiers, written))
        removals = (ledger.taken_removals, self._has_landed_with(come))
        is_work = Rule.REMOVED in self._rules
        went = landed_removed(*asked, *removals, may_be_whole=self._has_all_rules) if is_work else _NOTHING
        is_noted = said is not None and said.is_noted(self._commit.sha, delta.path)
        is_asked = (come or went) and not is_noted and tiers[0].confidence >= USUAL_CONFIDENCE
        if is_asked and self._is_certain(delta, tiers[0].edits, come, went):
            return come.certain(), went.certain()
        return come, went

    def _is_certain(self, delta: Delta, usual: list[AuthoredEdit], come: Landed, went: Landed) -> bool:
        """Whether the file is as the edits of the ``usual`` time left it."""
        if Rule.REPLAYED not in self._rules:
            return False
        if self._line.pool.has_touches and not is_usual(usual):
            return False
        until_ms = self._window.last_ms + SLACK_MS
        overwrites = self._line.pool.overwrites(delta.path)
        return is_replayed(delta, usual, overwrites, until_ms, (come, went), self._ledger)

    def _land_claims(self, delta: Delta, claims: list[Claim], went: Landed) -> None:
        """Land what equal keys found, then what they left over."""
        if claims:
            self._land(delta, claims)
        self._fates.revive(delta, [place for claim in claims for place in claim.places])
        pool, taken = self._line.pool, self._ledger.taken
        edits = self._line.unfinished.edits(delta.path, self._window, taken)
        if not edits:
            return
        # A line that came back is no residue: it has its owner.
        last = self._last_touch(delta)
        for alike in residue_claims(
            delta, pool, self._window, edits, delta.owned(), claims, went.lines().keys()
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


def _untaken(_edit_id: int, length: int) -> bytes:
    return bytes(length)
