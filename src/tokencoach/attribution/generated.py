"""What each edit of a session generates: the lines that the file's last known image lacked."""

from __future__ import annotations

from array import array
from collections import Counter
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.attribution.lines import BLANK
from tokencoach.usage.words import EditKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_MOST_COMPARED: Final = 25_000_000


class LoggedEdit(NamedTuple):
    """A successful edit as line keys. For a ``WRITE``, ``added`` is the whole new content.

    ``moved_from`` is the path the file had before, or that of the file whose copy it is.
    """

    edit_id: int
    path: str
    kind: EditKind
    added: array[int]
    removed: array[int]
    moved_from: str | None = None


def generated(edits: Iterable[LoggedEdit]) -> Iterator[LoggedEdit]:
    """Edits narrowed to the lines that each generates; they are one session's, oldest first.

    ``added`` keeps its length, so that positions still name lines of the logged text: a line that
    the file had already becomes 0. An image holds what the session showed of a file: the last
    whole content written, brought up to date by later changes; of a file only known from changes
    it holds parts.
    """
    images: dict[str, list[int]] = {}
    for edit in edits:
        if edit.moved_from is not None and edit.moved_from in images:
            is_copy = edit.kind is EditKind.SHELL_COPY
            images[edit.path] = images[edit.moved_from] if is_copy else images.pop(edit.moved_from)
        image = images.get(edit.path)
        fresh: Sequence[int] = range(len(edit.added))
        gone = edit.removed
        # A diff that lies somewhere has not changed the file yet.
        if edit.kind.is_unseen or edit.kind is EditKind.SHELL_DIFF:
            yield edit
            continue
        if edit.kind.is_whole:
            if image is not None:
                fresh, gone = _news(image, edit.added)
            images[edit.path] = list(edit.added)
        else:
            if edit.kind is EditKind.STRINGS and image is not None:
                fresh, gone = _news_in(image, edit.removed, edit.added)
            images[edit.path] = _updated(image or [], edit.removed, edit.added)
        yield edit._replace(added=_only(edit.added, fresh), removed=gone)


def _only(added: array[int], fresh: Sequence[int]) -> array[int]:
    if len(fresh) == len(added):
        return added
    kept = array("Q", bytes(8 * len(added)))
    for place in fresh:
        kept[place] = added[place]
    return kept


def _news(old: Sequence[int], new: Sequence[int]) -> tuple[list[int], array[int]]:
    """Places in the new content that the old one lacks, and the keys that went; a moved line is neither."""
    inserted: list[int] = []
    deleted: list[int] = []
    for tag, i1, i2, j1, j2 in _opcodes(old, new):
        if tag != "equal":
            deleted += old[i1:i2]
            inserted += range(j1, j2)
    moved = Counter(deleted) & Counter(new[place] for place in inserted)
    arrived, left = moved.copy(), moved
    fresh = [place for place in inserted if not _spent(arrived, new[place])]
    return fresh, array("Q", [key for key in deleted if not _spent(left, key)])


def _opcodes(old: Sequence[int], new: Sequence[int]) -> list[tuple[str, int, int, int, int]]:
    head = 0
    most = min(len(old), len(new))
    while head < most and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < most - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    a, b = old[head : len(old) - tail], new[head : len(new) - tail]
    if len(a) * len(b) > _MOST_COMPARED:
        return [("replace", head, head + len(a), head, head + len(b))]
    codes = SequenceMatcher(BLANK.__eq__, a, b, autojunk=False).get_opcodes()
    return [(tag, head + i1, head + i2, head + j1, head + j2) for tag, i1, i2, j1, j2 in codes]


def _spent(counts: Counter[int], key: int) -> bool:
    if counts[key] <= 0:
        return False
    counts[key] -= 1
    return True


def _news_in(image: list[int], removed: array[int], added: array[int]) -> tuple[Sequence[int], array[int]]:
    """What a replacement adds where the image shows what it replaced, or that it had been made before."""
    if removed and _find(image, removed) is None and added and _find(image, added) is not None:
        return [], array("Q")
    if removed and _find(image, removed) is not None:
        return _news(removed, added)
    return range(len(added)), removed


def _updated(image: list[int], removed: array[int], added: array[int]) -> list[int]:
    """The image after a change whose place is only known by the lines it took away."""
    at = _find(image, removed) if removed else None
    if at is not None:
        return [*image[:at], *added, *image[at + len(removed) :]]
    going = Counter(removed)
    return [*(key for key in image if not _spent(going, key)), *added]


def _find(image: list[int], run: array[int]) -> int | None:
    """Where the run of keys stands in the image."""
    wanted = list(run)
    at = -1
    while True:
        try:
            at = image.index(wanted[0], at + 1)
        except ValueError:
            return None
        if image[at : at + len(wanted)] == wanted:
            return at
