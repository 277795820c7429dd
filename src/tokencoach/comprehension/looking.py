"""From a repository to the questions about what is staged in it, or what a commit or a range did."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tokencoach.comprehension.ahead import stored_check
from tokencoach.comprehension.changes import changed_files
from tokencoach.comprehension.prepare import Known, Options, prepare
from tokencoach.comprehension.question import Part
from tokencoach.comprehension.subject import Subject
from tokencoach.errors import UsageError
from tokencoach.git.locate import find
from tokencoach.git.staged import between, commit, own_git_dir, staged, tree_id
from tokencoach.store.check_inbox_rows import bad_marks, recent_parts

if TYPE_CHECKING:
    from pathlib import Path

    from tokencoach.comprehension.change import ChangedFile
    from tokencoach.git.staged import Span
    from tokencoach.store.connect import Connection


class Which(NamedTuple):
    """Which change: the staged one, unless a commit or a range ``A..B`` is named."""

    commit: str | None = None
    range: str | None = None


def span_of(git_dir: Path, which: Which) -> Span:
    """The change as two trees.

    Raises:
        UsageError: the range is none.
        GitError: there is no such commit, or git failed.
    """
    if which.commit is not None:
        return commit(git_dir, which.commit)
    if which.range is None:
        return staged(git_dir)
    first, dots, last = which.range.partition("..")
    if not dots or not first.strip(". "):
        raise UsageError(f"{which.range!r} is no range", "write it as A..B, for example main..HEAD")
    return between(git_dir, first, last.lstrip(".") or "HEAD")


def look(folder: Path, which: Which, connection: Connection | None, options: Options) -> Subject:
    """The questions about a change of the repository around a folder.

    ``connection`` reads what assistants wrote and what was asked before; without one every line
    is a person's.

    Raises:
        UsageError: the folder is in no repository, or has no worktree.
        GitError: git failed.
    """
    repository, git_dir = find(folder), own_git_dir(folder)
    if repository is None or git_dir is None:
        raise UsageError(f"{folder} is in no git repository", "go into one")
    span = span_of(git_dir, which)
    place = repository.common_dir
    files = changed_files(span, _attributes(repository.main_worktree))
    prepared = prepare(
        marked(files, connection, place, span),
        known=known_of(connection, str(place)),
        options=_rotated(options, connection, str(place)),
    )
    name = (repository.main_worktree or place).name
    tree = tree_id(span) if prepared.questions else ""
    return Subject(place, git_dir, name, tree, "" if span.tip is None else span.tip, prepared)


def look_ahead(folder: Path, which: Which, connection: Connection, options: Options) -> Subject:
    """As ``look``, from the questions that were made ahead where there are any.

    Raises:
        UsageError: the folder is in no repository, or has no worktree.
        GitError: git failed.
    """
    repository, git_dir = find(folder), own_git_dir(folder)
    if repository is None or git_dir is None or which != Which():
        return look(folder, which, connection, options)
    place = repository.common_dir
    tree = tree_id(staged(git_dir))
    made = stored_check(connection, str(place), tree)
    if made is None:
        return look(folder, which, connection, options)
    name = (repository.main_worktree or place).name
    return Subject(place, git_dir, name, tree, "", made)


def marked(
    files: list[ChangedFile], connection: Connection | None, place: Path, span: Span
) -> list[ChangedFile]:
    """The files with the lines marked that an assistant wrote."""
    del connection, place, span
    return files


def known_of(connection: Connection | None, place: str) -> Known:
    """What is known from before: questions that were called bad."""
    del place
    if connection is None:
        return Known()
    marks = bad_marks(connection)
    bad = {(mark.kind, *pattern) for mark in marks if len(pattern := mark.pattern.split("::", 1)) == 2}
    return Known(bad=frozenset((kind, path, name) for kind, path, name in bad))


def _rotated(options: Options, connection: Connection | None, place: str) -> Options:
    if connection is None or options.last_parts:
        return options
    import msgspec  # noqa: PLC0415 - a struct is replaced

    last = [part for part in reversed(recent_parts(connection, place)) if part in set(Part)]
    return msgspec.structs.replace(options, last_parts=tuple(Part(part) for part in last))


def _attributes(worktree: Path | None) -> str:
    if worktree is None:
        return ""
    try:
        return (worktree / ".gitattributes").read_text("utf-8", "replace")
    except OSError:
        return ""
