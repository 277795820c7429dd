"""What is about to be committed, or was: files as git's objects hold them, never the work tree.

A span is the index against HEAD, a commit against its first parent, or what a range of commits did.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach import regular_files
from tokencoach.git.errors import CorruptError, GitError
from tokencoach.git.notes import note_texts
from tokencoach.git.patch import LineReader, PatchReader
from tokencoach.git.run import PATCH_OPTIONS, run, stream

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_LINK: Final = 0o120000
_SUBMODULE: Final = 0o160000
_KIND: Final = 0o170000
_AT_ONCE: Final = 100
_RAW_OPTIONS: Final = ("--raw", "-z", "-M", "--no-abbrev", "--no-color", "--no-ext-diff")


class Span(NamedTuple):
    """Two trees to compare by name; without ``tip`` the second one is the ``index_file``."""

    git_dir: Path
    base: str
    tip: str | None = None
    index_file: Path | None = None


class Entry(NamedTuple):
    """A file that a span changes and that still exists after it; blobs are hexadecimal names."""

    path: bytes
    blob: str
    mode: int
    old_path: bytes | None
    old_blob: str | None

    @property
    def is_link(self) -> bool:
        """Whether it is a symbolic link."""
        return self.mode & _KIND == _LINK

    @property
    def is_submodule(self) -> bool:
        """Whether it is another repository's commit."""
        return self.mode & _KIND == _SUBMODULE

    @property
    def is_moved_only(self) -> bool:
        """Whether nothing but the name, or the mode, changed."""
        return self.blob == self.old_blob


class Content(NamedTuple):
    """An entry with both sides' bytes, None where there is none or it is too large, and the lines it adds."""

    entry: Entry
    new: bytes | None
    old: bytes | None
    added: frozenset[int]
    is_binary: bool


def own_git_dir(folder: Path) -> Path | None:
    """The git directory of the worktree that a folder lies in, with its own HEAD and index."""
    for place in (folder, *folder.parents):
        dot_git = place / ".git"
        if dot_git.is_dir():
            return dot_git.resolve()
        try:
            target = regular_files.content(dot_git).decode("utf-8", "surrogateescape")
        except OSError:
            continue
        if target.startswith("gitdir:"):
            return (place / target.removeprefix("gitdir:").strip()).resolve()
    return None


def index_of(git_dir: Path) -> Path:
    """The index that a commit is being made from: git names another one to a hook of ``commit PATH``."""
    named = os.environ.get("GIT_INDEX_FILE")
    return Path(named).absolute() if named else git_dir / "index"


def staged(git_dir: Path, index: Path | None = None) -> Span:
    """The index against HEAD, or against nothing before the first commit.

    Raises:
        GitError: git failed.
    """
    return Span(git_dir, _commit(git_dir, "HEAD") or _empty(git_dir), None, index or index_of(git_dir))


def commit(git_dir: Path, rev: str) -> Span:
    """A commit against its first parent.

    Raises:
        GitError: there is no such commit.
    """
    sha = _existing(git_dir, rev)
    return Span(git_dir, _commit(git_dir, f"{sha}^1") or _empty(git_dir), sha)


def between(git_dir: Path, first: str, last: str) -> Span:
    """What the commits of ``first..last`` did since the two parted.

    Raises:
        GitError: either is missing.
    """
    one, other = _existing(git_dir, first), _existing(git_dir, last)
    try:
        base = run(git_dir, "merge-base", one, other).decode("ascii", "replace").strip()
    except GitError:
        base = one
    return Span(git_dir, base or one, other)


def tree_id(span: Span) -> str:
    """Name of the tree that the span ends with; an index is written as a tree for that.

    Raises:
        GitError: git failed, for an index with conflicts too.
    """
    arguments = ("write-tree",) if span.tip is None else ("rev-parse", "--verify", f"{span.tip}^{{tree}}")
    return run(span.git_dir, *arguments, index=span.index_file).decode("ascii", "replace").strip()


def entries(span: Span) -> list[Entry]:
    """Files that the span changes, in the order of their paths; deleted ones are left out.

    Raises:
        GitError: git failed.
    """
    output = run(span.git_dir, *_comparing(span, _RAW_OPTIONS), index=span.index_file)
    fields = iter(output.split(b"\0"))
    found = []
    for meta in fields:
        if not meta.startswith(b":"):
            continue
        _, mode, old_blob, blob, status = meta[1:].split(b" ", 4)
        first = next(fields, b"")
        moved = status[:1] in {b"R", b"C"}
        path = next(fields, b"") if moved else first
        # A deleted file holds nothing to ask about, one in conflict is not going to be committed.
        if status[:1] not in {b"D", b"U"}:
            old = old_blob.decode("ascii", "replace")
            found.append(
                Entry(
                    path,
                    blob.decode("ascii", "replace"),
                    int(mode, 8),
                    first if moved else None,
                    old if old.strip("0") else None,
                )
            )
    return sorted(found)


def contents(span: Span, wanted: Sequence[Entry], most_bytes: int) -> Iterator[Content]:
    """Both sides of regular files; a side over ``most_bytes`` is None.

    Raises:
        GitError: git failed, or an object is absent.
    """
    for start in range(0, len(wanted), _AT_ONCE):
        part = wanted[start : start + _AT_ONCE]
        added, binary = _added(span, part)
        names = {blob for entry in part for blob in (entry.blob, entry.old_blob) if blob is not None}
        texts = dict(note_texts(span.git_dir, names))
        for entry in part:
            new = texts.get(entry.blob)
            old = texts.get(entry.old_blob) if entry.old_blob is not None else None
            yield Content(
                entry,
                new if new is not None and len(new) <= most_bytes else None,
                old if old is not None and len(old) <= most_bytes else None,
                added.get(entry.path, frozenset()),
                entry.path in binary,
            )


def _added(span: Span, part: Sequence[Entry]) -> tuple[dict[bytes, frozenset[int]], set[bytes]]:
    """Numbers of the lines that each file gains, and the files without lines."""
    paths = [b":(literal,top)" + path for path in _names(part)]
    added: dict[bytes, frozenset[int]] = {}
    binary: set[bytes] = set()
    with stream(
        span.git_dir, [*_comparing(span, PATCH_OPTIONS), "--", *paths], index=span.index_file
    ) as output:
        lines = LineReader(output)
        for change in PatchReader(lines).changes():
            if change.is_binary:
                binary.add(change.path)
            added[change.path] = frozenset(
                hunk.new_start + place for hunk in change.hunks for place in range(len(hunk.raw_added))
            )
        if lines.peek() is not None:
            raise CorruptError("git's patch of the change makes no sense")
    return added, binary


def _names(part: Iterable[Entry]) -> Iterator[bytes]:
    for entry in part:
        yield entry.path
        # A move is seen only where both of its names are looked at.
        if entry.old_path is not None:
            yield entry.old_path


def _comparing(span: Span, options: Sequence[str]) -> list[str | bytes]:
    if span.tip is None:
        return ["diff-index", "--cached", *options, span.base]
    return ["diff-tree", "-r", *options, span.base, span.tip]


def _existing(git_dir: Path, rev: str) -> str:
    found = _commit(git_dir, rev)
    if found is None:
        raise GitError(f"there is no commit {rev!r} in {git_dir}", "look for it with git log")
    return found


def _commit(git_dir: Path, rev: str) -> str | None:
    try:
        said = run(git_dir, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{rev}^{{commit}}")
    except GitError:
        return None
    return said.decode("ascii", "replace").strip()


def _empty(git_dir: Path) -> str:
    """Name of the empty tree, which depends on the repository's kind of hash."""
    return run(git_dir, "hash-object", "-t", "tree", "--stdin").decode("ascii", "replace").strip()
