"""Edits written as search blocks, unified diffs, patches or whole files, as extensions log them."""

from __future__ import annotations

import re
from typing import Final

from tokencoach.sources.codex.patches import parse_patch, patches_in
from tokencoach.sources.diffs import LineChange, split_lines, text_change, unified_change
from tokencoach.sources.file_tools import FileChange
from tokencoach.usage.words import EditKind

_SEARCH: Final = re.compile(r"(?:<{3,}|-{3,}) SEARCH>?\s*$")
_DIVIDER: Final = re.compile(r"={3,}\s*$")
_REPLACE: Final = re.compile(r"(?:>{3,}|\+{3,}) REPLACE>?\s*$")
_NEW_FILE: Final = re.compile(r"(?:--- /dev/null\n\+\+\+ .*\n)@@ -0,0 |\*\*\* Begin Patch\n\*\*\* Add File: ")
_NAMED: Final = re.compile(r"(?m)^(?:\+\+\+ (?:b/)?|\*\*\* (?:Add|Update|Delete) File: )([^\t\n]+)")
_PLACE: Final = re.compile(r":(?:start_line|end_line):\s*\d+\s*$|-{3,}\s*$")


def changes_of(path: str, told: str, cwd: str | None) -> list[FileChange]:
    """What an edit's text does to a file, whichever of the four ways it is written in."""
    if "*** Begin Patch" in told:
        files = [file for body in patches_in(told) for file in parse_patch(body, cwd)]
        return [FileChange(file.path, file.kind, file.change, file.moved_from) for file in files]
    blocks = search_blocks(told)
    if blocks is not None:
        return [FileChange(path, EditKind.STRINGS, blocks)]
    if re.search(r"(?m)^@@ -\d", told):
        return [FileChange(path, EditKind.PATCH, unified_change(told))]
    return [_whole(path, told)]


def created(path: str, told: str, cwd: str | None) -> list[FileChange]:
    """A new file, by its text or by a diff or patch that makes it; a file may itself be a diff of others."""
    found = changes_of(path, told, cwd) if _NEW_FILE.match(told) else []
    names = [file[1] for file in _NAMED.finditer(told)]
    is_its_own = all(path.replace("\\", "/").endswith(f"/{name}") for name in names)
    if is_its_own and [change.path for change in found] == [path]:
        return found
    return [_whole(path, told)]


def _whole(path: str, told: str) -> FileChange:
    return FileChange(path, EditKind.WRITE, LineChange("\n".join(split_lines(told)), ""))


def search_blocks(told: str) -> LineChange | None:
    """The lines that search blocks add and remove; nothing where the text has none."""
    half = 0
    halves: tuple[list[str], list[str]] = ([], [])
    changes: list[LineChange] = []
    for line in told.split("\n"):
        if half == 0:
            if _SEARCH.match(line):
                half, halves = 1, ([], [])
        elif half == 1 and _DIVIDER.match(line):
            half = 2
        elif half == 2 and _REPLACE.match(line):
            changes.append(text_change("\n".join(halves[0]), "\n".join(halves[1])))
            half = 0
        elif half == 2 or halves[0] or not _PLACE.match(line):
            halves[half - 1].append(line)
    if not changes:
        return None
    return LineChange(*("\n".join(filter(None, side)) for side in zip(*changes, strict=True)))
