"""Holding a check on a terminal: the questions, the diary, and one line at the end."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from tokencoach.cli.output import narrate, one_line
from tokencoach.comprehension.opening import asking_of
from tokencoach.comprehension.sitting import Ending
from tokencoach.errors import NothingToReadError
from tokencoach.store.reader import open_reader

if TYPE_CHECKING:
    from tokencoach.cli.context import Context
    from tokencoach.comprehension.asking import Asking
    from tokencoach.comprehension.subject import Subject

ABORTED = 1


def hold_check(context: Context, subject: Subject, *, mode: str) -> int:
    """Ask on the terminal; 1 where the person stopped a commit to fix something, else 0."""
    asking = _asking(context, subject, mode)
    held = context.ask(asking)
    if held.problem:
        narrate(f"tokencoach: {one_line(held.problem)}")
    if not held.was_asked:
        narrate("tokencoach: no terminal to ask on")
        return 0
    if held.ending is None:
        narrate(
            "tokencoach: the check was broken off; what was answered is kept, the rest waits in the inbox"
        )
        return 0
    follows = ""
    if asking.can_abort:
        is_stopped = held.ending is Ending.ABORTED
        follows = "; the commit is stopped, nothing is lost" if is_stopped else "; the commit goes on"
    narrate(f"tokencoach: {held.words}{follows}")
    return ABORTED if asking.can_abort and held.ending is Ending.ABORTED else 0


def _asking(context: Context, subject: Subject, mode: str) -> Asking:
    """The check, with the database closed again: no connection outlives the fork of the screen."""
    with contextlib.ExitStack() as stack:
        connection = None
        with contextlib.suppress(NothingToReadError):
            connection = stack.enter_context(open_reader(context.database)).connection
        return asking_of(subject, context.database, context.tz, connection, mode=mode, now_ms=context.now_ms)
