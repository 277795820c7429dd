"""Files of a repository's newest commit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokencoach.git.errors import GitError
from tokencoach.git.run import run

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def contents_of(git_dir: Path, paths: Sequence[str], rev: str = "HEAD") -> dict[str, bytes]:
    """Contents of those of the paths that a commit has, through one process; empty where git cannot say."""
    asked = [path for path in paths if "\n" not in path]
    feed = "".join(f"{rev}:{path}\n" for path in asked).encode("utf-8", "surrogateescape")
    try:
        output = run(git_dir, "cat-file", "--batch", feed=feed)
    except GitError:
        return {}
    found = {}
    at = 0
    for path in asked:
        end = output.find(b"\n", at)
        if end < 0:
            break
        head = output[at:end].split(b" ")
        at = end + 1
        if head[-1] in (b"missing", b"ambiguous") or len(head) < 3 or not head[-1].isdigit():
            continue
        size = int(head[-1])
        if head[-2] == b"blob":
            found[path] = output[at : at + size]
        at += size + 1
    return found


def last_change_ms(git_dir: Path, path: str) -> int:
    """When a commit of any ref last changed a file, UTC milliseconds; 0 where none did or git cannot say."""
    name = b":(literal,top)" + path.encode("utf-8", "surrogateescape")
    try:
        output = run(git_dir, "log", "--all", "-1", "--format=%ct", "--", name)
    except GitError:
        return 0
    return int(output) * 1000 if output.strip().isdigit() else 0
