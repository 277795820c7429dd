"""What an edit generates: the lines it adds over the file's last image known in its session."""

from __future__ import annotations

from array import array
from collections import Counter
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.attribution.lines import BLANK
from tokencoach.usage.words import EditKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# Above this many pairs of lines an ordered comparison is replaced by one that counts equal lines.
_MOST_COMPARED: Final = 16_000_000


class LoggedEdit(NamedTuple):
    """An edit as logged. For ``WRITE``, ``added`` is the whole content of the file."""

    edit_id: int
    path_id: int
    kind: EditKind
    added: array[int]
    removed: array[int]


def generated(edits: Iterable[LoggedEdit]) -> list[LoggedEdit]:
    """The same edits, in the order of their session, narrowed to what each generated.

    ``added`` keeps its length, so that positions still name lines of the logged text; a line that
    the file already had becomes 0. A write over a known image also says which lines it removed.
    """
    images: dict[int, list[int]] = {}
    narrowed = []
    for edit in edits:
        image = images.get(edit.path_id)
        if edit.kind is EditKind.WRITE:
            narrowed.append(edit if image is None else _over(image, edit))
            images[edit.path_id] = list(edit.added)
            continue
        narrowed.append(edit)
        if image is not None:
            _apply(image, edit)
    return narrowed


def _over(image: list[int], edit: LoggedEdit) -> LoggedEdit:
    """A write narrowed to what the image lacks; a line that only moves is neither added nor removed."""
    new = list(edit.added)
    inserted: list[int] = []
    deleted: list[int] = []
    for old_start, old_end, start, end in _changes(image, new):
        deleted += image[old_start:old_end]
        inserted += range(start, end)
    moved = Counter(deleted) & Counter(new[place] for place in inserted)
    arrived, left = moved.copy(), moved
    fresh = {place for place in inserted if not _spent(arrived, new[place])}
    added = array("Q", [key if place in fresh else BLANK for place, key in enumerate(new)])
    return edit._replace(added=added, removed=array("Q", [key for key in deleted if not _spent(left, key)]))


def _changes(old: list[int], new: list[int]) -> Iterator[tuple[int, int, int, int]]:
    """Spans of both sides that differ."""
    head = 0
    most = min(len(old), len(new))
    while head < most and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < most - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    a, b = old[head : len(old) - tail], new[head : len(new) - tail]
    if len(a) * len(b) > _MOST_COMPARED:
        yield head, head + len(a), head, head + len(b)
        return
    # Blank lines are too many to anchor a comparison on: it would take time with their square.
    for tag, i1, i2, j1, j2 in SequenceMatcher(BLANK.__eq__, a, b, autojunk=False).get_opcodes():
        if tag != "equal":
            yield head + i1, head + i2, head + j1, head + j2


def _spent(counts: Counter[int], key: int) -> bool:
    if counts[key] <= 0:
        return False
    counts[key] -= 1
    return True


def _apply(image: list[int], edit: LoggedEdit) -> None:
    """Carry a patch into an image: near enough to tell old lines from new ones."""
    at = len(image)
    for key in edit.removed:
        if key in image:
            at = image.index(key)
            del image[at]
    image[at:at] = list(edit.added)
