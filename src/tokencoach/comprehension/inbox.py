"""A check that waits, opened again: its questions, and the code as it stood when they were made."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tokencoach.comprehension.asking import Asking, adviser_for
from tokencoach.comprehension.authorship import WINDOW_MS, matched_lines
from tokencoach.comprehension.change import ChangedFile
from tokencoach.comprehension.diary import QuietDiary
from tokencoach.comprehension.grading import grade
from tokencoach.comprehension.heard import heard_of
from tokencoach.comprehension.languages.parsing import text_of
from tokencoach.comprehension.looking import Which, look_ahead
from tokencoach.comprehension.opening import asking_of
from tokencoach.comprehension.prepare import Options
from tokencoach.comprehension.saved import prepared_of
from tokencoach.comprehension.sitting import Exhibit, Item, Sitting
from tokencoach.comprehension.stored_diary import StoredDiary
from tokencoach.errors import NothingToReadError
from tokencoach.git.errors import GitError
from tokencoach.git.notes import note_texts
from tokencoach.store.checks.inbox_rows import inbox
from tokencoach.store.checks.written_lines import lines_written

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    from tokencoach.store.checks.records import AskedQuestion, Check
    from tokencoach.store.connect import Connection

_BECAUSE = {
    "": "This check was broken off.",
    "again": "You answered this before; it is asked again before it is forgotten.",
    "later": "You wanted to answer this later.",
    "hotfix": "It had to go out at once.",
    "assistant": "An assistant committed it; you are asked.",
    "no-terminal": "It was committed where nobody could be asked.",
    "too-often": "You had been asked often enough that day.",
}


def open_waiting(connection: Connection, database: Path, tz: ZoneInfo, key: str) -> Asking:
    """A check of the inbox, ready to be held.

    Raises:
        NothingToReadError: it waits no more, or git has forgotten the code.
    """
    found = next(((check, rows) for check, rows in inbox(connection) if check.key == key), None)
    if found is None:
        raise NothingToReadError("this check waits no more", "press R to read the inbox again")
    check, rows = found
    items = _items(connection, check, rows)
    if not items:
        raise NothingToReadError(
            "git has forgotten the code that these questions are about", "skip them: they are of no use now"
        )
    asked = {item.prepared.question.id for item in items}
    kept = [row for row in rows if row.question_id in asked]
    diary = QuietDiary(StoredDiary(database, tz, check, kept, is_new=False))
    name = Path(check.place).parent.name if Path(check.place).name == ".git" else Path(check.place).name
    because = _BECAUSE.get(check.why, check.why)
    heard = heard_of(connection, check.place, [item.prepared for item in items], check.started_ms - WINDOW_MS)
    sitting = Sitting(items, partial(grade, heard=heard), diary, adviser=adviser_for(items, database.parent))
    return Asking(sitting, diary, can_abort=False, place=name, because=because)


def open_staged(connection: Connection, database: Path, tz: ZoneInfo, folder: str, now_ms: int) -> Asking:
    """A check of what stands staged in a worktree; a commit of just that is bound to it later.

    Raises:
        NothingToReadError: nothing is to be asked about it any more.
        TokencoachError: git failed.
    """
    subject = look_ahead(Path(folder), Which(), connection, Options())
    if not subject.prepared.questions:
        raise NothingToReadError(
            f"nothing to ask about what is staged: {subject.prepared.nothing_because}", "press R"
        )
    return asking_of(subject, database, tz, connection, mode="inbox", now_ms=now_ms)


def _items(connection: Connection, check: Check, rows: Sequence[AskedQuestion]) -> list[Item]:
    """The questions whose code is still there."""
    place = Path(check.place)
    try:
        texts = dict(note_texts(place, sorted({row.blob for row in rows if row.blob})))
    except GitError:
        return []
    pages: dict[tuple[str, str, str], Exhibit] = {}
    items = []
    for row in rows:
        prepared, content = prepared_of(row), texts.get(row.blob)
        text = text_of(content) if content is not None else None
        if prepared is None or text is None:
            continue
        key = (row.path, row.qualname, row.blob)
        if key not in pages and content is not None:
            pages[key] = _page(row, text, _ai_lines(connection, check, row, content))
        items.append(Item(prepared, pages[key]))
    return items


def _ai_lines(connection: Connection, check: Check, row: AskedQuestion, content: bytes) -> frozenset[int]:
    """The lines of the function that an assistant wrote, as far as the logs still tell."""
    span = frozenset(range(row.first_line, row.last_line + 1))
    since = check.started_ms - WINDOW_MS
    written = lines_written(connection, check.place, [row.path], since, check.started_ms)
    file = ChangedFile(path=row.path, blob=row.blob, new=content, added=span)
    return matched_lines(file, [one.keys for one in written])


def _page(row: AskedQuestion, text: str, ai: frozenset[int]) -> Exhibit:
    return Exhibit(
        row.path,
        row.qualname,
        tuple(text.split("\n")),
        row.first_line,
        row.last_line,
        ai=ai,
        ai_lines=row.ai_lines,
    )
