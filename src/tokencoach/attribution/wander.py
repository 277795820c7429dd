"""Blocks of generated lines that land in another file than they were written in.

Only runs of at least three significant lines count, and only lines that few edits hold: what many
files begin with says nothing about where it came from.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.attribution.claims import Claim
from tokencoach.attribution.facts import Method
from tokencoach.attribution.pool import REACH_MS, SLACK_MS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from collections.abc import Set as AbstractSet

    from tokencoach.attribution.delta import Delta
    from tokencoach.attribution.facts import AuthoredEdit
    from tokencoach.attribution.pool import EditPool, Window

    TakenOf = Callable[[int, int], Sequence[int]]
    Entry = tuple[AuthoredEdit, int]

CONFIDENCE: Final = 0.5
SHORTEST: Final = 3
_MOST_PATHS: Final = 3
_MOST_ENTRIES: Final = 32
MOST_SHARE: Final = 2 / 3
# What is written whole holds its former lines again.


class _Run(NamedTuple):
    edit: AuthoredEdit
    positions: list[int]


class Wanderers:
    """Significant lines of the last 30 days' edits that have not landed, by key.

    It is no state of its own: it may hold lines that landed since, or left the window, and asks of
    each whether it still counts. ``taken_of`` flags the lines of an edit that have landed.
    """

    def __init__(self, pool: EditPool, taken_of: TakenOf) -> None:
        self._pool = pool
        self._taken_of = taken_of
        self._waiting: defaultdict[int, list[Entry]] = defaultdict(list)
        self._inside: deque[AuthoredEdit] = deque()
        self._entered: set[int] = set()
        self._until_ms = 0

    def catch_up(self, window: Window, clock_ms: int) -> bool:
        """Take in the edits up to a commit and let go of those 30 days before ``clock_ms``; whether any line waits."""
        first_ms, until_ms = clock_ms - REACH_MS, window.last_ms + SLACK_MS
        while self._inside and self._inside[0].at_ms < first_ms:
            edit = self._inside.popleft()
            if edit.edit_id in self._entered:
                self._drop(edit)
        for edit in self._pool.made_between(max(first_ms, self._until_ms + 1), until_ms):
            self._enter(edit)
        self._until_ms = max(self._until_ms, until_ms)
        return bool(self._waiting)

    def may_hold(self, delta: Delta) -> bool:
        """Whether any added line of a file's change waits to land."""
        # Asked the other way round it would run through all that waits.
        return not self._waiting.keys().isdisjoint(delta.telling_come)

    def may_come(self, keys: Iterable[int]) -> bool:
        """Whether any of these keys of added lines waits to land; asked before a change is read closely."""
        return not self._waiting.keys().isdisjoint(keys)

    def arrivals(self, delta: Delta, until_ms: int) -> dict[bytes, set[int]]:
        """Per path, the significant lines that wait under it and come with a file's change; not its own."""
        owned = delta.owned()
        there: defaultdict[bytes, set[int]] = defaultdict(set)
        for key in {key for place, key in enumerate(delta.added) if key & 1 and place not in owned}:
            for edit, position in self._waiting.get(key, ()):
                if edit.at_ms <= until_ms and not self._taken_of(edit.edit_id, len(edit.added))[position]:
                    there[edit.path].add(key)
        for name in self._pool.names(delta.path):
            there.pop(name, None)
        return there

    def written(self, path: bytes, until_ms: int) -> list[int]:
        """Significant lines that the edits of a path left standing, in their order; none where one has landed.

        What stands there more than once, or in edits of other files too, is a phrase of the language or of
        the project, and left out where other lines are enough.
        """
        overwrites = self._pool.overwrites_under(path)
        keys: Counter[int] = Counter()
        for edit in reversed(self._pool.between(path, until_ms - REACH_MS, until_ms)):
            if any(self._taken_of(edit.edit_id, len(edit.added))):
                return []
            gone = overwrites.gone_by(edit.edit_id, until_ms)
            keys.update(key for place, key in enumerate(edit.added) if key & 1 and place not in gone)
        once = [key for key, count in keys.items() if count == 1]
        usual = self._usual(once, path)
        for telling in ([key for key in once if key not in usual], once):
            if len(telling) >= SHORTEST:
                return telling
        return list(keys)

    def _usual(self, keys: Iterable[int], path: bytes) -> set[int]:
        """Those of the keys that edits of files of another name hold."""
        wanted, found = set(keys), set()
        names = {path, *self._pool.names(path)}
        for edit in self._inside:
            if edit.path not in names:
                found |= wanted.intersection(edit.added)
        return found

    def rare(self, keys: set[int]) -> int:
        """How many of the keys are in edits of at most three files."""
        holders: defaultdict[int, set[bytes]] = defaultdict(set)
        for edit in self._inside:
            for key in keys.intersection(edit.added):
                holders[key].add(edit.path)
        return sum(len(holders[key]) <= _MOST_PATHS for key in keys)

    def _repeats(self, keys: set[int], path: bytes) -> bool:
        """Whether several edits of a file wrote each of the lines: those are its language's phrases."""
        once: set[int] = set()
        again: set[int] = set()
        for edit in self._inside:
            if edit.path == path and not edit.kind.is_whole:
                mine = keys.intersection(edit.added)
                again |= once & mine
                once |= mine
        return again >= keys

    def claims(
        self, delta: Delta, matched: set[int], until_ms: int, dissolved: AbstractSet[bytes] = frozenset()
    ) -> list[Claim]:
        """Runs of a file's unmatched lines that an edit of another file holds.

        Of ``dissolved`` files most is in the commit: then any run of them tells where it is from.
        """
        names = set(self._pool.names(delta.path))
        found: list[Claim] = []
        spent: set[tuple[int, int]] = set()
        for places in open_runs(delta, matched):
            at = 0
            while at <= len(places) - SHORTEST:
                keys = [delta.added[place] for place in places[at:]]
                run = self._longest(keys, names, until_ms, spent)
                is_whole = run is not None and run.edit.path in dissolved
                if run is None or not (is_whole or self._is_telling(run, keys, delta)):
                    at += 1
                    continue
                for place, position in zip(places[at:], run.positions, strict=False):
                    spent.add((run.edit.edit_id, position))
                    confidence = min(CONFIDENCE, run.edit.trust)
                    found.append(Claim(run.edit, position, (place,), Method.MOVED, confidence, 1.0))
                at += len(run.positions)
        return found

    def _enter(self, edit: AuthoredEdit) -> None:
        self._inside.append(edit)
        taken = self._taken_of(edit.edit_id, len(edit.added))
        # Most edits land with the next commit, before they are asked for here.
        if not self._pool.has_free(edit, taken):
            return
        self._entered.add(edit.edit_id)
        for position, key in enumerate(edit.added):
            if key & 1 and not taken[position]:
                self._waiting[key].append((edit, position))

    def _drop(self, edit: AuthoredEdit) -> None:
        self._entered.remove(edit.edit_id)
        for key in set(edit.added):
            entries = self._waiting.get(key)
            if entries is not None:
                entries[:] = [entry for entry in entries if entry[0] is not edit]
                if not entries:
                    del self._waiting[key]

    def _longest(
        self, keys: list[int], names: set[bytes], until_ms: int, spent: set[tuple[int, int]]
    ) -> _Run | None:
        """The longest run of free lines that begins with the keys; of equal ones the newest."""
        best: _Run | None = None
        for edit, position in reversed(self._waiting.get(keys[0], ())[-_MOST_ENTRIES:]):
            if edit.path in names or edit.at_ms > until_ms:
                continue
            taken = self._taken_of(edit.edit_id, len(edit.added))
            positions: list[int] = []
            place = position
            for key in keys:
                while place < len(edit.added) and not edit.added[place] & 1:
                    place += 1
                if place == len(edit.added) or edit.added[place] != key:
                    break
                if taken[place] or (edit.edit_id, place) in spent:
                    break
                positions.append(place)
                place += 1
            if len(positions) >= SHORTEST and (best is None or len(positions) > len(best.positions)):
                best = _Run(edit, positions)
        return best

    def _is_telling(self, run: _Run, keys: list[int], delta: Delta) -> bool:
        """Whether a run tells where it is from: three rare lines, of an edit that landed in part or came whole."""
        edit, positions = run
        told = set(keys[: len(positions)])
        if self.rare(told) < SHORTEST or self._repeats(told, edit.path):
            return False
        # A person who types what a dropped file began with takes its beginning only.
        taken = self._taken_of(edit.edit_id, len(edit.added))
        landed = sum(1 for place, key in enumerate(edit.added) if key & 1 and taken[place])
        free = sum(1 for key in edit.added if key & 1) - landed
        return landed > 0 or (not delta.change.is_new and len(positions) >= MOST_SHARE * free)


def open_runs(delta: Delta, matched: set[int]) -> list[list[int]]:
    """Unmatched significant added lines that stand one after another, brackets and blanks aside."""
    moved = delta.gone_keys
    runs: list[list[int]] = [[]]
    for place, key in enumerate(delta.added):
        if not key & 1:
            continue
        if place in matched or place in delta.carried or key in moved:
            runs.append([])
        else:
            runs[-1].append(place)
    return [run for run in runs if len(run) >= SHORTEST]
