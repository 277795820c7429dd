"""Paths as logs name them: of whichever machine and system wrote them, along links, below roots."""

from __future__ import annotations

import os
import posixpath
import re
from functools import lru_cache
from pathlib import Path

from tokencoach.git.locate import Repository, find

_DRIVE = re.compile(r"^[A-Za-z]:[\\/]|^\\\\")


def is_absolute(path: str) -> bool:
    """Whether a logged path begins at a root, or at a drive of Windows."""
    return path.startswith("/") or _DRIVE.match(path) is not None


def slashed(path: str) -> str:
    r"""A logged path with slashes; drive letters in lower case, so that ``D:\x`` and ``d:/x`` agree."""
    if _DRIVE.match(path):
        path = path.replace("\\", "/")
        path = path[0].lower() + path[1:]
    return posixpath.normpath(path) if path else path


def linked(path: str, known: dict[str, str]) -> str:
    """A logged path moved along the longest link that holds it."""
    found = slashed(path)
    best, target = "", ""
    for old, new in known.items():
        name = slashed(old)
        if len(name) > len(best) and (found == name or found.startswith(name.rstrip("/") + "/")):
            best, target = name, new
    return target.rstrip("/") + found[len(best.rstrip("/")) :] if best else found


def relative(path: str, root: str) -> str | None:
    """The path below a root, or None where it lies elsewhere."""
    prefix = slashed(root).rstrip("/") + "/"
    whole = slashed(path)
    return whole[len(prefix) :] if whole.startswith(prefix) else None


@lru_cache(maxsize=4096)
def find_in(folder: str) -> Repository | None:
    """The repository that a folder lies in, remembered for one round."""
    return find(Path(folder))


def root_of(repository: Repository, folder: str) -> str:
    """The worktree of a repository that holds a folder, as an absolute path without links."""
    real = os.path.realpath(folder)
    holding = [str(tree) for tree in repository.worktrees if relative(real + "/x", str(tree)) is not None]
    return max(holding, key=len) if holding else str(repository.main_worktree or repository.common_dir)
