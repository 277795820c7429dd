"""Which part of a chat history came with a clone: it was said where the clone came from, perhaps by a stranger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tokencoach import regular_files

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
        first = regular_files.head(git_dir / "logs" / "HEAD", _LONGEST_LINE).split(b"\n", 1)[0]
        who, tab, what = first.partition(b"\t")
        if not tab or not what.startswith(b"clone: from "):
            return 0
        at_s = int(who.rsplit(b" ", 2)[1])
        is_tracked = history.name.encode() in regular_files.head(git_dir / "index", _MOST_INDEX)
    except (OSError, ValueError, IndexError):
        return 0
    return at_s * 1000 if is_tracked else 0
