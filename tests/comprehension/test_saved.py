"""A question that was kept is the same question, with its key and its retry."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from tokencoach.comprehension.change import Author, ChangedFunction
from tokencoach.comprehension.past import read_past
from tokencoach.comprehension.question import (
    AnswerKey,
    CheckedBy,
    Form,
    Kind,
    Part,
    Prepared,
    Question,
)
from tokencoach.comprehension.saved import new_check, prepared_of, rows_of
from tokencoach.store.checks.records import Answer
from tokencoach.store.checks.writer import save_answer, save_check
from tokencoach.store.writer import Writer

if TYPE_CHECKING:
    from pathlib import Path

FUNCTION = ChangedFunction(
    "src/a.py", "b10b", "total", "python", 3, 9, frozenset({4, 5}), frozenset({4, 5}), Author.AI, "h1"
)


def _prepared(name: str, qualname: str = "total") -> Prepared:
    question = Question(
        name,
        Kind.PATH_TO_EXIT,
        Part.TRACE,
        "src/a.py",
        qualname,
        5,
        "Where does it leave? ⚠\x1b[2J",
        Form.TYPED,
    )
    key = AnswerKey(("5",), CheckedBy.SYNTAX, "walk", "line", facts={"café": "ü"})
    return Prepared(question, key)


def test_a_kept_question_is_the_question_with_its_key_and_its_retry() -> None:
    prepared = Prepared(_prepared("q1").question, _prepared("q1").key, _prepared("q1-again"))
    check = new_check("/p/.git", "pre-commit", 1_000, tree="t")
    (row,) = rows_of(check, [prepared], [FUNCTION])
    assert prepared_of(row) == prepared
    assert (row.first_line, row.last_line, row.ai_lines, row.blob, row.body_hash) == (3, 9, 2, "b10b", "h1")
    assert (row.check_key, row.kind, row.part) == (check.key, "G4", "trace")


def test_a_question_about_no_known_function_spans_its_line_alone() -> None:
    check = new_check("/p/.git", "verb", 1_000)
    (row,) = rows_of(check, [_prepared("q1", "<module>")], [FUNCTION])
    assert (row.first_line, row.last_line, row.body_hash) == (5, 5, "")


def test_a_row_that_is_not_understood_is_no_question() -> None:
    check = new_check("/p/.git", "verb", 1_000)
    (row,) = rows_of(check, [_prepared("q1")], [FUNCTION])
    assert prepared_of(row._replace(body="[]")) is None
    assert prepared_of(row._replace(body="{")) is None


def test_a_check_that_is_over_is_told_with_the_question_that_was_answered_last(tmp_path: Path) -> None:
    first, second = _prepared("q1"), _prepared("q2")
    check = new_check("/p/.git", "pre-commit", 1_000)
    rows = rows_of(check, [Prepared(first.question, first.key, _prepared("q1-again")), second], [FUNCTION])
    answer = Answer(check.key, "q1", "7", True, False, None, 2, 900, 2_000)
    with Writer(tmp_path / "store.db", ZoneInfo("UTC")) as writer, writer.transaction() as connection:
        save_check(connection, check, rows)
        save_answer(connection, answer)
        told = read_past(connection, check.key)
        assert [(one.prepared.question.id, one.answer) for one in told] == [
            ("q1-again", answer),
            ("q2", None),
        ]
        assert read_past(connection, "no such check") == ()
