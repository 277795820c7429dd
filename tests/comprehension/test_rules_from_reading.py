"""Questions that readers of a hundred found wrong or too plain, and that are not asked since."""

from __future__ import annotations

import pytest

from comprehension.code import Files, of_kind
from tokencoach.attribution.path_kinds import PathKind, path_kind
from tokencoach.comprehension.change import ChangedFile, Skip
from tokencoach.comprehension.functions import changed_functions
from tokencoach.comprehension.generators.base import Source
from tokencoach.comprehension.languages import grammars
from tokencoach.comprehension.languages.python_values import spelled
from tokencoach.comprehension.prepare import Options, prepare


def test_an_annotation_inside_a_function_is_never_worked_out() -> None:
    found = of_kind(
        "G5",
        """
        def gather(order):
            result: List["Message"] = []
            first_one = order["first"]
            result.append(first_one)
            return result
        """,
    )
    assert not [one for one in found if "`List`" in one.question.prompt]
    assert [one for one in found if "`order`" in one.question.prompt]


TYPESCRIPT = """function optin(schema: Schema, strict: boolean) {
  const def = schema.def;
  if (def.type === "pipe" && def.inner.isOpen) {
    noteTheFirst(def.inner);
    return optin(def.out, strict);
  }
  if (def.type === "catch") {
    noteTheSecond(def.inner);
    noteTheThird(def.inner);
    return optin(def.inner, strict);
  }
  noteTheLast(def.inner);
  return schema.optin;
}
"""


def test_one_thing_is_not_supposed_to_be_two_though_its_name_is_a_word_of_python() -> None:
    if not grammars.is_installed("typescript"):
        pytest.skip("the grammar of TypeScript is not installed")
    lines = frozenset(range(1, 15))
    check = prepare(
        [ChangedFile("src/a.ts", "b", TYPESCRIPT.encode(), lines, ai=lines)], options=Options(ask="ai")
    )
    for one in (*check.questions, *check.others):
        for said in (one.question.prompt, *one.question.options):
            assert not ('"pipe"` (line 3) is true' in said and '"catch"` (line 7) is true' in said)
            assert not ('"pipe"` true' in said and '"catch"` true' in said)


@pytest.mark.parametrize(
    ("text", "same"),
    [("def.type == 1", "def_.type == 1"), ("a in b and not c", "a in b and not c"), ("undef", "undef")],
)
def test_only_words_that_are_no_operators_are_spelled_otherwise(text: str, same: str) -> None:
    assert spelled(text) == same


def test_the_object_that_a_line_stores_into_is_no_source_of_its_value() -> None:
    text = """
    def render(columns, metrics, family, output):
        shown_family = family.strip()
        chosen_columns = columns or metrics
        options = make_options(shown_family, chosen_columns)
        other_thing = open_output(output)
        colour_found = find_colour(output)
        later_thing = other_thing.write(colour_found)
        options.canvas = colour_found
        return later_thing, options
    """
    assert not [one for one in of_kind("G15", text) if "options.canvas" in one.question.prompt]


def test_an_exit_right_below_the_last_condition_is_seen_and_not_asked() -> None:
    text = """
    def settle(order, owner):
        first_step = prepare(order)
        if not order.items:
            return first_step
        second_step = prepare(first_step)
        if owner.is_gone:
            raise LookupError(owner)
        note_both(first_step, second_step)
        return second_step
    """
    asked = {one.key.expected for one in of_kind("G4", text)}
    assert ("8",) not in asked
    assert asked <= {("10",), ("first_step",), ("second_step",)}


def test_a_row_of_cases_of_one_thing_is_no_question() -> None:
    text = """
    def kind_of(value):
        if isinstance(value, First):
            note_value(value)
            return 1, value
        if isinstance(value, Second):
            note_value(value)
            return 2, value
        if isinstance(value, Third):
            note_value(value)
            return 3, value
        return 0, value
    """
    assert not of_kind("G4", text)
    assert not of_kind("G6", text)


def test_two_nested_conditions_in_sight_are_no_question() -> None:
    text = """
    def settle(order, owner):
        first_step = prepare(order)
        if owner.answer:
            if order.items:
                remove_items(order)
        return first_step, order
    """
    assert not of_kind("G6", text)


@pytest.mark.parametrize(
    ("path", "text", "name"),
    [
        (
            "src/lib.rs",
            "mod tests {\n    fn it_adds() {\n        one();\n        two();\n    }\n}\n",
            "tests.it_adds",
        ),
        (
            "app/work.py",
            "def test_adds():\n    assert add_up(1, 2) == 3\n    assert add_up(2, 2) == 4\n",
            "test_adds",
        ),
    ],
)
def test_a_test_beside_what_it_tests_is_not_asked_about(path: str, text: str, name: str) -> None:
    if path.endswith("rs") and not grammars.is_installed("rust"):
        pytest.skip("the grammar of Rust is not installed")
    lines = frozenset(range(1, text.count("\n") + 1))
    found = {
        one.qualname: one.skip
        for one in changed_functions(Source(ChangedFile(path, "b", text.encode(), lines, ai=lines)))
    }
    assert found[name] is Skip.TEST


def test_a_field_that_two_classes_have_is_asked_about_only_of_the_own_object() -> None:
    text = """
    class One:
        def __init__(self, given):
            self.held_items = given

    class Two:
        def __init__(self, given):
            self.held_items = given

    def first(thing):
        checked = look_at(thing)
        found = checked.held_items
        return found, checked

    def second(thing):
        return thing.held_items

    def third(thing):
        return thing.held_items
    """
    found = of_kind("G19", text, files=Files({"app/work.py": text}))
    assert not [one for one in found if one.question.qualname == "first"]


def test_a_line_that_gets_a_value_by_way_of_others_is_told_from_one_that_does_not() -> None:
    text = """
    def compare(left, right, place):
        left_copy = dict(left)
        right_copy = dict(right)
        left_lines = dump_lines(left_copy)
        right_lines = dump_lines(right_copy)
        shown_left = join_lines(left_lines)
        shown_right = join_lines(right_lines)
        write_text(place, shown_right)
        return join_all(shown_left)
    """
    (one,) = of_kind("G20", text)
    made = one.question.prompt.partition("`left_copy`")[1] or one.question.prompt.partition("`right_copy`")[1]
    side = "left" if made == "`left_copy`" else "right"
    other = "right" if side == "left" else "left"
    assert all(side in option for option in one.key.expected)
    assert all(other in option for option in set(one.question.options) - set(one.key.expected))


def test_a_new_member_is_no_new_value_of_the_object() -> None:
    text = """function finish(issue: Issue, traits: Traits, other: Issue) {
  if (traits.isType) {
    if (traits.isCheck) (issue as any).schema ??= other;
    else (issue as any).schema = other.inst;
  }
  const noted = noteTheIssue(traits);
  const { path: where, ...rest } = issue as any;
  return joined(where, rest, noted);
}
"""
    if not grammars.is_installed("typescript"):
        pytest.skip("the grammar of TypeScript is not installed")
    lines = frozenset(range(1, 10))
    check = prepare([ChangedFile("src/a.ts", "b", text.encode(), lines, ai=lines)], options=Options(ask="ai"))
    asked = [one for one in (*check.questions, *check.others) if one.question.kind == "G12"]
    assert not [one for one in asked if "reads `issue`" in one.question.prompt]


def test_a_function_of_another_package_of_the_same_name_is_not_called_from_here() -> None:
    text = """
    def get_parser(names):
        first_parser = make_parser(names)
        first_parser.prepare(names)
        return first_parser
    """
    caller = "from app.work import get_parser\n\ndef NAME():\n    return get_parser([])\n\ndef far_NAME():\n    return 1\n"
    files = {
        "app/work.py": text,
        "app/one.py": caller.replace("NAME", "one"),
        "app/two.py": caller.replace("NAME", "two"),
        "app/three.py": "from outside.tools import get_parser\n\ndef three():\n    return get_parser([])\n",
    }
    found = [
        one for one in of_kind("G9", text, files=Files(files)) if "call it themselves" in one.question.prompt
    ]
    assert [set(one.key.expected) for one in found] == [{"one (app/one.py)", "two (app/two.py)"}]
    assert not any("three" in option for one in found for option in one.question.options)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("flask/testsuite/basic.py", PathKind.TEST),
        ("src/main/java/shop/FeeTest.java", PathKind.TEST),
        ("src/main/java/shop/Contest.java", PathKind.CODE),
        ("app/attestations/read.py", PathKind.CODE),
    ],
)
def test_folders_and_classes_of_tests_are_known_by_their_names(path: str, kind: PathKind) -> None:
    assert path_kind(path) is kind
