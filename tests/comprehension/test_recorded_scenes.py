"""What a recorded question shows is enough to answer it, and does not hold the answer."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import pytest

from comprehension.recorded_asking import asked
from tokencoach.comprehension.generators import find_input, recorded
from tokencoach.comprehension.generators.recorded_facts import facts
from tokencoach.comprehension.generators.recorded_test import test_shown as shown_by_name
from tokencoach.comprehension.recordings import RecordedCall, RecordedFunction, Shown

if TYPE_CHECKING:
    from pathlib import Path

_SHELF = (
    "class Shelf(list):\n    def __init__(self, size):\n        self.size = size\n"
    "def room(shelf, want):\n    left = shelf.size - want - len(shelf)\n"
    "    if left < 0:\n        return 'too small'\n    return left\n"
)


def test_a_function_that_a_test_defines_and_hands_over_is_shown(tmp_path: Path) -> None:
    new = "def width(made, least):\n    found = made.__code__.co_argcount\n    return max(found, least)\n"
    tests = (
        "from pkg.m import width\n"
        "def test_one():\n    def make(a, b):\n        return a\n    assert width(make, 1) == 2\n"
        "def test_two():\n    def make(a):\n        return a\n    assert width(make, 1) == 1\n"
        "def test_long():\n    def make(a, b, c):\n"
        + "        a += 1\n" * 9
        + "    assert width(make, 1) == 3\n"
    )
    found = asked(tmp_path / "project", recorded.questions, new, tests)
    assert {one.key.expected[0] for one in found} == {"2", "1"}
    for one in found:
        shown = "def make(a, b):" if one.key.expected == ("2",) else "def make(a):"
        assert shown in one.question.prompt


def test_what_a_unittest_expects_is_not_shown(tmp_path: Path) -> None:
    tests = (
        "import unittest\nfrom pkg.m import Shelf, room\n"
        "class Rooms(unittest.TestCase):\n"
        "    def test_one(self):\n        shelf = Shelf(5)\n        self.assertEqual(shelf.size, 5)\n"
        "        self.assertEqual(room(shelf, 2), 3)\n"
        "    def test_two(self):\n        shelf = Shelf(9)\n        self.assertTrue(room(shelf, 2))\n"
    )
    found = asked(tmp_path / "project", recorded.questions, _SHELF, tests, name="room")
    assert {one.key.expected[0] for one in found} == {"3", "7"}
    for one in found:
        assert "room(shelf, 2)" in one.question.prompt
        assert "assert" not in one.question.prompt


def test_a_call_below_what_the_test_does_is_asked_only_where_all_it_was_given_is_shown(
    tmp_path: Path,
) -> None:
    new = _SHELF + "def packed(size, want):\n    return room(Shelf(size * 2), want)\n"
    tests = (
        "from pkg.m import Shelf, packed, room\n"
        "def test_below():\n    assert packed(4, 3) == 5\n"
        "def test_itself():\n    shelf = Shelf(9)\n    assert room(shelf, 2) == 7\n"
    )
    found = asked(tmp_path / "project", recorded.questions, new, tests, name="room")
    assert {one.key.expected[0] for one in found} == {"7"}


def test_a_call_is_shown_by_all_that_it_uses_of_an_object(tmp_path: Path) -> None:
    new = _SHELF.replace(" - len(shelf)", "") + (
        "def price(order, shelf):\n    cost = order['lines'][0] * order.get('rate', 3)\n"
        "    shelf.size += cost\n    return shelf.size\n"
    )
    tests = (
        "from pkg.m import Shelf, price, room\n"
        "def test_room():\n    assert room(Shelf(9), 2) == 7\n    assert room(Shelf(1), 2)\n"
        "def test_price():\n    order = {'lines': [4], 'by': Shelf}\n    assert price(order, Shelf(5)) == 17\n"
        "    assert price({**order, 'rate': 2}, Shelf(5)) == 13\n"
    )
    found = asked(tmp_path / "project", recorded.questions, new, tests)
    shown = {one.key.expected[0]: one.question.prompt.split("\n")[1:-1] for one in found}
    assert shown["7"] == ["  shelf.size = 9", "  want = 2"]
    for answer, rate in (("17", 3), ("13", 2)):
        rest = ["  order['lines'][0] = 4", "  shelf.size = 5"]
        assert shown[answer] == [f"  order.get('rate', 3) = {rate}", *rest]


def test_what_a_fixture_makes_is_shown_and_asked_about_only_where_it_is_seen(tmp_path: Path) -> None:
    project = tmp_path / "project"
    (project / "tests").mkdir(parents=True)
    (project / "tests/conftest.py").write_text(
        "import pytest\nfrom pkg.m import Shelf\n@pytest.fixture\ndef far():\n    return Shelf(9)\n"
    )
    tests = (
        "import pytest\nfrom pkg.m import Shelf, room\n"
        "@pytest.fixture\ndef near():\n    return Shelf(4)\n"
        "def test_far(far):\n    assert room(far, 2) == 7\n"
        "def test_near(near):\n    assert room(near, 2) == 2\n"
    )
    (one,) = asked(project, recorded.questions, _SHELF, tests, name="room")
    assert one.key.expected == ("2",)
    assert "return Shelf(4)" in one.question.prompt


@pytest.mark.parametrize(
    ("test", "answer", "is_shown"),
    [
        ("test_room_raises", "ValueError", False),
        ("test_badValueError", "ValueError", False),
        ("test_finds_none", "None", False),
        ("test_gives_42_at_most", "42", False),
        ("test_nail_is_kept[x-nails]", "'nails'", True),
        ("test_room", "ValueError", True),
        ("test_raises", "'raised'", True),
    ],
)
def test_a_tests_name_that_gives_the_answer_away_is_not_shown(
    test: str, answer: str, *, is_shown: bool
) -> None:
    said = shown_by_name(f"tests/test_m.py::Rooms::{test}", answer)
    expected = f"test tests/test_m.py::Rooms::{test.partition('[')[0]}"
    assert said == (expected if is_shown else "tests, in tests/test_m.py,")


def test_what_lies_in_a_folder_of_the_test_is_told_by_its_statements_only(tmp_path: Path) -> None:
    new = "def size(path, least):\n    return max(len(path.read_text()), least)\n"
    tests = (
        "from pkg.m import size\n"
        "def made(folder, text):\n    path = folder / 'a'\n    path.write_text(text)\n    return path\n"
        "def test_one(tmp_path):\n    path = tmp_path / 'a'\n    path.write_text('four')\n"
        "    assert size(path, 1) == 4\n"
        "def measured(path):\n    return size(path, 2)\n"
        "def test_two(tmp_path):\n    assert measured(made(tmp_path, 'threes')) == 6\n"
    )
    found = asked(tmp_path / "project", recorded.questions, new, tests)
    assert {one.key.expected[0] for one in found} == {"4"}
    assert all("path.write_text('four')" in one.question.prompt for one in found)


def test_what_a_test_puts_in_the_place_of_another_is_shown_with_its_call(tmp_path: Path) -> None:
    new = (
        "def rate(day):\n    return day * 2\n"
        "def price(day):\n    found = rate(day)\n    if found > 9:\n        return 9\n    return found\n"
    )
    tests = (
        "from pkg import m\n"
        "def test_told():\n    assert m.price(3) == 6\n"
        "def test_most():\n    assert m.price(5) == 9\n"
        "def test_staged(monkeypatch):\n    monkeypatch.setattr(m, 'rate', lambda day: 1)\n"
        "    assert m.price(4) == 1\n"
    )
    found = asked(tmp_path / "project", recorded.questions, new, tests, name="price")
    shown = {one.key.expected[0]: "monkeypatch.setattr" in one.question.prompt for one in found}
    assert shown == {"6": False, "9": False, "1": True}


def test_names_of_a_loop_and_of_parameters_are_shown_by_their_values(tmp_path: Path) -> None:
    tests = (
        "import pytest\nfrom pkg.m import Shelf, room\n"
        "@pytest.mark.parametrize('size, left', [(5, 3)])\n"
        "def test_table(size, left):\n    assert room(Shelf(size), 2) == left\n"
        "def test_loop():\n    for size, left in [(1, 'too small'), (8, 6)]:\n"
        "        assert room(Shelf(size), 2) == left\n"
    )
    found = asked(tmp_path / "project", recorded.questions, _SHELF, tests, name="room")
    shown = {one.key.expected[0]: one.question.prompt for one in found}
    assert set(shown) == {"3", "'too small'", "6"}
    for size, answer in ((5, "3"), (1, "'too small'"), (8, "6")):
        assert f"size = {size}\n  room(Shelf(size), 2)\n" in shown[answer]
        assert "left =" not in shown[answer]


def test_a_call_on_what_a_loop_changes_from_turn_to_turn_is_not_asked_about(tmp_path: Path) -> None:
    new = (
        "class Pile(list):\n    pass\n"
        "def put(pile, item):\n    pile.append(item)\n    return len(pile) * item\n"
    )
    tests = (
        "from pkg.m import Pile, put\n"
        "def test_put():\n    pile = Pile()\n    for item in (2, 3, 4):\n        assert put(pile, item)\n"
    )
    assert asked(tmp_path / "project", recorded.questions, new, tests, name="put") == []


def test_the_way_of_a_call_that_rests_on_what_was_kept_before_is_not_asked(tmp_path: Path) -> None:
    new = (
        "class Made:\n    kept = {}\n_SEEN = []\n"
        "def made(name, other=False):\n    if other:\n        return None\n    if name in Made.kept:\n"
        "        return Made.kept[name]\n    Made.kept[name] = Made()\n    return Made.kept[name]\n"
        "def count(name):\n    if name in _SEEN:\n        return len(name) + 1\n"
        "    _SEEN.append(name)\n    return len(name)\n"
    )
    tests = (
        "from pkg.m import count, made\n"
        "def test_made():\n    assert made('a') is made('a')\n    assert made('b', True) is None\n"
        "def test_count():\n    assert count('ab') == 2\n    assert count('abc') == 3\n"
    )
    found = asked(tmp_path / "project", recorded.questions, new, tests)
    assert [(one.question.qualname, one.key.expected[0]) for one in found] == [("made", "None")]


def test_no_sum_is_asked_that_nobody_does_by_head_and_no_example_of_the_functions_own_text(
    tmp_path: Path,
) -> None:
    new = (
        'def parts(n):\n    """Parts.\n\n    >>> parts(12)\n    [2, 2, 3]\n    """\n'
        "    found, by = [], 2\n    while n > 1:\n        if n % by:\n            by += 1\n            continue\n"
        "        found.append(by)\n        n //= by\n    return found\n"
    )
    tests = (
        "from pkg.m import parts\ndef test_parts():\n    assert parts(12) == [2, 2, 3]\n"
        "    assert parts(90909091) and parts(20) == [2, 2, 5]\n"
    )
    found = asked(tmp_path / "project", recorded.questions, new, tests)
    values = [one for one in found if "does it return" in one.question.prompt]
    assert [one.key.expected[0] for one in values] == ["[2, 2, 5]"]


def test_nothing_is_no_answer_of_a_function_that_never_gives_anything(tmp_path: Path) -> None:
    new = "def check(n):\n    if n < 0:\n        raise ValueError(n)\n    n += 1\n"
    tests = (
        "import pytest\nfrom pkg.m import check\ndef test_check():\n    check(3)\n"
        "    with pytest.raises(ValueError):\n        check(-3)\n"
    )
    found = asked(tmp_path / "project", recorded.questions, new, tests)
    assert [one.key.expected[0] for one in found] == ["ValueError"]


def test_a_changed_operator_stands_in_the_line_as_it_is_written(tmp_path: Path) -> None:
    new = (
        "def cut(size, head, tail):\n    left = size - (head * 2) - 1\n"
        '    name = "cut" + str(left)\n    return (name if left > 0 else None)\n'
    )
    tests = "from pkg.m import cut\ndef test_cut():\n    assert cut(9, 2, 1) and not cut(1, 4, 2)\n"
    found = asked(tmp_path / "project", find_input.questions, new, tests)
    shown = {one.question.prompt.split("\n")[1].strip() for one in found}
    as_written = {
        "left = size - (head * 2) + 1",
        "left = size + (head * 2) - 1",
        "return (name if left >= 0 else None)",
    }
    assert shown
    assert shown <= as_written


@pytest.mark.parametrize(("outcome", "is_asked"), [("returned", True), ("yielded", False)])
def test_what_an_object_holds_after_a_call_is_asked_of_calls_that_run_at_once(
    outcome: str, *, is_asked: bool
) -> None:
    node = ast.parse("def run(self, most):\n    self.done += most\n").body[0]
    assert isinstance(node, ast.FunctionDef)
    own = Shown("self", "<Steps>", False)
    calls = tuple(
        RecordedCall(
            "tests/test_m.py::test_run", (own, Shown("most", most, True)), (1,), outcome, "<Made>", False,
            left=(Shown("done", done, True),),
        )
        for most, done in (("2", "41"), ("3", "42"))
    )  # fmt: skip
    row = RecordedFunction("pkg/m.py", "Steps.run", "", frozenset({1}), calls, python="3.12.1")
    asked_of = [fact.ask for _, fact in facts(node, row, calls) if "`self.done` hold after" in fact.ask]
    assert len(asked_of) == (2 if is_asked else 0)
