"""What each edit of a session generates: the lines that the file's last known image lacked."""

from __future__ import annotations

from array import array
from collections import Counter
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.attribution.lines import BLANK, line_keys
from tokencoach.usage.words import EditKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_MOST_COMPARED: Final = 25_000_000


@dataclass(frozen=True, slots=True)
class LoggedEdit:
    """A successful edit as its log tells it; ``added`` and ``removed`` are lines joined by newlines.

    For a ``WRITE`` ``added`` is the whole new content. ``moved_from`` is the path the file had before.
    """

    edit_id: int
    path: bytes
    kind: EditKind
    added: bytes
    removed: bytes = b""
    moved_from: bytes | None = None


class Generated(NamedTuple):
    """Keys of the lines an edit generates and takes away, and the text of those it generates."""

    edit_id: int
    added: array[int]
    removed: array[int]
    text: bytes


def generated(edits: Iterable[LoggedEdit]) -> Iterator[Generated]:
    """What each edit generates; the edits are one session's, oldest first.

    An image holds what the session showed of a file: the last whole content written, brought up
    to date by later changes. A file only known from changes has an image in parts.
    """
    images: dict[bytes, list[int]] = {}
    for edit in edits:
        if edit.moved_from is not None and edit.moved_from in images:
            images[edit.path] = images.pop(edit.moved_from)
        image = images.get(edit.path)
        fresh: Sequence[int]
        added, removed = line_keys(edit.added), line_keys(edit.removed)
        if edit.kind is EditKind.WRITE:
            fresh, gone = _news(image, added) if image is not None else (range(len(added)), removed)
            images[edit.path] = list(added)
        else:
            fresh, gone = range(len(added)), removed
            if edit.kind is EditKind.STRINGS and image is not None:
                fresh, gone = _news_in(image, removed, added)
            images[edit.path] = _updated(image or [], removed, added)
        yield _told(edit, fresh, gone, added)


def _told(edit: LoggedEdit, fresh: Sequence[int], gone: array[int], added: array[int]) -> Generated:
    if len(fresh) == len(added):
        return Generated(edit.edit_id, added, gone, edit.added.removesuffix(b"\n"))
    lines = edit.added.split(b"\n")
    keys = array("Q", [added[place] for place in fresh])
    return Generated(edit.edit_id, keys, gone, b"\n".join(lines[place] for place in fresh))


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
