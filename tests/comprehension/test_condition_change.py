"""A condition that was changed where it stands: when does it come out otherwise?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comprehension.code import of_kind
from tokencoach.comprehension.change import ChangedFile
from tokencoach.comprehension.prepare import Options, prepare

if TYPE_CHECKING:
    from tokencoach.comprehension.question import Prepared


def _function(condition: str) -> str:
    return f"""
def send(order, owner, place):
    note(order, owner, place)
    if {condition}:
        deliver(order, place)
    first = work(order, {condition!r})
    second = work(first, {condition!r})
    return first, second, {condition!r}
"""


def _asked(old: str, new: str) -> list[Prepared]:
    return of_kind("G16", _function(new), _function(old))


def _names(condition: str) -> frozenset[str]:
    return frozenset(condition.replace("(", " ").replace(")", " ").split()) - {"and", "or", "not"}


def _truth(option: str) -> dict[str, bool]:
    """The situation that an option tells of, by name."""
    pairs = (part.rpartition(" ") for part in option.split(", "))
    return {name.strip("`"): value == "true" for name, _, value in pairs}


def test_an_added_part_matters_only_where_the_rest_held() -> None:
    (one,) = _asked("order", "order and owner")
    assert [_truth(option) for option in one.key.expected] == [{"order": True, "owner": False}]
    assert len(one.question.options) == 4


@settings(max_examples=30)
@given(
    st.sampled_from(["order", "order and owner", "order or owner", "not order", "not (order and owner)"]),
    st.sampled_from(["order and not owner", "owner and place", "(order or owner) and place", "not owner or order"]),
)  # fmt: skip
def test_the_key_is_what_python_makes_of_both_conditions(old: str, new: str) -> None:
    found = _asked(old, new)
    assert found or not _names(old) <= _names(new)
    for one in found:
        for option in one.question.options:
            truth = _truth(option)
            was, now = bool(eval(old, dict(truth))), bool(eval(new, dict(truth)))  # noqa: S307 - made here
            assert (option in one.key.expected) is (was is not now)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("order and owner", "order and owner"),
        ("order and owner", "not (not order or not owner)"),
        ("order", "not order"),
        ("order and owner", "order and place"),
        ("order and owner", "(found := order) and place"),
    ],
)
def test_a_condition_that_says_the_same_or_too_little_is_not_asked_about(old: str, new: str) -> None:
    assert not _asked(old, new)


def test_a_condition_over_another_line_is_another_condition() -> None:
    old = _function("order").replace("deliver(order, place)", "forget(order, place)")
    assert not of_kind("G16", _function("order and owner"), old)


def test_a_condition_that_was_moved_is_not_one_that_changed() -> None:
    new = _function("order and owner").replace(
        "    first = work", "    if order:\n        forget(order, place)\n    first = work"
    )
    assert not of_kind("G16", new, _function("order"))


def test_a_changed_condition_is_asked_about_in_other_languages() -> None:
    def text(condition: str) -> str:
        return (
            "package a\n\nfunc send(order bool, owner bool) int {\n\tnote(order, owner)\n"
            f"\tif {condition} {{\n\t\tdeliver(order)\n\t}}\n\tfirst := work(order)\n\treturn first\n}}\n"
        )

    new, old = text("order || owner"), text("order")
    file = ChangedFile("a.go", "b1", new.encode(), frozenset({4, 5, 8, 9}), old=old.encode(), old_blob="a1")
    check = prepare([file], options=Options(ask="all"))
    (one,) = [one for one in (*check.questions, *check.others) if one.question.kind == "G16"]
    assert [_truth(option) for option in one.key.expected] == [{"order": False, "owner": True}]
