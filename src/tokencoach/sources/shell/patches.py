"""What a diff does to files that a command feeds to ``git apply``, ``git am`` or ``patch``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.sources.diffs import LineChange, hunk_change

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_HUNK: Final = re.compile(r"@@ -\d+(?:,(\d{1,9}))? \+\d+(?:,(\d{1,9}))? @@")
_NAME: Final = re.compile(r'(?:---|\+\+\+|rename (?:from|to)) (?:"((?:[^"\\]|\\.)*)"|([^\t\n]*))')
_DEPTH: Final = re.compile(r"(?:-p|--strip=)(\d{1,2})$")
_NOWHERE: Final = "/dev/null"
_ONLY_TELL: Final = frozenset(
    {
        "--check",
        "--stat",
        "--numstat",
        "--summary",
        "--cached",
        "--dry-run",
        "--show-current-patch",
        "--abort",
    }
)


class Patching(NamedTuple):
    """How a command applies a diff: folders taken from the front of its names, and whether backwards."""

    depth: int
    is_reverse: bool
    files: tuple[str, ...]


class Patched(NamedTuple):
    """What a diff does to one file; ``path`` is where the file lies afterwards."""

    path: str
    change: LineChange
    moved_from: str | None = None


def patching(words: Sequence[str]) -> Patching | None:
    """The command as one that applies a diff; None for any other, and for one that changes no file."""
    if words[:1] == ["git"] and len(words) > 1 and words[1] in ("apply", "am"):
        depth, rest = 1, words[2:]
    elif words[:1] == ["patch"]:
        # Without a depth it looks for the names themselves.
        depth, rest = 0, words[1:]
    else:
        return None
    if not _ONLY_TELL.isdisjoint(rest):
        return None
    is_reverse = False
    files: list[str] = []
    at = 0
    while at < len(rest):
        word = rest[at]
        told = _DEPTH.match(word)
        if told is not None:
            depth = int(told[1])
        elif word in ("-p", "-i", "--input", "-d", "--directory") and at + 1 < len(rest):
            at += 1
            depth = int(rest[at]) if word == "-p" and rest[at].isdigit() else depth
            files += [rest[at]] if word in ("-i", "--input") else []
        elif word.startswith("--input="):
            files.append(word.partition("=")[2])
        elif word in ("-R", "--reverse"):
            is_reverse = True
        elif not word.startswith("-"):
            files.append(word)
        at += 1
    return Patching(depth, is_reverse, tuple(files))


def patched(diff: str, how: Patching) -> Iterator[Patched]:
    """The files that a diff of several changes, by the lines that each gains and loses."""
    old = new = left = right = ""
    lines: list[str] = []
    gone = come = 0
    for line in [*diff.split("\n"), "--- ", "+++ "]:
        if gone > 0 or come > 0:
            mark = line[:1]
            gone -= mark not in {"+", "\\"}
            come -= mark not in {"-", "\\"}
            lines.append(line)
            continue
        hunk = _HUNK.match(line)
        if hunk is not None:
            gone, come = (1 if size is None else int(size) for size in hunk.groups())
            continue
        name = _NAME.match(line)
        if name is None:
            continue
        said = name[1] if name[1] is not None else name[2]
        if line.startswith(("--- ", "rename from ")):
            if lines:
                yield _patched(old, new, lines, how)
                lines = []
            left = said
        else:
            right = said
            old, new = left, right


def _patched(old: str, new: str, lines: list[str], how: Patching) -> Patched:
    change = hunk_change(lines)
    if how.is_reverse:
        old, new, change = new, old, LineChange(change.removed, change.added)
    before, after = (_stripped(name, how.depth) for name in (old, new))
    if after is None or before is None:
        return Patched(after or before or "", change)
    return Patched(after, change, before if before != after else None)


def _stripped(name: str, depth: int) -> str | None:
    """A name without its first folders; None where there is no file."""
    if name.strip() == _NOWHERE:
        return None
    return "/".join(name.strip().split("/")[depth:])
