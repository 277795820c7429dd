"""Copies that people make of freshly landed lines: what was copied lives on where only the copy stays.

A function pasted in one commit and cut from its old place in a later one has moved. Only lines that
landed in the last 14 days are looked for: an older one has survived, whatever becomes of it.
"""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from itertools import compress, groupby
from operator import gt
from typing import TYPE_CHECKING, Final

from tokencoach.attribution.pool import DAY_MS
from tokencoach.attribution.wander import MOST_SHARE, SHORTEST

if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Callable, Iterable, Mapping

    from tokencoach.attribution.delta import Delta
    from tokencoach.attribution.ledger import Ledger

    Runs = list[list[int]]

_FRESH_MS: Final = 14 * DAY_MS
_MOST_ROWS: Final = 3
_MOST_CHOICES: Final = 16


class Copies:
    """Significant rows of the last 14 days by key, and what a file's change repeats of them.

    The index is no state of its own: ``since`` says from which row on lines are fresh, by clock. It
    holds the newest row of each key in two parts; the older one goes when all of it is stale.
    """

    def __init__(self, ledger: Ledger, since: deque[tuple[int, int]]) -> None:
        self._ledger = ledger
        self._since = since
        self._newest: dict[int, int] = {}
        self._former: dict[int, int] = {}
        self._first = self._next = self._turn = since[0][1] if since else 0
        self._base = self._first
        self._previous = array("i")

    def catch_up(self, clock_ms: int) -> bool:
        """Let go of rows that landed 14 days ago, take in those of the commits before; whether any is fresh."""
        while self._since and self._since[0][0] < clock_ms - _FRESH_MS:
            self._since.popleft()
        # The newest entry is the commit's own: what lands in it is no copy of itself.
        end = len(self._ledger.keys)
        first, last = (self._since[0][1], self._since[-1][1]) if self._since else (end, end)
        if self._next < last:
            self._take_in(self._next, last)
        self._first, self._next = first, last
        if first >= self._turn:
            self._newest, self._former, self._turn = {}, self._newest, last
        return first < last

    def _take_in(self, first: int, last: int) -> None:
        """Enter the rows of a span that stand for significant lines; removals are none."""
        newest, former, previous = self._newest, self._former, self._previous
        removals, keys = self._ledger.removals[first:last], self._ledger.keys[first:last].tolist()
        previous.extend(array("i", [-1]) * len(keys))
        # 1 for a significant key is greater than 0 for a line that is no removal.
        are_lines = list(map(gt, [key & 1 for key in keys], removals))
        told = list(compress(keys, are_lines))
        fresh = dict(zip(told, compress(range(first, last), are_lines), strict=True))
        if len(fresh) == len(told) and newest.keys().isdisjoint(fresh) and former.keys().isdisjoint(fresh):
            newest.update(fresh)
            return
        for key, row in zip(told, compress(range(first, last), are_lines), strict=True):
            before = newest.get(key, -1)
            previous[row - self._base] = former.get(key, -1) if before < 0 else before
            newest[key] = row

    def may_hold(self, keys: frozenset[int]) -> bool:
        """Whether so many of the keys are those of fresh lines that they may be a copy."""
        newest, former = self._newest.keys(), self._former.keys()
        # Nearly always there is none.
        if newest.isdisjoint(keys) and former.isdisjoint(keys):
            return False
        known = newest & keys | former & keys
        return len(known) >= SHORTEST and sum(map(self._is_fresh, known)) >= SHORTEST

    def _is_fresh(self, key: int) -> bool:
        return self._newest.get(key, -1) >= self._first or self._former.get(key, -1) >= self._first

    def _rows(self, key: int, most: int) -> list[int]:
        """The newest rows of a key, oldest first."""
        found: list[int] = []
        row = self._newest.get(key, -1)
        row = self._former.get(key, -1) if row < 0 else row
        while row >= self._first and len(found) < most:
            found.append(row)
            row = self._previous[row - self._base]
        return found[::-1]

    def found(self, delta: Delta, runs: Runs) -> dict[int, int]:
        """Rows alive that a file's unowned lines repeat, by place: runs of at least three telling ones."""
        copies = self._ledger.copies
        return self._rows_of(delta, runs, lambda row: copies[row] > 0)

    def returned(self, delta: Delta, runs: Runs) -> dict[int, int]:
        """Dead rows that the unowned lines repeat, where most of what died of their edit is back: cut, then pasted."""
        copies, edits = self._ledger.copies, self._ledger.edit_ids
        found = self._rows_of(delta, runs, lambda row: not copies[row])
        # Of two like functions both would be the one that died.
        back = Counter(edits[row] for row in set(found.values()))
        if not back:
            return found
        of_these = map(back.__contains__, edits[self._first : self._next])
        dead = Counter(
            edits[row]
            for row in compress(range(self._first, self._next), of_these)
            if not copies[row] and self._is_line(row)
        )
        return {
            place: row for place, row in found.items() if back[edits[row]] >= MOST_SHARE * dead[edits[row]]
        }

    def _rows_of(self, delta: Delta, runs: Runs, counts: Callable[[int], bool]) -> dict[int, int]:
        copied: dict[int, int] = {}
        for places in runs:
            run: list[tuple[int, int]] = []
            for place in places:
                row = self._row(delta.added[place], run[-1][1] if run else None, counts)
                if row is None:
                    copied |= self._telling(run)
                    run = []
                else:
                    run.append((place, row))
            copied |= self._telling(run)
        return copied

    def known(self, delta: Delta) -> Runs:
        """Runs of a file's unowned lines that equal fresh ones, one by one."""
        keys = delta.telling_come
        mine = self._newest.keys() & keys | self._former.keys() & keys
        fresh = {key for key in mine if self._is_fresh(key)} - delta.gone_keys
        if not fresh:
            return []
        owned, run = delta.owned(), list[int]()
        runs = [run]
        for place, key in enumerate(delta.added):
            if not key & 1:
                continue
            if key in fresh and place not in owned:
                run.append(place)
            elif run:
                run = []
                runs.append(run)
        return [run for run in runs if len(run) >= SHORTEST]

    def _row(self, key: int, last: int | None, counts: Callable[[int], bool]) -> int | None:
        """The row of a key that goes on in the edit of the last one, else the newest."""
        edits = self._ledger.edit_ids
        rows = [row for row in self._rows(key, _MOST_CHOICES) if counts(row)]
        if not rows:
            return None
        following = [row for row in rows if last is not None and edits[row] == edits[last] and row > last]
        return following[0] if following else rows[-1]

    def _is_line(self, row: int) -> bool:
        return bool(self._ledger.keys[row] & 1) and not self._ledger.removals[row]

    def _telling(self, run: list[tuple[int, int]]) -> dict[int, int]:
        keys = {self._ledger.keys[row] for _, row in run}
        is_telling = sum(len(self._rows(key, _MOST_ROWS + 1)) <= _MOST_ROWS for key in keys) >= SHORTEST
        return dict(run) if is_telling else {}


def left_by_chance(touched: Mapping[int, Delta], ledger: Ledger, changed: Iterable[Delta]) -> list[int]:
    """Rows that live in an older copy alone, of hunks where that is not most of them: nobody moved those.

    ``touched`` are the rows that a commit removed from a place, with the change that did so;
    ``changed`` are all changes of the commit, with what they carried on.
    """
    copied = touched.keys() & ledger.copied if touched else None
    if copied:
        copied.difference_update(*(rows for delta in changed for rows in delta.carried.values()))
    if not copied:
        return []
    asked = {id(touched[row]) for row in copied}
    hunks: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
    for delta, rows in groupby(touched, touched.__getitem__):
        if id(delta) not in asked:
            continue
        if len(delta.splices) == 1:
            hunks[id(delta), 0] += [row for row in rows if ledger.keys[row] & 1]
            continue
        index_of = {row: index for index, owners in delta.leaving.items() for row in owners}
        for row in rows:
            if ledger.keys[row] & 1:
                hunks[id(delta), delta.hunk_of(index_of[row])].append(row)
    found = []
    for there in hunks.values():
        staying = [row for row in there if row in copied and ledger.copies[row] > 0]
        gone = sum(not ledger.copies[row] for row in there)
        found += staying if len(staying) < MOST_SHARE * (len(staying) + gone) else []
    return found
