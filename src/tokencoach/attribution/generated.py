"""What an edit generates: the lines it adds over the file's last image known in its session."""

from __future__ import annotations

from array import array
from collections import Counter
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, NamedTuple

from tokencoach.usage.words import EditKind

if TYPE_CHECKING:
    from collections.abc import Iterable

# Above this many lines an ordered comparison is replaced by one that counts equal lines.
_LONGEST_ORDERED = 4000


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
    new = list(edit.added)
    if len(image) > _LONGEST_ORDERED or len(new) > _LONGEST_ORDERED:
        kept, removed = _kept_by_count(image, new)
    else:
        kept, removed = _kept_in_order(image, new)
    added = array("Q", [0 if index in kept else key for index, key in enumerate(new)])
    return edit._replace(added=added, removed=array("Q", removed))


def _kept_in_order(image: list[int], new: list[int]) -> tuple[set[int], list[int]]:
    kept: set[int] = set()
    removed: list[int] = []
    matcher = SequenceMatcher(None, image, new, autojunk=False)
    for tag, old_start, old_end, start, end in matcher.get_opcodes():
        if tag == "equal":
            kept.update(range(start, end))
        else:
            removed += image[old_start:old_end]
    return kept, removed


def _kept_by_count(image: list[int], new: list[int]) -> tuple[set[int], list[int]]:
    left = Counter(image)
    kept = set()
    for index, key in enumerate(new):
        if left[key]:
            left[key] -= 1
            kept.add(index)
    return kept, list(left.elements())


def _apply(image: list[int], edit: LoggedEdit) -> None:
    """Carry a patch into an image: near enough to tell old lines from new ones."""
    at = len(image)
    for key in edit.removed:
        if key in image:
            at = image.index(key)
            del image[at]
    image[at:at] = list(edit.added)
