"""Who commits name and what their messages say, from one git process and without any change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.git.run import run

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_FORMAT: Final = "%x01%H%x00%P%x00%ct%x00%an%x00%ae%x00%cn%x00%B%x00"
_FIELDS: Final = 7


class SignedCommit(NamedTuple):
    """A commit as it signs itself; ``commit_ms`` is UTC milliseconds."""

    sha: str
    parents: tuple[str, ...]
    commit_ms: int
    author: str
    author_mail: str
    committer: str
    message: str


def signatures(git_dir: Path, tip: str, after: str | None) -> Iterator[SignedCommit]:
    """Commits that ``tip`` reaches and ``after`` does not, children before parents.

    Raises:
        GitError: git failed.
    """
    span = f"{tip}\n" if after is None else f"{tip}\n^{after}\n"
    options = ("--topo-order", "--no-show-signature", "--no-notes", f"--format={_FORMAT}", "--stdin")
    for record in run(git_dir, "log", *options, feed=span.encode()).split(b"\x01"):
        fields = record.split(b"\0", _FIELDS)
        if len(fields) < _FIELDS:
            # A message may hold the mark of a record: what follows it is a rest of that message.
            continue
        sha, parents, at, author, mail, committer, message = fields[:_FIELDS]
        yield SignedCommit(
            sha.decode("ascii", "replace"),
            tuple(parents.decode("ascii", "replace").split()),
            int(at) * 1000 if at.isdigit() else 0,
            *(field.decode("utf-8", "replace") for field in (author, mail, committer, message)),
        )


def carriers(commits: Sequence[tuple[str, tuple[str, ...]]]) -> dict[str, str]:
    """The commit of the line of first parents that brought each other commit in.

    ``commits`` are names and parents of a span, children before parents.
    """
    parents_of = dict(commits)
    line = []
    at = commits[0][0] if commits else None
    while at in parents_of:
        line.append(at)
        at = next(iter(parents_of[at]), None)
    on_line = set(line)
    found: dict[str, str] = {}
    # Oldest first: what an earlier merge brought in is no news to a later one.
    for merge in reversed(line):
        waiting = list(parents_of[merge][1:])
        while waiting:
            sha = waiting.pop()
            if sha in parents_of and sha not in on_line and sha not in found:
                found[sha] = merge
                waiting.extend(parents_of[sha])
    return found
