"""Answers set when a function is asked about again; another body is another card."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokencoach.clock import DAY_MS
from tokencoach.comprehension.change import Author, ChangedFunction
from tokencoach.comprehension.memory import ask_again, forget_changed, rating_of, remember, weak_areas
from tokencoach.comprehension.question import Kind
from tokencoach.store.checks.inbox_rows import cards, inbox
from tokencoach.store.checks.records import Answer, AskedQuestion, Check, Outcome
from tokencoach.store.checks.writer import save_answer, save_check
from tokencoach.store.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PLACE = "/home/dev/ledger/.git"
BEGIN = 1_780_000_000_000


def question(name: str = "q1", **said: Any) -> AskedQuestion:
    row = AskedQuestion("c1", name, 0, "G4", "trace", "src/pay.py", "total", 3, 9, 6, "b10b", "h1", "{}")
    return row._replace(**said)


def answer(at_ms: int = BEGIN, name: str = "q1", **said: Any) -> Answer:
    return Answer("c1", name, "5", True, False, None, 1, 4_000, at_ms)._replace(**said)


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[Writer]:
    with Writer(tmp_path / "tokencoach.db", ZoneInfo("UTC")) as opened:
        yield opened


def test_what_was_known_comes_back_later_than_what_was_not(writer: Writer) -> None:
    with writer.transaction() as base:
        right = remember(base, PLACE, question(), answer())
        again = remember(base, PLACE, question(qualname="mean"), answer(is_right=False))
        shown = remember(base, PLACE, question(qualname="sum"), answer(is_right=None, is_shown=True))
    assert right is not None
    assert again is not None
    assert shown is not None
    assert shown.due_ms == again.due_ms < right.due_ms
    assert again.due_ms >= BEGIN + DAY_MS


def test_each_right_answer_moves_the_next_day_further_away(writer: Writer) -> None:
    at, gaps = BEGIN, []
    for _ in range(5):
        with writer.transaction() as base:
            card = remember(base, PLACE, question(), answer(at))
        assert card is not None
        gaps.append(card.due_ms - at)
        at = card.due_ms
    assert gaps == sorted(gaps)
    assert gaps[-1] > 10 * gaps[0]


def test_another_body_begins_anew(writer: Writer) -> None:
    with writer.transaction() as base:
        first = remember(base, PLACE, question(), answer())
        assert first is not None
        remember(base, PLACE, question(), answer(first.due_ms))
        anew = remember(base, PLACE, question(body_hash="h2"), answer(first.due_ms))
    assert anew is not None
    assert anew.due_ms - anew.said_ms == first.due_ms - first.said_ms
    assert len(cards(writer.connection)) == 1


def test_an_explanation_that_nobody_judged_sets_nothing(writer: Writer) -> None:
    with writer.transaction() as base:
        assert remember(base, PLACE, question(), answer(is_right=None)) is None
        assert remember(base, PLACE, question(body_hash=""), answer()) is None
    assert cards(writer.connection) == []


@given(
    is_right=st.sampled_from([True, False, None]),
    is_shown=st.booleans(),
    grade=st.sampled_from([True, False, None]),
    tries=st.integers(1, 3),
)
def test_to_be_shown_is_never_worth_more_than_to_forget(
    *, is_right: bool | None, is_shown: bool, grade: bool | None, tries: int
) -> None:
    rated = rating_of(answer(is_right=is_right, is_shown=is_shown, self_grade=grade, tries=tries))
    if is_shown:
        assert rated == 1
    elif is_right is None and grade is None:
        assert rated is None
    else:
        assert (rated == 1) is not (is_right if is_right is not None else grade)


def test_a_forgotten_area_is_weaker_than_a_known_one_and_both_fade(writer: Writer) -> None:
    with writer.transaction() as base:
        remember(base, PLACE, question(), answer())
        remember(base, PLACE, question(path="lib/tax.py", kind="G6"), answer(is_right=False))
    soon = weak_areas(writer.connection, PLACE, BEGIN + DAY_MS)
    late = weak_areas(writer.connection, PLACE, BEGIN + 60 * DAY_MS)
    assert set(soon) == {("src", Kind.PATH_TO_EXIT), ("lib", Kind.GUARD)}
    assert soon["src", Kind.PATH_TO_EXIT] < soon["lib", Kind.GUARD]
    assert all(0 <= soon[key] < late[key] <= 1 for key in soon)
    assert weak_areas(writer.connection, "/elsewhere/.git", BEGIN) == {}


def test_what_is_due_waits_in_the_inbox_once_and_leaves_it_with_its_answer(writer: Writer) -> None:
    with writer.transaction() as base:
        save_check(base, Check("c1", PLACE, BEGIN, "pre-commit", Outcome.ASKED), [question()])
        save_answer(base, answer())
        card = remember(base, PLACE, question(), answer())
        assert card is not None
        assert ask_again(base, card.due_ms - 1) == 0
        assert ask_again(base, card.due_ms) == 1
        assert ask_again(base, card.due_ms + 1) == 0
    ((check, waiting),) = inbox(writer.connection)
    assert (check.why, check.mode, [row.question_id for row in waiting]) == ("again", "inbox", ["q1"])
    with writer.transaction() as base:
        said = answer(card.due_ms + 5)._replace(check_key=check.key)
        save_answer(base, said)
        remember(base, PLACE, waiting[0], said)
        assert ask_again(base, card.due_ms + 6) == 0
    assert inbox(writer.connection)[0][1] == []


def test_a_function_with_another_body_is_asked_about_no_more(writer: Writer) -> None:
    function = ChangedFunction(
        "src/pay.py", "b2", "total", "python", 3, 9, frozenset(), frozenset(), Author.HUMAN, "h2"
    )
    with writer.transaction() as base:
        save_check(base, Check("c1", PLACE, BEGIN, "pre-commit", Outcome.ASKED), [question()])
        card = remember(base, PLACE, question(), answer())
        assert card is not None
        remember(base, PLACE, question("q2", qualname="mean"), answer(name="q2"))
        ask_again(base, card.due_ms)
        assert forget_changed(base, PLACE, [function]) == 1
    assert [one.qualname for one in cards(writer.connection)] == ["mean"]
    assert inbox(writer.connection)[0][1] == []
