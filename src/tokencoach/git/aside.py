"""What would be committed if everything in a worktree were staged: in a git directory aside that borrows the objects.

Nothing is written into the repository, and no filter or other program of it runs.
"""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.git.run import run

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_MOST_BYTES: Final = 512 << 10
_SHA256_LENGTH: Final = 64


class Aside(NamedTuple):
    """A git directory of our own, with an index in which the worktree's files are staged."""

    git_dir: Path
    index_file: Path


@contextmanager
def aside(worktree: Path, git_dir: Path, common_dir: Path, paths: Iterable[str]) -> Iterator[Aside]:
    """Stage the named files of a worktree aside; gone with the block.

    Raises:
        GitError: git failed, for an index that it cannot read too.
        OSError: the folder for it cannot be written.
    """
    head = run(git_dir, "rev-parse", "--verify", "--quiet", "HEAD").decode("ascii", "replace").strip()
    with tempfile.TemporaryDirectory(prefix="tokencoach-") as folder:
        made = Path(folder)
        _make(made, common_dir, head)
        index = made / "index"
        shutil.copyfile(git_dir / "index", index)
        _stage(made, index, worktree, [path for path in paths if _is_plain(worktree / path)])
        yield Aside(made, index)


def _make(made: Path, common_dir: Path, head: str) -> None:
    (made / "refs").mkdir()
    (made / "objects" / "info").mkdir(parents=True)
    (made / "objects" / "info" / "alternates").write_bytes(os.fsencode(common_dir / "objects") + b"\n")
    (made / "HEAD").write_text(f"{head}\n", "ascii")
    if len(head) == _SHA256_LENGTH:
        config = "[core]\n\trepositoryformatversion = 1\n[extensions]\n\tobjectFormat = sha256\n"
        (made / "config").write_text(config, "ascii")


def _is_plain(file: Path) -> bool:
    try:
        found = file.lstat()
    except (OSError, ValueError):
        return False
    return stat.S_ISREG(found.st_mode) and found.st_size <= _MOST_BYTES and "\n" not in str(file)


def _stage(made: Path, index: Path, worktree: Path, paths: list[str]) -> None:
    if not paths:
        return
    named = b"".join(os.fsencode(worktree / path) + b"\n" for path in paths)
    listed = run(made, "hash-object", "-w", "--no-filters", "--stdin-paths", feed=named)
    rows = [
        f"{_mode(worktree / path)} {sha}\t".encode() + os.fsencode(path)
        for path, sha in zip(paths, listed.decode("ascii").split(), strict=True)
    ]
    run(
        made,
        "update-index",
        "-z",
        "--add",
        "--index-info",
        feed=b"".join(row + b"\0" for row in rows),
        index=index,
    )


def _mode(file: Path) -> str:
    return "100755" if file.lstat().st_mode & stat.S_IXUSR else "100644"
