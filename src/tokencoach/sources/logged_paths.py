"""Paths as logs tell them, in the manner of the machine that wrote the log."""

from __future__ import annotations

import ntpath
import posixpath
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from types import ModuleType

_LONGEST: Final = 512


def resolve(path: str, folder: str | None) -> str:
    """An absolute path, where the folder is known that a relative one counts from."""
    is_windows = path[1:3] in (":\\", ":/") or path.startswith("\\\\")
    if path.startswith("/") or is_windows or not folder:
        return path
    return _joined(path, folder) if len(path) + len(folder) <= _LONGEST else _join(path, folder)


def _join(path: str, folder: str) -> str:
    rules: ModuleType = ntpath if "\\" in folder and "/" not in folder else posixpath
    return str(rules.normpath(rules.join(folder, path)))


#: A session names the same few files again and again.
_joined: Final = lru_cache(maxsize=1024)(_join)
