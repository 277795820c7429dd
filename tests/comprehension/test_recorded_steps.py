"""Single statements, objects and variables around: what the recorder sees of them, and what is asked."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from comprehension.recorded_project import Project, interpreters
from tokencoach.comprehension.changes import changed_files
from tokencoach.comprehension.generators import recorded, recorded_steps
from tokencoach.comprehension.generators.base import Context, Source
from tokencoach.comprehension.grading import grade
from tokencoach.comprehension.prepare import Options, prepare
from tokencoach.git.staged import staged

if TYPE_CHECKING:
    from pathlib import Path

    from tokencoach.comprehension.question import Prepared

MODULE = '''\
import datetime
import enum


class Item:
    def __init__(self, name, count):
        self.name = name
        self.total = count * 12 + 1


class Slotted:
    __slots__ = ("left", "right")

    def __init__(self, left, right):
        self.left = left.upper()
        self.right = right


class Hidden(dict):
    """Holds more than its attributes."""

    def __repr__(self):
        raise AssertionError("code of the project ran")


class Answers(type):
    """Answers comparisons with code of its own."""

    def __eq__(cls, other):
        raise AssertionError("code of the project ran")

    def __hash__(cls):
        raise AssertionError("code of the project ran")


class Odd(metaclass=Answers):
    def __init__(self):
        self.seen = 1


def double(text):
    return text * 2


def steps(words, sink):
    joined = "-".join(
        [double(word) for word in words if word],
    )
    last = double(words.pop()) + joined[:2]
    try:
        third = double(words[2]) + last[1:]
    except IndexError:
        third = "none"
    sink.append(third)
    return double(last + joined)[1:]


class Kind(enum.Enum):
    GIFT = "gift"
    BOX = "box"

    def __repr__(self):
        raise AssertionError("code of the project ran")


def packed(kind, item):
    return len(item.name) if kind is Kind.GIFT and item.kind is not Kind.BOX else 0


class Counted:
    count = 1
    most = 9

    def more(self, by):
        self.count = min(self.count + by * 2, self.most)
        return self.count

    @property
    def by(self):
        raise AssertionError("code of the project ran")


def told(order):
    if order.kind == "gift" and order["name"] or order.by:
        yield order.kind.upper()[:2] + str(len(order.kind) * 2)


def made(name, count):
    return Item(name, count)


def read(item, odd):
    return item.total + odd.seen


def wrap(limit, hidden):
    def cut(value):
        return value[:limit]

    def look(value):
        return value[: len(hidden)]

    return cut, look


def later(day, days):
    return day + datetime.timedelta(days=days)
'''
TESTS = """\
import datetime
from pkg.m import *
from pkg import m

def test_steps():
    assert steps(["a", "", "b"], []) == "baaaa-bbbbaaaa-bb"
    assert steps(["x", "y", "z", "w"], [])

def test_counted():
    counted = Counted()
    assert counted.more(2) == 5
    assert counted.more(1) == 7

def test_packed():
    item = Item("nail", 1)
    item.kind = Kind.BOX
    assert packed(Kind.GIFT, item) == 0
    item.kind = Kind.GIFT
    assert packed(Kind.GIFT, item) == 4

def test_told():
    class Order(dict):
        kind = "none"
    order = Order(name="nail", held=Order)
    order.kind = "gift"
    assert list(told(order)) == ["GI8"]

def test_made():
    assert made("nail", 2).total == 25
    assert made("screw", 3).total == 37

def test_read():
    assert read(Item("a", 1), m.Odd()) == 14
    assert m.Slotted("a", 2).left == "A"
    assert m.Slotted("b", 2).left == "B"

def test_wrap():
    cut, look = wrap(2, m.Hidden(a=1))
    assert (cut("nail"), look("nail")) == ("na", "n")
    assert (cut("x"), look("yz")) == ("x", "y")

def test_later():
    assert later(datetime.date(2024, 2, 28), 2) == datetime.date(2024, 3, 1)
    assert later(datetime.date(2024, 2, 28), 1) == datetime.date(2024, 2, 29)
"""


@pytest.fixture(scope="module", params=sorted(interpreters()))
def project(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project whose tests were recorded once, for each interpreter at hand."""
    folder: Path = tmp_path_factory.mktemp("steps")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TOKENCOACH_HOME", str(folder / "home"))
        patch.setenv("GIT_AUTHOR_NAME", "A")
        patch.setenv("GIT_AUTHOR_EMAIL", "a@example.invalid")
        patch.setenv("GIT_COMMITTER_NAME", "A")
        patch.setenv("GIT_COMMITTER_EMAIL", "a@example.invalid")
        made = Project(folder / "project", interpreters()[request.param])
        made.write("pkg/m.py", MODULE)
        made.write("tests/test_m.py", TESTS)
        done = made.record()
        assert done.returncode == 0, done.stdout + done.stderr
        assert "turned itself off" not in done.stderr
        return made


def asked(project: Project, name: str) -> list[Prepared]:
    """The recorded questions about one function."""
    project.git("add", "-A")
    change = changed_files(staged(project.root / ".git"))
    source = Source(next(file for file in change if file.path == "pkg/m.py"))
    context = Context(tuple(change), project.recordings)
    functions = prepare(change, options=Options(ask="all")).functions
    return [
        one
        for function in functions
        if function.qualname == name
        for generator in (recorded.questions, recorded_steps.questions)
        for one in generator(function, source, context)
    ]


def test_a_statement_is_told_by_what_it_read_and_what_came_out(project: Project) -> None:
    seen = {
        (step.line, tuple(f"{item.name}={item.text}" for item in step.given)): step.result
        for step in project.seen("steps").steps
    }
    assert seen[1, ("words=['a', '', 'b']",)] == "'aa-bb'"
    # What a statement changes in place is told as it was before.
    assert seen[4, ("words=['a', '', 'b']", "joined='aa-bb'")] == "'bbaa'"
    assert seen[10, ("last='bbaa'", "joined='aa-bb'")] == "'baaaa-bbbbaaaa-bb'"


def test_a_statement_that_an_exception_ended_is_told_of_by_no_value(project: Project) -> None:
    assert {step.result for step in project.seen("steps").steps if step.line == 6} == {"'zzwxx'"}


def test_a_statement_is_asked_about_with_all_that_it_reads(project: Project) -> None:
    found = [one for one in asked(project, "steps") if "ran with" in one.question.prompt]
    assert found
    for one in found:
        assert "words = " in one.question.prompt or "last = " in one.question.prompt
        assert grade(one, one.key.expected[0]).right
        assert not grade(one, "'something else'").right
    several = next(one for one in found if "lines " in one.question.prompt)
    assert "What does `joined` hold after it?" in several.question.prompt


def test_an_attribute_that_the_class_has_too_is_told_as_the_object_holds_it(project: Project) -> None:
    first, second = project.seen("Counted.more").calls
    assert [(item.name, item.text) for item in first.state] == [("count", "1"), ("most", "9")]
    assert [(item.name, item.text) for item in second.state] == [("count", "5"), ("most", "9")]
    assert [item.text for item in second.left] == ["7"]


def test_a_member_of_an_enumeration_goes_by_its_name(project: Project) -> None:
    first, second = project.seen("packed").calls
    shown = "<Item: kind = Kind.{}, name = 'nail', total = 13>"
    assert [item.text for item in first.args] == ["Kind.GIFT", shown.format("BOX")]
    assert [item.text for item in second.args] == ["Kind.GIFT", shown.format("GIFT")]
    assert {one.key.expected[0] for one in asked(project, "packed")} == {"0", "4"}


def test_a_statement_that_uses_parts_of_an_object_is_told_by_those_and_by_no_code(project: Project) -> None:
    if project.python == sys.executable and sys.version_info < (3, 12):
        pytest.skip("generators are followed by newer interpreters")
    (step,) = project.seen("told").steps
    assert ([(item.name, item.text) for item in step.given], step.result) == (
        [("order.kind", "'gift'")],
        "'GI8'",
    )


def test_an_object_is_told_by_what_it_holds_and_by_no_code_of_its_own(project: Project) -> None:
    (call,) = project.seen("read").calls
    assert [item.text for item in call.args] == ["<Item: name = 'a', total = 13>", "<Odd: seen = 1>"]
    assert call.result == "14"
    assert [item.is_told for item in project.seen("wrap").calls[0].args] == [True, False]


def test_an_object_that_is_returned_is_asked_about_by_what_it_holds(project: Project) -> None:
    found = asked(project, "made")
    assert {one.key.expected[0] for one in found} == {"25", "37"}
    assert all(
        "object of the class Item. What does its `total` hold?" in one.question.prompt for one in found
    )


def test_what_a_method_leaves_in_its_object_is_asked_for(project: Project) -> None:
    found = asked(project, "Slotted.__init__")
    assert {one.key.expected[0] for one in found} == {"'A'", "'B'"}
    assert all("What does `self.left` hold after the call?" in one.question.prompt for one in found)


def test_a_variable_of_the_function_around_is_shown_where_it_can_be(project: Project) -> None:
    found = asked(project, "wrap.<locals>.cut")
    assert "'na'" in {one.key.expected[0] for one in found}
    assert all("limit = 2 (of the function around it)" in one.question.prompt for one in found)
    assert not asked(project, "wrap.<locals>.look")


@pytest.mark.parametrize(
    ("answer", "is_right"),
    [
        ("datetime.date(2024, 3, 1)", True),
        ("date(2024,3,1)", True),
        ("datetime.date(2024, 2, 29)", False),
        ("2024", False),
    ],
)
def test_a_date_is_typed_with_or_without_its_module(project: Project, answer: str, *, is_right: bool) -> None:
    found = asked(project, "later")
    one = next(one for one in found if one.key.expected == ("datetime.date(2024, 3, 1)",))
    assert grade(one, answer).right is is_right
