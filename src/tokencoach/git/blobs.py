"""Contents of files in commits, many from one process."""

from __future__ import annotations

import os
from itertools import islice
from typing import TYPE_CHECKING, Final

from tokencoach.git.run import run

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_AT_ONCE: Final = 64


def contents(
    git_dir: Path, files: Iterable[tuple[str, bytes]]
) -> Iterator[tuple[tuple[str, bytes], bytes | None]]:
    """Content of each file, asked for by commit and path; None where the commit has no such file.

    Raises:
        GitError: git failed, or an object is absent.
    """
    waiting = iter(files)
    while some := list(islice(waiting, _AT_ONCE)):
        # A newline would end the question; no file can be asked for under such a name.
        asked = [file for file in some if b"\n" not in file[1]]
        answers = dict(zip(asked, _answers(git_dir, asked), strict=True))
        for file in some:
            yield file, answers.get(file)


def _answers(git_dir: Path, files: list[tuple[str, bytes]]) -> Iterator[bytes | None]:
    if not files:
        return
    feed = b"".join(os.fsencode(commit) + b":" + path + b"\n" for commit, path in files)
    output = run(git_dir, "cat-file", "--batch", feed=feed)
    at = 0
    for _ in files:
        end = output.index(b"\n", at)
        facts = output[at:end].rsplit(b" ", 2)
        at = end + 1
        if len(facts) == 3 and facts[2].isdigit():
            size = int(facts[2])
            yield output[at : at + size] if facts[1] == b"blob" else None
            at += size + 1
        else:
            yield None
