"""The edits in a model's answer to Aider: search blocks, whole files, unified diffs, patches."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from tokencoach.sources.codex.patches import parse_patch
from tokencoach.sources.diffs import LineChange, text_change, unified_change
from tokencoach.sources.file_tools import FileChange
from tokencoach.sources.logged_paths import resolve
from tokencoach.usage.words import EditKind

if TYPE_CHECKING:
    from tokencoach.sources.aider.state import State

_FENCE: Final = re.compile(r"(`{3,}|~{3,}|<source>|<code>|<pre>)(\w*)\s*$")
_CLOSING: Final = {"<source>": "</source>", "<code>": "</code>", "<pre>": "</pre>"}
_SEARCH: Final = re.compile(r"<{5,9} SEARCH>?\s*$")
_DIVIDER: Final = re.compile(r"={5,9}\s*$")
_REPLACE: Final = re.compile(r">{5,9} REPLACE\s*$")
_NAME: Final = re.compile(r"[\w./\\ +@()\[\]-]+\.\w+|[\w./\\-]+")
_SEARCHED: Final = "<<<<<<< SEARCH"
_LOOKED_BACK: Final = 3
_MOST_LINES: Final = 20_000


class Answer:
    """Follows a model's answer line by line; everything it knows stands in ``state``."""

    def __init__(self, state: State) -> None:
        self._state = state

    @property
    def is_inside(self) -> bool:
        """Whether a code block or a search block is open, so that marks in it are the file's own."""
        return bool(self._state.half or self._state.fence)

    def take(self, line: str) -> None:
        """One line of the answer."""
        state = self._state
        if state.half:
            self._in_search(line)
        elif _SEARCH.match(line):
            state.half, state.searched, state.replaced = 1, [], []
            state.path = self._name() or state.path
        elif state.fence:
            self._in_block(line)
        elif fence := _FENCE.match(line):
            state.fence = _CLOSING.get(fence[1], fence[1])
            state.path = self._name()
            state.block = [fence[2]]
        else:
            self._remember(line)

    def close(self) -> None:
        """The answer has ended, whatever was still open in it."""
        state = self._state
        state.half, state.fence, state.path = 0, "", ""
        state.recent, state.block, state.searched, state.replaced = [], [], [], []

    def applied(self, path: str, folder: str) -> FileChange | None:
        """What was done to a file that is said to be changed now; nothing where no answer shows it."""
        state = self._state
        own = [change for change in state.proposed if _same(change[0], path)]
        if own:
            state.proposed = [change for change in state.proposed if not _same(change[0], path)]
            removed, added = ("\n".join(filter(None, side)) for side in list(zip(*own, strict=True))[1:])
            return FileChange(resolve(path, folder), EditKind.STRINGS, LineChange(added, removed))
        name = next((name for name in state.whole if _same(name, path)), None)
        if name is None:
            return None
        return FileChange(resolve(path, folder), EditKind.WRITE, LineChange(state.whole.pop(name), ""))

    def left(self, folder: str) -> list[FileChange]:
        """Changes proposed and never applied; whole files may have been mere examples."""
        state = self._state
        files = [
            FileChange(resolve(path, folder), EditKind.STRINGS, LineChange(added, removed))
            for path, removed, added in state.proposed
            if path
        ]
        state.proposed, state.whole = [], {}
        return files

    def _in_search(self, line: str) -> None:
        state = self._state
        if state.half == 1 and _DIVIDER.match(line):
            state.half = 2
        elif _REPLACE.match(line):
            change = text_change("\n".join(state.searched), "\n".join(state.replaced))
            self._propose(state.path, change)
            state.half, state.searched, state.replaced = 0, [], []
            # A block with searches in it shows no whole file.
            state.block.append(_SEARCHED)
        elif len(state.searched) + len(state.replaced) < _MOST_LINES:
            (state.searched if state.half == 1 else state.replaced).append(line)

    def _in_block(self, line: str) -> None:
        state = self._state
        if line.rstrip() != state.fence:
            if len(state.block) < _MOST_LINES:
                state.block.append(line)
            # A fence may begin with the name of the file that the search block in it is for.
            self._remember(line)
            return
        kind, *lines = state.block
        state.fence, state.block = "", []
        body = "\n".join(lines)
        if "*** Begin Patch" in body or "*** Update File: " in body or "*** Add File: " in body:
            for file in parse_patch(body, None):
                self._propose(file.path, file.change)
        elif kind == "diff" and "\n+++ " in f"\n{body}":
            for part in re.split(r"(?m)^(?=--- )", body):
                name = re.search(r"(?m)^\+\+\+ (?:b/)?(\S+)", part)
                if name:
                    self._propose(name[1], _loose_change(part))
        elif state.path and _SEARCHED not in lines:
            state.whole[state.path] = body

    def _propose(self, path: str, change: LineChange) -> None:
        self._state.proposed.append((path, change.removed, change.added))

    def _remember(self, line: str) -> None:
        if line.strip():
            self._state.recent = [*self._state.recent[1 - _LOOKED_BACK :], line[:300]]

    def _name(self) -> str:
        """The file named in the lines just before."""
        for line in reversed(self._state.recent):
            name = line.strip().strip("*#`:").strip()
            if name and _NAME.fullmatch(name) and ("." in name or "/" in name):
                return name
        return ""


def _same(name: str, path: str) -> bool:
    return name == path or path.endswith("/" + name) or name.endswith("/" + path)


def _loose_change(part: str) -> LineChange:
    """The change of a diff as models write it: often without the numbers of its hunks."""
    if re.search(r"(?m)^@@ -\d", part):
        return unified_change(part)
    lines = [line for line in part.split("\n") if not line.startswith(("--- ", "+++ ", "@@"))]
    marked = [line for line in lines if line[:1] in ("+", "-")]
    added = "\n".join(line[1:] for line in marked if line[0] == "+")
    return LineChange(added, "\n".join(line[1:] for line in marked if line[0] == "-"))
