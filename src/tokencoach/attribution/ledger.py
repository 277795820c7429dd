"""What has landed: one row per line, how many places of the tree hold it, which ones died."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, Final

import msgspec

from tokencoach.attribution.remembered import Remembered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from tokencoach.attribution.pool import Line
    from tokencoach.attribution.remembered import RowsByKey

UNKNOWN: Final = -1
_FIRST: Final = -2
_BUNDLES: Final = 1 << 40
_NONE: Final = -1
_DEAD: Final = 1 << 30
# Slices of these are made faster than arrays of equal items.
_NOUGHTS: Final = array("i", [0]) * 4096
_NONES: Final = array("i", [_NONE]) * 4096
_NUMBERS: Final = array("i", range(4096))


class LedgerState(msgspec.Struct, array_like=True):
    """The ledger as plain values, for export."""

    edit_ids: memoryview
    positions: memoryview
    keys: memoryview
    commits: memoryview
    copies: memoryview
    removals: memoryview
    previous: memoryview
    bundles: list[tuple[int, ...]]
    taken: dict[int, bytearray]
    taken_removed: dict[int, bytearray]
    dead: dict[bytes, bytes]
    undoable: dict[bytes, bytes]
    undone: dict[bytes, bytes]
    copied: list[int]
    alike: tuple[dict[int, dict[int, int]], list[int]]


class Ledger:
    """Rows of landed lines. A row's number never changes, so a file's provenance can name it.

    A provenance value is a commit's number (0 and up), ``UNKNOWN``, or the rows that a line stands
    for: several where two sessions wrote it, or lines were joined. Rows in ``copied`` stand for
    places besides their own; of one that died though a copy stays, the count of places is negative.
    ``used_up`` are edits known to have no line and no removal left, as far as they were asked for.
    ``alike`` are rows of lines that were only found changed, by edit and position: a line that comes
    as it was written takes the place of such a row, which is ``withdrawn`` and has no fate any more.
    """

    def __init__(self) -> None:
        self.edit_ids = array("q")
        self.positions = array("i")
        self.keys = array("Q")
        self.commits = array("i")
        self.copies = array("i")
        self.removals = bytearray()
        self.previous = array("i")
        self._bundles: list[tuple[int, ...]] = []
        self._bundle_numbers: dict[tuple[int, ...], int] = {}
        self._taken: tuple[dict[int, bytearray], dict[int, bytearray]] = ({}, {})
        self.dead = Remembered()
        self.undoable = Remembered()
        self.undone = Remembered()
        self.copied: set[int] = set()
        self.used_up: set[int] = set()
        self.alike: dict[int, dict[int, int]] = {}
        self.withdrawn: set[int] = set()

    def land(self, line: Line, key: int, commit: int, length: int, *, is_removal: bool = False) -> int:
        """Enter a line that landed and take it from its edit of ``length`` lines; returns its row."""
        edit_id, position = line
        taken = self._taken[is_removal]
        if edit_id not in taken:
            taken[edit_id] = bytearray(length)
        if position >= len(taken[edit_id]):
            # A shell command has no lines of its own; they are numbered as they land.
            taken[edit_id].extend(bytes(position + 1 - len(taken[edit_id])))
        taken[edit_id][position] = 1
        self.edit_ids.append(edit_id)
        self.positions.append(position)
        self.keys.append(key)
        self.commits.append(commit)
        self.copies.append(0)
        self.removals.append(is_removal)
        self.previous.append(_NONE)
        return len(self.keys) - 1

    def land_many(
        self,
        edit_id: int,
        positions: Sequence[int],
        keys: array[int],
        commit: int,
        *,
        is_removal: bool = False,
    ) -> range:
        """Enter lines of one edit with these ``keys``; returns their rows, in the order of the positions.

        A range of positions has the step 1.
        """
        if edit_id in self.alike and not is_removal:
            self._withdraw(self.alike[edit_id], positions)
        taken = self._taken[is_removal].setdefault(edit_id, bytearray())
        taken.extend(bytes(len(keys) - len(taken)))
        first, count = len(self.keys), len(positions)
        if isinstance(positions, range):
            taken[positions.start : positions.stop] = b"\1" * count
            self.keys.extend(keys[positions.start : positions.stop])
            self.positions.extend(_counted(positions))
        else:
            for position in positions:
                taken[position] = 1
            self.keys.extend([keys[position] for position in positions])
            self.positions.extend(positions)
        self.edit_ids.extend(array("q", [edit_id]) * count)
        self.commits.extend(array("i", [commit]) * count)
        self.copies.extend(_repeated(_NOUGHTS, count))
        self.removals.extend(b"\1" * count if is_removal else bytes(count))
        self.previous.extend(_repeated(_NONES, count))
        return range(first, first + count)

    def only_alike(self, edit_id: int, position: int, row: int) -> None:
        """Note that a line landed changed: it may still come as it was written."""
        self.alike.setdefault(edit_id, {})[position] = row

    def was_alike(self, rows: Iterable[int]) -> None:
        """Lines leave: what was found changed and died has had its fate."""
        if self.alike.keys().isdisjoint(map(self.edit_ids.__getitem__, rows)):
            return
        for row in rows:
            self.alike.get(self.edit_ids[row], {}).pop(self.positions[row], None)

    def _withdraw(self, alike: dict[int, int], positions: Iterable[int]) -> None:
        self.withdrawn.update(alike.pop(position) for position in positions if position in alike)

    def is_taken(self, edit_id: int, position: int, *, is_removal: bool = False) -> bool:
        """Whether the line has landed already."""
        taken = self._taken[is_removal].get(edit_id)
        return taken is not None and taken[position] == 1

    def die_beside_copies(self, row: int) -> None:
        """A line dies though copies of it stand: those say no more about it."""
        self.copies[row] -= _DEAD
        self.copied.discard(row)

    def revive(self, row: int) -> bool:
        """Take a row from the dead, whatever file it died in; whether it was there."""
        key = self.keys[row]
        remembered = (rows for rows in self.dead.every() if key in rows)
        return any(self.take(rows, key, row.__eq__) is not None for rows in remembered)

    def live_again(self, row: int) -> None:
        """A dead line is back: its copies count as before."""
        if self.copies[row] < 0:
            self.copies[row] += _DEAD
            self.copied.add(row)

    def spend(self, edit_id: int) -> None:
        """Nothing more may land of the edit."""
        self._taken[False].setdefault(edit_id, bytearray())

    def is_spent(self, edit_id: int) -> bool:
        """Whether anything of the edit has landed, or nothing more may."""
        return edit_id in self._taken[False]

    def taken(self, edit_id: int, length: int) -> bytes | bytearray:
        """Flags of an edit's added lines: those that have landed."""
        return self._taken[False].get(edit_id) or bytes(length)

    def taken_as_written(self, edit_id: int, length: int) -> bytes | bytearray:
        """Flags of an edit's added lines that landed as they were written, not changed by somebody since."""
        flags = self.taken(edit_id, length)
        alike = self.alike.get(edit_id)
        if not alike:
            return flags
        flags = bytearray(flags)
        for position, row in alike.items():
            if self.copies[row] > 0:
                flags[position] = 0
        return flags

    def taken_removals(self, edit_id: int, length: int) -> bytes | bytearray:
        """Flags of an edit's removed lines: those whose removal has landed."""
        return self._taken[True].get(edit_id) or bytes(length)

    def value(self, rows: tuple[int, ...]) -> int:
        """Provenance value for a line that stands for these rows."""
        if len(rows) == 1:
            return _FIRST - rows[0]
        # Lines wrapped together stay together, so the same few bundles come again and again.
        number = self._bundle_numbers.get(rows)
        if number is None:
            number = self._bundle_numbers[rows] = len(self._bundles)
            self._bundles.append(rows)
        return _FIRST - _BUNDLES - number

    def values(self, owners: Iterable[tuple[int, ...]]) -> list[int]:
        """Provenance values of several lines, each given by the rows that it stands for."""
        return [_FIRST - rows[0] if len(rows) == 1 else self.value(rows) for rows in owners]

    def block_values(self, rows: range) -> array[int]:
        """Provenance values of lines that stand for one row each, in the order of the rows."""
        return array("q", range(_FIRST - rows.start, _FIRST - rows.stop, -1))

    def rows(self, value: int) -> tuple[int, ...]:
        """The rows behind a provenance value; none for a line that no assistant wrote."""
        if value >= UNKNOWN:
            return ()
        number = _FIRST - value
        return (number,) if number < _BUNDLES else self._bundles[number - _BUNDLES]

    def owners(self, values: Iterable[int]) -> dict[int, tuple[int, ...]]:
        """The rows behind those of several values that an assistant's line stands for, by place."""
        last = _FIRST - _BUNDLES
        return {
            place: (_FIRST - value,) if value > last else self._bundles[last - value]
            for place, value in enumerate(values)
            if value < UNKNOWN
        }

    def line(self, row: int) -> Line:
        """Edit and position of a row."""
        return self.edit_ids[row], self.positions[row]

    def renamed(self, old: bytes, new: bytes) -> None:
        """What is remembered about a path goes with the file."""
        for remembered in (self.dead, self.undoable, self.undone):
            remembered.renamed(old, new)

    def export(self) -> LedgerState:
        """Everything, as plain values that share the ledger's memory: encode them before it changes."""
        return LedgerState(
            memoryview(self.edit_ids),
            memoryview(self.positions),
            memoryview(self.keys),
            memoryview(self.commits),
            memoryview(self.copies),
            memoryview(self.removals),
            memoryview(self.previous),
            self._bundles,
            *self._taken,
            self.dead.packed(),
            self.undoable.packed(),
            self.undone.packed(),
            sorted(self.copied),
            (self.alike, sorted(self.withdrawn)),
        )

    @classmethod
    def restored(cls, state: LedgerState) -> Ledger:
        """The ledger that was exported."""
        ledger = cls()
        for rows, data in (
            (ledger.edit_ids, state.edit_ids),
            (ledger.positions, state.positions),
            (ledger.keys, state.keys),
            (ledger.commits, state.commits),
            (ledger.copies, state.copies),
            (ledger.previous, state.previous),
        ):
            rows.frombytes(data)
        ledger.removals = bytearray(state.removals)
        ledger._bundles = state.bundles
        ledger._bundle_numbers = {rows: number for number, rows in enumerate(state.bundles)}
        ledger._taken = (state.taken, state.taken_removed)
        ledger.dead = Remembered(state.dead)
        ledger.undoable = Remembered(state.undoable)
        ledger.undone = Remembered(state.undone)
        ledger.copied = set(state.copied)
        ledger.alike, ledger.withdrawn = state.alike[0], set(state.alike[1])
        return ledger

    def remember(self, remembered: Remembered, path: bytes, row: int) -> None:
        """Note a row under its path and key, as the newest."""
        self.remember_many(remembered, path, (row,))

    def remember_many(
        self, remembered: Remembered, path: bytes, rows: Iterable[int], *, is_fresh: bool = False
    ) -> None:
        """Note rows under their path and keys, the last as the newest; ``is_fresh`` says that they were just made."""
        known, previous = remembered.at(path), self.previous
        if isinstance(rows, range):
            keys = self.keys[rows.start : rows.stop].tolist()
        else:
            rows = list(rows)
            keys = list(map(self.keys.__getitem__, rows))
        mine = dict(zip(keys, rows, strict=True))
        if len(mine) == len(keys) and known.keys().isdisjoint(mine):
            for row in () if is_fresh else rows:
                previous[row] = _NONE
            known.update(mine)
            return
        for row, key in zip(rows, keys, strict=True):
            previous[row] = known.get(key, _NONE)
            known[key] = row

    def take(self, rows: RowsByKey, key: int, fits: Callable[[int], bool] | None = None) -> int | None:
        """Take out the newest row of a key, or the newest that fits; None where there is none."""
        after, row = _NONE, rows.get(key, _NONE)
        while row != _NONE and fits is not None and not fits(row):
            after, row = row, self.previous[row]
        if row == _NONE:
            return None
        if after != _NONE:
            self.previous[after] = self.previous[row]
        elif self.previous[row] == _NONE:
            del rows[key]
        else:
            rows[key] = self.previous[row]
        return row


def _counted(numbers: range) -> Iterable[int]:
    """Numbers that follow one another, as an array where they are few: it is taken over as it is."""
    return _NUMBERS[numbers.start : numbers.stop] if numbers.stop <= len(_NUMBERS) else numbers


def _repeated(items: array[int], count: int) -> array[int]:
    """So many of equal items."""
    return items[:count] if count <= len(items) else items[:1] * count
