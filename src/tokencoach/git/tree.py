"""Files of a repository's newest commit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tokencoach import regular_files
from tokencoach.git.blobs import contents, name_of
from tokencoach.git.errors import GitError
from tokencoach.git.graph import milliseconds
from tokencoach.git.run import run

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_MOST_SETTINGS: Final = 1 << 20


def contents_of(git_dir: Path, paths: Sequence[str], rev: str = "HEAD") -> dict[str, bytes]:
    """Contents of those of the paths that a commit has; empty where git cannot say."""
    asked = [(rev, path.encode("utf-8", "surrogateescape")) for path in paths]
    try:
        return {
            path.decode("utf-8", "surrogateescape"): content
            for (_, path), content in contents(git_dir, asked)
            if content is not None
        }
    except GitError:
        return {}


def attributes_in(git_dir: Path, folders: Sequence[str], rev: str = "HEAD") -> dict[str, bytes]:
    """The file of git attributes of each folder that has one in a commit; the root's name is empty."""
    names = _names(folders, ".gitattributes")
    return _by_folder(contents_of(git_dir, list(names), rev), names)


def settings_in(git_dir: Path, folders: Sequence[str]) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """Of HEAD: each folder's file of git attributes, and its ``.gitignore``, by one call of git."""
    attributes, ignores = _names(folders, ".gitattributes"), _names(folders, ".gitignore")
    told = contents_of(git_dir, [*attributes, *ignores])
    return _by_folder(told, attributes), _by_folder(told, ignores)


def _names(folders: Sequence[str], name: str) -> dict[str, str]:
    return {f"{folder}/{name}" if folder else name: folder for folder in folders}


def _by_folder(told: Mapping[str, bytes], names: Mapping[str, str]) -> dict[str, bytes]:
    return {folder: told[path][:_MOST_SETTINGS] for path, folder in names.items() if path in told}


def settings_changed(git_dir: Path, since: str) -> bool:
    """Whether any folder's attributes or ignored files differ between a commit and the newest; so where git cannot say."""
    names = (":(glob)**/.gitattributes", ":(glob)**/.gitignore")
    try:
        return bool(run(git_dir, "diff", "--name-only", "-z", "--no-ext-diff", since, "HEAD", "--", *names))
    except GitError:
        return True


def own_attributes(git_dir: Path) -> bytes:
    """The git attributes that are in no commit; empty where there are none."""
    return _own(git_dir, "attributes")


def own_ignores(git_dir: Path) -> bytes:
    """What a clone ignores by itself; empty where that is nothing."""
    return _own(git_dir, "exclude")


def _own(git_dir: Path, name: str) -> bytes:
    try:
        return regular_files.head(git_dir / "info" / name, _MOST_SETTINGS)
    except OSError:
        return b""


def last_change_ms(git_dir: Path, path: str) -> int:
    """When a commit of any ref last changed a file, UTC milliseconds; 0 where none did or git cannot say."""
    name = b":(literal,top)" + path.encode("utf-8", "surrogateescape")
    try:
        output = run(git_dir, "log", "--all", "-1", "--format=%ct", "--", name)
    except GitError:
        return 0
    return milliseconds(output)


def tracked_paths(git_dir: Path, rev: str = "HEAD") -> frozenset[str]:
    """Paths of a commit's files; empty where git cannot say."""
    try:
        listing = run(git_dir, "ls-tree", "-r", "-z", "--name-only", rev)
    except GitError:
        return frozenset()
    return frozenset(name.decode("utf-8", "replace") for name in listing.split(b"\0") if name)


def tracked_blobs(git_dir: Path, rev: str = "HEAD") -> dict[str, str]:
    """The name of each file's content by its path in a commit; empty where git cannot say."""
    try:
        listing = run(git_dir, "ls-tree", "-r", "-z", rev)
    except GitError:
        return {}
    told = (entry.partition(b"\t") for entry in listing.split(b"\0") if entry)
    return {
        path.decode("utf-8", "replace"): facts.rpartition(b" ")[2].decode("ascii") for facts, _, path in told
    }


def names_before(git_dir: Path, files: Sequence[tuple[str, str]], like: str) -> dict[str, str]:
    """The name of each file's content before the commit that it is asked for with; a file without any is left out.

    ``like`` is any name of the repository's. Where git cannot say there is none.
    """
    asked = [(f"{sha}^", path.encode("utf-8", "surrogateescape")) for sha, path in files]
    try:
        return {
            path.decode("utf-8", "surrogateescape"): name_of(content, like)
            for (_, path), content in contents(git_dir, asked)
            if content is not None
        }
    except GitError:
        return {}
