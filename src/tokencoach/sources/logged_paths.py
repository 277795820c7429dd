"""Paths as logs tell them, in the manner of the machine that wrote the log."""

from __future__ import annotations

import ntpath
import posixpath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType


def resolve(path: str, folder: str | None) -> str:
    """An absolute path, where the folder is known that a relative one counts from."""
    is_windows = path[1:3] in (":\\", ":/") or path.startswith("\\\\")
    if path.startswith("/") or is_windows or not folder:
        return path
    rules: ModuleType = ntpath if "\\" in folder and "/" not in folder else posixpath
    return str(rules.normpath(rules.join(folder, path)))
