"""Lines that live on inside one commit: wrapped anew in place, or moved within or between files."""

from __future__ import annotations

from collections import defaultdict, deque
from typing import TYPE_CHECKING

from tokencoach.attribution.ledger import UNKNOWN
from tokencoach.attribution.lines import skeleton
from tokencoach.attribution.residue import overlaps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tokencoach.attribution.delta import Delta
    from tokencoach.attribution.ledger import Ledger

Leaving = tuple["Delta", int, tuple[int, ...]]


def carry(deltas: list[Delta], ledger: Ledger, others: Callable[[], Iterable[Delta]]) -> None:
    """Hand the rows of removed lines to the added lines they live on in.

    ``others`` gives the commit's files without provenance; it is asked only when a line that left
    one file may have gone to another. Those that receive a line show it in ``carried``.
    """
    leaving: list[Leaving] = []
    for delta in deltas:
        gone = {index: ledger.rows(value) for index, value in enumerate(delta.held) if value < UNKNOWN}
        if not gone:
            continue
        kept = _reformatted(delta, gone)
        rest = {index: rows for index, rows in gone.items() if index not in kept}
        leaving += _moved_within(delta, rest)
    # A brace that turns up in another file is not the same brace.
    leaving = [line for line in leaving if line[0].removed[line[1]] & 1]
    if leaving:
        _moved_between(leaving, [*deltas, *others()])


def _reformatted(delta: Delta, gone: dict[int, tuple[int, ...]]) -> set[int]:
    """Carry hunks whose text only wraps differently; returns the removed lines that live on."""
    kept: set[int] = set()
    for splice, hunk in zip(delta.splices, delta.change.hunks, strict=True):
        span = range(splice.first_gone, splice.first_gone + splice.gone)
        # Human lines have no fate to follow, so the text is compared only where it matters.
        if not splice.come or not any(index in gone for index in span):
            continue
        removed, added = hunk.removed, hunk.added
        sources = overlaps(removed, added) if skeleton(removed) == skeleton(added) else None
        if sources is None:
            continue
        for offset, owners in enumerate(sources):
            rows = [row for owner in owners for row in gone.get(splice.first_gone + owner, ())]
            if rows:
                delta.carried[splice.first_come + offset] = tuple(dict.fromkeys(rows))
        kept.update(span)
    return kept


def _moved_within(delta: Delta, gone: dict[int, tuple[int, ...]]) -> list[Leaving]:
    """Carry lines that the same file gets back elsewhere; returns those that it does not."""
    places = _places(delta, {delta.removed[index] for index in gone})
    leaving: list[Leaving] = []
    for index, rows in gone.items():
        waiting = places.get(delta.removed[index])
        if waiting:
            delta.carried[waiting.popleft()] = rows
        else:
            leaving.append((delta, index, rows))
    return leaving


def _moved_between(leaving: list[Leaving], deltas: list[Delta]) -> None:
    keys = {origin.removed[index] for origin, index, _ in leaving}
    places = [(delta, _places(delta, keys)) for delta in deltas]
    for origin, index, rows in leaving:
        key = origin.removed[index]
        for delta, free in places:
            if free.get(key):
                delta.carried[free[key].popleft()] = rows
                break


def _places(delta: Delta, keys: set[int]) -> dict[int, deque[int]]:
    """Added lines with one of the keys that carry nothing yet, by key; blank lines aside."""
    places: defaultdict[int, deque[int]] = defaultdict(deque)
    if delta.come_keys.isdisjoint(keys):
        return places
    for index, key in enumerate(delta.added):
        if key and key in keys and index not in delta.carried:
            places[key].append(index)
    return places
