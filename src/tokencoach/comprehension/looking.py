"""From a repository to the questions about what is staged in it, or what a commit or a range did."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from tokencoach import paths
from tokencoach.clock import now_ms
from tokencoach.comprehension.ahead import assembled, stored_check
from tokencoach.comprehension.authorship import WINDOW_MS
from tokencoach.comprehension.gather import commit_change, range_change, staged_change
from tokencoach.comprehension.memory import weak_areas
from tokencoach.comprehension.prepare import Known, Options, prepare
from tokencoach.comprehension.question import Part
from tokencoach.comprehension.recordings import Recordings
from tokencoach.comprehension.subject import Subject
from tokencoach.errors import UsageError
from tokencoach.git.errors import GitError
from tokencoach.git.locate import find
from tokencoach.git.staged import entries, own_git_dir, staged, tree_id
from tokencoach.store.checks.inbox_rows import bad_marks, recent_parts
from tokencoach.store.checks.known_rows import answered_ids
from tokencoach.store.reader import Reader
from tokencoach.store.recent_rows import recent_paths

if TYPE_CHECKING:
    from pathlib import Path

    from tokencoach.comprehension.gather import Change
    from tokencoach.git.locate import Repository
    from tokencoach.store.connect import Connection

_MESSAGE = "message"


class Which(NamedTuple):
    """Which change: the staged one, unless a commit or a range ``A..B`` is named."""

    commit: str | None = None
    range: str | None = None


def look(
    folder: Path, which: Which, connection: Connection | None, options: Options, *, home: Path | None = None
) -> Subject:
    """The questions about a change of the repository around a folder.

    ``connection`` reads what assistants wrote and what was asked before; without one every line
    is a person's. ``home`` holds what was recorded.

    Raises:
        UsageError: the folder is in no repository; there is no such commit or range.
        GitError: git failed.
    """
    repository, git_dir = _here(folder)
    place = repository.common_dir
    change = _change(Reader(connection) if connection is not None else None, git_dir, place, which)
    prepared = prepare(
        change.files,
        recordings=Recordings.of_repository(place, home or paths.home()),
        repository=change.repository,
        known=_known(connection, str(place), change.message),
        options=_rotated(options, connection, str(place)),
        folder=next((one for one in (folder, *folder.parents) if (one / ".git").exists()), None),
    )
    sha = "" if which == Which() else _sha(git_dir, which)
    return Subject(place, git_dir, _name(repository), change.tree, sha, prepared)


def look_ahead(folder: Path, which: Which, connection: Connection, options: Options) -> Subject:
    """The questions about a change as ``look`` finds them, taken from what was made ahead where there is any.

    Raises:
        UsageError: the folder is in no repository; there is no such range.
        GitError: git failed.
    """
    repository, git_dir = _here(folder)
    if which != Which():
        return look(folder, which, connection, options)
    place = repository.common_dir
    span = staged(git_dir)
    tree = tree_id(span)
    made = stored_check(connection, str(place), tree) or assembled(
        connection,
        str(place),
        entries(span),
        recent_paths(connection, str(place), now_ms() - WINDOW_MS),
        known=_known(connection, str(place), ""),
        options=_rotated(options, connection, str(place)),
    )
    if made is None:
        return look(folder, which, connection, options)
    return Subject(place, git_dir, _name(repository), tree, "", made)


def _here(folder: Path) -> tuple[Repository, Path]:
    repository, git_dir = find(folder), own_git_dir(folder)
    if repository is None or git_dir is None:
        raise UsageError(f"{folder} is in no git repository with files", "go into one")
    return repository, git_dir


def _name(repository: Repository) -> str:
    return (repository.main_worktree or repository.common_dir).name


def _change(reader: Reader | None, git_dir: Path, place: Path, which: Which) -> Change:
    if which == Which():
        return staged_change(reader, git_dir, place, now_ms())
    try:
        if which.range is None:
            return commit_change(reader, git_dir, place, which.commit or "HEAD")
        first, last = _ends(which.range)
        return range_change(reader, git_dir, place, first, last, now_ms())
    except GitError as error:
        said = str(error).split("\n  mend:", maxsplit=1)[0]
        raise UsageError(said, error.mend or "look for it with git log") from error


def _ends(named: str) -> tuple[str, str]:
    first, dots, last = named.partition("..")
    if not dots or not first.strip(". "):
        raise UsageError(f"{named!r} is no range", "write it as A..B, for example main..HEAD")
    return first, last.lstrip(".") or "HEAD"


def _sha(git_dir: Path, which: Which) -> str:
    """The commit that the change ends with; a range is no commit."""
    from tokencoach.git.staged import commit  # noqa: PLC0415 - only where a commit was named

    return "" if which.commit is None else commit(git_dir, which.commit).tip or ""


def _known(connection: Connection | None, place: str, message: str) -> Known:
    """What is known from before: questions that were answered, or called bad; and the commit's message."""
    words = {_MESSAGE: message} if message else {}
    if connection is None:
        return Known(words=words)
    marks = [(mark.kind, *mark.pattern.partition("::")[::2]) for mark in bad_marks(connection)]
    bad = frozenset((kind, path, name) for kind, path, name in marks if name)
    weak = weak_areas(connection, place, now_ms())
    return Known(weak=weak, bad=bad, asked=answered_ids(connection, place), words=words)


def _rotated(options: Options, connection: Connection | None, place: str) -> Options:
    if connection is None or options.last_parts:
        return options
    known = set(Part)
    last = [Part(part) for part in reversed(recent_parts(connection, place)) if part in known]
    return msgspec.structs.replace(options, last_parts=tuple(last))
