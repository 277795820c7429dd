"""What answers are worth, and what the rubric says of an explanation."""

from __future__ import annotations

import pytest

from comprehension.code import of_kind
from comprehension.explained import EXPLAINED, SETTLE
from tokencoach.comprehension.grading import grade
from tokencoach.comprehension.question import AnswerKey, CheckedBy, Form, Kind, Part, Prepared, Question
from tokencoach.comprehension.rubric import judge


def prepared(
    form: Form, expected: tuple[str, ...], matcher: str = "literal", options: tuple[str, ...] = ()
) -> Prepared:
    """A question of a form with a key."""
    question = Question("q", Kind.GUARD, Part.TRACE, "a.py", "f", 1, "?", form, options)
    return Prepared(question, AnswerKey(expected, CheckedBy.SYNTAX, "seen", matcher, facts={"how": "return"}))


@pytest.mark.parametrize("answer", ["46", " 46 ", "line 46", "`46`", "46 return", "return on 46"])
def test_a_line_is_named_in_many_ways(answer: str) -> None:
    assert grade(prepared(Form.TYPED, ("46", "47"), "line"), answer).right


@pytest.mark.parametrize("answer", ["", "45", "46 raise", "45 46", "return", "end", "-"])
def test_another_line_another_way_or_two_lines_are_wrong(answer: str) -> None:
    assert grade(prepared(Form.TYPED, ("46",), "line"), answer).right is False


def test_the_end_is_a_word() -> None:
    assert grade(prepared(Form.TYPED, ("end",), "line"), "runs off the end").right
    assert grade(prepared(Form.TYPED, ("end",), "line"), "46").right is False


@pytest.mark.parametrize(
    ("expected", "answer", "is_right"),
    [
        ("1", "True", False),
        ("True", "1", False),
        ("True", "True", True),
        ("'abc'", "abc", True),
        ("'1'", "1", False),
        ("[1, 2]", "[1,2]", True),
        ("(1, 2)", "[1, 2]", False),
        ("[True]", "[1]", False),
        ("1.5", "1.50", True),
        ("None", "none", False),
        ("None", "None", True),
        ("'a b'", '"a b"', True),
        ("{}", "{}", True),
        ("''", "''", True),
    ],
)
def test_literals_are_compared_by_value_and_kind(expected: str, answer: str, *, is_right: bool) -> None:
    assert grade(prepared(Form.TYPED, (expected,)), answer).right is is_right


@pytest.mark.parametrize("answer", ["KeyError", "keyerror", "KeyError()", "builtins.KeyError"])
def test_an_exception_is_known_by_its_bare_name(answer: str) -> None:
    assert grade(prepared(Form.TYPED, ("KeyError",), "exception"), answer).right


@pytest.mark.parametrize("answer", ["none", "None", "nothing", "no"])
def test_no_exception_has_many_words(answer: str) -> None:
    assert grade(prepared(Form.TYPED, ("none",), "exception"), answer).right


@pytest.mark.parametrize("answer", ["1,3", "3 1", ["a", "c"], "a\nc", '["a", "c"]', "1;3"])
def test_a_multiple_choice_takes_numbers_and_options_in_any_order(answer: str | list[str]) -> None:
    assert grade(prepared(Form.MULTIPLE, ("a", "c"), options=("a", "b", "c", "d")), answer).right


@pytest.mark.parametrize("answer", ["1", "1,2,3", "1,3,9", "", "a\nc\nx", "[1, 3"])
def test_a_multiple_choice_wants_all_right_options_and_no_other(answer: str) -> None:
    assert grade(prepared(Form.MULTIPLE, ("a", "c"), options=("a", "b", "c", "d")), answer).right is False


@pytest.mark.parametrize("answer", ["x" * 100_000, "9" * 100_000, "[" * 50_000, "\0", "\x1b[2J"])
def test_no_answer_breaks_the_grading(answer: str) -> None:
    for form in (Form.TYPED, Form.MULTIPLE):
        assert grade(prepared(form, ("a",), options=("a", "b", "c", "d")), answer).right is False


def test_an_explanation_in_own_words_passes_and_shows_the_whole_rubric() -> None:
    one = of_kind("G11", SETTLE)[0]
    found = grade(one, EXPLAINED)
    assert found.right
    assert found.score == 4
    assert len([line for line in found.lines if line.startswith(("met", "not met"))]) == 4


def test_an_explanation_without_the_decisions_names_them() -> None:
    one = of_kind("G11", SETTLE)[0]
    found = grade(
        one,
        "It is very useful for the whole company because people like it, and otherwise they would be sad. "
        * 2,
    )
    assert not found.right
    assert any("nothing about what happens when `account.closed`" in line for line in found.lines)


def test_what_the_assistant_said_is_no_explanation_of_ones_own() -> None:
    said = judge(EXPLAINED, {"inputs": "account"}, [EXPLAINED])
    assert not said.is_passed
    assert not said.rows[1].is_met


def test_a_short_text_has_no_substance() -> None:
    assert not judge("It books money because it must.", {}, []).rows[0].is_met


def test_names_of_the_code_in_a_row_tell_what_and_not_why() -> None:
    text = (
        "account.closed strict raise_it fee_for amount_of ledger.append account.ledger fee_of because x_y "
        * 4
    )
    assert not judge(text, {}, []).rows[3].is_met


def test_arguments_that_nothing_here_can_run_are_neither_right_nor_wrong(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tokencoach.comprehension.generators.computed.accepts", lambda *_: None)
    assert grade(prepared(Form.TYPED, ("3",), "arguments"), "4").right is None
