"""Provenance arrays: what stands behind each line of a file, kept up to date commit by commit."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tokencoach.attribution.delta import Delta
    from tokencoach.attribution.mainline import Mainline


def splice(line: Mainline, delta: Delta) -> None:
    """Put the new lines' provenance into the file's array, where it has or now needs one."""
    files, ledger, rows = line.files, line.ledger, delta.rows
    if delta.carried:
        # A new owner stands beside those that the line carried; they share its end.
        rows = {
            place: tuple(dict.fromkeys((*delta.rows.get(place, ()), *delta.carried.get(place, ()))))
            for place in (*delta.rows, *delta.carried)
        }
    values = files.get(delta.path)
    if values is None:
        if not rows and not line.track_all:
            return
        values = files[delta.path] = array("q")
    # Human lines take the commit's number, moved or not, as git blame would say.
    new_values = array("q", [line.commits]) * len(delta.added)
    copies = ledger.copies
    if delta.block is not None and not delta.carried:
        copies[delta.block.start : delta.block.stop] = array("i", [1]) * len(delta.block)
        for place, value in zip(rows, ledger.block_values(delta.block), strict=True):
            new_values[place] = value
        rows = {}
    for (place, owners), value in zip(rows.items(), ledger.values(rows.values()), strict=True):
        new_values[place] = value
        for row in owners:
            copies[row] += 1
    delta.apply_to(values, new_values)
    if delta.change.is_deleted:
        del files[delta.path]
