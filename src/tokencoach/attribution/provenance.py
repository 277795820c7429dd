"""Provenance arrays: what stands behind each line of a file, kept up to date commit by commit."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tokencoach.attribution.delta import Block, Delta
    from tokencoach.attribution.ledger import Ledger
    from tokencoach.attribution.mainline import Mainline


def splice(line: Mainline, delta: Delta) -> None:
    """Put the new lines' provenance into the file's array, where it has or now needs one."""
    files, ledger = line.files, line.ledger
    values = files.get(delta.path)
    if values is None:
        if not (delta.has_rows or delta.carried or line.track_all):
            return
        values = files[delta.path] = array("q")
    # Human lines take the commit's number, moved or not, as git blame would say.
    new_values = array("q", [line.commits]) * len(delta.added)
    if delta.block is not None and not delta.carried:
        _fill_in(new_values, delta.block, ledger)
    elif delta.has_rows or delta.carried:
        copies, rows = ledger.copies, _owners(delta)
        for (place, owners), value in zip(rows.items(), ledger.values(rows.values()), strict=True):
            new_values[place] = value
            for row in owners:
                copies[row] += 1
    delta.apply_to(values, new_values)
    if delta.change.is_deleted:
        del files[delta.path]


def _fill_in(new_values: array[int], block: Block, ledger: Ledger) -> None:
    """Let the lines of a block stand for its rows."""
    places, rows = block.places, block.rows
    ledger.copies[rows.start : rows.stop] = array("i", [1]) * len(rows)
    values = ledger.block_values(rows)
    if isinstance(places, range):
        new_values[places.start : places.stop] = values
        return
    for place, value in zip(places, values, strict=True):
        new_values[place] = value


def _owners(delta: Delta) -> dict[int, tuple[int, ...]]:
    """The rows that each added line stands for: a new owner stands beside those that it carried, they share its end."""
    rows, carried = delta.rows, delta.carried
    if not carried:
        return rows
    return {
        place: tuple(dict.fromkeys((*rows.get(place, ()), *carried.get(place, ()))))
        for place in (*rows, *carried)
    }
