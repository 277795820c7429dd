"""Small real repositories with fixed dates, an identity of their own and no configuration of the user."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING, Final

from tokencoach.demo.repository import checked_out

if TYPE_CHECKING:
    from pathlib import Path

EPOCH_S: Final = 1_767_225_600  # 2026-01-01T00:00:00Z
DAY_S: Final = 86_400
_NULL: Final = os.devnull
# Repacking behind a commit's back costs a start of git for each, and is not what is built here.
_CALM: Final = ("-c", "protocol.file.allow=always", "-c", "maintenance.auto=false", "-c", "gc.auto=0")


class Builder:
    """A repository that grows step by step. Times are seconds after the start of 2026."""

    def __init__(self, folder: Path, *, branch: str = "main", bare: bool = False) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.git("init", "-q", "-b", branch, *(["--bare"] if bare else []))

    @property
    def git_dir(self) -> Path:
        """The git directory."""
        return self.folder / ".git"

    def git(self, *arguments: str | bytes, at: int = 0, author_at: int | None = None) -> str:
        """What git says on standard output; ``at`` is the committer's clock."""
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": _NULL,
            "GIT_CONFIG_GLOBAL": _NULL,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_NAME": "Author",
            "GIT_AUTHOR_EMAIL": "author@example.invalid",
            "GIT_COMMITTER_NAME": "Committer",
            "GIT_COMMITTER_EMAIL": "committer@example.invalid",
            "GIT_AUTHOR_DATE": f"{EPOCH_S + (at if author_at is None else author_at)} +0000",
            "GIT_COMMITTER_DATE": f"{EPOCH_S + at} +0000",
            "GIT_EDITOR": "true",
            "LC_ALL": "C",
        }
        command: list[str | bytes] = ["git", *_CALM, *arguments]
        done = subprocess.run(command, cwd=self.folder, env=environment, capture_output=True, check=False)
        if done.returncode:
            raise AssertionError(f"{command}: {done.stderr.decode()}")
        return done.stdout.decode("utf-8", "surrogateescape").rstrip("\n")

    def write(self, path: str | bytes, content: bytes | str) -> None:
        """Put a file into the work tree."""
        target = self.folder / os.fsdecode(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)

    def commit(
        self, at: int, message: str = "work", *, author_at: int | None = None, **files: bytes | str
    ) -> str:
        """Commit everything in the work tree; keyword ``a_py`` writes the file ``a.py`` first."""
        for name, content in files.items():
            self.write(name.replace("_", "."), content)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message, at=at, author_at=author_at)
        return checked_out(self.folder) or self.head()

    def head(self, revision: str = "HEAD") -> str:
        """Name of a commit."""
        return self.git("rev-parse", revision)

    def checkout(self, branch: str, *, new: bool = False, start: str | None = None) -> None:
        """Switch to a branch."""
        self.git("checkout", "-q", *(["-b"] if new else []), branch, *([start] if start else []))


def ms(seconds: int) -> int:
    """UTC milliseconds of a builder's second."""
    return (EPOCH_S + seconds) * 1000
