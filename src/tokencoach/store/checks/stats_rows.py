"""What checks have shown so far: history, rates by kind and area, which lines of commits are understood."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tokencoach.store.checks.columns import QUESTION_COLUMNS, of
from tokencoach.store.checks.records import Answer, AskedQuestion, Check, Outcome

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable


class KindCount(NamedTuple):
    """Answers of one kind of question. ``unsure`` are those that only the person could judge and did not."""

    kind: str
    part: str
    answered: int
    right: int
    shown: int
    unsure: int
    bad: int


_UNDERSTOOD = "a.is_shown = 0 AND coalesce(a.is_right, a.self_grade, 0) = 1"


def history(connection: sqlite3.Connection, most: int = 200) -> list[Check]:
    """Checks, newest first."""
    rows = connection.execute(
        "SELECT key, place, started_ms, mode, outcome, why, tree, sha, ai_lines, open_ms, total_ms FROM cc_check "
        "ORDER BY started_ms DESC, key LIMIT ?",
        (most,),
    )
    return [Check._make(row)._replace(outcome=Outcome(row[4])) for row in rows]


def questions_of(connection: sqlite3.Connection, key: str) -> list[tuple[AskedQuestion, Answer | None]]:
    """The questions of a check in their order, each with its answer."""
    rows = connection.execute(
        f"SELECT {of('q', QUESTION_COLUMNS)}, a.* FROM cc_question q "
        "LEFT JOIN cc_answer a ON a.check_key = q.check_key AND a.id = q.id WHERE q.check_key = ? ORDER BY q.position",
        (key,),
    ).fetchall()
    width = len(AskedQuestion._fields)
    return [
        (AskedQuestion._make(row[:width]), None if row[width] is None else _answer(row[width:]))
        for row in rows
    ]


def _answer(row: Iterable[object]) -> Answer:
    made = Answer._make(row)
    return made._replace(
        is_right=None if made.is_right is None else bool(made.is_right),
        is_shown=bool(made.is_shown),
        self_grade=None if made.self_grade is None else bool(made.self_grade),
    )


def counts_by_kind(connection: sqlite3.Connection) -> list[KindCount]:
    """Answers by kind and part; ``bad`` counts the marks of that kind."""
    rows = connection.execute(
        f"SELECT q.kind, q.part, count(*), sum({_UNDERSTOOD}), sum(a.is_shown), "
        "sum(a.is_shown = 0 AND coalesce(a.is_right, a.self_grade) IS NULL), "
        "(SELECT count(*) FROM cc_bad b WHERE b.kind = q.kind) FROM cc_answer a "
        "JOIN cc_question q ON q.check_key = a.check_key AND q.id = a.id JOIN cc_check c ON c.key = q.check_key "
        "GROUP BY q.kind, q.part ORDER BY length(q.kind), q.kind, q.part"
    )
    return [KindCount._make(row) for row in rows]
