"""File changes by Codex: its patch format, and the changes its events report."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.sources.diffs import LineChange, hunk_change
from tokencoach.sources.logged_paths import resolve
from tokencoach.usage.words import EditKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tokencoach.sources.codex.records import FileChange

_BEGIN: Final = "*** Begin Patch"
_END: Final = "*** End Patch"
_MARK: Final = "*** "
_HEADER: Final = re.compile(r"\*\*\* (Add|Update|Delete) File: (.+?)\s*$")
_MOVE: Final = re.compile(r"\*\*\* Move to: (.+?)\s*$")
_CHANGE_OF_FOLDER: Final = re.compile(r"""\bcd\s+("[^"]+"|'[^']+'|[^\s;&|]+)\s*(?:&&|;|\n)""")


class PatchedFile(NamedTuple):
    """What a patch does to one file; ``path`` is where the file lies afterwards."""

    path: str
    kind: EditKind
    change: LineChange
    moved_from: str | None = None

    @property
    def source_path(self) -> str:
        """Where the file lay before."""
        return self.moved_from or self.path


def patches_in(text: str) -> Iterator[str]:
    """The bodies of every patch in a text; one that lacks its end reaches to the text's end."""
    position = text.find(_BEGIN)
    while position >= 0:
        end = text.find(_END, position)
        yield text[position + len(_BEGIN) : end if end >= 0 else len(text)]
        position = text.find(_BEGIN, position + len(_BEGIN) if end < 0 else end)


def parse_patch(body: str, folder: str | None) -> list[PatchedFile]:
    """The files that one patch adds, updates, moves or deletes, in its order."""
    found = []
    action, path, moved_to = "", "", None
    lines: list[str] = []
    # A last header of no file closes the one before it.
    for line in [*body.split("\n"), "*** Delete File: end of the patch"]:
        if not line.startswith(_MARK):
            lines.append(line)
            continue
        header = _HEADER.match(line)
        if header is None:
            move = _MOVE.match(line)
            if move and not lines:
                moved_to = move[1]
            else:
                lines.append(line)
            continue
        if action:
            found.append(_patched(action, path, moved_to, lines, folder))
        action, path = header[1], header[2]
        moved_to, lines = None, []
    return found


def _patched(
    action: str, path: str, moved_to: str | None, lines: list[str], folder: str | None
) -> PatchedFile:
    source = resolve(path, folder)
    change = hunk_change(line for line in lines if not line.startswith("*** End of File"))
    if action == "Add":
        return PatchedFile(source, EditKind.WRITE, LineChange(change.added, ""))
    if moved_to:
        return PatchedFile(resolve(moved_to, folder), EditKind.PATCH, change, source)
    return PatchedFile(source, EditKind.PATCH, change)


def joined_by_path(files: Iterable[PatchedFile]) -> list[PatchedFile]:
    """One entry a file, where a patch comes back to a file that it has changed before."""
    by_path: dict[str, PatchedFile] = {}
    for file in files:
        old = by_path.get(file.source_path)
        if old is None:
            by_path[file.source_path] = file
            continue
        parts = zip(old.change, file.change, strict=True)
        change = LineChange(*("\n".join(part for part in pair if part) for pair in parts))
        by_path[file.source_path] = old._replace(
            path=file.path, change=change, moved_from=file.moved_from or old.moved_from
        )
    return list(by_path.values())


def reported(changes: dict[str, FileChange], folder: str | None) -> list[PatchedFile]:
    """The files that a finished patch reports as changed."""
    return [_reported(resolve(path, folder), change, folder) for path, change in changes.items() if path]


def _reported(path: str, change: FileChange, folder: str | None) -> PatchedFile:
    content = (change.content or "").removesuffix("\n")
    if change.type == "add":
        return PatchedFile(path, EditKind.WRITE, LineChange(content, ""))
    if change.type == "delete":
        return PatchedFile(path, EditKind.PATCH, LineChange("", content))
    lines = (change.unified_diff or "").split("\n")
    # Before the first hunk stand file headers, whose marks look like those of lines.
    first = next((number for number, line in enumerate(lines) if line.startswith("@@")), 0)
    lines_changed = hunk_change(lines[first:])
    if change.move_path:
        return PatchedFile(resolve(change.move_path, folder), EditKind.PATCH, lines_changed, path)
    return PatchedFile(path, EditKind.PATCH, lines_changed)


def folder_of_command(command: str, folder: str | None) -> str | None:
    """Where a shell command's patch applies: a ``cd`` before it counts."""
    for found in _CHANGE_OF_FOLDER.finditer(command[: command.find(_BEGIN)]):
        folder = resolve(found[1].strip("\"'"), folder)
    return folder
