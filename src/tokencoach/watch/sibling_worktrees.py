"""Folders that worktrees of a repository are put in: by habit beside it, or by a program all in one folder."""

from __future__ import annotations

import os
import posixpath
import re
from collections import defaultdict
from typing import TYPE_CHECKING, Final

from tokencoach.store.repo_rows import folders, known_repos, place_folder
from tokencoach.watch.roots import slashed

if TYPE_CHECKING:
    from tokencoach.store.connect import Connection
    from tokencoach.store.repo_rows import FolderRow

_BESIDE: Final = re.compile(r"(.+?)(?:\.|__|_|-|)(?:worktrees?|trees)", re.IGNORECASE)
_DEEPEST: Final = 3
_FEWEST: Final = 2


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


def place_beside_worktrees(connection: Connection) -> list[int]:
    """Place folders that are gone and lay among worktrees of one repository alone; their rows.

    Of work that was never merged nothing else tells where it belonged. A folder that holds the repository
    itself may hold anything.
    """
    among: defaultdict[str, list[FolderRow]] = defaultdict(list)
    for folder in folders(connection):
        among[posixpath.dirname(slashed(folder.name))].append(folder)
    mains = {repo.repo_id: posixpath.dirname(slashed(repo.path)) for repo in known_repos(connection)}
    placed = []
    for above, every in among.items():
        gone = [folder for folder in every if folder.state == "gone"]
        trees = [folder for folder in every if folder.repo_id is not None and folder.root is not None]
        owners = {folder.repo_id for folder in trees if _is_its_root(folder)}
        if not gone or len(trees) < _FEWEST or len(owners) != 1 or len(gone) + len(trees) < len(every):
            continue
        (owner,) = owners
        if all(map(_is_its_root, trees)) and owner is not None and mains.get(owner, above) != above:
            for folder in gone:
                place_folder(connection, folder.folder_id, owner, slashed(folder.name), "repository")
                placed.append(folder.folder_id)
    return placed


def _is_its_root(folder: FolderRow) -> bool:
    """Whether a folder was a worktree itself, and not a folder in one."""
    root = folder.root or ""
    return slashed(root) in (slashed(folder.name), os.path.realpath(folder.name))
