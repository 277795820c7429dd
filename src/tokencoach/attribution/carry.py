"""Lines that live on inside one commit: wrapped anew in place, or moved within or between files."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from itertools import islice
from typing import TYPE_CHECKING, Final

from tokencoach.attribution.imports import may_hold_imports, may_import, rearranged
from tokencoach.attribution.residue import (
    MOST_LINES,
    Left,
    may_be_rewrapped,
    overlaps,
    rewrapped,
    whole_runs,
)
from tokencoach.attribution.rules import Rule
from tokencoach.attribution.taken_up import take_up

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from collections.abc import Set as AbstractSet

    from tokencoach.attribution.delta import Delta, Splice
    from tokencoach.attribution.ledger import Ledger
    from tokencoach.attribution.reversal import Undone
    from tokencoach.git.patch import Hunk

_NEAR: Final = 12
_TELLING: Final = 16
_MOST_PLACES: Final = 64
# One line that became another one was changed, not wrapped.
_FEWEST: Final = 3

# Rows of removed lines that may live on, by their index into the delta.
Rest = dict[int, tuple[int, ...]]
Leaving = tuple["Delta", int, tuple[int, ...]]


def carry(
    deltas: list[Delta],
    ledger: Ledger,
    others: Callable[[], Iterable[Delta]],
    undone_of: Callable[[Delta], Undone],
    rules: frozenset[Rule],
) -> None:
    """Hand the rows of removed lines to the added lines they live on in.

    Where a commit is undone, an equal line that its file gets is the one that stood there before.

    ``others`` gives the commit's files without provenance; it is asked only when a line that left
    one file may have gone to another. Those that receive a line show it in ``carried``.
    """
    left: list[tuple[Delta, Rest]] = []
    for delta in deltas:
        gone = delta.leaving
        if not gone:
            continue
        kept = _reformatted(delta, gone) if Rule.KEPT_WRAPPED in rules else set()
        rest = {index: rows for index, rows in gone.items() if index not in kept} if kept else gone
        undone = undone_of(delta) if rest else None
        if undone is not None and undone.is_any:
            back = {
                index: rest[index]
                for index in sorted(rest)
                if any(undone.holds(ledger.commits[row]) for row in rest[index])
            }
            left.append((delta, back))
            rest = {index: rows for index, rows in rest.items() if index not in back}
        left.append((delta, _kept_within(delta, rest, rules)))
    # A brace that turns up in another file is not the same brace.
    gone_keys = {key for delta, rest in left for index in rest if (key := delta.removed[index]) & 1}
    if gone_keys and Rule.KEPT_BETWEEN in rules:
        receiving = [delta for delta in (*deltas, *others()) if not delta.telling_come.isdisjoint(gone_keys)]
        if receiving:
            leaving = [
                line for delta, rest in left for line in _lines(delta, rest) if delta.removed[line[1]] & 1
            ]
            _moved_between(leaving, receiving, is_wrapped=Rule.KEPT_WRAPPED in rules)
        deleted = [line for line in left if line[0].change.is_deleted]
        if deleted and Rule.TAKEN_UP in rules:
            take_up(deleted, (*deltas, *others()))


def _kept_within(delta: Delta, rest: Rest, rules: frozenset[Rule]) -> Rest:
    """Carry lines that live on in their own file; returns those that do not."""
    if Rule.KEPT_WITHIN not in rules:
        return {}
    if not delta.added:
        return rest
    rest = _moved_within(delta, rest)
    if Rule.KEPT_WRAPPED in rules:
        rest = _wrapped_across(delta, rest)
    return _imported(delta, rest) if Rule.IMPORTS in rules else rest


def _lines(delta: Delta, rest: Rest) -> list[Leaving]:
    return [(delta, index, rows) for index, rows in rest.items()]


def _reformatted(delta: Delta, gone: dict[int, tuple[int, ...]]) -> set[int]:
    """Carry hunks whose text only wraps differently; returns the removed lines that live on."""
    kept: set[int] = set()
    if not delta.added or not delta.may_be_rewrapped:
        return kept
    is_alone = len(delta.splices) == 1
    for splice, hunk in zip(delta.splices, delta.change.hunks, strict=True):
        span = range(splice.first_gone, splice.first_gone + splice.gone)
        # Human lines have no fate to follow, so the text is compared only where it matters.
        if not splice.come or gone.keys().isdisjoint(span):
            continue
        ours = delta.gone_skeletons[splice.first_gone : splice.first_gone + splice.gone]
        theirs = delta.come_skeletons[splice.first_come : splice.first_come + splice.come]
        # Most hunks end here: a run that was wrapped begins as it did.
        if not is_alone and not may_be_rewrapped(ours, theirs):
            continue
        is_same = b"".join(ours) == b"".join(theirs)
        sources = overlaps(*delta.texts_of(hunk)) if is_same else None
        if sources is None:
            kept |= _wrapped(delta, gone, splice, hunk, (ours, theirs))
            continue
        for offset, owners in enumerate(sources):
            rows = [row for owner in owners for row in gone.get(splice.first_gone + owner, ())]
            if rows:
                delta.carried[splice.first_come + offset] = tuple(dict.fromkeys(rows))
        kept.update(span)
    return kept


def _wrapped(
    delta: Delta,
    gone: dict[int, tuple[int, ...]],
    splice: Splice,
    hunk: Hunk,
    texts: tuple[list[bytes], list[bytes]],
) -> set[int]:
    """The same for parts of a hunk whose other lines changed; ``texts`` are the skeletons of both sides."""
    kept: set[int] = set()
    keys_gone = delta.removed[splice.first_gone : splice.first_gone + splice.gone]
    keys_come = delta.added[splice.first_come : splice.first_come + splice.come]
    # Equal lines are not wrapped; the rest of the carrying finds them.
    equal = set(keys_come).intersection(keys_gone)
    ours = [place for place, key in enumerate(keys_gone) if key not in equal]
    theirs = [place for place, key in enumerate(keys_come) if key not in equal]
    if len(ours) + len(theirs) < _FEWEST or not ours or not theirs:
        return kept
    if not may_be_rewrapped([texts[0][place] for place in ours], [texts[1][place] for place in theirs]):
        return kept
    removed, added = delta.texts_of(hunk)
    wrapped = rewrapped(
        [Left(place, removed[place]) for place in ours], [Left(place, added[place]) for place in theirs]
    )
    for pairing in wrapped:
        rows = [row for place in pairing.edit_places for row in gone.get(splice.first_gone + place, ())]
        if not rows:
            continue
        for place in pairing.file_places:
            index = splice.first_come + place
            delta.carried[index] = tuple(dict.fromkeys((*delta.carried.get(index, ()), *rows)))
        kept.update(splice.first_gone + place for place in pairing.edit_places)
    return kept


def _wrapped_across(delta: Delta, rest: Rest) -> Rest:
    """Carry lines whose wrapped text stands in another hunk; returns those that it does not carry.

    Where a formatter indents and wraps, a bracket that stays pairs the hunks in the wrong places.
    """
    if not rest or len(delta.splices) == 1 or not delta.may_be_rewrapped:
        return rest
    return {index: rows for _, index, rows in _wrapped_into(delta, _lines(delta, rest))}


def _wrapped_into(delta: Delta, leaving: list[Leaving]) -> list[Leaving]:
    """Carry lines that left one file and stand wrapped anew in a file; returns the others."""
    asked = leaving[:MOST_LINES]
    if not asked or len(delta.carried) == len(delta.added):
        return leaving
    if not may_be_rewrapped([line.gone_skeletons[index] for line, index, _ in asked], delta.come_skeletons):
        return leaving
    texts, gone = delta.added_texts(), [line.removed_text(index) for line, index, _ in asked]
    added = [
        Left(number, text)
        for place, (number, text) in enumerate(zip(delta.added_numbers, texts, strict=True))
        if place not in delta.carried
    ]
    removed = [
        Left(line.removed_numbers[index], text) for (line, index, _), text in zip(asked, gone, strict=True)
    ]
    rows = {line.removed_numbers[index]: owners for line, index, owners in asked}
    place_of = {number: place for place, number in enumerate(delta.added_numbers)}
    kept: set[int] = set()
    for pairing in whole_runs(rewrapped(removed, added)):
        for number in pairing.file_places:
            place = place_of[number]
            owners = [row for there in pairing.edit_places for row in rows[there]]
            delta.carried[place] = tuple(dict.fromkeys((*delta.carried.get(place, ()), *owners)))
        kept.update(pairing.edit_places)
    return [line for line in leaving if line[0].removed_numbers[line[1]] not in kept]


def _imported(delta: Delta, rest: Rest) -> Rest:
    """Carry imports that were sorted, joined or taken apart; returns the other lines."""
    if not rest or not may_hold_imports(delta.whole_gone()) or not may_hold_imports(delta.whole_come()):
        return rest
    if not may_import(map(delta.removed_text, rest)):
        return rest
    removed = [Left(number, delta.removed_text(index)) for index, number in enumerate(delta.removed_numbers)]
    added = list(map(Left, delta.added_numbers, delta.added_texts()))
    place_of = {number: place for place, number in enumerate(delta.added_numbers)}
    rows_of = {delta.removed_numbers[index]: rows for index, rows in rest.items()}
    kept: set[int] = set()
    for pairing in rearranged(removed, added):
        (number,) = pairing.edit_places
        for place in (place_of[there] for there in pairing.file_places) if number in rows_of else ():
            delta.carried[place] = tuple(dict.fromkeys((*delta.carried.get(place, ()), *rows_of[number])))
            kept.add(number)
    return {index: rows for index, rows in rest.items() if delta.removed_numbers[index] not in kept}


def _moved_within(delta: Delta, gone: Rest) -> Rest:
    """Carry lines that the same file gets back elsewhere; returns those that it does not."""
    places = _places(delta, {delta.removed[index] for index in gone}) if delta.kept_keys else {}
    if not places:
        return gone
    leaving: Rest = {}
    for index, rows in gone.items():
        waiting = places.get(delta.removed[index])
        found = _nearest(delta, index, waiting) if waiting else None
        if waiting and found is not None:
            waiting.remove(found)
            delta.carried[found] = rows
        else:
            leaving[index] = rows
    return leaving


def _nearest(delta: Delta, index: int, places: Iterable[int]) -> int | None:
    """Where a removed line moved to: beside a neighbour that came along, else near; far off only what says enough."""
    number = delta.removed_numbers[index]
    best = min(
        islice(places, _MOST_PLACES),
        key=lambda place: (
            not _has_company(delta, index, delta, place),
            abs(delta.added_numbers[place] - number),
        ),
    )
    is_near = abs(delta.added_numbers[best] - number) <= _NEAR
    return best if is_near or _has_company(delta, index, delta, best) or _says_enough(delta, index) else None


def _has_company(origin: Delta, index: int, delta: Delta, place: int) -> bool:
    """Whether the next significant line before or after the removed one stands beside the added one too."""
    return any(
        ours is not None and ours == _neighbour(delta.added, place, step)
        for step in (-1, 1)
        for ours in [_neighbour(origin.removed, index, step)]
    )


def _neighbour(keys: list[int], index: int, step: int) -> int | None:
    index += step
    while 0 <= index < len(keys):
        if keys[index] & 1:
            return keys[index]
        index += step
    return None


def _says_enough(delta: Delta, index: int) -> bool:
    """Whether a removed line is long enough to be told from the phrases of its language."""
    text = delta.removed_text(index)
    return sum(map(str.isalnum, text.decode("utf-8", "replace"))) >= _TELLING


def _moved_between(leaving: list[Leaving], deltas: list[Delta], *, is_wrapped: bool) -> None:
    """Carry lines that another file of the commit gets: in company, or long enough to be known again.

    Where some of a file's lines went, others may stand wrapped anew.
    """
    keys = {origin.removed[index] for origin, index, _ in leaving}
    places = [(delta, free) for delta in deltas if (free := _places(delta, keys))]
    if not places:
        return
    went: defaultdict[tuple[int, int], list[Delta]] = defaultdict(list)
    left: defaultdict[int, list[Leaving]] = defaultdict(list)
    for origin, index, rows in leaving:
        key = origin.removed[index]
        for delta, free in places:
            found = _fitting(origin, index, delta, free.get(key, ()))
            if found is not None:
                free[key].remove(found)
                delta.carried[found] = rows
                went[id(origin), id(delta)] = [delta]
                break
        else:
            left[id(origin)].append((origin, index, rows))
    for (origin_id, delta_id), (delta,) in went.items():
        if origin_id == delta_id:
            continue
        if is_wrapped:
            left[origin_id] = _wrapped_into(delta, left[origin_id])
        left[origin_id] = _lone_equals(delta, left[origin_id])


def _lone_equals(delta: Delta, leaving: list[Leaving]) -> list[Leaving]:
    """Carry what has one equal line in a file where its neighbours went; returns the others."""
    counts = Counter(origin.removed[index] for origin, index, _ in leaving)
    places = _places(delta, counts.keys())
    kept = []
    for line in leaving:
        origin, index, rows = line
        free = places.get(origin.removed[index], deque())
        if counts[origin.removed[index]] == len(free) == 1:
            delta.carried[free[0]] = rows
        else:
            kept.append(line)
    return kept


def _fitting(origin: Delta, index: int, delta: Delta, places: Iterable[int]) -> int | None:
    """Where in another file a removed line went."""
    first = None
    for place in islice(places, _MOST_PLACES):
        if _has_company(origin, index, delta, place):
            return place
        first = place if first is None else first
    return first if first is not None and delta is not origin and _says_enough(origin, index) else None


def _places(delta: Delta, keys: AbstractSet[int]) -> dict[int, deque[int]]:
    """Added lines with one of the keys that carry nothing yet, by key; blank lines aside."""
    places: defaultdict[int, deque[int]] = defaultdict(deque)
    if delta.come_keys.isdisjoint(keys):
        return places
    for index, key in enumerate(delta.added):
        if key and key in keys and index not in delta.carried:
            places[key].append(index)
    return places
