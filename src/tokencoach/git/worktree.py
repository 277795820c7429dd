"""What lies uncommitted in the worktrees, read from disk: no filter or other program of a repository runs."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from tokencoach import regular_files
from tokencoach.git.blobs import contents, name_of, names
from tokencoach.git.locate import head_of, linked_git_dirs

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tokencoach.git.locate import Repository

MOST_BYTES: Final = 4 << 20


def uncommitted(repository: Repository, paths: Iterable[bytes]) -> dict[bytes, list[bytes]]:
    """Contents of those files that differ from what their worktree's HEAD holds, per worktree.

    Line ends are no difference. Files over 4 MiB, links and files outside the tree are left out.
    """
    wanted = sorted(set(paths))
    found: dict[bytes, list[bytes]] = {}
    for folder in repository.worktrees:
        here = {path: content for path in wanted if (content := content_of(folder, path)) is not None}
        head = _head(repository, folder)
        held = names(repository.common_dir, head, here) if head is not None else {}
        # A name costs git next to nothing; a content is put together from many older ones.
        other = {
            path: content
            for path, content in here.items()
            if path not in held or name_of(content, held[path]) != held[path]
        }
        asked = [(head, path) for path in other] if head is not None else []
        committed = {path: content for (_, path), content in contents(repository.common_dir, asked)}
        for path, content in other.items():
            if _plain(content) != _plain(committed.get(path)):
                found.setdefault(path, []).append(content)
    return found


def content_of(worktree: Path, path: bytes, most: int = MOST_BYTES) -> bytes | None:
    """Content of a regular file of a worktree; None where there is none that may be read."""
    name = os.path.join(os.fsencode(worktree), path)  # noqa: PTH118 - paths are bytes
    # A link in the middle of the path may lead out of the tree.
    inside = os.path.realpath(os.path.dirname(name))  # noqa: PTH120
    if not (inside + b"/").startswith(os.path.realpath(os.fsencode(worktree)) + b"/"):
        return None
    try:
        return regular_files.content(name, most, getattr(os, "O_NOFOLLOW", 0))
    except (OSError, ValueError):
        return None


def _head(repository: Repository, worktree: Path) -> str | None:
    for git_dir in linked_git_dirs(repository.common_dir):
        dot_git = git_dir / "gitdir"
        try:
            target = regular_files.content(dot_git).decode("utf-8", "surrogateescape").strip()
        except OSError:
            continue
        if (git_dir / target).resolve().parent == worktree:
            return head_of(git_dir)
    return head_of(repository.common_dir)


def _plain(content: bytes | None) -> bytes | None:
    return None if content is None else content.replace(b"\r\n", b"\n")
