"""Notes on commits: which commits have one, and their contents, many from one process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tokencoach import regular_files
from tokencoach.git.errors import CorruptError, GitError
from tokencoach.git.run import run, stream

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

MOST_BYTES: Final = 8 << 20
_SHA_LENGTHS: Final = (40, 64)


def tip_of(git_dir: Path, *names: str) -> str | None:
    """The object that the first of some refs that exists leads to; None where none does."""
    for name in names:
        if not _may_exist(git_dir, name):
            continue
        try:
            said = run(git_dir, "rev-parse", "--verify", "--quiet", "--end-of-options", name)
        except GitError:
            continue
        return said.decode("ascii", "replace").strip()
    return None


def note_of(git_dir: Path, ref: str, sha: str) -> bytes | None:
    """The note of one commit under a ref; None where it has none."""
    if not _may_exist(git_dir, ref):
        return None
    try:
        return run(git_dir, "notes", f"--ref={ref}", "show", sha)
    except GitError:
        return None


def _may_exist(git_dir: Path, name: str) -> bool:
    """Whether a ref's name stands anywhere that git keeps refs: most repositories lack it, and need no process."""
    if (git_dir / "reftable").is_dir() or (git_dir / name).is_file():
        return True
    try:
        return name.encode() in regular_files.content(git_dir / "packed-refs")
    except OSError:
        return False


def noted(git_dir: Path, tip: str) -> dict[str, str]:
    """The note's blob of every commit that has one, by the commit's sha.

    Raises:
        GitError: git failed.
    """
    found = {}
    for entry in run(git_dir, "ls-tree", "-r", "-z", tip).split(b"\0"):
        meta, _, name = entry.partition(b"\t")
        sha = name.replace(b"/", b"").decode("ascii", "replace")
        fields = meta.split(b" ")
        if len(sha) in _SHA_LENGTHS and len(fields) == 3 and fields[1] == b"blob":
            found[sha] = fields[2].decode("ascii", "replace")
    return found


def note_texts(git_dir: Path, blobs: Iterable[str]) -> Iterator[tuple[str, bytes | None]]:
    """Content of each blob; None where it is absent or over 8 MiB.

    Raises:
        GitError: git failed.
    """
    asked = sorted(set(blobs))
    if not asked:
        return
    with stream(git_dir, ["cat-file", "--batch"], "".join(f"{blob}\n" for blob in asked).encode()) as output:
        for blob in asked:
            head = output.readline().split()
            if len(head) != 3 or not head[2].isdigit():
                if head[1:] != [b"missing"]:
                    raise CorruptError(f"git's answer about the note {blob} makes no sense")
                yield blob, None
                continue
            left = int(head[2])
            text = output.read(left) if left <= MOST_BYTES else None
            while text is None and left:
                part = output.read(min(left, 1 << 20))
                left = left - len(part) if part else 0
            output.read(1)
            yield blob, text
