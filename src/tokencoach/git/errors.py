"""What can go wrong when git reads a repository, each with its mend."""

from __future__ import annotations

from tokencoach.errors import TokencoachError


class GitError(TokencoachError):
    """git could not read a repository."""


class GitMissingError(GitError):
    """There is no git program."""

    def __init__(self) -> None:
        super().__init__("no git program was found", "install git 2.25 or newer and see that it is on PATH")


class NotARepositoryError(GitError):
    """The folder is no git repository, or is one no more."""


class NotOwnedError(GitError):
    """The repository belongs to another user, and git was not told to trust it."""


class ObjectsMissingError(GitError):
    """An object is absent: a partial or shallow clone, or a pruned one."""


class GitTooOldError(GitError):
    """The git program does not know what it is asked."""


class CorruptError(GitError):
    """git cannot make sense of the repository."""


_SIGNS: tuple[tuple[str, type[GitError]], ...] = (
    ("dubious ownership", NotOwnedError),
    ("unsafe repository", NotOwnedError),
    ("unknown option", GitTooOldError),
    ("unrecognized argument", GitTooOldError),
    ("is not a git command", GitTooOldError),
    ("not a git repository", NotARepositoryError),
    ("could not fetch", ObjectsMissingError),
    ("promisor remote", ObjectsMissingError),
    ("lazy fetching disabled", ObjectsMissingError),
    ("unable to read", ObjectsMissingError),
    ("bad object", ObjectsMissingError),
    ("missing blob", ObjectsMissingError),
    ("missing tree", ObjectsMissingError),
    ("missing commit", ObjectsMissingError),
    ("could not read", ObjectsMissingError),
    ("could not parse commit", ObjectsMissingError),
    ("failed to traverse parents", ObjectsMissingError),
    ("cannot read", ObjectsMissingError),
    ("unknown revision", ObjectsMissingError),
)

_MENDS: dict[type[GitError], str] = {
    NotOwnedError: "if you trust it: git config --global --add safe.directory FOLDER",
    NotARepositoryError: "if it moved: tokencoach repos link OLD NEW",
    ObjectsMissingError: "fetch what is missing: git fetch --unshallow, or --refetch in a partial clone",
    GitTooOldError: "install git 2.25 or newer and see that it stands first on PATH",
    CorruptError: "look at it with: git fsck",
}


def failure(where: str, message: str) -> GitError:
    """The typed error for what git wrote to stderr about the repository at ``where``."""
    lowered = message.lower()
    kind = next((kind for sign, kind in _SIGNS if sign in lowered), CorruptError)
    said = " ".join(message.split())[-300:]
    return kind(f"git cannot read {where}: {said or 'it ended without a word'}", _MENDS[kind])
