"""Added and removed lines: from unified hunks, and from the texts before and after."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

_HUNK: Final = re.compile(r"@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@")


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
    added, removed = [], []
    for line in filter(None, lines):
        # One letter costs half as much as a slice of one.
        mark = line[0]
        if mark == "+":
            added.append(line[1:])
        elif mark == "-":
            removed.append(line[1:])
    return LineChange("\n".join(added), "\n".join(removed))


def unified_change(diff: str) -> LineChange:
    """The changed lines of a unified diff of one file, its headers passed over."""
    marked: list[str] = []
    old = new = 0
    for line in diff.split("\n"):
        if old <= 0 and new <= 0:
            # Outside a hunk stand headers, whose marks look like those of lines.
            hunk = _HUNK.match(line)
            if hunk:
                old, new = (1 if size is None else int(size[:9]) for size in hunk.groups())
            continue
        mark = line[:1]
        old -= mark not in {"+", "\\"}
        new -= mark not in {"-", "\\"}
        marked.append(line)
    return hunk_change(marked)


def text_change(old: str, new: str) -> LineChange:
    """Lines that only the new text holds, and lines that only the old one held.

    Lines are counted, not aligned: a line that moved is neither added nor removed.
    Linear in the length of the texts, whatever they hold.
    """
    # An empty text has one empty line, which a new file does not replace.
    if not old:
        return LineChange(new.removesuffix("\n"), "")
    before, after = _behind_common(split_lines(old), split_lines(new))
    if not before or not after or set(before).isdisjoint(after):
        return LineChange("\n".join(after), "\n".join(before))
    left: dict[str, int] = {}
    for line in before:
        left[line] = left.get(line, 0) + 1
    added = []
    for line in after:
        if left.get(line):
            left[line] -= 1
        else:
            added.append(line)
    gone = len(before) - len(after) + len(added)
    return LineChange("\n".join(added), "\n".join(_last(before, left, gone)))


def _behind_common(one: list[str], other: list[str]) -> tuple[list[str], list[str]]:
    """Both without the lines that they begin with alike: edits quote what stands above them."""
    same = 0
    for line, its_like in zip(one, other, strict=False):
        if line != its_like:
            break
        same += 1
    return one[same:], other[same:]


def _last(lines: list[str], counts: dict[str, int], many: int) -> list[str]:
    """The last so many of the lines as are counted of each, ``many`` in all; uses the counts up."""
    found: list[str] = []
    for line in reversed(lines):
        if len(found) == many:
            break
        if counts[line]:
            counts[line] -= 1
            found.append(line)
    found.reverse()
    return found


def repeated(change: LineChange, times: int) -> LineChange:
    """One change made at several places of a file, as a change of all of them."""
    if times <= 1:
        return change
    return LineChange(*("\n".join([part] * times) if part else "" for part in change))
