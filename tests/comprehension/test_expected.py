"""What a changed test expects is asked about the function that it tests, and never given away."""

from __future__ import annotations

import ast
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokencoach.comprehension.change import ChangedFile, Skip
from tokencoach.comprehension.expectation import elements, slips
from tokencoach.comprehension.grading import grade
from tokencoach.comprehension.prepare import Options, prepare
from tokencoach.comprehension.question import Form, Prepared

WORK = """
def shortened(words, most):
    kept = words[:most]
    if len(words) > most:
        kept.append("more")
    return kept
"""
GO_WORK = """package a

func Shorten(text string, most int) string {
	if len(text) > most {
		return text[:most] + ".."
	}
	return text
}
"""


def _asked(
    code: str, test: str, path: str = "app/work.py", test_path: str = "tests/test_work.py"
) -> list[Prepared]:
    """The questions about the test of a change that adds a function and its test."""
    files = [
        ChangedFile(path, "b1", dedent(code).encode(), frozenset(range(1, code.count("\n") + 1))),
        ChangedFile(
            test_path, "b2", dedent(test).encode(), frozenset(range(1, test.count("\n") + 1)), skip=Skip.TEST
        ),
    ]
    check = prepare(files, options=Options(ask="all"))
    return [one for one in (*check.questions, *check.others) if one.question.kind == "G21"]


def test_the_expected_list_is_picked_out_of_lists_that_a_slip_would_give() -> None:
    (one,) = _asked(
        WORK,
        """
        def test_a_long_row_is_cut():
            # the third word is cut
            words = ["one", "two", "three"]
            assert shortened(words, 2) == ["one", "two", "more"], "it is cut"
        """,
    )
    assert one.question.form is Form.CHOICE
    assert "assert shortened(words, 2) == ____\n" in one.question.prompt
    assert "is cut\n" not in one.question.prompt
    assert "['one', 'two']" in one.question.options
    assert grade(one, "['one', 'two', 'more']").right is True
    assert grade(one, "['one', 'two']").right is False
    assert one.question.qualname == "shortened"


def test_an_expected_number_is_typed() -> None:
    (one,) = _asked(
        WORK,
        """
        def test_a_long_row_is_cut():
            assert len(shortened(["one", "two", "three"], 2)) == 3
        """,
    )
    assert one.question.form is Form.TYPED
    assert grade(one, "3").right is True
    assert grade(one, "2").right is False


def test_earlier_checks_are_left_out_as_they_do_nothing() -> None:
    asked = _asked(
        WORK,
        """
        def test_rows():
            row = shortened(["one", "two"], 1)
            assert row[-1] == "more"
            assert len(row) == 2
        """,
    )
    number = next(one for one in asked if one.question.form is Form.TYPED)
    assert "more" not in number.question.prompt


def test_a_check_that_may_change_something_stays_in_sight() -> None:
    asked = _asked(
        WORK,
        """
        def test_rows():
            row = shortened(["one", "two"], 1)
            assert row.pop() == "more"
            assert len(row) == 1
        """,
    )
    number = next(one for one in asked if one.question.form is Form.TYPED)
    assert 'assert row.pop() == "more"\n' in number.question.prompt


def test_a_parameter_that_a_test_uses_has_the_value_of_its_first_run() -> None:
    (one,) = _asked(
        WORK,
        """
        import pytest

        @pytest.mark.parametrize("most", [2, 3])
        def test_rows(most):
            assert len(shortened(["one"], most)) == 1
        """,
    )
    assert "  most = 2\n" in one.question.prompt


def test_a_row_of_parameters_is_asked_about_with_its_own_values() -> None:
    asked = _asked(
        """
        def kind_of(text):
            if text.startswith("--"):
                return "OPTION"
            return "PATH" if "/" in text else "WORD"
        """,
        """
        import pytest

        @pytest.mark.parametrize("text,expected", [("--all", "OPTION"), ("a/b", "PATH"), ("a", "WORD"), ("-", "DASH")])
        def test_kinds(text, expected):
            assert kind_of(text) == expected
        """,
    )
    first = asked[0]
    assert "  text = '--all'\n  assert kind_of(text) == ____\n" in first.question.prompt
    assert set(first.question.options) == {"'OPTION'", "'PATH'", "'WORD'", "'DASH'"}
    assert first.key.expected == ("'OPTION'",)


@pytest.mark.parametrize(
    "check",
    [
        "assert runner.invoke(shortened).exit_code == 0",
        "assert shortened(['a'], 1) == other",
        "assert shortened(['a'], 1) is None",
        "assert len(shortened(made(), 1)) == 2",
        "assert shortened(['a'], 1)[0] == 'never written anywhere'",
        "assert shortened.limit == 10",
    ],
)
def test_what_says_nothing_or_cannot_be_known_is_not_asked(check: str) -> None:
    assert not _asked(WORK, f"def made():\n    return []\n\ndef test_it():\n    {check}\n")


def test_a_test_that_the_change_leaves_alone_is_not_asked_about() -> None:
    code = ChangedFile("app/work.py", "b1", WORK.encode(), frozenset(range(1, 8)))
    text = b"def test_it():\n    assert len(shortened(['a'], 2)) == 1\n"
    test = ChangedFile("tests/test_work.py", "b2", text, frozenset(), skip=Skip.TEST)
    check = prepare([code, test], options=Options(ask="all"))
    assert "G21" not in {one.question.kind for one in (*check.questions, *check.others)}


def test_each_check_is_asked_about_one_function_only() -> None:
    twice = WORK + WORK.replace("shortened", "longer")
    asked = _asked(
        twice,
        """
        def test_both():
            assert len(shortened(longer(["one", "two"], 1), 1)) == 2
        """,
    )
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("path", "test", "expected"),
    [
        (
            "a/work_test.go",
            (
                'package a\n\nfunc TestCut(t *testing.T) {\n\tgot := Shorten("abcdef", 3)\n\tif len(got) != 5 {\n'
                '\t\tt.Errorf("want %d", 5)\n\t}\n}\n'
            ),
            "5",
        ),
        (
            "a/work_test.go",
            'package a\n\nfunc TestCut(t *testing.T) {\n\tassert.Equal(t, 2, len(Shorten("ab", 3)))\n}\n',
            "2",
        ),
        (
            "a/work_test.go",
            (
                "package a\n\nfunc TestCut(t *testing.T) {\n\tcases := []struct{ Name, Text, Want string }{\n"
                '\t\t{Name: "long", Text: "abcdef", Want: "abc.."},\n\t\t{Name: "short", Text: "ab", Want: "ab"},\n'
                '\t\t{Name: "even", Text: "abc", Want: "abc"},\n\t\t{Name: "empty", Text: "a", Want: "a"},\n\t}\n'
                "\tfor _, tc := range cases {\n\t\tgot := Shorten(tc.Text, 3)\n\t\tassert.Equal(t, tc.Want, got)\n\t}\n}\n"
            ),
            '"abc.."',
        ),
    ],
)
def test_checks_of_go_are_asked_about(path: str, test: str, expected: str) -> None:
    asked = _asked(GO_WORK, test, "a/work.go", path)
    assert expected in {one.key.expected[0] for one in asked}
    assert all("want %d" not in one.question.prompt for one in asked)


@pytest.mark.parametrize(
    ("path", "code", "test_path", "test", "expected"),
    [
        (
            "a/work.ts",
            (
                "export function total(numbers: number[]) {\n  let sum = 0;\n  for (const one of numbers) sum += one;\n"
                "  return [numbers.length, sum];\n}\n"
            ),
            "a/work.test.ts",
            'test("total", () => {\n  expect(total([3, 4])).toEqual([2, 7]);\n});\n',
            "[2, 7]",
        ),
        (
            "src/work.rs",
            (
                "pub fn total(numbers: &[u32]) -> u32 {\n    let mut sum = 0;\n    for one in numbers { sum += one; }\n"
                "    sum\n}\n"
            ),
            "tests/work.rs",
            "#[test]\nfn adds() {\n    let numbers = [3, 4];\n    assert_eq!(total(&numbers), 7);\n}\n",
            "7",
        ),
        (
            "lib/work.rb",
            (
                "def total(numbers)\n  sum = 0\n  numbers.each { |one| sum += one }\n  sum.round(2).to_i\nend\n"
            ),
            "test/work_test.rb",
            "def test_total\n  numbers = [3, 4]\n  assert_equal 7, total(numbers)\nend\n",
            "7",
        ),
    ],
)
def test_checks_of_other_languages_are_asked_about(
    path: str, code: str, test_path: str, test: str, expected: str
) -> None:
    (one,) = _asked(code, test, path, test_path)
    assert one.key.expected == (expected,)
    assert one.question.prompt.count("____") == 2


@given(st.lists(st.integers(0, 9) | st.text("ab ,", max_size=3), max_size=5))
def test_a_slip_is_never_the_value_itself(value: list[int | str]) -> None:
    text = repr(value)
    assert elements(text[1:-1]) == [repr(one) for one in value]
    for other in slips(text):
        assert ast.literal_eval(other) != value or other == text


def test_what_a_check_says_when_it_fails_is_not_what_it_expects() -> None:
    test = """package a

func TestShortenAgain(t *testing.T) {
	short := Shorten("abcd", 2)
	assert.Equal(t, "ab..", Shorten(short, 9), "the text should be cut")
}
"""
    found = _asked(GO_WORK, test, "a/work.go", "a/work_test.go")
    assert all("cut" not in option for one in found for option in one.question.options)
    assert all(one.key.expected == ('"ab.."',) for one in found)
