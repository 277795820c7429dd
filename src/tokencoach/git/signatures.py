"""Who commits name and what their messages say, from one git process and without any change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.git.graph import Carriers, NodeMaker
from tokencoach.git.run import stream

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from tokencoach.git.graph import CommitNode

_FORMAT: Final = "%x01%H%x00%P%x00%at%x00%ct%x00%an%x00%ae%x00%cn%x00%B%x00"
_FIELDS: Final = 8
_CHUNK: Final = 1 << 18


class SignedCommit(NamedTuple):
    """A commit as it signs itself."""

    node: CommitNode
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
    maker = NodeMaker()
    for record in _records(git_dir, ["log", *options], span.encode()):
        fields = record.decode("utf-8", "replace").split("\0", _FIELDS)
        if len(fields) < _FIELDS:
            # A message may hold the mark of a record: what follows it is a rest of that message.
            continue
        sha, parents, author_s, commit_s, author, mail, committer, message = fields[:_FIELDS]
        yield SignedCommit(maker.node(sha, parents, author_s, commit_s), author, mail, committer, message)


def carriers(commits: Iterable[tuple[str, tuple[str, ...]]]) -> dict[str, str]:
    """The commit of the line of first parents that brought each other commit in.

    ``commits`` are names and parents of a span, children before parents.
    """
    found = Carriers()
    for sha, parents in commits:
        found.take(sha, parents)
    return found.found


def _records(git_dir: Path, arguments: list[str], feed: bytes) -> Iterator[bytes]:
    """What git says of each commit, as it comes: the messages of a long history fill a memory."""
    parts: list[bytes] = []
    with stream(git_dir, arguments, feed) as output:
        while chunk := output.read(_CHUNK):
            head, mark, tail = chunk.partition(b"\x01")
            parts.append(head)
            if mark:
                yield b"".join(parts)
                *whole, last = tail.split(b"\x01")
                yield from whole
                parts = [last]
    yield b"".join(parts)
