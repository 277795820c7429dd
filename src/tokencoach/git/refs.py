"""Refs and reflogs: which commits are held, by whom, since when; and whether anything moved."""

from __future__ import annotations

import os
from collections import defaultdict
from typing import TYPE_CHECKING, Final, NamedTuple

import xxhash

from tokencoach import regular_files
from tokencoach.git.errors import ObjectsMissingError
from tokencoach.git.graph import graph, milliseconds
from tokencoach.git.locate import head_of, linked_git_dirs
from tokencoach.git.run import run

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from tokencoach.git.graph import CommitNode

_FORMAT: Final = (
    "%(refname)%00%(objectname)%00%(*objectname)%00%(committerdate:unix)%00%(*committerdate:unix)"
)
_MOST_LOG_BYTES: Final = 64 << 20


class Ref(NamedTuple):
    """A ref and the commit it leads to; ``committed_ms`` is 0 where git does not know."""

    name: str
    sha: str
    committed_ms: int


class ReflogEntry(NamedTuple):
    """A move of a ref to a commit, from the repository's own log."""

    ref: str
    sha: str
    at_ms: int


def refs(git_dir: Path) -> list[Ref]:
    """Every ref but notes and replacements, tags peeled."""
    try:
        listing = run(git_dir, "for-each-ref", f"--format={_FORMAT}")
    except ObjectsMissingError:
        # Without dates git opens no object, so a missing one does no harm.
        listing = run(git_dir, "for-each-ref", "--format=%(refname)%00%(objectname)%00%00%00")
    found = []
    for line in listing.decode("utf-8", "surrogateescape").split("\n"):
        if not line or line.startswith(("refs/notes/", "refs/replace/")):
            continue
        name, sha, peeled, date, peeled_date = line.split("\0")
        found.append(Ref(name, peeled or sha, milliseconds(peeled_date or date)))
    return found


def reflog(common_dir: Path) -> list[ReflogEntry]:
    """Every logged move of every ref and worktree, file by file in the order written."""
    places = [(common_dir / "logs", ""), *((git_dir / "logs", "") for git_dir in linked_git_dirs(common_dir))]
    return [
        entry
        for folder, prefix in places
        for file in _files(folder)
        for entry in _entries(file, folder, prefix)
    ]


def reflog_tips(git_dir: Path) -> list[str]:
    """Commits that a reflog or a worktree's HEAD names and the object store still holds."""
    named = {entry.sha for entry in reflog(git_dir)}
    heads = [head_of(folder) for folder in (git_dir, *linked_git_dirs(git_dir))]
    named.update(head for head in heads if head is not None and not head.startswith("refs/"))
    return existing_commits(git_dir, named)


def existing_commits(git_dir: Path, shas: Iterable[str]) -> list[str]:
    """Those of the names that are commits in the object store, sorted."""
    wanted = sorted(sha for sha in set(shas) if sha.isalnum() and sha.strip("0"))
    if not wanted:
        return []
    listing = run(git_dir, "cat-file", "--batch-check", feed="\n".join([*wanted, ""]).encode())
    answers = listing.decode("ascii", "replace").splitlines()
    return [answer.split(" ")[0] for answer in answers if answer.split(" ")[1:2] == ["commit"]]


def holders(
    git_dir: Path, held: Sequence[Ref], not_tips: Sequence[str], nodes: list[CommitNode] | None = None
) -> dict[str, frozenset[str]]:
    """Names of the refs that reach each commit which ``not_tips`` do not reach.

    ``nodes`` is the graph of that span, or of a larger one, where the caller has it.
    """
    if not held:
        return {}
    if nodes is None:
        nodes = graph(git_dir, [*(ref.sha for ref in held), *(f"^{tip}" for tip in not_tips)])
    masks: dict[str, int] = defaultdict(int)
    for number, ref in enumerate(held):
        masks[ref.sha] |= 1 << number
    names: dict[int, frozenset[str]] = {}
    found = {}
    # Children come before parents: a mask is complete when its commit is reached.
    for node in nodes:
        mask = masks.pop(node.sha, 0)
        for parent in node.parents:
            masks[parent] |= mask
        if mask not in names:
            names[mask] = frozenset(ref.name for number, ref in enumerate(held) if mask >> number & 1)
        found[node.sha] = names[mask]
    return found


def fingerprint(common_dir: Path) -> int:
    """64 bits that change when a ref, HEAD or a worktree's HEAD moves; a few stats, no process."""
    digest = xxhash.xxh3_64()
    loose = [common_dir / name for name in ("HEAD", "packed-refs", "shallow", "logs/HEAD", "config")]
    heads = [folder / name for folder in linked_git_dirs(common_dir) for name in ("HEAD", "logs/HEAD")]
    for file in [*loose, *heads, *_files(common_dir / "refs"), *_files(common_dir / "reftable")]:
        try:
            # git renames a lock file into place, so every change is a new inode.
            stat = file.stat()
        except OSError:
            continue
        digest.update(os.fsencode(file))
        digest.update(f"{stat.st_mtime_ns} {stat.st_size} {stat.st_ino};".encode())
    return digest.intdigest()


def _files(folder: Path) -> Iterator[Path]:
    """Files below a folder, sorted; links to folders are not followed."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            yield from _files(folder / entry.name)
        elif entry.is_file():
            yield folder / entry.name


def _entries(file: Path, folder: Path, prefix: str) -> Iterator[ReflogEntry]:
    ref = prefix + file.relative_to(folder).as_posix()
    try:
        text = regular_files.head(file, _MOST_LOG_BYTES)
    except OSError:
        return
    for line in text.split(b"\n"):
        head = line.split(b"\t", 1)[0]
        fields = head.split(b" ")
        if len(fields) > 4 and fields[-2].isdigit():
            yield ReflogEntry(ref, fields[1].decode("ascii", "replace"), milliseconds(fields[-2]))
