"""Commits that nobody was asked about: into the inbox, or noted as not asked. Rewritten ones are followed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from tokencoach.clock import DAY_MS
from tokencoach.comprehension.hook.spool import INBOX, REWRITTEN, Noted, take
from tokencoach.comprehension.looking import Which, look
from tokencoach.comprehension.memory import forget_changed
from tokencoach.comprehension.prepare import Options
from tokencoach.comprehension.saved import new_check, rows_of
from tokencoach.errors import TokencoachError
from tokencoach.git.errors import GitError
from tokencoach.git.locate import find
from tokencoach.git.run import run
from tokencoach.store.checks.inbox_rows import checks_of_commit
from tokencoach.store.checks.records import Outcome
from tokencoach.store.checks.writer import bind, rebind, save_check

if TYPE_CHECKING:
    from tokencoach.store.writer import Writer
    from tokencoach.watch.refresh import Upkeep

_BUDGET_S: Final = 3.0
_MOST: Final = 50


def take_in(writer: Writer, upkeep: Upkeep) -> int:
    """Take in what the hooks noted; how many checks came of it.

    Raises:
        TokencoachError: the database cannot be written.
    """
    noted = take(upkeep.database.parent)
    made = 0
    for one in noted:
        if one.kind == REWRITTEN:
            with writer.transaction() as connection:
                rebind(connection, one.common_dir, {one.sha: one.other})
    # What was committed last is what the person still remembers.
    for one in [one for one in reversed(noted) if one.kind != REWRITTEN][:_MOST]:
        made += _take(writer, one)
    return made


def _is_waiting(writer: Writer, noted: Noted) -> bool:
    """Whether a check of the commit's tree was broken off or put off: it becomes this commit's."""
    try:
        named = run(Path(noted.common_dir), "rev-parse", "--verify", f"{noted.sha}^{{tree}}")
    except GitError:
        return False
    tree = named.decode("ascii", "replace").strip()
    with writer.transaction() as connection:
        return bool(bind(connection, noted.common_dir, tree, noted.sha, noted.at_ms - DAY_MS))


def _take(writer: Writer, noted: Noted) -> bool:
    place = Path(noted.common_dir)
    found = find(place)
    if found is None or not found.worktrees or checks_of_commit(writer.connection, noted.sha):
        return False
    if noted.kind in INBOX and _is_waiting(writer, noted):
        return False
    try:
        subject = look(
            found.worktrees[0], Which(commit=noted.sha), writer.connection, Options(budget_s=_BUDGET_S)
        )
    except TokencoachError:
        # Amended away since, or no commit of this repository.
        return False
    prepared = subject.prepared
    is_inbox = noted.kind in INBOX
    if not prepared.ai_lines or not (prepared.questions if is_inbox else prepared.functions):
        return False
    check = new_check(noted.common_dir, "pre-commit", noted.at_ms, tree="", sha=noted.sha)
    check = check._replace(
        outcome=Outcome.WAITING if is_inbox else Outcome.NOT_ASKED,
        why=noted.kind,
        ai_lines=prepared.ai_lines,
    )
    rows = rows_of(check, prepared.questions, prepared.functions)
    with writer.transaction() as connection:
        save_check(connection, check, rows)
        forget_changed(connection, noted.common_dir, prepared.functions)
    return True
