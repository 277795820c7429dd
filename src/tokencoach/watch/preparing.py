"""Questions made before anybody commits: bounded work on what was staged, nothing while all is still."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tokencoach.clock import now_ms
from tokencoach.comprehension.ahead import store_check, stored_check
from tokencoach.comprehension.hook.decision import Known, read
from tokencoach.comprehension.hook.places import state_of
from tokencoach.comprehension.looking import Which, look
from tokencoach.comprehension.memory import forget_changed
from tokencoach.comprehension.prepare import Options
from tokencoach.git.errors import GitError
from tokencoach.git.locate import find
from tokencoach.git.staged import entries, own_git_dir, staged, tree_id

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
