"""Questions whose keys come from running code: recorded calls, and functions run behind the walls."""

from __future__ import annotations

import ast
from functools import partial
from typing import TYPE_CHECKING

import pytest

from comprehension.recorded_asking import asked
from tokencoach.comprehension.generators import behaviour, find_input, recorded, uncovered
from tokencoach.comprehension.generators.computed import accepts
from tokencoach.comprehension.grading import grade
from tokencoach.comprehension.question import CheckedBy, Kind
from tokencoach.comprehension.sandbox.execute import layers

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tokencoach.comprehension.generators.base import Generator
    from tokencoach.comprehension.question import Prepared

walled = pytest.mark.skipif(layers().refused is not None, reason="this machine cannot shut a process in")
OLD = """\
def price(count, member=False):
    total = count * 3
    return total
"""
NEW = """\
def price(count, member=False):
    if count < 0:
        raise ValueError(count)
    total = count * 3
    if count > 10 and not member:
        total = total - 5
    if count == 99:
        total = 0
    return total
"""
TESTS = """\
import pytest
from pkg.m import price

def test_price():
    assert price(2) == 6
    assert price(12) == 31
    assert price(12, True) == 36
    with pytest.raises(ValueError):
        price(-1)
"""


@pytest.fixture
def ask(tmp_path: Path) -> Callable[..., list[Prepared]]:
    """Records a project's tests and gives the questions of one generator."""
    return partial(asked, tmp_path / "project")


def test_three_runs_with_different_paths_are_asked_and_their_keys_are_what_happened(
    ask: Callable[..., list[Prepared]],
) -> None:
    found = ask(recorded.questions, NEW, TESTS, OLD)
    assert len(found) == 3
    assert {one.key.expected[0] for one in found} <= {"6", "31", "36", "ValueError"}
    assert len({one.key.expected for one in found}) == 3
    for one in found:
        assert one.key.checked_by is CheckedBy.RECORDED
        assert "tests/test_m.py::test_price" in one.key.evidence
        assert grade(one, one.key.expected[0]).right
        assert not grade(one, "7").right


def test_a_wrong_answer_is_followed_by_another_input_of_the_same_kind(
    ask: Callable[..., list[Prepared]],
) -> None:
    found = ask(recorded.questions, NEW, TESTS, OLD)
    retries = [one.retry for one in found if one.retry is not None]
    assert retries
    assert all(one.question.kind is Kind.RECORDED_TRACE for one in retries)
    assert {one.key.expected for one in retries}.isdisjoint({one.key.expected for one in found})


def test_what_every_call_returns_alike_is_not_asked(ask: Callable[..., list[Prepared]]) -> None:
    new = "def same(x):\n    y = x\n    return 'always'\n"
    tests = (
        "from pkg.m import same\ndef test_same():\n    assert same(1) == same(2) == same('a') == 'always'\n"
    )
    assert ask(recorded.questions, new, tests) == []


def test_a_long_value_is_not_asked_for(ask: Callable[..., list[Prepared]]) -> None:
    new = "def long(x):\n    y = 'ab' * x\n    return y\n"
    tests = "from pkg.m import long\ndef test_long():\n    assert len(long(40)) == 80\n    assert len(long(50)) == 100\n"
    assert ask(recorded.questions, new, tests) == []


def test_that_a_host_is_out_of_reach_is_no_answer(ask: Callable[..., list[Prepared]]) -> None:
    new = (
        "from urllib.error import URLError\ndef fetch(x):\n    if x > 1:\n        raise URLError('down')\n"
        "    if x < 0:\n        raise KeyError(x)\n    return x + 40\n"
    )
    tests = (
        "import pytest\nfrom pkg.m import fetch\n"
        "@pytest.mark.parametrize('x', [-1, 0, 2])\n"
        "def test_fetch(x):\n    if x:\n        pytest.raises((KeyError, OSError), fetch, x)\n"
        "    else:\n        assert fetch(x)\n"
    )
    found = ask(recorded.questions, new, tests)
    assert {one.key.expected[0] for one in found} == {"40", "KeyError"}


def test_an_answer_that_stands_in_the_input_is_not_asked_for(ask: Callable[..., list[Prepared]]) -> None:
    new = "def pick(words, place):\n    word = words[place]\n    return word\n"
    tests = "from pkg.m import pick\ndef test_pick():\n    assert [pick(['first', 'second'], n) for n in (0, 1)]\n"
    assert ask(recorded.questions, new, tests) == []


def test_a_test_parameter_that_tells_the_answer_is_not_shown(ask: Callable[..., list[Prepared]]) -> None:
    tests = (
        "import pytest\nfrom pkg.m import price\n"
        "@pytest.mark.parametrize(('count', 'wanted'), [(2, 6), (12, 31)])\n"
        "def test_price(count, wanted):\n    assert price(count) == wanted\n"
    )
    found = ask(recorded.questions, NEW, tests, OLD)
    assert found
    assert all("[" not in one.question.prompt.split("with:")[0] for one in found)


def test_an_object_that_cannot_be_shown_is_told_by_what_the_test_did(
    ask: Callable[..., list[Prepared]],
) -> None:
    new = (
        "class Shelf(list):\n    def __init__(self, size):\n        self.size = size\n"
        "    def free(self):\n        return self.size\n"
        "def room(shelf, want):\n    left = shelf.free() - want\n"
        "    if left < 0:\n        return 'too small'\n    return left\n"
    )
    tests = (
        "from pkg.m import Shelf, room\n"
        "def test_one():\n    shelf = Shelf(5)\n    assert room(shelf, 2) == 3\n"
        "def test_two():\n    shelf = Shelf(1)\n    assert room(shelf, 2) == 'too small'\n"
    )
    found = ask(recorded.questions, new, tests, name="room")
    assert {one.key.expected[0] for one in found} == {"3", "'too small'"}
    for one in found:
        assert "shelf = Shelf(" in one.question.prompt
        assert "room(shelf, 2)" in one.question.prompt
        assert "==" not in one.question.prompt


def test_where_values_cannot_be_typed_the_line_of_the_return_is_asked(
    ask: Callable[..., list[Prepared]],
) -> None:
    new = "class A: pass\ndef make(n):\n    if n > 2:\n        return A()\n    x = A()\n    return x\n"
    tests = "from pkg.m import make\ndef test_make():\n    assert make(1) and make(3)\n"
    found = ask(recorded.questions, new, tests, name="make")
    assert sorted(one.key.expected[0] for one in found) == ["4", "6"]
    assert {one.key.matcher for one in found} == {"line"}


def test_a_pack_of_arguments_that_is_changed_is_not_asked_about(ask: Callable[..., list[Prepared]]) -> None:
    new = (
        "def f(item, **options):\n    options['item'] = item\n    item.append(len(options) + 1)\n"
        "    options['more'] = 2\n    return None\n"
    )
    tests = "from pkg.m import f\ndef test_f():\n    f([1], a=1)\n    f([2], a=1, b=2)\n"
    found = ask(recorded.questions, new, tests)
    assert {one.key.expected[0] for one in found} == {"[1, 3]", "[2, 4]"}


def test_turns_of_a_loop_are_asked_where_they_differ(ask: Callable[..., list[Prepared]]) -> None:
    new = (
        "class A: pass\ndef walk(items, stop):\n    for item in items:\n        if item == stop:\n            break\n"
        "    return A()\n"
    )
    tests = "from pkg.m import walk\ndef test_walk():\n    assert walk([1, 2, 3, 4], 3) and walk([1, 2, 3, 4], 2)\n"
    found = ask(recorded.questions, new, tests, name="walk")
    assert sorted(one.key.expected[0] for one in found) == ["2", "3"]


def has_changed(call: str) -> bool:
    """Whether OLD and NEW differ for a call of ``price``, reckoned by hand."""
    count, member = ast.literal_eval(call.removeprefix("price"))
    return count < 0 or (count > 10 and not member) or count == 99


def test_of_three_branches_the_one_that_is_taken_is_asked(ask: Callable[..., list[Prepared]]) -> None:
    new = (
        "class A(Exception): pass\ndef sort(n):\n    a = A()\n    if n < 0:\n        a.x = 1\n"
        "    elif n == 0:\n        a.x = 2\n"
        "    else:\n        a.x = 3\n    return a\n"
    )
    tests = "from pkg.m import sort\ndef test_sort():\n    assert sort(-2) and sort(0) and sort(7)\n"
    found = ask(recorded.questions, new, tests, name="sort")
    assert {one.key.expected for one in found} == {("5",), ("7",), ("9",)}
    assert all("start at lines 5, 7, 9" in one.question.prompt for one in found)


@pytest.mark.parametrize(("base", "is_shown"), [("5", True), ("[object()]", False)])
def test_what_a_function_borrows_from_the_one_around_it_is_shown_or_it_is_not_asked_about(
    ask: Callable[..., list[Prepared]], base: str, *, is_shown: bool
) -> None:
    new = (
        "def outer(base):\n    def inner(number):\n        doubled = number * 20\n        kept = len([base])\n"
        "        return doubled + kept\n    return [inner(1), inner(2)]\n"
    )
    tests = f"from pkg.m import outer\ndef test_outer():\n    assert outer({base}) == [21, 41]\n"
    found = [one for one in ask(recorded.questions, new, tests) if one.question.qualname != "outer"]
    assert {one.key.expected for one in found} == ({("21",), ("41",)} if is_shown else set())
    assert all("base = 5 (of the function around it)" in one.question.prompt for one in found)


@walled
def test_a_mutant_is_killed_by_an_input_and_by_no_other(ask: Callable[..., list[Prepared]]) -> None:
    found = ask(find_input.questions, NEW, TESTS, OLD)
    assert found
    for one in found:
        assert one.key.checked_by is CheckedBy.EXECUTED
        assert grade(one, one.key.expected[0]).right
        assert accepts(one.key, "price(5)") is False
        assert accepts(one.key, "not a call(") is False


@walled
def test_the_calls_whose_outcome_changed_are_those_that_differ(ask: Callable[..., list[Prepared]]) -> None:
    (one,) = ask(behaviour.questions, NEW, TESTS, OLD)
    assert len(one.question.options) >= 4
    assert set(one.key.expected) == {call for call in one.question.options if has_changed(call)}
    assert len(one.key.reasons) == len(one.question.options)


@walled
def test_a_line_that_no_test_reached_is_reached_by_the_answer(ask: Callable[..., list[Prepared]]) -> None:
    (one,) = ask(uncovered.questions, NEW, TESTS, OLD)
    assert one.question.line == 8
    assert "price(99, False)" in one.key.expected
    assert accepts(one.key, "price(count=99, member=True)") is True
    assert accepts(one.key, "price(98)") is False


@pytest.mark.parametrize("generator", [find_input.questions, behaviour.questions, uncovered.questions])
def test_a_function_that_reaches_outside_is_never_run(
    ask: Callable[..., list[Prepared]], generator: Generator
) -> None:
    new = "import os\ndef f(n):\n    if n < 3:\n        return os.getpid() * 0\n    return n\n"
    tests = "from pkg.m import f\ndef test_f():\n    assert [f(2), f(4)]\n"
    assert ask(generator, new, tests) == []
