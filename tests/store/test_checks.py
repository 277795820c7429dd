"""Checks, answers, cards and questions made ahead are kept, found again, and outlive the database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from tokencoach.store.checks import inbox_rows, stats_rows
from tokencoach.store.checks import writer as check_writer
from tokencoach.store.checks.records import Answer, AskedQuestion, BadMark, Card, Check, Outcome
from tokencoach.store.reader import open_reader
from tokencoach.store.word_rows import Target, say_word, words
from tokencoach.store.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PLACE = "/home/dev/ledger/.git"
UTC = ZoneInfo("UTC")


def check(key: str, outcome: Outcome = Outcome.WAITING, **said: Any) -> Check:
    return Check(key, PLACE, 1_000, "pre-commit", outcome)._replace(**said)


def question(check_key: str, name: str, position: int = 0, kind: str = "G4") -> AskedQuestion:
    return AskedQuestion(
        check_key, name, position, kind, "trace", "src/a.py", "total", 3, 9, 6, "b10b", "h1", "{}"
    )


def answer(check_key: str, name: str, *, is_right: bool | None = True, is_shown: bool = False) -> Answer:
    return Answer(check_key, name, "5", is_right, is_shown, None, 1, 4_000, 2_000)


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[Writer]:
    with Writer(tmp_path / "tokencoach.db", UTC) as opened:
        yield opened


def test_a_question_leaves_the_inbox_with_its_answer(writer: Writer) -> None:
    with writer.transaction() as base:
        check_writer.save_check(base, check("c1"), [question("c1", "q1"), question("c1", "q2", 1)])
        check_writer.save_answer(base, answer("c1", "q1"))
    ((found, open_ones),) = inbox_rows.inbox(writer.connection)
    assert (found.key, [one.question_id for one in open_ones]) == ("c1", ["q2"])


def test_a_question_answered_in_one_check_is_open_in_none(writer: Writer) -> None:
    with writer.transaction() as base:
        check_writer.save_check(base, check("c1"), [question("c1", "q1")])
        check_writer.save_check(base, check("c2", Outcome.ASKED), [question("c2", "q1")])
        check_writer.save_answer(base, answer("c2", "q1"))
    assert [open_ones for _, open_ones in inbox_rows.inbox(writer.connection)] == [[]]


def test_a_bad_question_is_asked_no_more(writer: Writer) -> None:
    card = Card(PLACE, "src/a.py", "total", "G4", "src", "h1", "q1", "{}", 5_000, 1_000, "{}")
    with writer.transaction() as base:
        check_writer.save_check(base, check("c1"), [question("c1", "q1")])
        check_writer.save_card(base, card)
        assert inbox_rows.due_cards(base, 5_000) == [card]
        check_writer.mark_bad(base, BadMark("q1", "G4", "loop", "two answers hold", 3_000))
    assert inbox_rows.inbox(writer.connection)[0][1] == []
    assert inbox_rows.due_cards(writer.connection, 9_000) == []


def test_a_card_dies_with_the_body_that_it_asks_about(writer: Writer) -> None:
    card = Card(PLACE, "src/a.py", "total", "G4", "src", "h1", "q1", "{}", 5_000, 1_000, "{}")
    with writer.transaction() as base:
        check_writer.save_card(base, card)
        check_writer.save_card(base, card._replace(qualname="mean", body_hash="h2"))
        assert check_writer.drop_stale_cards(base, PLACE, "src/a.py", {"total": "h1", "mean": "h3"}) == 1
    assert [one.qualname for one in inbox_rows.cards(writer.connection)] == ["total"]


def test_a_check_is_bound_to_the_commit_of_its_tree_and_follows_a_rewrite(writer: Writer) -> None:
    with writer.transaction() as base:
        check_writer.save_check(base, check("old", tree="t1"), [question("old", "q0")])
        check_writer.save_check(
            base, check("c1", Outcome.ASKED, tree="t1", started_ms=8_000), [question("c1", "q1")]
        )
        check_writer.save_answer(base, answer("c1", "q1"))
        assert check_writer.bind(base, PLACE, "t1", "abc", since_ms=5_000) == ["c1"]
        assert check_writer.bind(base, PLACE, "t1", "def", since_ms=5_000) == []
        assert check_writer.rebind(base, PLACE, {"abc": "fed", "unknown": "x"}) == 1
    found = {one.key: one.sha for one in stats_rows.history(writer.connection)}
    assert found == {"c1": "fed", "old": ""}


@pytest.mark.parametrize(
    ("said", "is_understood"),
    [
        (answer("c1", "q1"), True),
        (answer("c1", "q1", is_right=False), False),
        (answer("c1", "q1", is_shown=True), False),
        (answer("c1", "q1", is_right=None), False),
        (answer("c1", "q1", is_right=None)._replace(self_grade=True), True),
    ],
)
def test_only_a_right_answer_or_the_persons_own_grade_shows_understanding(
    writer: Writer, said: Answer, *, is_understood: bool
) -> None:
    with writer.transaction() as base:
        check_writer.save_check(base, check("c1", Outcome.ASKED, sha="abc"), [question("c1", "q1")])
        check_writer.save_answer(base, said)
    ((_, read),) = stats_rows.questions_of(writer.connection, "c1")
    assert read == said
    assert said.is_understood is is_understood
    (counted,) = stats_rows.counts_by_kind(writer.connection)
    assert (counted.answered, counted.right) == (1, int(is_understood))


def test_rates_are_counted_by_kind_and_checks_by_their_end(writer: Writer) -> None:
    with writer.transaction() as base:
        check_writer.save_check(
            base, check("c1", Outcome.ASKED), [question("c1", "q1"), question("c1", "q2", 1, "G11")]
        )
        check_writer.save_answer(base, answer("c1", "q1"))
        check_writer.save_answer(base, answer("c1", "q2", is_right=None))
        check_writer.save_check(base, check("c2"))
        check_writer.end_check(base, "c2", Outcome.SKIPPED, "hotfix", 900)
    kinds = stats_rows.counts_by_kind(writer.connection)
    assert [(one.kind, one.answered, one.right, one.unsure) for one in kinds] == [
        ("G4", 1, 1, 0),
        ("G11", 1, 0, 1),
    ]
    ended = stats_rows.history(writer.connection)[1]
    assert (ended.outcome, ended.why, ended.total_ms) == (Outcome.SKIPPED, "hotfix", 900)
    assert inbox_rows.recent_parts(writer.connection, PLACE) == ["trace", "trace"]


def test_questions_made_ahead_hold_for_their_blob_and_version_alone(writer: Writer) -> None:
    with writer.transaction() as base:
        check_writer.put_prepared(base, PLACE, "a.py", "b10b", "1", 1_000, b"[]")
        check_writer.put_prepared(base, PLACE, "", "7ree", "1", 2_000, b"{}")
    assert inbox_rows.prepared(writer.connection, PLACE, "a.py", "b10b", "1") == b"[]"
    assert inbox_rows.prepared(writer.connection, PLACE, "a.py", "b10b", "2") is None
    with writer.transaction() as base:
        assert check_writer.forget_prepared(base, before_ms=1_500) == 1
    assert inbox_rows.prepared(writer.connection, PLACE, "", "7ree", "1") == b"{}"


def test_checks_outlive_a_database_that_was_moved_away(tmp_path: Path) -> None:
    database = tmp_path / "tokencoach.db"
    with Writer(database, UTC) as writer, writer.transaction() as base:
        check_writer.save_check(base, check("c1", Outcome.ASKED, sha="abc"), [question("c1", "q1")])
        check_writer.save_answer(base, answer("c1", "q1"))
    for file in tmp_path.glob("tokencoach.db*"):
        file.unlink()
    Writer(database, UTC).close()
    with open_reader(database) as reader:
        assert [one.key for one in stats_rows.history(reader.connection)] == ["c1"]
        ((_, read),) = stats_rows.questions_of(reader.connection, "c1")
    assert read is not None
    assert read.is_understood


def test_a_database_of_the_format_before_checks_gets_them_and_keeps_its_words(tmp_path: Path) -> None:
    database = tmp_path / "tokencoach.db"
    with Writer(database, UTC) as writer, writer.transaction() as base:
        say_word(base, Target("codex", "S1"), "shipped", "lives in a fork", 5_000)
        for table in ("cc_check", "cc_question", "cc_answer", "cc_card", "cc_bad", "cc_prepared"):
            base.execute(f"DROP TABLE {table}")
        base.execute("DELETE FROM _sqlite_migrations WHERE name = 'm007_checks'")
        base.execute("PRAGMA user_version=5")
    with Writer(database, UTC) as writer, writer.transaction() as base:
        check_writer.save_check(base, check("c1"))
        assert words(base)[0].because == "lives in a fork"
    assert (tmp_path / "tokencoach.db.format5.bak").exists()
