"""What goes into the values of a line: only what assignments surely read, and nothing that they may read."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comprehension.code import asked, changed, of_kind
from tokencoach.comprehension.change import ChangedFile
from tokencoach.comprehension.prepare import Options, prepare

BILL = """
def bill(order, rates, region, owner, is_urgent):
    rate = rates.of(region)
    amount = order.weight * rate
    if is_urgent:
        note(owner)
    label = owner.name.strip()
    total = round_up(amount)
    print_out(label)
    return total
"""
GO = """package a

func bill(order Order, rates Rates, owner string, isUrgent bool) (int, error) {
	rate := rates.find(order)
	amount := multiply(rate)
	if isUrgent {
		note(owner)
	}
	label := trim(owner)
	total := roundUp(amount)
	emit(label)
	return total, nil
}
"""


def _of_line(text: str, line: str) -> tuple[tuple[str, ...], frozenset[str]]:
    """The right options of the question about a line, and the others."""
    (one,) = [one for one in of_kind("G15", text) if f"  {line}" in one.question.prompt]
    return tuple(sorted(one.key.expected)), frozenset(one.question.options) - set(one.key.expected)


def test_what_assignments_read_is_told_from_what_only_decides_or_is_only_passed_by() -> None:
    right, wrong = _of_line(BILL, "return total")
    assert set(right) <= {"amount", "order", "rate", "rates", "region"}
    assert len(right) == 3
    assert wrong == {"owner", "is_urgent", "label"}


def test_every_option_says_which_line_reads_it() -> None:
    (one,) = [one for one in of_kind("G15", BILL) if "return total" in one.question.prompt]
    lines = {"amount": 8, "order": 4, "rate": 4, "rates": 3, "region": 3}
    for option, reason in zip(one.question.options, one.key.reasons, strict=True):
        assert reason.startswith(f"line {lines[option]} " if option in one.key.expected else "no assignment")


@pytest.mark.parametrize(
    "instead",
    [
        # Assigned twice: which of the two it was cannot be told.
        "    total = round_up(amount)\n    if is_urgent:\n        total = owner.cost + label",
        "    for total in round_up(amount, owner, is_urgent, label):\n        note(total)",
        "    with opened(owner, is_urgent, label) as total:\n        note(amount)",
        "    total = round_up(amount)\n    total.parts[0] = (owner, is_urgent, label)",
    ],
)
def test_what_may_go_into_the_value_is_never_a_wrong_option(instead: str) -> None:
    for one in of_kind("G15", BILL.replace("    total = round_up(amount)", instead)):
        if "return total" in one.question.prompt:
            assert not {"owner", "is_urgent", "label"} & (set(one.question.options) - set(one.key.expected))


def test_a_line_right_below_what_it_is_made_from_is_not_asked_about() -> None:
    text = "def f(first, second, third, fourth):\n    total = first + second\n    return total, work(third, fourth)\n"
    assert not of_kind("G15", text)


def test_a_function_with_too_few_other_names_is_not_asked_about() -> None:
    text = """
def bill(order, rates, region):
    rate = rates.of(region)
    amount = order.weight * rate
    note("amounts")
    note("and totals")
    return round_up(amount)
"""
    assert not of_kind("G15", text)


def test_values_are_followed_in_other_languages() -> None:
    file = ChangedFile("a.go", "b1", GO.encode(), frozenset(range(1, 15)))
    check = prepare([file], options=Options(ask="all"))
    (one,) = [
        one
        for one in (*check.questions, *check.others)
        if one.question.kind == "G15" and "return total" in one.question.prompt
    ]
    assert set(one.key.expected) <= {"amount", "rate", "rates", "order"}
    assert set(one.question.options) - set(one.key.expected) == {"owner", "isUrgent", "label"}


def test_a_name_that_the_head_of_a_condition_binds_may_bring_others_in() -> None:
    text = GO.replace(
        "\ttotal := roundUp(amount)\n",
        "\tvar total int\n\tif found, is := look(owner, isUrgent, label); is {\n\t\ttotal = found\n\t}\n"
        "\ttotal = add(amount)\n",
    )
    file = ChangedFile("a.go", "b1", text.encode(), frozenset(range(1, 20)))
    check = prepare([file], options=Options(ask="all"))
    for one in (*check.questions, *check.others):
        if one.question.kind == "G15" and "return total" in one.question.prompt:
            assert not {"owner", "isUrgent", "label"} & (set(one.question.options) - set(one.key.expected))


@settings(max_examples=25)
@given(st.permutations(["one", "two", "three", "four", "five"]), st.integers(1, 3))
def test_a_chain_of_any_length_holds_all_its_links_and_nothing_else(names: list[str], length: int) -> None:
    chain, rest = names[:length], names[length:]
    lines = [f"    step{place} = work_on(step{place - 1}, {name})" for place, name in enumerate(chain, 1)]
    text = (
        f"def follow({', '.join(names)}):\n    step0 = begin()\n" + "\n".join(lines)
        + "".join(f"\n    note({name})" for name in rest) + f"\n    return finish(step{length})\n"
    )  # fmt: skip
    for one in of_kind("G15", text):
        if "return finish" in one.question.prompt:
            made = {f"step{place}" for place in range(length)}
            assert set(one.key.expected) <= {*chain, *made}
            assert set(one.question.options) - set(one.key.expected) <= set(rest)


def test_the_same_blob_gives_the_same_question_about_values() -> None:
    first, second = (prepare([changed(BILL)], options=Options(ask="ai")) for _ in range(2))
    assert first.others + first.questions == second.others + second.questions
    assert any(one.question.kind == "G15" for one in (*first.questions, *first.others))
    assert asked(BILL).questions
