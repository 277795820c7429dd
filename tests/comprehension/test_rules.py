"""Rules against bad questions: each drops a question that would else be asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from comprehension.code import Files, asked, of_kind
from tokencoach.comprehension.question import Form

if TYPE_CHECKING:
    from tokencoach.comprehension.question import Prepared

GUARDED = """
def pick(a, b, c):
    if a:
        if b and not c:
            raise ValueError(a)
        return 1
    if c:
        return 2
    return 3
"""


def test_a_call_is_followed_to_the_line_by_which_it_leaves() -> None:
    found = of_kind("G4", GUARDED)
    assert found
    for one in found:
        assert "Nothing else raises" in one.question.prompt
        assert "every loop not named here runs to its end" in one.question.prompt


def test_a_choice_has_four_options_or_more() -> None:
    for one in (check := asked(GUARDED)).questions + check.others:
        if one.question.form in {Form.CHOICE, Form.MULTIPLE}:
            assert len(one.question.options) >= 4
            assert len(set(one.question.options)) == len(one.question.options)


def test_a_guard_with_one_condition_has_too_few_situations() -> None:
    assert not of_kind(
        "G6", "def f(a):\n    note = work(a)\n    if a:\n        raise ValueError(note)\n    return note\n"
    )


def test_nothing_is_asked_where_every_way_ends_alike() -> None:
    alike = """
def f(a, b):
    if a:
        log(a)
        if b:
            log(b)
            log(a, b)
    return work(a)
"""
    assert not of_kind("G4", alike)


def test_a_condition_on_a_name_that_is_assigned_more_than_once_is_dropped() -> None:
    once = """
def f(a, b):
    found = look_up(a)
    if found:
        if b.is_wanted:
            return found.first
        return found.last
    return a.nothing
"""
    twice = once.replace("    if found:", "    found = look_up(found)\n    if found:")
    assert of_kind("G4", once)
    assert not of_kind("G4", twice)


def test_a_condition_on_a_name_that_is_assigned_in_a_loop_is_dropped() -> None:
    looped = """
def f(a, b, items):
    for item in items:
        found = look_up(item)
    if found:
        if b.is_wanted:
            return found.first
        return found.last
    return a.nothing
"""
    assert not of_kind("G4", looped)


def test_a_condition_on_a_name_whose_value_is_written_down_is_dropped() -> None:
    written = """
def f(b):
    found = [1, 2]
    if found:
        if b.is_wanted:
            return found.first
        return found.last
    return a.nothing
"""
    assert not of_kind("G4", written)


def test_contradictory_conditions_are_never_stated_together() -> None:
    text = """
def f(x, y):
    if x is None:
        y = work(y)
        if x:
            return 1
        return 2
    if y:
        return 3
    return 4
"""
    for one in of_kind("G4", text) + of_kind("G6", text):
        for shown in (one.question.prompt, *one.question.options):
            assert not ("`x is None` (line 3) is true" in shown and "`x` (line 5) is true" in shown)
            assert "`x is None` true, `x` true" not in shown


def test_a_nested_try_is_not_asked_about() -> None:
    flat = """
def f(text):
    try:
        value = int(text)
        note(value)
    except ValueError:
        raise KeyError(text)
    return value
"""
    nested = """
def f(text):
    try:
        try:
            value = int(text)
            note(value)
        except TypeError:
            raise KeyError(text)
    except ValueError:
        raise LookupError(text)
    return value
"""
    assert [one.key.expected for one in of_kind("G5", flat)] == [("KeyError",)]
    assert not of_kind("G5", nested)


def test_a_handler_with_a_condition_is_not_asked_about() -> None:
    text = """
def f(text, strict):
    try:
        value = int(text)
    except ValueError:
        if strict:
            raise
        value = 0
    return value
"""
    assert not of_kind("G5", text)


def test_a_handler_whose_type_is_not_built_in_is_not_asked_about() -> None:
    text = """
from shop import OwnError

def f(text):
    try:
        value = int(text)
    except OwnError:
        value = 0
    return value
"""
    assert not of_kind("G5", text)


def test_a_context_that_may_swallow_is_not_asked_about() -> None:
    text = """
def f(text):
    with suppress(ValueError):
        return int(text)
    note(text)
    return None
"""
    assert not of_kind("G5", text)


def test_a_loop_that_turns_is_not_followed_as_a_whole() -> None:
    text = """
def f(items, a):
    for item in items:
        if a:
            if item.good:
                return item
            return None
    return a
"""
    for one in of_kind("G4", text):
        assert "one turn of the loop" in one.question.prompt or "nothing to go through" in one.question.prompt


def test_a_value_of_the_wrong_kind_is_never_put_in() -> None:
    for one in of_kind(
        "G13", "def f(name):\n    first = name.split(':')[0].strip()\n    return first, name, note(name)\n"
    ):
        assert "is '" in one.question.prompt
        assert one.key.expected[0] not in {"AttributeError", "TypeError"}


def test_a_long_value_is_not_asked_for() -> None:
    long = "x" * 70
    text = f"""
def f(a, b, c):
    if a:
        if b:
            return {long!r}
        return 'short'
    if c:
        return 'other'
    return 'rest'
"""
    for one in of_kind("G4", text):
        assert all(len(expected) <= 60 for expected in one.key.expected)


def test_at_most_two_of_a_kind_are_asked_about_a_function_and_none_has_the_answer_of_another() -> None:
    text = "def f(a, b, c, d):\n" + "".join(
        f"    if {one}:\n        if {other}:\n            return {place}\n"
        for place, (one, other) in enumerate((x, y) for x in "abcd" for y in "abcd" if x != y)
    )
    check = asked(text + "    return None\n")
    found = [*check.questions, *check.others]
    kinds = [one.question.kind for one in found]
    assert all(kinds.count(kind) <= 2 for kind in kinds)
    answers = [one.key.expected for one in found if one.question.kind == "G4"]
    assert len(set(answers)) == len(answers)


def test_what_stands_right_above_the_line_is_not_asked() -> None:
    text = """
def f(a, b):
    note(a)
    note(b)
    if a and b:
        raise ValueError(a)
    return b
"""
    assert not of_kind("G6", text)


def _who_calls(text: str, files: Files) -> list[Prepared]:
    """The questions that ask which functions call a changed one."""
    return [one for one in of_kind("G9", text, files=files) if "call it themselves" in one.question.prompt]


def test_callers_are_only_asked_with_others_that_do_not_call() -> None:
    new = "def fetch_rows(a):\n    first = work(a)\n    second = work(first)\n    return second\n"
    calling = "from app.work import fetch_rows\n" + "".join(
        f"def caller{number}():\n    return fetch_rows({number})\n\n" for number in range(4)
    )
    assert not _who_calls(new, Files({"app/work.py": new, "app/use.py": calling}))
    mixed = calling + "".join(f"def other{number}():\n    return work({number})\n\n" for number in range(4))
    found = _who_calls(new, Files({"app/work.py": new, "app/use.py": mixed}))
    assert len(found) == 1
    assert all(option.startswith("caller") for option in found[0].key.expected)
    assert sum(option.startswith("other") for option in found[0].question.options) >= 2


def test_a_name_that_two_definitions_have_is_not_asked_about() -> None:
    new = "def fetch_rows(a):\n    first = work(a)\n    second = work(first)\n    return second\n"
    mixed = "".join(
        f"def caller{n}():\n    return fetch_rows({n})\n\ndef other{n}():\n    return {n}\n\n"
        for n in range(4)
    )
    twin = "class Twin:\n    def fetch_rows(self):\n        return 1\n"
    files = Files({"app/work.py": new, "app/use.py": mixed, "app/twin.py": twin})
    assert not of_kind("G9", new, files=files)


@pytest.mark.parametrize(
    "ending", ["sys.exit(1)", "os._exit(1)", "parser.error('x')", "reraise(a, b)", "a.raise_for_status()"]
)
def test_a_call_that_ends_the_program_is_not_passed_over(ending: str) -> None:
    text = f"""
def f(a, b):
    if a:
        {ending}
        if b:
            return 1
        return 2
    return 3
"""
    for one in of_kind("G4", text):
        assert "`a` (line 3) is true" not in one.question.prompt
