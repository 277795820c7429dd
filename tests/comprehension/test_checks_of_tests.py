"""G23: the checks of a changed test are told from what it rules out; G21 asks for errors and texts too."""

from __future__ import annotations

from textwrap import dedent

from tokencoach.comprehension.change import ChangedFile, Skip
from tokencoach.comprehension.languages.python_checks import python_checks
from tokencoach.comprehension.languages.python_expectations import python_expectations
from tokencoach.comprehension.prepare import Options, prepare
from tokencoach.comprehension.question import Form, Prepared

WORK = """
class ClosedError(Exception):
    pass

def shortened(words, most):
    if most < 0:
        raise ClosedError("most")
    kept = words[:most]
    if len(words) > most:
        kept.append("more")
    return kept
"""
TEST = """
def test_a_long_row_is_cut():
    words = ["one", "two", "three"]
    kept = shortened(words, 2)
    assert kept[-1] == "more", "said at the end"
    assert "three" not in kept
    assert len(words) == 3
    assert words is not kept
"""


def _asked(test: str, kind: str = "G23") -> list[Prepared]:
    files = [
        ChangedFile("app/work.py", "b1", dedent(WORK).encode(), frozenset(range(1, WORK.count("\n") + 1))),
        ChangedFile(
            "tests/test_work.py",
            "b2",
            dedent(test).encode(),
            frozenset(range(1, test.count("\n") + 1)),
            skip=Skip.TEST,
        ),
    ]
    check = prepare(files, options=Options(ask="all"))
    return [one for one in (*check.questions, *check.others) if one.question.kind == kind]


def test_the_checks_are_picked_out_of_what_the_test_rules_out() -> None:
    (one,) = _asked(TEST)
    assert one.question.form is Form.MULTIPLE
    assert len(one.question.options) >= 4
    holds = {"kept[-1] == 'more'", "'three' not in kept", "len(words) == 3", "words is not kept"}
    said = {text.partition(": ")[2] for text in one.key.expected}
    assert said
    assert said <= holds
    assert (
        not {text.partition(": ")[2] for text in one.question.options if text not in one.key.expected} & holds
    )
    assert said != {text.partition(": ")[2] for text in one.question.options}


def test_neither_the_name_of_the_test_nor_its_remarks_give_it_away() -> None:
    (one,) = _asked(TEST)
    assert "long_row_is_cut" not in one.question.prompt
    assert "said at the end" not in one.question.prompt
    assert "assert" not in one.question.prompt


def test_a_test_of_little_says_nothing() -> None:
    assert not _asked(
        "def test_it_runs():\n    kept = shortened([], 1)\n    assert kept is not None\n    assert kept == []\n"
    )
    assert not _asked(TEST.replace("def test", "@pytest.mark.xfail\ndef test"))


def test_checks_in_a_loop_or_behind_a_condition_are_not_spoken_of() -> None:
    text = TEST.replace(
        "    assert len(words) == 3\n", "    for word in kept:\n        assert word == 'one'\n"
    )
    (one,) = python_checks("tests/test_work.py", text.encode(), frozenset(range(1, 20)))
    assert [check.holds for check in one.checks] == [
        "kept[-1] == 'more'",
        "'three' not in kept",
        "words is not kept",
    ]


def test_checks_of_unittest_and_of_mocks_are_read() -> None:
    text = dedent("""
    class WorkTest:
        def test_told(self):
            told = Mock()
            shortened(["a"], 1, told)
            told.send.assert_called_once_with("a")
            self.assertIn("a", told.words)
            self.assertEqual(told.count, 1)
            self.assertFalse(told.is_closed)
    """)
    (one,) = python_checks("tests/test_work.py", text.encode(), frozenset(range(1, 20)))
    assert [(check.holds, check.fails[-1]) for check in one.checks] == [
        ("told.send.assert_called_once_with('a')", "told.send.assert_not_called()"),
        ("'a' in told.words", "'a' not in told.words"),
        ("told.count == 1", "told.count != 1"),
        ("not told.is_closed", "told.is_closed"),
    ]


def test_the_exception_that_a_test_waits_for_is_picked() -> None:
    (one,) = _asked(
        "def test_less():\n    with pytest.raises(ClosedError):\n        shortened(['a'], -1)\n", "G21"
    )
    assert one.key.expected == ("ClosedError",)
    assert len(one.question.options) >= 4
    assert "ClosedError" not in one.question.prompt


def test_of_a_long_test_only_what_the_check_looks_at_is_shown() -> None:
    noise = "".join(f"    other_{number} = made({number})\n" for number in range(30))
    end = "    kept = shortened(words, 1)\n    assert kept == ['one', 'more']\n"
    text = f"def test_long():\n    words = ['one', 'two']\n{noise}{end}"
    (one,) = python_expectations("tests/test_work.py", text.encode(), frozenset(range(1, 40)))
    assert one.shown == ("words = ['one', 'two']", "kept = shortened(words, 1)", "assert kept == ____")


def test_a_set_is_written_in_one_order() -> None:
    text = "def test_it():\n    kept = shortened(['b', 'a'], 2)\n    assert set(kept) == {'b', 'a', 'c', 'zz', 'k'}\n"
    (one,) = python_expectations("tests/test_work.py", text.encode(), frozenset(range(1, 9)))
    assert one.value == "{'a', 'b', 'c', 'k', 'zz'}"
