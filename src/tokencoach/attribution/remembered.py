"""Rows of landed lines by path and key, as bytes where nobody asks for them: most files rest at any time."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

RowsByKey = dict[int, int]
"""The newest row of each key; ``Ledger.previous`` leads on to the older ones."""

_KEY_BYTES: Final = 8
_ENTRY_BYTES: Final = 12


class Remembered:
    """Rows by key of several paths, in the order in which the paths came."""

    def __init__(self, packed: Mapping[bytes, bytes] | None = None) -> None:
        self._rows: dict[bytes, RowsByKey | bytes] = dict(packed or {})

    def get(self, path: bytes) -> RowsByKey | None:
        """The rows of a path, to be changed in place; None where there were never any."""
        rows = self._rows.get(path)
        if isinstance(rows, bytes):
            rows = self._rows[path] = _unpacked(rows)
        return rows

    def at(self, path: bytes) -> RowsByKey:
        """The rows of a path, to be changed in place; a path that is new begins with none."""
        rows = self.get(path)
        if rows is None:
            rows = self._rows[path] = {}
        return rows

    def renamed(self, old: bytes, new: bytes) -> None:
        """What is remembered about a path goes with the file."""
        if old in self._rows:
            self._rows[new] = self._rows.pop(old)

    def every(self) -> Iterator[RowsByKey]:
        """The rows of each path."""
        return (rows for path in list(self._rows) if (rows := self.get(path)) is not None)

    def packed(self) -> dict[bytes, bytes]:
        """The rows of all paths as bytes, to be stored."""
        return {path: rows if isinstance(rows, bytes) else _packed(rows) for path, rows in self._rows.items()}


def _packed(rows: RowsByKey) -> bytes:
    return array("Q", rows.keys()).tobytes() + array("i", rows.values()).tobytes()


def _unpacked(data: bytes) -> RowsByKey:
    end = len(data) // _ENTRY_BYTES * _KEY_BYTES
    keys, rows = array("Q"), array("i")
    keys.frombytes(data[:end])
    rows.frombytes(data[end:])
    return dict(zip(keys, rows, strict=True))
