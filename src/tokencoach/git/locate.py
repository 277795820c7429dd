"""Which repository a folder belongs to, read from files alone: no process, no environment."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tokencoach import regular_files

_MOST_BYTES: Final = 4096


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository by its common directory; all of its worktrees share it.

    ``main_worktree`` is None for a bare repository. ``worktrees`` are those that exist now, the
    main one first.
    """

    common_dir: Path
    main_worktree: Path | None
    worktrees: tuple[Path, ...]

    @property
    def exists(self) -> bool:
        """Whether the git directory is still there."""
        return is_git_dir(self.common_dir)


def find(folder: Path) -> Repository | None:
    """The repository around a folder, or around the nearest parent that still exists."""
    for place in (folder, *folder.parents):
        try:
            found = _at(place)
        except OSError:
            continue
        if found is not None:
            return found
    return None


def is_git_dir(folder: Path) -> bool:
    """Whether the folder has what git asks of a git directory."""
    try:
        # Old gits made HEAD a symbolic link.
        has_head = (folder / "HEAD").is_file() or (folder / "HEAD").is_symlink()
        return has_head and (folder / "objects").is_dir() and (folder / "refs").is_dir()
    except OSError:
        return False


def head_of(git_dir: Path) -> str | None:
    """What HEAD of a git directory names: a ref's name or a commit's; None where it is damaged."""
    text = _line(git_dir / "HEAD")
    return None if not text else text.removeprefix("ref:").strip()


def linked_git_dirs(common_dir: Path) -> list[Path]:
    """Git directories of the linked worktrees."""
    try:
        return sorted(entry for entry in (common_dir / "worktrees").iterdir() if entry.is_dir())
    except OSError:
        return []


def _at(place: Path) -> Repository | None:
    dot_git = place / ".git"
    if dot_git.is_dir() and is_git_dir(dot_git):
        return _repository(dot_git, place)
    if dot_git.is_file():
        target = _line(dot_git)
        if target is not None and target.startswith("gitdir:"):
            return _behind(place / target.removeprefix("gitdir:").strip(), place)
    if is_git_dir(place):
        return _repository(place, place.parent if place.name == ".git" else None)
    return None


def _behind(git_dir: Path, place: Path) -> Repository | None:
    """The repository that a ``.git`` file leads to: a linked worktree's, a submodule's, one elsewhere."""
    common = _line(git_dir / "commondir")
    if common is not None:
        return _of_common(git_dir / common)
    if is_git_dir(git_dir):
        return _repository(git_dir, place)
    # A pruned worktree's directory is gone, but its name still tells whose it was.
    return _of_common(git_dir.parent.parent) if git_dir.parent.name == "worktrees" else None


def _of_common(common_dir: Path) -> Repository | None:
    if not is_git_dir(common_dir):
        return None
    resolved = common_dir.resolve()
    return _repository(resolved, resolved.parent if resolved.name == ".git" else None)


def _repository(common_dir: Path, main_worktree: Path | None) -> Repository:
    common_dir = common_dir.resolve()
    main = main_worktree.resolve() if main_worktree is not None else None
    linked = [_linked(git_dir) for git_dir in linked_git_dirs(common_dir)]
    there = [folder for folder in (main, *linked) if folder is not None and folder.is_dir()]
    return Repository(common_dir, main, tuple(dict.fromkeys(there)))


def _linked(git_dir: Path) -> Path | None:
    dot_git = _line(git_dir / "gitdir")
    return (git_dir / dot_git).resolve().parent if dot_git else None


def _line(file: Path) -> str | None:
    """First line of a small file of git's; None where there is none."""
    try:
        return (
            regular_files.head(file, _MOST_BYTES)
            .decode("utf-8", "surrogateescape")
            .split("\n")[0]
            .strip("\r")
        )
    except OSError:
        return None
