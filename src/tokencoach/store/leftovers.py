"""What a killed process left beside the file that it was about to replace."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

_LONGEST_S: Final = 6 * 3600
"""Nobody writes one file for so long."""


def clear_leftovers(folder: Path, pattern: str) -> None:
    """Remove unfinished files of a folder that nobody has written to for hours; one that cannot be removed stays."""
    for left in folder.glob(pattern):
        with contextlib.suppress(OSError):
            if time.time() - left.stat().st_mtime > _LONGEST_S:
                left.unlink()
