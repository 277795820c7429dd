"""A change with all that is known of it: its files, whose lines they are, the tree it belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.comprehension.authorship import WINDOW_MS, Said, said_of, with_ai_lines
from tokencoach.comprehension.changes import changed_files
from tokencoach.git.errors import GitError
from tokencoach.git.lookup import Tree
from tokencoach.git.notes import note_of
from tokencoach.git.staged import Span, between, commit, staged, tree_id
from tokencoach.git.told import told_commits
from tokencoach.store.checks.written_lines import lines_written

if TYPE_CHECKING:
    from array import array
    from pathlib import Path

    from tokencoach.comprehension.change import ChangedFile
    from tokencoach.store.reader import Reader

_NOTES: Final = "refs/notes/ai"


class Change(NamedTuple):
    """What is asked about. ``tree`` names the tree that the change ends with, empty where git could not say.

    ``sessions`` are source and id of those that wrote the lines, the newest last; ``message`` is a
    commit's.
    """

    files: tuple[ChangedFile, ...]
    repository: Tree
    tree: str
    sessions: tuple[tuple[str, str], ...] = ()
    message: str = ""


def staged_change(
    reader: Reader | None,
    git_dir: Path,
    common_dir: Path,
    now_ms: int,
    index: Path | None = None,
) -> Change:
    """What is about to be committed; ``git_dir`` is the worktree's own.

    Raises:
        GitError: git failed.
    """
    span = staged(git_dir, index)
    try:
        tree = tree_id(span)
    except GitError:
        # An index with conflicts is no tree; a repository that nobody may write to makes none.
        tree = ""
    return _change(reader, span, common_dir, now_ms, tree, Said(), "")


def commit_change(reader: Reader | None, git_dir: Path, common_dir: Path, rev: str) -> Change:
    """What a commit did to its first parent.

    Raises:
        GitError: there is no such commit, or git failed.
    """
    span = commit(git_dir, rev)
    sha = span.tip or rev
    told = told_commits(common_dir, [sha]).get(sha)
    said = said_of(told, note_of(common_dir, _NOTES, sha))
    at_ms = told.commit_ms if told is not None else 0
    message = told.message if told is not None else ""
    return _change(reader, span, common_dir, at_ms, tree_id(span), said, message)


def range_change(
    reader: Reader | None, git_dir: Path, common_dir: Path, first: str, last: str, now_ms: int
) -> Change:
    """What the commits of ``first..last`` did together.

    Raises:
        GitError: either is missing, or git failed.
    """
    span = between(git_dir, first, last)
    return _change(reader, span, common_dir, now_ms, tree_id(span), Said(), "")


def _change(
    reader: Reader | None,
    span: Span,
    common_dir: Path,
    until_ms: int,
    tree: str,
    said: Said,
    message: str,
) -> Change:
    repository = Tree(span.git_dir, tree or "HEAD")
    files = changed_files(span, common_dir, tree or "HEAD")
    written: dict[str, list[array[int]]] = {}
    sessions: dict[tuple[str, str], None] = {}
    if reader is not None:
        names = sorted(
            {name for file in files if file.skip is None for name in (file.path, file.old_path) if name}
        )
        for one in lines_written(reader.connection, str(common_dir), names, until_ms - WINDOW_MS, until_ms):
            written.setdefault(one.path, []).append(one.keys)
            sessions.pop((one.source, one.session_id), None)
            sessions[one.source, one.session_id] = None
    found = with_ai_lines(files, written, said)
    return Change(tuple(found), repository, tree, tuple(sessions), message)
