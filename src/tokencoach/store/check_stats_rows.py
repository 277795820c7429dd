"""What checks have shown so far: history, rates by kind and area, which lines of commits are understood."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from tokencoach.store.check_columns import QUESTION_COLUMNS, of
from tokencoach.store.checked import Answer, AskedQuestion, Check, Outcome

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


class AreaCount(NamedTuple):
    """Answers about one folder of a repository."""

    place: str
    area: str
    answered: int
    understood: int


class CheckedSpan(NamedTuple):
    """A function of a commit about which something was asked; lines of the commit's file, from 1.

    ``is_understood``: a question about it was answered rightly.
    """

    sha: str
    path: str
    first_line: int
    last_line: int
    is_understood: bool
    outcome: Outcome


_UNDERSTOOD = "a.is_shown = 0 AND coalesce(a.is_right, a.self_grade, 0) = 1"


def history(connection: sqlite3.Connection, place: str | None = None, most: int = 200) -> list[Check]:
    """Checks, newest first."""
    rows = connection.execute(
        "SELECT key, place, started_ms, mode, outcome, why, tree, sha, ai_lines, open_ms, total_ms FROM cc_check "
        "WHERE (?1 IS NULL OR place = ?1) ORDER BY started_ms DESC, key LIMIT ?2",
        (place, most),
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


def counts_by_kind(connection: sqlite3.Connection, place: str | None = None) -> list[KindCount]:
    """Answers by kind and part; ``bad`` counts the marks of that kind."""
    rows = connection.execute(
        f"SELECT q.kind, q.part, count(*), sum({_UNDERSTOOD}), sum(a.is_shown), "
        "sum(a.is_shown = 0 AND coalesce(a.is_right, a.self_grade) IS NULL), "
        "(SELECT count(*) FROM cc_bad b WHERE b.kind = q.kind) FROM cc_answer a "
        "JOIN cc_question q ON q.check_key = a.check_key AND q.id = a.id JOIN cc_check c ON c.key = q.check_key "
        "WHERE (?1 IS NULL OR c.place = ?1) GROUP BY q.kind, q.part ORDER BY length(q.kind), q.kind, q.part",
        (place,),
    )
    return [KindCount._make(row) for row in rows]


def counts_by_outcome(connection: sqlite3.Connection, place: str | None = None) -> dict[tuple[str, str], int]:
    """How many checks ended how, by outcome and reason."""
    rows = connection.execute(
        "SELECT outcome, why, count(*) FROM cc_check WHERE (?1 IS NULL OR place = ?1) GROUP BY 1, 2 ORDER BY 1, 2",
        (place,),
    )
    return {(row[0], row[1]): row[2] for row in rows}


def counts_by_area(connection: sqlite3.Connection, place: str | None = None) -> list[AreaCount]:
    """Answers by folder, of every check."""
    found: defaultdict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    rows = connection.execute(
        f"SELECT c.place, q.path, count(*), sum({_UNDERSTOOD}) FROM cc_answer a "
        "JOIN cc_question q ON q.check_key = a.check_key AND q.id = a.id JOIN cc_check c ON c.key = q.check_key "
        "WHERE (?1 IS NULL OR c.place = ?1) GROUP BY 1, 2",
        (place,),
    )
    for where, path, answered, understood in rows:
        tally = found[where, area_of(path)]
        tally[0] += answered
        tally[1] += understood
    return [AreaCount(*key, *tally) for key, tally in sorted(found.items())]


def area_of(path: str) -> str:
    """The folder of a path in a repository; empty at its top."""
    return path.rpartition("/")[0]


def checked_spans(connection: sqlite3.Connection, shas: Iterable[str] | None = None) -> list[CheckedSpan]:
    """Functions of commits that were asked about, with whether they are understood."""
    wanted = None if shas is None else set(shas)
    rows = connection.execute(
        "SELECT c.sha, q.path, q.first_line, q.last_line, "
        f"max({_UNDERSTOOD}), c.outcome FROM cc_check c JOIN cc_question q ON q.check_key = c.key "
        "LEFT JOIN cc_answer a ON a.check_key = q.check_key AND a.id = q.id "
        "WHERE c.sha <> '' GROUP BY c.sha, q.path, q.first_line, q.last_line ORDER BY 1, 2, 3, 4",
    )
    return [
        CheckedSpan(row[0], row[1], row[2], row[3], bool(row[4]), Outcome(row[5]))
        for row in rows
        if wanted is None or row[0] in wanted
    ]
