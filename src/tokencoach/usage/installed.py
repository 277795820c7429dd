"""What is installed beside the program, told by the folders of packages alone.

The standard library's way loads a reader of mail first, which takes twenty times as long.
"""

from __future__ import annotations

import os
import sys
from importlib.machinery import PathFinder
from typing import Final

_NOTES: Final = ".dist-info"
_ENTRY_POINTS: Final = "entry_points.txt"


def installed_version(package: str) -> str | None:
    """The version of a package, in its normal form; None where its folder does not tell."""
    beginning = package.replace("-", "_").lower() + "-"
    for folder in sys.path:
        for name in _names(folder):
            if name.endswith(_NOTES) and name.lower().startswith(beginning):
                return name[len(beginning) : -len(_NOTES)]
    return None


def may_offer(group: str) -> bool:
    """Whether any package may offer an entry point of a group; False only where none does."""
    wanted = group.encode()
    for folder in sys.path:
        if os.path.isfile(folder):  # noqa: PTH113 - at every start
            # An archive of packages; only the standard library reads such.
            return True
        for name in _names(folder):
            if name.endswith(".egg") or (
                name.endswith((_NOTES, ".egg-info")) and wanted in _entry_points(os.path.join(folder, name))  # noqa: PTH118
            ):
                return True
    return any(hasattr(finder, "find_distributions") and finder is not PathFinder for finder in sys.meta_path)


def _names(folder: str) -> list[str]:
    try:
        return os.listdir(folder or ".")  # noqa: PTH208 - at every start
    except OSError:
        return []


def _entry_points(notes: str) -> bytes:
    try:
        with open(os.path.join(notes, _ENTRY_POINTS), "rb") as file:  # noqa: PTH118, PTH123
            return file.read()
    except OSError:
        return b""
