"""Equal keys, in order, each generated line once: how a file's lines in a commit find their edits."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from tokencoach.attribution.facts import AuthoredEdit
from tokencoach.attribution.rules import ALL_RULES, Rule

if TYPE_CHECKING:
    from array import array
    from collections.abc import Callable, Iterable, Sequence
    from collections.abc import Set as AbstractSet

    from tokencoach.attribution.pool import Tier

    _Pool = defaultdict[int, list[tuple[AuthoredEdit, int]]]

TIE_MS: Final = 10 * 60_000
NEAR_LINES: Final = 4
_AHEAD: Final = 8


class Match(msgspec.Struct, frozen=True, gc=False):
    """A line of an edit; ``rival`` is the equal line of another session where both may claim it."""

    edit: AuthoredEdit
    position: int
    confidence: float
    rival: tuple[AuthoredEdit, int] | None = None


class Side(NamedTuple):
    """The lines of one side of a file's change: keys, line numbers, and what may be matched.

    ``lines_of`` says which lines of an edit are meant, ``taken_of`` flags those that may not be
    taken any more, ``barred`` are keys that no edit may claim. ``late_of`` says which lines of one
    should be taken only where nothing else fits.
    """

    keys: Sequence[int]
    numbers: Sequence[int]
    lines_of: Callable[[AuthoredEdit], array[int]]
    taken_of: Callable[[AuthoredEdit], Sequence[int]]
    barred: AbstractSet[int] = frozenset()
    late_of: Callable[[AuthoredEdit], AbstractSet[int]] | None = None
    rules: frozenset[Rule] = ALL_RULES


def match_side(side: Side, tiers: Iterable[Tier]) -> dict[int, Match]:
    """Matches by index into the side's lines. Nothing is taken by this: the caller records it."""
    matcher = _Matcher(side)
    tiers = [tier for tier in tiers if tier.edits]
    is_lone = len(tiers) == 1 and len(tiers[0].edits) == 1
    if not is_lone or not matcher.significant_of(tiers[0]):
        for tier in tiers:
            if not matcher.is_done():
                matcher.significant(tier)
    if Rule.BRACKETS in side.rules:
        matcher.insignificant()
    return matcher.with_rivals() if Rule.TIES in side.rules and _may_tie(tiers) else matcher.found


class _Matcher:
    def __init__(self, side: Side) -> None:
        self._side = side
        self.found: dict[int, Match] = {}
        self._taken: set[tuple[int, int]] = set()
        self._open = [index for index, key in enumerate(side.keys) if key & 1]
        self._pools: list[_Pool] = []
        self._keys = frozenset(side.keys)
        self._whole: dict[int, bool] = {}

    def is_done(self) -> bool:
        """Whether no significant line waits for an edit."""
        return not self._open

    def significant(self, tier: Tier) -> None:
        """Match significant lines with the edits of one tier."""
        lines_of = self._side.lines_of
        wanted = {self._side.keys[index] for index in self._open} - self._side.barred
        edits = [edit for edit in tier.edits if not wanted.isdisjoint(lines_of(edit))]
        if tier.cover:
            edits = [edit for edit in edits if self._covers(edit, wanted, tier.cover)]
        if not edits:
            return
        if len(edits) > 1 and Rule.ATTEMPTS in self._side.rules:
            edits = self._whole_first(edits)
        pool, late = self._pool(edits, wanted)
        self._pools.append(pool)
        # Significant lines alone: a brace fits anywhere and would lead astray.
        inside: tuple[int, int] | None = None
        still_open = []
        for index in self._open:
            key = self._side.keys[index]
            waiting = pool.get(key) or late.get(key)
            if not waiting:
                still_open.append(index)
                continue
            edit, position = waiting.pop(self._choice(waiting, index, inside))
            inside = (edit.edit_id, position)
            self._take(index, edit, position, min(tier.confidence, edit.trust))
        self._open = still_open

    def significant_of(self, tier: Tier) -> bool:
        """Match significant lines with the one edit there is; False where two of its lines are equal: then which counts."""
        side, edit = self._side, tier.edits[0]
        wanted = {side.keys[index] for index in self._open} - side.barred
        if tier.cover and not self._covers(edit, wanted, tier.cover):
            return True
        taken = side.taken_of(edit)
        free = [
            (key, position)
            for position, key in enumerate(side.lines_of(edit))
            if key in wanted and not taken[position]
        ]
        position_of = dict(free)
        if len(position_of) < len(free):
            return False
        confidence = min(tier.confidence, edit.trust)
        for index in self._open:
            position = position_of.pop(side.keys[index], None)
            if position is not None:
                self._take(index, edit, position, confidence)
        return True

    def insignificant(self) -> None:
        """A brace lands only beside a significant line of the same edit, and so does a line that is barred."""
        keys, barred = self._side.keys, self._side.barred
        last = len(keys) - 1
        for index in sorted(self.found):
            match = self.found[index]
            if index < last and (not keys[index + 1] & 1 or keys[index + 1] in barred):
                self._extend(index, match, 1)
            if index and (not keys[index - 1] & 1 or keys[index - 1] in barred):
                self._extend(index, match, -1)

    def with_rivals(self) -> dict[int, Match]:
        """The matches, each with a line of another session that has the same claim."""
        for index, match in self.found.items():
            key = self._side.keys[index]
            if not key & 1:
                continue
            for pool in self._pools:
                rival = next((line for line in pool.get(key, ()) if self._rivals(index, match, line)), None)
                if rival is not None:
                    pool[key].remove(rival)
                    self.found[index] = msgspec.structs.replace(match, rival=rival)
                    break
        return self.found

    def _take(self, index: int, edit: AuthoredEdit, position: int, confidence: float) -> None:
        self.found[index] = Match(edit, position, confidence)
        self._taken.add((edit.edit_id, position))

    def _pool(self, edits: list[AuthoredEdit], wanted: set[int]) -> tuple[_Pool, _Pool]:
        """Free lines by key, and those to be taken only where none of the first fits."""
        pool: _Pool = defaultdict(list)
        late: _Pool = defaultdict(list)
        side = self._side
        for edit in edits:
            taken = side.taken_of(edit)
            last = side.late_of(edit) if side.late_of is not None else ()
            for position, key in enumerate(side.lines_of(edit)):
                if key in wanted and not taken[position]:
                    (late if position in last else pool)[key].append((edit, position))
        return pool, late

    def _choice(
        self, waiting: list[tuple[AuthoredEdit, int]], index: int, inside: tuple[int, int] | None
    ) -> int:
        """The line that goes on in the edit we are inside, else that which fits furthest, else the newest."""
        if len(waiting) == 1 or Rule.NEXT_LINE not in self._side.rules:
            return 0
        if inside is not None:
            for number, (edit, position) in enumerate(waiting):
                # Text keeps its order: of equal lines the next one of the same edit is the likeliest.
                if edit.edit_id == inside[0] and position > inside[1]:
                    return number
        # A lone equal line in a newer edit must not tear a block apart.
        runs = [self._run(edit, position, index, 1) for edit, position in waiting[:_AHEAD]]
        return runs.index(max(runs))

    def _run(self, edit: AuthoredEdit, position: int, index: int, step: int) -> int:
        """How many lines agree with the edit from here on, at most 8."""
        keys, lines = self._side.keys, self._side.lines_of(edit)
        length = 0
        while length < _AHEAD and 0 <= index < len(keys) and 0 <= position < len(lines):
            if keys[index] != lines[position]:
                break
            length += 1
            index += step
            position += step
        return length

    def _whole_first(self, edits: list[AuthoredEdit]) -> list[AuthoredEdit]:
        """Edits that came whole before those that did not, where they are of several sessions: one attempt was taken."""
        if len({edit.session_id for edit in edits}) == 1:
            return edits
        whole = [edit for edit in edits if self._came_whole(edit)]
        if not whole or len(whole) == len(edits):
            return edits
        return [*whole, *(edit for edit in edits if not self._came_whole(edit))]

    def _came_whole(self, edit: AuthoredEdit) -> bool:
        """Whether every significant line of an edit stands on this side."""
        found = self._whole.get(edit.edit_id)
        if found is None:
            keys = self._keys
            found = all(key in keys for key in self._side.lines_of(edit) if key & 1)
            self._whole[edit.edit_id] = found
        return found

    def _covers(self, edit: AuthoredEdit, wanted: set[int], share: float) -> bool:
        """Whether that share of the edit is in the commit: no echo of an old one, none to come."""
        lines = [key for key in self._side.lines_of(edit) if key & 1]
        return bool(lines) and sum(key in wanted for key in lines) >= share * len(lines)

    def _rivals(self, index: int, match: Match, line: tuple[AuthoredEdit, int]) -> bool:
        edit, position = line
        if edit.session_id == match.edit.session_id or abs(edit.at_ms - match.edit.at_ms) > TIE_MS:
            return False
        if Rule.ATTEMPTS in self._side.rules and self._came_whole(match.edit) and not self._came_whole(edit):
            return False
        # Where the lines around tell the sessions apart, there is no tie.
        return self._context(edit, position, index) == self._context(match.edit, match.position, index)

    def _context(self, edit: AuthoredEdit, position: int, index: int) -> int:
        return self._run(edit, position, index, 1) + self._run(edit, position, index, -1)

    def _extend(self, index: int, match: Match, step: int) -> None:
        """Follow commit and edit side by side from a match over lines that are taken nowhere else, blanks aside."""
        side, edit, found = self._side, match.edit, self.found
        keys, numbers, barred, lines = side.keys, side.numbers, side.barred, side.lines_of(match.edit)
        at, position = index, match.position
        while True:
            at, position = next_line(keys, at, step), next_line(lines, position, step)
            if at < 0 or position < 0 or at in found:
                return
            key = keys[at]
            if key != lines[position] or abs(numbers[at] - numbers[index]) > NEAR_LINES:
                return
            if bool(key & 1) is not (key in barred) or side.taken_of(edit)[position]:
                return
            if (edit.edit_id, position) in self._taken:
                return
            self._take(at, edit, position, match.confidence)
            index = at if key & 1 else index


def _may_tie(tiers: list[Tier]) -> bool:
    """Whether two sessions wrote near enough in time to claim the same line."""
    edits = sorted((edit.at_ms, edit.session_id) for tier in tiers for edit in tier.edits)
    return any(
        session != other and later - at_ms <= TIE_MS for (at_ms, session), (later, other) in pairwise(edits)
    )


def next_line(keys: Sequence[int], index: int, step: int) -> int:
    """The next line that is not blank; -1 where there is none."""
    index += step
    last = len(keys)
    while 0 <= index < last:
        if keys[index]:
            return index
        index += step
    return -1
