"""Agent Trace files of a repository: in its working trees, else in a commit."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.git.blobs import contents
from tokencoach.git.errors import GitError
from tokencoach.git.graph import milliseconds
from tokencoach.git.run import run
from tokencoach.git.worktree import content_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tokencoach.git.locate import Repository

_FOLDER: Final = ".agent-trace"
_FILE: Final = b".agent-trace/traces.jsonl"
MOST_BYTES: Final = 32 << 20
_MOST_FOLDERS: Final = 2_000
_MOST_PATHS: Final = 5_000


class TraceFile(NamedTuple):
    """A trace file: where it was found, and the folder of the repository that its paths begin in."""

    name: str
    base: str
    content: bytes


class Touch(NamedTuple):
    """A commit that changes a file; ``commit_ms`` is UTC milliseconds."""

    sha: str
    commit_ms: int


def trace_files(repository: Repository, tip: str) -> list[TraceFile]:
    """Trace files of at most 32 MiB at the top of each working tree and one folder below.

    A repository without working tree is asked for the file of its newest commit.
    """
    found = []
    for tree in repository.worktrees:
        for base in ("", *_holding(tree)):
            name = (os.fsencode(base) + b"/" if base else b"") + _FILE
            content = content_of(tree, name, MOST_BYTES)
            if content is not None:
                found.append(TraceFile(str(tree / os.fsdecode(name)), base, content))
    if repository.worktrees:
        return found
    try:
        ((_, content),) = contents(repository.common_dir, [(tip, _FILE)])
    except GitError:
        return found
    return [] if content is None else [TraceFile(_FILE.decode(), "", content)]


def touching(git_dir: Path, tip: str, paths: Iterable[bytes]) -> dict[bytes, list[Touch]]:
    """Commits up to ``tip`` that change each file, oldest first; of at most 5,000 files.

    Raises:
        GitError: git failed.
    """
    names = sorted(set(paths))[:_MOST_PATHS]
    if not names:
        return {}
    specs = [b":(literal,top)" + name for name in names]
    options = ("-z", "--name-only", "--no-renames", "--no-show-signature", "--format=%x01%H %ct")
    found: dict[bytes, list[Touch]] = {}
    wanted = set(names)
    for record in run(git_dir, "log", *options, tip, "--", *specs).split(b"\x01")[1:]:
        head, *changed = record.replace(b"\n", b"\0").split(b"\0")
        sha, _, at = head.partition(b" ")
        touch = Touch(sha.decode("ascii", "replace"), milliseconds(at))
        for name in wanted.intersection(changed):
            found.setdefault(name, []).insert(0, touch)
    return found


def _holding(tree: Path) -> list[str]:
    """Folders of a tree that hold a folder of trace files."""
    try:
        with os.scandir(tree) as entries:
            folders = [entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]
    except OSError:
        return []
    return [
        name
        for name in sorted(folders)[:_MOST_FOLDERS]
        if name != ".git" and (tree / name / _FOLDER).is_dir()
    ]
