"""Added and removed lines: from unified hunks, and from the texts before and after."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable


class LineChange(NamedTuple):
    """Added and removed lines, each joined by newlines."""

    added: str
    removed: str


def split_lines(text: str) -> list[str]:
    """Lines of a text; a newline at its end opens no further line."""
    lines = text.split("\n")
    if not lines[-1]:
        lines.pop()
    return lines


def hunk_change(lines: Iterable[str]) -> LineChange:
    """The ``+`` and ``-`` lines of hunk bodies (no file headers among them)."""
    marked = [line for line in lines if line and line[0] in "+-"]
    added = "\n".join([line[1:] for line in marked if line[0] == "+"])
    removed = "\n".join([line[1:] for line in marked if line[0] == "-"])
    return LineChange(added, removed)


def text_change(old: str, new: str) -> LineChange:
    """Lines that only the new text holds, and lines that only the old one held.

    Lines are counted, not aligned: a line that moved is neither added nor removed.
    Linear in the length of the texts, whatever they hold.
    """
    # An empty text has one empty line, which a new file does not replace.
    if not old:
        return LineChange("\n".join(split_lines(new)), "")
    before, after = split_lines(old), split_lines(new)
    return LineChange(_surplus(after, before), _surplus(before, after))


def _surplus(lines: list[str], others: list[str]) -> str:
    left = Counter(others)
    kept = []
    for line in lines:
        if left[line] > 0:
            left[line] -= 1
        else:
            kept.append(line)
    return "\n".join(kept)


def repeated(change: LineChange, times: int) -> LineChange:
    """The same change made at several places of a file."""
    if times <= 1:
        return change
    return LineChange(*("\n".join([part] * times) if part else "" for part in change))
