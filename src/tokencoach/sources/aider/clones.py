"""Which part of a chat history came with a clone: it was said where the clone came from, perhaps by a stranger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

_LONGEST_LINE: Final = 8192
_MOST_INDEX: Final = 64 << 20


def cloned_ms(history: Path) -> int:
    """When the repository around a tracked history was cloned, in UTC milliseconds; 0 where it was not.

    Git notes the clone as the first move of ``HEAD``, until it forgets that. A history that git does not
    track came by no clone.
    """
    git_dir = history.parent / ".git"
    try:
        with (git_dir / "logs" / "HEAD").open("rb") as file:
            first = file.readline(_LONGEST_LINE)
        who, tab, what = first.partition(b"\t")
        if not tab or not what.startswith(b"clone: from "):
            return 0
        at_s = int(who.rsplit(b" ", 2)[1])
        with (git_dir / "index").open("rb") as file:
            is_tracked = history.name.encode() in file.read(_MOST_INDEX)
    except (OSError, ValueError, IndexError):
        return 0
    return at_s * 1000 if is_tracked else 0
