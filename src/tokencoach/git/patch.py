"""Reading ``git log -p -U0`` output: files and hunks, counted by hunk headers and never by look."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import IO, TYPE_CHECKING, Final

import msgspec

from tokencoach.git.errors import CorruptError
from tokencoach.git.paths import path_of_header, path_of_label, unquoted

if TYPE_CHECKING:
    from collections.abc import Callable

_HUNK: Final = re.compile(rb"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_CHUNK: Final = 1 << 20
_SPARE_BYTES: Final = 4 << 20
_USUAL_LINE: Final = 40
_REGULAR: Final = 0o100000
_KIND: Final = 0o170000


class Hunk(msgspec.Struct, frozen=True, gc=False):
    """Lines that went and lines that came. Starts count from 1, as git writes them.

    Where a side is empty its start is the line after which the other side stands.
    ``raw_removed`` and ``raw_added`` still carry git's sign before each line.
    """

    old_start: int
    raw_removed: list[bytes]
    new_start: int
    raw_added: list[bytes]

    @property
    def removed(self) -> list[bytes]:
        """Removed lines without newlines."""
        # Signs come off only when somebody looks: most hunks are never looked at.
        return [line[1:] for line in self.raw_removed]

    @property
    def added(self) -> list[bytes]:
        """Added lines without newlines."""
        return [line[1:] for line in self.raw_added]


class FileChange(msgspec.Struct):
    """What one commit does to one regular file. ``old_path`` is set for a rename or a copy only.

    ``hunks`` is empty for a binary file, and for a file nobody wanted once a commit's unwanted
    hunks outgrow 4 MiB; ``is_complete`` is False then. Blob names are hexadecimal, zeros for none.
    """

    path: bytes
    old_path: bytes | None = None
    is_new: bool = False
    is_deleted: bool = False
    is_copy: bool = False
    is_binary: bool = False
    is_complete: bool = True
    mode: int = _REGULAR | 0o644
    old_blob: bytes = b""
    new_blob: bytes = b""
    hunks: list[Hunk] = []


class LineReader:
    """Lines of a stream, handed out in slices so that no Python runs per line."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source = source
        self._lines: list[bytes] = []
        self._next = 0
        self._tail: list[bytes] = []
        self._ended = False

    def peek(self) -> bytes | None:
        """The next line without its newline, left where it is; None at the end."""
        while self._next >= len(self._lines):
            if not self._refill():
                return None
        return self._lines[self._next]

    def line(self) -> bytes | None:
        """The next line; None at the end."""
        found = self.peek()
        self._next += 1
        return found

    def take(self, count: int) -> list[bytes]:
        """The next lines.

        Raises:
            CorruptError: the stream ends before.
        """
        while len(self._lines) - self._next < count:
            if not self._refill():
                raise CorruptError("git's output ended within a change")
        found = self._lines[self._next : self._next + count]
        self._next += count
        return found

    def side(self, count: int) -> list[bytes]:
        r"""The next lines, and past ``\ No newline at end of file``: no counted line begins so.

        Raises:
            CorruptError: the stream ends before.
        """
        found = self.take(count)
        if self._next < len(self._lines):
            if self._lines[self._next][:1] == b"\\":
                self._next += 1
        else:
            self.pass_note()
        return found

    def sides(self, removed: int, added: int) -> tuple[list[bytes], list[bytes]]:
        """The lines of a hunk's two sides, as ``side`` gives them.

        Raises:
            CorruptError: the stream ends before.
        """
        lines, start = self._lines, self._next
        middle = start + removed
        end = middle + added
        # Nearly every hunk is there whole, and no file of it lacks its last newline.
        if end < len(lines) and lines[middle][:1] != b"\\" and lines[end][:1] != b"\\":
            self._next = end
            return lines[start:middle], lines[middle:end]
        gone = self.side(removed)
        return gone, self.side(added)

    def hunk(self) -> Hunk | None:
        """The next hunk, if one comes next and all of it, and a line more, is there already; mostly it is."""
        lines, at = self._lines, self._next
        if at >= len(lines) or not lines[at].startswith(b"@@ "):
            return None
        old_start, removed, new_start, added = _sizes_of(lines[at])
        middle = at + 1 + removed
        end = middle + added
        if end >= len(lines) or lines[middle][:1] == b"\\" or lines[end][:1] == b"\\":
            return None
        self._next = end
        return Hunk(old_start, lines[at + 1 : middle], new_start, lines[middle:end])

    def ahead(self, count: int) -> list[bytes]:
        """The next lines as far as they are there, left where they are."""
        return self._lines[self._next : self._next + count]

    def pass_note(self) -> None:
        """Pass over git's remark on a missing last newline, if it comes next."""
        line = self.peek()
        if line and line.startswith(b"\\"):
            self._next += 1

    def skip(self, count: int) -> None:
        """Pass over lines without holding them.

        Raises:
            CorruptError: the stream ends before.
        """
        while (there := len(self._lines) - self._next) < count:
            count -= there
            self._next = len(self._lines)
            if not self._refill():
                raise CorruptError("git's output ended within a change")
        self._next += count

    def _refill(self) -> bool:
        if self._ended:
            return False
        chunk = self._source.read(_CHUNK)
        if not chunk:
            self._ended = True
            # A line longer than a chunk is collected and joined once, not grown chunk by chunk.
            rest = b"".join(self._tail)
            self._lines = self._lines[self._next :] + ([rest] if rest else [])
            self._next = 0
            return bool(rest)
        head, newline, rest = chunk.partition(b"\n")
        self._tail.append(head)
        if newline:
            lines = rest.split(b"\n")
            del self._lines[: self._next]
            self._next = 0
            self._lines.append(b"".join(self._tail))
            self._tail = [lines.pop()]
            self._lines += lines
        return True


class PatchReader:
    """Reads the changes of one commit after the other from a stream of patches."""

    def __init__(self, lines: LineReader, wanted: Callable[[bytes], bool] | None = None) -> None:
        self._lines = lines
        self._wanted = wanted

    def changes(self) -> list[FileChange]:
        """Changes up to the next line that is neither blank nor part of a patch."""
        found = []
        spare = _SPARE_BYTES
        while (line := self._lines.peek()) is not None and (not line or line.startswith(b"diff --git ")):
            self._lines.line()
            if not line:
                continue
            change = self._header(line)
            is_regular = change.mode & _KIND == _REGULAR
            is_wanted = self._wanted is None or self._wanted(change.path)
            if not is_wanted and self._wanted is not None and change.old_path is not None:
                is_wanted = self._wanted(change.old_path)
            if is_wanted and is_regular:
                self._hunks(change)
            else:
                # A line that leaves a wanted file may turn up in any other, so those are kept while they fit.
                spare -= self._spare_hunks(change, spare if is_regular else 0)
            if is_regular:
                found.append(change)
        return found

    def _header(self, first: bytes) -> FileChange:
        """The lines of a file's change before its first hunk."""
        usual = _usual_header(first, self._lines.ahead(3))
        if usual is not None:
            self._lines.skip(3)
            return usual
        change = FileChange(b"")
        old_name = new_name = None
        while (line := self._lines.peek()) and not line.startswith((b"@@ ", b"diff --git ", b"\x01")):
            self._lines.line()
            word, _, rest = line.partition(b" ")
            if word == b"---":
                old_name = path_of_label(rest)
            elif word == b"+++":
                new_name = path_of_label(rest)
            else:
                _extended_header(change, word, rest)
        # Without hunks the path stands in the first line only.
        if not change.path:
            change.path = new_name or old_name or path_of_header(first.removeprefix(b"diff --git "))
        return change

    def _hunks(self, change: FileChange) -> None:
        while True:
            hunk = self._lines.hunk()
            if hunk is None:
                sizes = self._sizes()
                if sizes is None:
                    return
                old_start, removed, new_start, added = sizes
                gone, come = self._lines.sides(removed, added)
                hunk = Hunk(old_start, gone, new_start, come)
            change.hunks.append(hunk)

    def _spare_hunks(self, change: FileChange, spare: int) -> int:
        """Hunks of a file nobody wanted, as long as they fit; returns the bytes they take."""
        spent = 0
        while (sizes := self._sizes()) is not None:
            old_start, removed, new_start, added = sizes
            # Refused before it is read: the header tells the number of lines, not of bytes.
            if (removed + added) * _USUAL_LINE > spare - spent:
                change.hunks.clear()
                change.is_complete = False
                spent = spare
                self._lines.skip(removed)
                self._lines.pass_note()
                self._lines.skip(added)
                self._lines.pass_note()
                continue
            gone, come = self._lines.sides(removed, added)
            spent += sum(map(len, gone)) + sum(map(len, come))
            change.hunks.append(Hunk(old_start, gone, new_start, come))
        return spent

    def _sizes(self) -> tuple[int, int, int, int] | None:
        """Starts and lengths that the next hunk header states, if a hunk comes next."""
        line = self._lines.peek()
        if not line or not line.startswith(b"@@ "):
            return None
        sizes = _sizes_of(line)
        self._lines.line()
        return sizes


def _sizes_of(header: bytes) -> tuple[int, int, int, int]:
    """Start and length of the old side and of the new one."""
    match = _HUNK.match(header)
    if match is None:
        raise CorruptError("git's output holds a change without lengths")
    old_start, removed, new_start, added = match.groups()
    return (
        int(old_start),
        1 if removed is None else int(removed),
        int(new_start),
        1 if added is None else int(added),
    )


def _usual_header(first: bytes, lines: list[bytes]) -> FileChange | None:
    """What a header says that has no more than the names of one file and its blobs, as most have; else None."""
    if len(lines) < 3 or not lines[0].startswith(b"index ") or not lines[1].startswith(b"--- a/"):
        return None
    path = lines[1][6:]
    # After a name with spaces git writes a tab.
    if lines[2] != b"+++ b/" + path or first != b"diff --git a/" + path + b" b/" + path or b"\t" in path:
        return None
    old_blob, _, rest = lines[0][6:].partition(b"..")
    new_blob, _, mode = rest.partition(b" ")
    return FileChange(path, old_blob=old_blob, new_blob=new_blob, mode=_mode(mode)) if mode else None


@lru_cache(maxsize=64)
def _mode(digits: bytes) -> int:
    try:
        return int(digits, 8)
    except ValueError:
        # A git that was killed ends within a line.
        raise CorruptError("git's output holds a file without its mode") from None


def _extended_header(change: FileChange, word: bytes, rest: bytes) -> None:
    """One header line between ``diff --git`` and the hunks."""
    if word == b"index":
        blobs, _, mode = rest.partition(b" ")
        change.old_blob, _, change.new_blob = blobs.partition(b"..")
        change.mode = _mode(mode) if mode else change.mode
    elif word in (b"new", b"deleted"):
        what, _, mode = rest.rpartition(b" ")
        change.is_new = change.is_new or (word == b"new" and what == b"file mode")
        change.is_deleted = word == b"deleted"
        change.mode = _mode(mode)
    elif word in (b"rename", b"copy"):
        side, _, name = rest.partition(b" ")
        change.is_copy = word == b"copy"
        if side == b"from":
            change.old_path = unquoted(name)
        else:
            change.path = unquoted(name)
    elif word == b"Binary":
        change.is_binary = True
