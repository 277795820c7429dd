"""Folders that worktrees of a repository are put in by habit: beside it, under a name made of its own."""

from __future__ import annotations

import posixpath
import re
from typing import Final

_BESIDE: Final = re.compile(r"(.+?)(?:\.|__|_|-|)(?:worktrees?|trees)", re.IGNORECASE)
_DEEPEST: Final = 3


def worktrees_beside(path: str, home: str) -> list[str]:
    """The folders that may be the worktree in which a file lies, given the folder of a session of the repository.

    Both are absolute and have slashes. The outermost comes first: a branch's name may hold slashes. Nothing
    where the file lies in no folder of worktrees beside the repository.
    """
    main = _main_folder(home)
    above, base = posixpath.split(main)
    if not base or not path.startswith(f"{above.rstrip('/')}/"):
        return []
    first, *inside = path[len(above.rstrip("/")) + 1 :].split("/")
    if first == base and main != home:
        return [main]
    held = _BESIDE.fullmatch(first)
    if held is None or held[1] != base:
        return []
    holder = posixpath.join(above, first)
    return [posixpath.join(holder, *inside[:depth]) for depth in range(1, min(_DEEPEST, len(inside) - 1) + 1)]


def _main_folder(home: str) -> str:
    """The repository's own folder, where a session's is one of its worktrees."""
    parts = home.split("/")
    for place in range(len(parts) - 2, 0, -1):
        held = _BESIDE.fullmatch(parts[place])
        if held is not None:
            return "/".join([*parts[:place], held[1]])
    return home
