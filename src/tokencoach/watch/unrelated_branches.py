"""Branches with a history of their own: pages of a site, published data. They are never merged anywhere."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from tokencoach.git.history import unrelated
from tokencoach.git.tree import tracked_paths

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tokencoach.git.graph import CommitNode
    from tokencoach.git.refs import Ref

_BRANCHES: Final = re.compile(r"refs/(?:heads|remotes/[^/]+)/(?P<name>.+)")
# Tools keep what an assistant said, or the folder as it was, on branches of these names.
_OF_TOOLS: Final = re.compile(
    r"(?i)(?:^|[/_-])(?:entire|specstory|checkpoints?|shadow|snapshots?)(?:[/_-]|$)"
)
_MOST_SHARE: Final = 0.5


def apart_refs(git_dir: Path, known: Iterable[Ref], nodes: list[CommitNode], tip: str | None) -> list[Ref]:
    """Branches that share no commit with the default one and hold files of their own.

    ``nodes`` are the commits that the default branch, at ``tip``, does not reach. A branch that
    repeats the default one's files is a copy of a working folder, or the past of a history that was
    written anew.
    """
    alone = unrelated(nodes) if tip is not None else set()
    if not alone or tip is None:
        return []
    found = []
    for ref in known:
        named = _BRANCHES.fullmatch(ref.name) if ref.sha in alone else None
        if named is not None and not _OF_TOOLS.search(named["name"]) and _is_own(git_dir, ref.sha, tip):
            found.append(ref)
    return found


def is_pushed(ref: Ref) -> bool:
    """Whether a remote repository has the branch."""
    return ref.name.startswith("refs/remotes/")


@lru_cache(maxsize=256)
def _is_own(git_dir: Path, sha: str, tip: str) -> bool:
    files, others = tracked_paths(git_dir, sha), tracked_paths(git_dir, tip)
    return len(files) > 0 and len(files & others) <= _MOST_SHARE * len(files)
