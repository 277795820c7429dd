"""Files that no commit ever held and whose lines a commit brings under other names: renamed, split, joined.

As git says of renames, half of the one has to be half of the other, what files begin with aside: that
is alike in many. Lines that were wrapped anew on the way count as they were.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import dropwhile
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.attribution.pool import REACH_MS
from tokencoach.attribution.residue import MOST_LINES, Left, rewrapped
from tokencoach.attribution.wander import SHORTEST

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tokencoach.attribution.delta import Delta
    from tokencoach.attribution.pool import EditPool
    from tokencoach.attribution.wander import Wanderers

_SHARE: Final = 0.5
_CLEAR_SHARE: Final = 2 / 3
_MOST_NAMES: Final = 4


class Origins(NamedTuple):
    """Former names of new files, by the identity of their change, and every path that came apart."""

    names: dict[int, list[bytes]]
    paths: frozenset[bytes]


NOWHERE: Final = Origins({}, frozenset())


class _Arrival(NamedTuple):
    """Significant lines of a path that a file's change brings, and where in it they stand."""

    delta: Delta
    keys: set[int]
    places: set[int]


def dissolved(deltas: list[Delta], wanderers: Wanderers, pool: EditPool, until_ms: int) -> Origins:
    """The paths whose edits stand for the most part in the changes of one commit, under other names."""
    whole = dict(_candidates(deltas, wanderers, pool, until_ms))
    if not whole:
        return NOWHERE
    sure: dict[bytes, list[_Arrival]] = {}
    for share in (_CLEAR_SHARE, _SHARE):
        mostly = _mostly_theirs([arrival for arrivals, _ in whole.values() for arrival in arrivals], share)
        for path, (arrivals, written) in whole.items():
            kept = [arrival for arrival in arrivals if id(arrival.delta) in mostly]
            if path not in sure and _is_most(kept, written, share):
                sure[path] = kept
    return _named(sure)


def _candidates(
    deltas: list[Delta], wanderers: Wanderers, pool: EditPool, until_ms: int
) -> Iterator[tuple[bytes, tuple[list[_Arrival], list[int]]]]:
    """Paths most of whose lines came at all, with where they came and all that was written there."""
    found: defaultdict[bytes, list[_Arrival]] = defaultdict(list)
    for delta in deltas:
        for path, keys in wanderers.arrivals(delta, until_ms).items():
            if len(keys) >= SHORTEST:
                places = {place for place, key in enumerate(delta.added) if key in keys}
                found[path].append(_Arrival(delta, keys, places))
    for path in sorted(found):
        written = wanderers.written(path, until_ms)
        if not written or wanderers.rare(set().union(*(arrival.keys for arrival in found[path]))) < SHORTEST:
            continue
        arrivals = [_with_wrapped(arrival, path, pool, written, until_ms) for arrival in found[path]]
        if _is_most(arrivals, written) or _is_most(arrivals, written, _CLEAR_SHARE):
            yield path, (arrivals, written)


def _is_most(arrivals: list[_Arrival], written: list[int], share: float = _SHARE) -> bool:
    """Whether that share of a path's lines came; unless it is a clear one, of those after its opening."""
    keys = set().union(*(arrival.keys for arrival in arrivals))
    if share < _CLEAR_SHARE:
        written = list(dropwhile(keys.__contains__, written))
    return bool(keys) and sum(key in keys for key in written) >= share * len(written)


def _with_wrapped(
    arrival: _Arrival, path: bytes, pool: EditPool, written: list[int], until_ms: int
) -> _Arrival:
    """The arrival with the lines that were wrapped anew on the way."""
    delta = arrival.delta
    keys, places = set(arrival.keys), set(arrival.places)
    waiting = set(written) - keys
    if not delta.change.is_new or not waiting:
        return arrival
    texts, owned = delta.added_texts(), delta.owned()
    looked_at = 0
    for edit in pool.between(path, until_ms - REACH_MS, until_ms):
        if not edit.has_text or looked_at > MOST_LINES:
            break
        lines = edit.lines()
        free = [
            Left(place, lines[place])
            for place, key in enumerate(edit.added)
            if key and (key in waiting or not key & 1) and place < len(lines)
        ]
        left = [Left(place, text) for place, text in enumerate(texts) if place not in places | owned]
        for pairing in rewrapped(free, left):
            keys.update(edit.added[place] for place in pairing.edit_places if edit.added[place] & 1)
            places.update(pairing.file_places)
        looked_at += len(free)
    return _Arrival(delta, keys, places)


def _mostly_theirs(arrivals: list[_Arrival], share: float) -> set[int]:
    """The new files that are for the most part from there, and all old ones: those get a part in any case."""
    places: defaultdict[int, set[int]] = defaultdict(set)
    deltas: dict[int, Delta] = {}
    for arrival in arrivals:
        places[id(arrival.delta)] |= arrival.places
        deltas[id(arrival.delta)] = arrival.delta
    found = set()
    for number, delta in deltas.items():
        owned = delta.owned()
        here = [place for place, key in enumerate(delta.added) if key & 1 and place not in owned]
        if not delta.change.is_new or sum(place in places[number] for place in here) >= share * len(here):
            found.add(number)
    return found


def _named(whole: dict[bytes, list[_Arrival]]) -> Origins:
    """Former names per new file: the fullest origin first, others where they bring lines of their own."""
    coming: defaultdict[int, list[tuple[bytes, _Arrival]]] = defaultdict(list)
    for path, arrivals in whole.items():
        for arrival in arrivals:
            if arrival.delta.change.is_new:
                coming[id(arrival.delta)].append((path, arrival))
    names: dict[int, list[bytes]] = {}
    for number, candidates in coming.items():
        candidates.sort(key=lambda candidate: -len(candidate[1].keys))
        chosen: list[bytes] = []
        covered: set[int] = set()
        for path, arrival in candidates:
            if len(arrival.keys - covered) >= SHORTEST and len(chosen) < _MOST_NAMES:
                chosen.append(path)
                covered |= arrival.keys
        names[number] = chosen
    return Origins(names, frozenset(whole))
