"""What a killed process left beside the file that it was about to replace."""

from __future__ import annotations

import contextlib
import re
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

_LONGEST_S: Final = 6 * 3600
"""Nobody writes one file for so long."""


#: How a process ends the name of what it writes: with its number, which has at most seven digits.
_OF_PROCESS: Final = re.compile(r"\.\d{1,7}(?:-journal|-wal|-shm)?")


def clear_leftovers(target: Path) -> None:
    """Remove what nobody has written to for hours; a copy that a person made stays, and what cannot be removed."""
    for left in target.parent.iterdir():
        is_named = left.name.startswith(target.name) and _OF_PROCESS.fullmatch(left.name, len(target.name))
        with contextlib.suppress(OSError):
            if is_named and time.time() - left.stat().st_mtime > _LONGEST_S:
                left.unlink()
