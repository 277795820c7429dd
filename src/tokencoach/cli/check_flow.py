"""Holding a check on a terminal: the questions, the diary, and one line at the end."""

from __future__ import annotations

import contextlib
from datetime import datetime
from typing import TYPE_CHECKING

from tokencoach.cli.output import narrate, one_line
from tokencoach.clock import DAY_MS, day_of
from tokencoach.comprehension.asking import Asking
from tokencoach.comprehension.diary import QuietDiary
from tokencoach.comprehension.grading import grade
from tokencoach.comprehension.saved import new_check, rows_of
from tokencoach.comprehension.sitting import Ending, Sitting
from tokencoach.comprehension.stored_diary import StoredDiary
from tokencoach.comprehension.subject import items_of
from tokencoach.errors import NothingToReadError
from tokencoach.store.check_known_rows import last_writer
from tokencoach.store.reader import open_reader

if TYPE_CHECKING:
    from tokencoach.cli.context import Context
    from tokencoach.comprehension.subject import Subject

ABORTED = 1
_WINDOW_MS = 14 * DAY_MS


def hold_check(context: Context, subject: Subject, *, mode: str) -> int:
    """Ask on the terminal; 1 where the person stopped a commit to fix something, else 0."""
    items = items_of(subject.git_dir, subject.prepared, _origins(context, subject))
    check = new_check(str(subject.place), mode, context.now_ms, tree=subject.tree, sha=subject.sha)
    check = check._replace(ai_lines=subject.prepared.ai_lines)
    rows = rows_of(check, [item.prepared for item in items], subject.prepared.functions)
    diary = QuietDiary(StoredDiary(context.database, context.tz, check, rows))
    sitting = Sitting(items, grade, diary)
    stops = mode.startswith("pre-")
    held = context.ask(Asking(sitting, diary, stops, subject.name, subject.prepared.asked_because or ""))
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
    if stops:
        follows = (
            "; the commit is stopped, nothing is lost"
            if held.ending is Ending.ABORTED
            else "; the commit goes on"
        )
    narrate(f"tokencoach: {held.words}{follows}")
    return ABORTED if stops and held.ending is Ending.ABORTED else 0


def _origins(context: Context, subject: Subject) -> dict[str, str]:
    """Of each file that is asked about, the session that wrote to it last: ``claude-code session 14:02``."""
    found = {}
    since = context.now_ms - _WINDOW_MS
    with contextlib.suppress(NothingToReadError), open_reader(context.database) as reader:
        for path in {one.question.path for one in subject.prepared.questions}:
            wrote = last_writer(reader.connection, str(subject.place), [path], since)
            if wrote is not None:
                source, began_ms = wrote
                moment = datetime.fromtimestamp(began_ms / 1000, context.tz)
                is_today = day_of(began_ms, context.tz) == day_of(context.now_ms, context.tz)
                when = f"{moment:%H:%M}" if is_today else f"{moment.day} {moment:%b}"
                found[path] = f"{source} session {when}"
    return found
