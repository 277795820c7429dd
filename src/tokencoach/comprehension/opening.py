"""From a change to a check that can be held: its questions, its code, its diary."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tokencoach.clock import DAY_MS, day_of
from tokencoach.comprehension.asking import Asking, adviser_for
from tokencoach.comprehension.diary import QuietDiary
from tokencoach.comprehension.grading import grade
from tokencoach.comprehension.heard import heard_of
from tokencoach.comprehension.looking import Which, look_ahead
from tokencoach.comprehension.prepare import Options
from tokencoach.comprehension.saved import new_check, rows_of
from tokencoach.comprehension.sitting import Sitting
from tokencoach.comprehension.stored_diary import StoredDiary
from tokencoach.comprehension.subject import items_of
from tokencoach.errors import TokencoachError
from tokencoach.git.locate import find
from tokencoach.store.checks.inbox_rows import checks_of_tree
from tokencoach.store.checks.known_rows import last_writer, recent_places

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zoneinfo import ZoneInfo

    from tokencoach.comprehension.subject import Subject
    from tokencoach.store.connect import Connection

_WINDOW_MS = 14 * DAY_MS
_MOST_PLACES = 12
_MOST_TREES = 3
_BUDGET_S = 1.0


def asking_of(
    subject: Subject, database: Path, tz: ZoneInfo, connection: Connection | None, *, mode: str, now_ms: int
) -> Asking:
    """A check of a change, ready to be held; ``mode`` is where: pre-commit, pre-push, verb, inbox.

    Raises:
        GitError: git failed.
    """
    origins = _origins(subject, connection, tz, now_ms)
    items = items_of(subject.git_dir, subject.prepared, origins)
    check = new_check(str(subject.place), mode, now_ms, tree=subject.tree, sha=subject.sha)
    check = check._replace(ai_lines=subject.prepared.ai_lines)
    rows = rows_of(check, [item.prepared for item in items], subject.prepared.functions)
    diary = QuietDiary(StoredDiary(database, tz, check, rows))
    since_ms = 0 if subject.sha else now_ms - _WINDOW_MS
    heard = heard_of(connection, str(subject.place), [item.prepared for item in items], since_ms)
    sitting = Sitting(items, partial(grade, heard=heard), diary, adviser=adviser_for(items, database.parent))
    return Asking(sitting, diary, mode.startswith("pre-"), subject.name, subject.prepared.asked_because or "")


def _origins(subject: Subject, connection: Connection | None, tz: ZoneInfo, now_ms: int) -> dict[str, str]:
    """Of each file that is asked about, the session that wrote to it last: ``claude-code session 14:02``."""
    found: dict[str, str] = {}
    if connection is None:
        return found
    for path in {one.question.path for one in subject.prepared.questions}:
        wrote = last_writer(connection, str(subject.place), [path], now_ms - _WINDOW_MS)
        if wrote is not None:
            source, began_ms = wrote
            moment = datetime.fromtimestamp(began_ms / 1000, tz)
            is_today = day_of(began_ms, tz) == day_of(now_ms, tz)
            found[path] = (
                f"{source} session {moment:%H:%M}" if is_today else f"{source} session {moment:%d %b}"
            )
    return found


def staged_now(connection: Connection, now_ms: int) -> Iterator[tuple[Path, Subject]]:
    """What stands staged in repositories where an assistant wrote lately, and was not asked about yet.

    Each with the folder of its worktree; where git fails there is nothing.
    """
    for place in recent_places(connection, now_ms - _WINDOW_MS)[:_MOST_PLACES]:
        repository = find(Path(place))
        for folder in repository.worktrees[:_MOST_TREES] if repository is not None else ():
            try:
                subject = look_ahead(folder, Which(), connection, Options(budget_s=_BUDGET_S))
            except TokencoachError:
                continue
            if subject.prepared.questions and not checks_of_tree(connection, place, subject.tree):
                yield folder, subject
