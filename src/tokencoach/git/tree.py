"""Files of a repository's newest commit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokencoach.git.errors import GitError
from tokencoach.git.run import run

if TYPE_CHECKING:
    from pathlib import Path


def tracked_paths(git_dir: Path, rev: str = "HEAD") -> frozenset[str]:
    """Paths of a commit's files; empty where git cannot say."""
    try:
        listing = run(git_dir, "ls-tree", "-r", "-z", "--name-only", rev)
    except GitError:
        return frozenset()
    return frozenset(name.decode("utf-8", "replace") for name in listing.split(b"\0") if name)
