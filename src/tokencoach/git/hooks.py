"""Where the hooks of a repository live, who else manages them, and the few settings that they need.

The person's own configuration counts here: it says where git itself will look.
"""

from __future__ import annotations

import contextlib
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach import regular_files
from tokencoach.git.errors import GitError, NotARepositoryError
from tokencoach.git.run import own, run

if TYPE_CHECKING:
    from collections.abc import Mapping

HOOKS_PATH: Final = "core.hooksPath"
NOTES_REF: Final = "refs/notes/tokencoach"
REWRITE_REF: Final = "notes.rewriteRef"
#: What we set it to. Of a plain name git warns at each amend and rebase until a first note is there.
REWRITTEN_NOTES: Final = f"{NOTES_REF}*"
_MANAGERS: Final = (
    ("husky", rb"husky"),
    ("lefthook", rb"lefthook"),
    ("pre-commit", rb"pre-commit\.com|pre_commit"),
    ("overcommit", rb"overcommit"),
)
_FILES: Final = (
    (".husky", "husky"),
    ("lefthook.yml", "lefthook"),
    ("lefthook.yaml", "lefthook"),
    (".lefthook.yml", "lefthook"),
    (".pre-commit-config.yaml", "pre-commit"),
    (".overcommit.yml", "overcommit"),
)
_HEAD_BYTES: Final = 8192


class HookPlace(NamedTuple):
    """A repository as its hooks see it.

    ``git_dir`` is the worktree's own, ``common_dir`` the one all worktrees share; ``hooks`` is the
    folder that git looks into now. ``scope`` is the file of settings that says so (local, global,
    system, worktree, command), None where it is git's own default.
    """

    top: Path
    git_dir: Path
    common_dir: Path
    hooks: Path
    scope: str | None

    @property
    def default_hooks(self) -> Path:
        """Where git looks where no setting says otherwise."""
        return self.common_dir / "hooks"


class OutsideError(NotARepositoryError):
    """A hook was asked about where there is no repository."""

    exit_code = 2


def hook_place(folder: Path) -> HookPlace:
    """Where the hooks of the repository around a folder live.

    Raises:
        GitError: git is missing, or there is no repository with a work tree.
    """
    try:
        said = own(
            folder,
            "rev-parse",
            "--show-toplevel",
            "--absolute-git-dir",
            "--git-common-dir",
            "--git-path",
            "hooks",
        )
    except NotARepositoryError:
        raise OutsideError(
            f"{folder} lies in no git repository with files", "run it inside a repository, or use --global"
        ) from None
    lines = os.fsdecode(said).split("\n")
    top, git_dir, common, hooks = (Path(line) for line in lines[:4])
    return HookPlace(
        top, git_dir, (folder / common).resolve(), _absolute(folder, hooks), setting_scope(folder, HOOKS_PATH)
    )


def _absolute(folder: Path, path: Path) -> Path:
    return Path(os.path.abspath(folder / path))  # noqa: PTH100 - links stay what they are


def setting_scope(folder: Path, name: str) -> str | None:
    """The kind of file in which a setting stands last; None where it stands nowhere."""
    found = _setting(folder, "--show-scope", "--get", name)
    return None if found is None else found.split("\t", 1)[0]


def setting(folder: Path, name: str, *, is_global: bool = False) -> str | None:
    """What a setting says for a folder, or in the person's own file alone; None where it stands nowhere."""
    return _setting(folder, *(["--global"] if is_global else []), "--get", name)


def settings(folder: Path, name: str, *, is_global: bool) -> list[str]:
    """Every value of a setting that may stand several times, in one file."""
    found = _setting(folder, "--global" if is_global else "--local", "--get-all", name)
    return [] if found is None else found.split("\n")


def _setting(folder: Path, *arguments: str) -> str | None:
    try:
        return os.fsdecode(own(folder, "config", *arguments)).removesuffix("\n")
    except GitError:
        return None


def put_setting(folder: Path, name: str, value: str, *, is_global: bool, is_added: bool = False) -> None:
    """Write a setting into the repository's own file, or the person's; beside its former values if ``is_added``.

    Raises:
        GitError: git could not write it.
    """
    scope = "--global" if is_global else "--local"
    own(folder, "config", scope, *(["--add"] if is_added else []), name, value)


def drop_setting(folder: Path, name: str, value: str, *, is_global: bool) -> None:
    """Take one value of a setting out of the repository's own file, or the person's; nothing where it is not there."""
    with contextlib.suppress(GitError):
        own(
            folder, "config", "--global" if is_global else "--local", "--unset", name, f"^{re.escape(value)}$"
        )


def settings_file(place: HookPlace) -> Path:
    """The file of the repository's own settings."""
    return place.common_dir / "config"


def global_settings_file() -> Path:
    """The file that git writes the person's own settings to."""
    named = os.environ.get("GIT_CONFIG_GLOBAL")
    if named:
        return Path(named)
    usual = Path("~/.gitconfig").expanduser()
    other = Path(os.environ.get("XDG_CONFIG_HOME") or Path("~/.config").expanduser(), "git", "config")
    return other if other.is_file() and not usual.exists() else usual


def manager_of(place: HookPlace) -> str | None:
    """Who else puts hooks there: husky, lefthook, pre-commit, overcommit; None where nobody does."""
    for name in ("pre-commit", "post-commit", "commit-msg"):
        found = made_by(_head(place.hooks / name))
        if found is not None:
            return found
    if ".husky" in place.hooks.parts:
        return "husky"
    return next((manager for name, manager in _FILES if (place.top / name).exists()), None)


def made_by(content: bytes) -> str | None:
    """The manager that generated a hook file; None where a person wrote it."""
    return next((manager for manager, sign in _MANAGERS if re.search(sign, content)), None)


def notes_follow(folder: Path, *, is_global: bool) -> bool:
    """Whether one file of settings has our notes follow rewritten commits; a plain name is of an earlier release."""
    return not {NOTES_REF, REWRITTEN_NOTES}.isdisjoint(settings(folder, REWRITE_REF, is_global=is_global))


def _head(file: Path) -> bytes:
    try:
        return regular_files.head(file, _HEAD_BYTES)
    except OSError:
        return b""


def write_notes(git_dir: Path, notes: Mapping[str, str]) -> None:
    """Add a note to commits under ``refs/notes/tokencoach``; a former one of ours gives way.

    Raises:
        GitError: git could not write them, or a commit is gone.
    """
    who = ("-c", "user.name=tokencoach", "-c", "user.email=tokencoach@localhost")
    for sha, text in notes.items():
        run(git_dir, *who, "notes", f"--ref={NOTES_REF}", "add", "-f", "-F", "-", sha, feed=text.encode())
