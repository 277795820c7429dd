"""What people answered to one kind of question, with the question itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import sqlite3


class AnsweredRow(NamedTuple):
    """The last answer to a question. ``place`` is the common git directory, ``body`` the question with its key."""

    place: str
    path: str
    qualname: str
    answer: str
    said_ms: int
    body: str


def answered_of_kind(
    connection: sqlite3.Connection, kind: str, since_ms: int, place: str | None = None
) -> list[AnsweredRow]:
    """Answers that were typed to one kind of question since then, the newest first, one a question."""
    rows = connection.execute(
        "SELECT c.place, q.path, q.qualname, a.answer, max(a.said_ms), q.body FROM cc_answer a "
        "JOIN cc_question q ON q.check_key = a.check_key AND q.id = a.id JOIN cc_check c ON c.key = q.check_key "
        "WHERE q.kind = ?1 AND a.is_shown = 0 AND a.answer <> '' AND a.said_ms >= ?2 AND (?3 IS NULL OR c.place = ?3) "
        "GROUP BY c.place, q.id ORDER BY 5 DESC, q.id LIMIT 200",
        (kind, since_ms, place),
    )
    return [AnsweredRow._make(row) for row in rows]
