"""Contents and names of files in commits, many from one process."""

from __future__ import annotations

import hashlib
import os
from itertools import islice
from typing import TYPE_CHECKING, Final

from tokencoach.git.run import run

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_AT_ONCE: Final = 64
_SHA1_DIGITS: Final = 40


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


def names(git_dir: Path, commit: str, paths: Iterable[bytes]) -> dict[bytes, str]:
    """Names of the blobs that a commit has at the paths, of those that it has; no content is read.

    Raises:
        GitError: git failed.
    """
    asked = [path for path in paths if b"\n" not in path]
    if not asked:
        return {}
    told = run(git_dir, "cat-file", "--batch-check", feed=_questions((commit, path) for path in asked))
    found = {}
    for path, line in zip(asked, told.split(b"\n"), strict=False):
        # What is missing is told by the question, which may hold spaces.
        name, *facts = line.rsplit(b" ", 2)
        if len(facts) == 2 and facts[0] == b"blob" and facts[1].isdigit():
            found[path] = name.decode("ascii")
    return found


def name_of(content: bytes, like: str) -> str:
    """The name that git gives to a content, by the hash that the other name is of."""
    kind = hashlib.sha1 if len(like) == _SHA1_DIGITS else hashlib.sha256
    return kind(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def _questions(files: Iterable[tuple[str, bytes]]) -> bytes:
    return b"".join(os.fsencode(commit) + b":" + path + b"\n" for commit, path in files)


def _answers(git_dir: Path, files: list[tuple[str, bytes]]) -> Iterator[bytes | None]:
    if not files:
        return
    output = run(git_dir, "cat-file", "--batch", feed=_questions(files))
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
