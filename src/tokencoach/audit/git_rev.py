"""A revision as a person writes it, to a commit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokencoach.errors import UsageError
from tokencoach.git.errors import GitError
from tokencoach.git.run import run

if TYPE_CHECKING:
    from pathlib import Path


def commit_of(git_dir: Path, rev: str, *, is_optional: bool = False) -> str:
    """Full sha of a revision; empty where it may be missing and is.

    Raises:
        UsageError: there is no such revision.
    """
    try:
        # The end of options keeps a revision that begins with a dash from being one.
        said = run(git_dir, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{rev}^{{commit}}")
    except GitError:
        if is_optional:
            return ""
        raise UsageError(f"no commit {rev!r} in {git_dir}", "git log shows those there are") from None
    return said.decode("ascii", "replace").strip()
