"""Where the lines of one file come from, for the person who asks about that file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.git.paths import unquoted
from tokencoach.git.run import run

if TYPE_CHECKING:
    from pathlib import Path

# Settings of the repository could hide commits, or run a program over the text.
_CALM: Final = ("--no-ignore-revs-file", "--no-textconv", "--porcelain", "--root")


class Origin(NamedTuple):
    """The commit that brought a line, with the line's path and number there."""

    sha: str
    path: bytes
    line: int


def origins(git_dir: Path, sha: str, path: bytes) -> list[Origin]:
    """The origin of every line of a file in a commit, in order; on all branches, not only first parents.

    Raises:
        GitError: git failed, or there is no such file.
    """
    command: list[str | bytes] = ["blame", *_CALM, sha, "--", path]
    found: list[Origin] = []
    names: dict[str, bytes] = {}
    for line in run(git_dir, *command).split(b"\n"):
        if line.startswith(b"filename ") and found:
            name = unquoted(line[len(b"filename ") :])
            names[found[-1].sha] = name
            found[-1] = found[-1]._replace(path=name)
        elif not line.startswith(b"\t"):
            fields = line.split(b" ")
            if len(fields[0]) in {40, 64} and len(fields) in {3, 4} and fields[1].isdigit():
                commit = fields[0].decode("ascii", "replace")
                found.append(Origin(commit, names.get(commit, path), int(fields[1])))
    return found
