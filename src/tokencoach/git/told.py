"""What commits say of themselves and of the people behind them, read in one process."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tokencoach.git.graph import milliseconds
from tokencoach.git.run import run

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


class Person(NamedTuple):
    """Somebody as a commit names them."""

    name: str
    mail: str

    def is_same(self, other: Person) -> bool:
        """Whether both are one: by mail address, else by name."""
        mails = {self.mail.casefold(), other.mail.casefold()}
        return len(mails) == 1 or (bool(self.name) and self.name.casefold() == other.name.casefold())


class ToldCommit(NamedTuple):
    """A commit's message, author and committer; the times of both in UTC milliseconds."""

    sha: str
    author: Person
    committer: Person
    author_ms: int
    message: str
    commit_ms: int = 0


def told_commits(git_dir: Path, shas: Sequence[str]) -> dict[str, ToldCommit]:
    """Those of the named commits that the repository holds.

    Raises:
        GitError: git failed.
    """
    if not shas:
        return {}
    told = run(
        git_dir,
        "log",
        "--no-walk=unsorted",
        "--no-patch",
        "--no-show-signature",
        "--no-notes",
        "--format=%H%x00%an%x00%ae%x00%cn%x00%ce%x00%at%x00%ct%x00%B%x00%x01",
        "--stdin",
        feed="".join(f"{sha}\n" for sha in shas).encode(),
    )
    found = {}
    for record in told.decode("utf-8", "replace").split("\0\x01"):
        fields = record.lstrip("\n").split("\0", 7)
        if len(fields) != 8:
            continue
        sha, author, author_mail, committer, committer_mail, at, done, message = fields
        found[sha] = ToldCommit(
            sha,
            Person(author, author_mail),
            Person(committer, committer_mail),
            milliseconds(at),
            message,
            milliseconds(done),
        )
    return found
