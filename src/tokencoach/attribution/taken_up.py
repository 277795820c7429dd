"""News that a release takes up: files deleted by the commit that writes their text into longer lines of a document."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

from tokencoach.attribution.path_kinds import PathKind, folding, path_kind
from tokencoach.attribution.residue import MOST_LINES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tokencoach.attribution.delta import Delta

_FEWEST: Final = 24
_LIST_MARKS: Final = b"-*+# "
_like_prose: Final = folding(b".md") or bytes


def take_up(left: Iterable[tuple[Delta, Mapping[int, tuple[int, ...]]]], deltas: Iterable[Delta]) -> None:
    """Carry lines of deleted files to the lines of the commit's documents that hold their text and more."""
    waiting = ((delta, index, rows) for delta, rest in left for index, rows in rest.items())
    asked = list(islice(waiting, MOST_LINES))
    there = [delta for delta in deltas if _is_document(delta)]
    if not asked or not there:
        return
    carried = {rows for delta, _, _ in asked for rows in delta.carried.values()}
    for delta in there:
        carried.update(delta.carried.values())
    texts = [
        (delta, place, _like_prose(text)) for delta in there for place, text in enumerate(delta.added_texts())
    ]
    for origin, index, rows in asked:
        text = _like_prose(origin.removed_text(index)).strip().lstrip(_LIST_MARKS)
        if rows in carried or sum(map(str.isalnum, text.decode("utf-8", "replace"))) < _FEWEST:
            continue
        for delta, place, longer in texts:
            if text in longer:
                delta.carried[place] = tuple(dict.fromkeys((*delta.carried.get(place, ()), *rows)))
                break


def _is_document(delta: Delta) -> bool:
    path = delta.path.decode("utf-8", "replace")
    return bool(delta.added) and path_kind(path) is PathKind.DOCS
