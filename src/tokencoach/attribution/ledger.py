"""What has landed: one row per line, how many places of the tree hold it, which ones died."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, Final

import msgspec

if TYPE_CHECKING:
    from tokencoach.attribution.pool import Line

UNKNOWN: Final = -1
_FIRST: Final = -2
_BUNDLES: Final = 1 << 40


class LedgerState(msgspec.Struct, array_like=True):
    """The ledger as plain values, for export."""

    edit_ids: bytes
    positions: bytes
    keys: bytes
    commits: bytes
    copies: bytes
    removals: bytes
    bundles: list[tuple[int, ...]]
    taken: dict[int, bytes]
    taken_removed: dict[int, bytes]
    dead: dict[bytes, dict[int, list[int]]]
    undoable: dict[bytes, dict[int, list[int]]]


class Ledger:
    """Rows of landed lines. A row's number never changes, so a file's provenance can name it.

    A provenance value is a commit's number (0 and up), ``UNKNOWN``, or the rows that a line stands
    for: several where two sessions wrote it, or lines were joined.
    """

    def __init__(self) -> None:
        self.edit_ids = array("q")
        self.positions = array("i")
        self.keys = array("Q")
        self.commits = array("i")
        self.copies = array("i")
        self.removals = bytearray()
        self._bundles: list[tuple[int, ...]] = []
        self._bundle_numbers: dict[tuple[int, ...], int] = {}
        self._taken: tuple[dict[int, bytearray], dict[int, bytearray]] = ({}, {})
        self.dead: dict[bytes, dict[int, list[int]]] = {}
        self.undoable: dict[bytes, dict[int, list[int]]] = {}

    def land(self, line: Line, key: int, commit: int, length: int, *, is_removal: bool = False) -> int:
        """Enter a line that landed and take it from its edit of ``length`` lines; returns its row."""
        edit_id, position = line
        self._taken[is_removal].setdefault(edit_id, bytearray(length))[position] = 1
        self.edit_ids.append(edit_id)
        self.positions.append(position)
        self.keys.append(key)
        self.commits.append(commit)
        self.copies.append(0)
        self.removals.append(is_removal)
        return len(self.keys) - 1

    def is_taken(self, edit_id: int, position: int, *, is_removal: bool = False) -> bool:
        """Whether the line has landed already."""
        taken = self._taken[is_removal].get(edit_id)
        return taken is not None and taken[position] == 1

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

    def rows(self, value: int) -> tuple[int, ...]:
        """The rows behind a provenance value; none for a line that no assistant wrote."""
        if value >= UNKNOWN:
            return ()
        number = _FIRST - value
        return (number,) if number < _BUNDLES else self._bundles[number - _BUNDLES]

    def line(self, row: int) -> Line:
        """Edit and position of a row."""
        return self.edit_ids[row], self.positions[row]

    def renamed(self, old: bytes, new: bytes) -> None:
        """What is remembered about a path goes with the file."""
        for remembered in (self.dead, self.undoable):
            if old in remembered:
                remembered[new] = remembered.pop(old)

    def export(self) -> LedgerState:
        """Everything, as plain values."""
        return LedgerState(
            self.edit_ids.tobytes(),
            self.positions.tobytes(),
            self.keys.tobytes(),
            self.commits.tobytes(),
            self.copies.tobytes(),
            bytes(self.removals),
            self._bundles,
            {edit_id: bytes(taken) for edit_id, taken in self._taken[False].items()},
            {edit_id: bytes(taken) for edit_id, taken in self._taken[True].items()},
            self.dead,
            self.undoable,
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
        ):
            rows.frombytes(data)
        ledger.removals = bytearray(state.removals)
        ledger._bundles = state.bundles
        ledger._bundle_numbers = {rows: number for number, rows in enumerate(state.bundles)}
        ledger._taken = (
            {edit_id: bytearray(taken) for edit_id, taken in state.taken.items()},
            {edit_id: bytearray(taken) for edit_id, taken in state.taken_removed.items()},
        )
        ledger.dead = state.dead
        ledger.undoable = state.undoable
        return ledger


def remember(rows_by_key: dict[int, list[int]], key: int, row: int) -> None:
    """Note a row under its key, the newest last."""
    rows_by_key.setdefault(key, []).append(row)
