"""Parts of functions, and choices between cases: which ways lead where, in every language that has them."""

from __future__ import annotations

import pytest

from comprehension.code import of_kind
from tokencoach.comprehension.change import ChangedFile
from tokencoach.comprehension.flow import Choice, How, every
from tokencoach.comprehension.generators.base import Source
from tokencoach.comprehension.languages import grammars
from tokencoach.comprehension.languages.python_flow import python_part
from tokencoach.comprehension.languages.syntax import syntax_flow, syntax_part
from tokencoach.comprehension.walk import Walker

GO = """package shop

func Fee(kind string, isMember bool, total int) int {
	switch kind {
	case "gift", "sample":
		return nothing(total)
	case "book":
		if isMember {
			return lowFee(total)
		}
	default:
		warn(kind)
	}
	return fullFee(total)
}
"""
RUST = """fn fee(kind: &Kind, is_member: bool) -> u32 {
    match kind {
        Kind::Gift | Kind::Sample => nothing(),
        Kind::Book if is_member => {
            low_fee()
        }
        _ => full_fee(),
    }
}
"""
TYPESCRIPT = """function fee(kind: string, isMember: boolean) {
  switch (kind) {
    case "gift":
    case "sample":
      return nothing();
    case "book":
      noteBook();
      break;
    default:
      throw new RangeError(kind);
  }
  return fullFee();
}
"""
C = """int fee(int kind, int is_member) {
    switch (kind) {
    case GIFT:
        return nothing();
    case BOOK:
        note_book();
        break;
    }
    return full_fee();
}
"""
JAVA = """class Shop {
    int fee(Kind kind) {
        switch (kind) {
            case GIFT:
                return nothing();
            case BOOK:
            case PAPER:
                note();
                break;
            default:
                throw new IllegalStateException("kind");
        }
        return fullFee();
    }
}
"""
RUBY = """def fee(kind)
  case kind
  when :gift, :sample
    nothing(kind)
  else
    full_fee(kind)
  end
  done(kind)
end
"""


def _ways(text: str, language: str, name: str) -> list[tuple[tuple[str, ...], str, int]]:
    if not grammars.is_installed(language):
        pytest.skip(f"the grammar of {language} is not installed")
    flow = syntax_flow(text, language, name)
    assert flow is not None
    return [
        (tuple(atom.text for atom, value in way.facts if value), way.end.how.value, way.end.line)
        for way in Walker(flow).ways()
        if way.end is not None
    ]


def test_a_case_of_go_leaves_or_goes_on_behind_the_switch() -> None:
    assert _ways(GO, "go", "Fee") == [
        (('kind is "gift" | "sample"',), "return", 6),
        (('kind is "book"', "isMember"), "return", 9),
        (('kind is "book"',), "return", 14),
        (('kind is none of "gift" | "sample" | "book"',), "return", 14),
    ]


def test_an_arm_of_rust_is_what_the_function_returns() -> None:
    assert _ways(RUST, "rust", "fee") == [
        (("kind is Kind::Gift | Kind::Sample",), "return", 3),
        (("kind is Kind::Book if is_member",), "return", 5),
        (("kind is none of Kind::Gift | Kind::Sample | Kind::Book if is_member",), "return", 7),
    ]


def test_a_break_of_typescript_leaves_the_switch_and_labels_share_their_statements() -> None:
    assert _ways(TYPESCRIPT, "typescript", "fee") == [
        (('kind is "gift" | "sample"',), "return", 5),
        (('kind is "book"',), "return", 12),
        (('kind is none of "gift" | "sample" | "book"',), "raise", 10),
    ]


def test_a_switch_of_c_without_a_default_goes_on_where_no_case_fits() -> None:
    assert _ways(C, "c", "fee") == [
        (("kind is GIFT",), "return", 4),
        (("kind is BOOK",), "return", 9),
        (("kind is none of GIFT | BOOK",), "return", 9),
    ]


def test_labels_of_java_share_their_statements() -> None:
    assert [(how, line) for _, how, line in _ways(JAVA, "java", "Shop.fee")] == [
        ("return", 5),
        ("return", 13),
        ("raise", 11),
    ]


def test_a_case_of_ruby_is_passed_through() -> None:
    assert _ways(RUBY, "ruby", "fee") == [((), "return", 8)]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (TYPESCRIPT.replace("      break;\n", ""), "typescript"),
        (GO.replace("		warn(kind)", "		fallthrough"), "go"),
        (TYPESCRIPT.replace("      noteBook();", "      if (isMember) break;"), "typescript"),
    ],
    ids=["falls through in TypeScript", "fallthrough of Go", "a break inside"],
)
def test_a_choice_whose_cases_run_into_each_other_is_not_followed(text: str, language: str) -> None:
    if not grammars.is_installed(language):
        pytest.skip(f"the grammar of {language} is not installed")
    flow = syntax_flow(text, language, "Fee" if language == "go" else "fee")
    assert flow is not None
    assert not any(isinstance(node, Choice) for node in every(flow.body))


PYTHON = """
def settle(order, owner, place):
    for item in order:
        if item.kind:
            total = price_of(item)
            while total > 3:
                total = lower(total)
        with open(place) as file:
            if owner and item.size:
                return file.read()
            note_item(item, owner)
        if item.gift:
            continue
        send_item(item, place)
    return None
"""


def test_a_part_goes_on_behind_the_blocks_around_it_to_the_end_of_the_turn() -> None:
    node = Source(ChangedFile("a.py", "b", PYTHON.encode(), frozenset())).node_named("settle")
    assert node is not None
    part = python_part(node, 9)
    assert part is not None
    ends = [(way.truth, way.end.how, way.end.line) for way in Walker(part).ways() if way.end is not None]
    assert (part.turn_of, part.start) == (3, 9)
    assert ends == [
        ({"owner": True, "item.size": True}, How.RETURN, 10),
        ({"owner": True, "item.size": False, "item.gift": True}, How.CONTINUE, 13),
        ({"owner": True, "item.size": False, "item.gift": False}, How.END, 14),
        ({"owner": False, "item.gift": True}, How.CONTINUE, 13),
        ({"owner": False, "item.gift": False}, How.END, 14),
    ]
    assert python_part(node, 2) is None
    assert python_part(node, 400) is None


def test_a_part_of_go_begins_where_it_is_told_to() -> None:
    if not grammars.is_installed("go"):
        pytest.skip("the grammar of Go is not installed")
    part = syntax_part(GO, "go", "Fee", 14)
    assert part is not None
    assert [way.end.line for way in Walker(part).ways() if way.end is not None] == [14]
    assert syntax_part(GO, "go", "Fee", 400) is None


def test_a_part_is_not_asked_about_by_a_condition_that_led_to_it() -> None:
    old = """
def settle(order, owner, place):
    if not order:
        return None
    first_step = prepare(owner)
    return first_step, place
"""
    new = old.replace(
        "    return first_step, place",
        "    if order and first_step:\n        note_step(first_step)\n        if place:\n            return place, order\n"
        "    return first_step, place",
    )
    for kind in ("G4", "G6"):
        for one in of_kind(kind, new, old):
            assert "is reached" not in one.question.prompt or "`order`" not in str(one.question)
