"""Questions made before anybody commits: bounded work on what was staged, nothing while all is still."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING, Final

from tokencoach.clock import now_ms
from tokencoach.comprehension.ahead import has_file, store_check, store_file, stored_check
from tokencoach.comprehension.change import Skip
from tokencoach.comprehension.gather import staged_change
from tokencoach.comprehension.hook.decision import Known, read
from tokencoach.comprehension.hook.places import state_of
from tokencoach.comprehension.looking import Which, look
from tokencoach.comprehension.memory import forget_changed
from tokencoach.comprehension.prepare import Options, prepare
from tokencoach.comprehension.recordings import Recordings
from tokencoach.git.aside import aside
from tokencoach.git.errors import GitError
from tokencoach.git.locate import find
from tokencoach.git.staged import entries, own_git_dir, staged, tree_id
from tokencoach.store.reader import Reader

if TYPE_CHECKING:
    from pathlib import Path

    from tokencoach.store.writer import Writer

_BUDGET_S: Final = 5.0
_MOST_FILES: Final = 400


def prepare_staged(writer: Writer, home: Path, common_dir: Path) -> int:
    """Make the questions of what is staged in the worktrees of a repository. How many trees got some now."""
    known = Known(read(str(state_of(home, common_dir) / "known")))
    found = find(common_dir)
    made = 0
    for folder in () if found is None or not known.pending else found.worktrees:
        git_dir = own_git_dir(folder)
        if git_dir is not None:
            made += _prepare(writer, folder, git_dir, known, str(common_dir))
    return made


def prepare_edited(writer: Writer, home: Path, common_dir: Path) -> int:
    """Make the questions of files as assistants left them, before they are staged. How many files got theirs."""
    known = Known(read(str(state_of(home, common_dir) / "known")))
    found = find(common_dir)
    made = 0
    for folder in () if found is None or not known.pending else found.worktrees:
        git_dir = own_git_dir(folder)
        if git_dir is not None:
            with contextlib.suppress(GitError, OSError):
                made += _prepare_files(
                    writer, folder, git_dir, common_dir, sorted(known.pending)[:_MOST_FILES]
                )
    return made


def _prepare_files(writer: Writer, folder: Path, git_dir: Path, common_dir: Path, paths: list[str]) -> int:
    deadline = time.monotonic() + _BUDGET_S
    place, made = str(common_dir), 0
    with aside(folder, git_dir, common_dir, paths) as there:
        change = staged_change(
            Reader(writer.connection), there.git_dir, common_dir, now_ms(), there.index_file
        )
        tests = [file for file in change.files if file.skip is Skip.TEST]
        for file in change.files:
            if (file.skip is None and not file.ai) or has_file(writer.connection, place, file):
                continue
            if time.monotonic() > deadline:
                break
            check = prepare(
                [file, *(test for test in tests if test is not file)],
                recordings=Recordings.of_repository(common_dir, writer.path.parent),
                repository=change.repository,
                options=Options(budget_s=_BUDGET_S),
                folder=folder,
            )
            with writer.transaction() as connection:
                store_file(connection, place, file, check, now_ms())
            made += 1
    return made


def _prepare(writer: Writer, folder: Path, git_dir: Path, known: Known, place: str) -> bool:
    span = staged(git_dir, git_dir / "index")
    try:
        listed = entries(span)
        paths = {entry.path.decode("utf-8", "surrogateescape") for entry in listed}
        if len(listed) > _MOST_FILES or not paths & known.pending:
            return False
        tree = tree_id(span)
        if stored_check(writer.connection, place, tree) is not None:
            return False
        subject = look(folder, Which(), writer.connection, Options(budget_s=_BUDGET_S))
    except GitError:
        # A conflict, a lock, an index that is just being written: the hook asks git itself.
        return False
    # Without a question it may be that the log of these lines is not read yet.
    if subject.tree != tree or not subject.prepared.questions:
        return False
    with writer.transaction() as connection:
        store_check(connection, place, tree, subject.prepared, now_ms())
        forget_changed(connection, place, subject.prepared.functions)
    return True
