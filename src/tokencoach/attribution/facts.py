"""What goes into matching and what comes out: edits, and facts about the fate of their lines.

A generated line is named by its edit and its position: in the edit's ``added`` lines, or in its
``removed`` lines where ``is_removal`` is set. Times are UTC milliseconds.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from tokencoach.attribution.path_kinds import folding
from tokencoach.usage.words import EditKind

if TYPE_CHECKING:
    from zstandard import ZstdDecompressor

SHELL_TRUST: Final = 0.5
APART_TRUST: Final = 0.6
RELEASED_TRUST: Final = 0.8
# The lowest bit says that a line is significant; no line's own key is this small.
UNSEEN_KEY: Final = 1
_LARGEST_TEXT: Final = 64 << 20
_SHELL_KINDS: Final = tuple(kind for kind in EditKind if kind.is_shell)


@cache
def _expander() -> ZstdDecompressor:
    """Loaded with the first packed text: the first screen has none."""
    from zstandard import ZstdDecompressor  # noqa: PLC0415

    return ZstdDecompressor()


class Method(StrEnum):
    """How a generated line was found in a commit."""

    ORDERED = "ordered"
    REWRAPPED = "rewrapped"
    HUMAN_MODIFIED = "human_modified"
    MOVED = "moved"
    SHELL_WRITTEN = "shell_written"
    ABROAD = "abroad"
    APART = "apart"
    RELEASED = "released"
    CLONED = "cloned"


class DeathKind(StrEnum):
    """How a landed line left the default branch."""

    REVERTED = "reverted"
    DELETED = "deleted"
    REWRITTEN = "rewritten"


class AuthoredEdit(msgspec.Struct, frozen=True, gc=False):
    """One successful file change by an assistant, as line keys.

    ``path`` is relative to the repository, with slashes. ``text`` holds the added lines joined by
    newlines while they are kept, ``packed`` the same by zstandard; without either only equal keys
    can match. Of a ``SHELL_PROGRAM`` it is the program, of a ``SHELL_SWEEP`` the substitutions, and ``path``
    a pattern of paths. ``moved_from`` is the path that the file had before.
    """

    edit_id: int
    session_id: int
    at_ms: int
    path: bytes
    added: array[int]
    removed: array[int]
    text: bytes | None = None
    packed: bytes | None = None
    kind: EditKind = EditKind.PATCH
    moved_from: bytes | None = None

    @property
    def trust(self) -> float:
        """The most confidence that a line of it may have: what a command's text says is half a guess."""
        return SHELL_TRUST if self.kind in _SHELL_KINDS else 1.0

    def added_key(self, position: int) -> int:
        """Key of an added line; of one that a command wrote unseen only that it is significant."""
        return self.added[position] if position < len(self.added) else UNSEEN_KEY

    @property
    def has_text(self) -> bool:
        """Whether the added lines are kept."""
        return self.text is not None or self.packed is not None

    def lines(self) -> list[bytes]:
        """The lines of the text as they are compared, none where it is not kept; of a command as it is."""
        text = self.text
        if text is None and self.packed is not None:
            text = _expander().decompress(self.packed, max_output_size=_LARGEST_TEXT)
        text = text or b""
        fold = None if self.kind.is_unseen else folding(self.path)
        return (text if fold is None else fold(text)).split(b"\n")


class Landing(NamedTuple):
    """A generated line reached the default branch. ``line_no`` counts from 1 in the commit's file.

    For a removal ``line_no`` is the line's number in the file before the commit. Of a line that two
    sessions wrote, each has a landing with half the credit.
    """

    edit_id: int
    is_removal: bool
    position: int
    sha: str
    path: bytes
    line_no: int
    landed_ms: int
    method: Method
    confidence: float
    credit: float


class LandedBlock(msgspec.Struct, frozen=True, gc=False):
    """Lines of one edit that reached the default branch together, found in their order: a ``Landing`` each."""

    edit_id: int
    is_removal: bool
    positions: Sequence[int]
    sha: str
    path: bytes
    line_numbers: Sequence[int]
    landed_ms: int
    confidence: float

    def landings(self) -> list[Landing]:
        """What became of each line."""
        edit_id, is_removal, sha, path = self.edit_id, self.is_removal, self.sha, self.path
        at_ms, sure = self.landed_ms, self.confidence
        return [
            Landing(edit_id, is_removal, position, sha, path, number, at_ms, Method.ORDERED, sure, 1.0)
            for position, number in zip(self.positions, self.line_numbers, strict=True)
        ]


class Death(NamedTuple):
    """A landed line left the default branch, or a landed removal was undone."""

    edit_id: int
    is_removal: bool
    position: int
    sha: str
    died_ms: int
    kind: DeathKind


class DiedBlock(msgspec.Struct, frozen=True, gc=False):
    """Lines that left the default branch together: a ``Death`` each, by edit, whether it is a removal (1), position."""

    lines: list[tuple[int, int, int]]
    sha: str
    died_ms: int
    kind: DeathKind

    def deaths(self) -> list[Death]:
        """What became of each line."""
        return [
            Death(edit_id, is_removal == 1, position, self.sha, self.died_ms, self.kind)
            for edit_id, is_removal, position in self.lines
        ]


class Revival(NamedTuple):
    """A dead line came back: it lives again since ``revived_ms``."""

    edit_id: int
    is_removal: bool
    position: int
    sha: str
    revived_ms: int


class Unreadable(NamedTuple):
    """A file of a commit could not be read: what landed or died there then stays unknown."""

    sha: str
    path: bytes
    at_ms: int


class Void(NamedTuple):
    """A removal that took away a line which had never landed: the default branch never saw either.

    ``edit_id`` and ``position`` name the removal, ``over_edit_id`` and ``over_position`` the
    generated line that it overwrote, if an assistant had written the line. Without ``is_removal``
    it is an added line that the file held before: nothing was generated. ``is_doubtful`` says that all of
    the edit stood there, which its log denies: a commit's date is wrong, or somebody wrote the same.
    """

    edit_id: int
    position: int
    over_edit_id: int | None = None
    over_position: int | None = None
    is_removal: bool = True
    is_doubtful: bool = False


class Leaving(NamedTuple):
    """A line of a branch was taken away again: on these refs, by that commit."""

    refs: tuple[str, ...]
    sha: str
    at_ms: int
    kind: DeathKind


class SideSighting(NamedTuple):
    """A generated line stands in a commit outside the default branch.

    ``refs`` are those that reach the commit and still hold the line; none where only a reflog does.
    ``leavings`` tell what became of it on the others. The rest is as in a ``Landing``.
    """

    edit_id: int
    is_removal: bool
    position: int
    sha: str
    commit_ms: int
    refs: tuple[str, ...]
    path: bytes
    line_no: int
    method: Method
    confidence: float
    credit: float
    leavings: tuple[Leaving, ...] = ()


Event = Landing | Death | Revival | Unreadable
BlockEvent = LandedBlock | DiedBlock | Landing | Revival | Unreadable
