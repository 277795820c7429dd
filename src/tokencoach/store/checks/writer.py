"""Writing checks, answers, cards and questions made ahead; each call inside a writer's transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokencoach.store.checks.columns import QUESTION_COLUMNS as COLUMNS
from tokencoach.store.word_rows import note_change

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping

    from tokencoach.store.checks.records import Answer, AskedQuestion, BadMark, Card, Check, Outcome

_PUT_CHECK = """
INSERT INTO cc_check(key, place, started_ms, mode, outcome, why, tree, sha, ai_lines, open_ms, total_ms)
VALUES(?,?,?,?,?,?,?,?,?,?,?)
ON CONFLICT(key) DO UPDATE SET outcome = excluded.outcome, why = excluded.why, tree = excluded.tree,
  sha = excluded.sha, ai_lines = excluded.ai_lines, open_ms = coalesce(excluded.open_ms, open_ms),
  total_ms = coalesce(excluded.total_ms, total_ms)"""


def save_check(connection: sqlite3.Connection, check: Check, questions: Iterable[AskedQuestion] = ()) -> None:
    """Write a check, or what has changed of it, and its questions."""
    connection.execute(_PUT_CHECK, check)
    connection.executemany(
        f"INSERT OR REPLACE INTO cc_question({', '.join(COLUMNS)}) VALUES({', '.join('?' * len(COLUMNS))})",
        list(questions),
    )


def save_body(connection: sqlite3.Connection, question: AskedQuestion) -> None:
    """Write what is kept of one question of a check anew."""
    connection.execute(
        "UPDATE cc_question SET body=? WHERE check_key=? AND id=?",
        (question.body, question.check_key, question.question_id),
    )


def end_check(
    connection: sqlite3.Connection, key: str, outcome: Outcome, why: str = "", total_ms: int | None = None
) -> None:
    """How a check ended."""
    connection.execute(
        "UPDATE cc_check SET outcome=?, why=?, total_ms=coalesce(?, total_ms) WHERE key=?",
        (outcome, why, total_ms, key),
    )
    _note(connection)


def _note(connection: sqlite3.Connection) -> None:
    """Kept audits are behind what was said."""
    note_change(connection, [], 0)


def save_answer(connection: sqlite3.Connection, answer: Answer) -> None:
    """Write an answer; a later one to the same question of the same check takes its place."""
    connection.execute("INSERT OR REPLACE INTO cc_answer VALUES(?,?,?,?,?,?,?,?,?)", answer)


def bind(connection: sqlite3.Connection, place: str, tree: str, sha: str, since_ms: int) -> list[str]:
    """The checks of a tree have become this commit; the keys of those that had none before."""
    rows = connection.execute(
        "UPDATE cc_check SET sha=? WHERE place=? AND tree=? AND sha='' AND started_ms>=? RETURNING key",
        (sha, place, tree, since_ms),
    )
    keys = [row[0] for row in rows.fetchall()]
    if keys:
        _note(connection)
    return keys


def rebind(connection: sqlite3.Connection, place: str, rewritten: Mapping[str, str]) -> int:
    """Commits were rewritten (old to new): their checks follow. How many did."""
    moved = 0
    for old, new in rewritten.items():
        moved += connection.execute(
            "UPDATE cc_check SET sha=? WHERE place=? AND sha=?", (new, place, old)
        ).rowcount
    if moved:
        _note(connection)
    return moved


def mark_bad(connection: sqlite3.Connection, mark: BadMark) -> None:
    """Keep that a question is bad; its card is not asked again."""
    connection.execute("INSERT OR REPLACE INTO cc_bad VALUES(?,?,?,?,?)", mark)
    connection.execute("DELETE FROM cc_card WHERE id=?", (mark.question_id,))


def save_card(connection: sqlite3.Connection, card: Card) -> None:
    """Write a card; the former one of the same function and kind gives way."""
    connection.execute("INSERT OR REPLACE INTO cc_card VALUES(?,?,?,?,?,?,?,?,?,?,?)", card)


def drop_stale_cards(connection: sqlite3.Connection, place: str, path: str, bodies: Mapping[str, str]) -> int:
    """Cards of a file's functions that have another body than the one told here are dropped. How many were."""
    rows = connection.execute(
        "SELECT DISTINCT qualname, body_hash FROM cc_card WHERE place=? AND path=?", (place, path)
    ).fetchall()
    gone = [(place, path, name) for name, body in rows if bodies.get(name, body) != body]
    connection.executemany("DELETE FROM cc_card WHERE place=? AND path=? AND qualname=?", gone)
    return len(gone)


def put_prepared(
    connection: sqlite3.Connection, place: str, path: str, of: str, version: str, made_ms: int, body: bytes
) -> None:
    """Questions made ahead: of a blob of ``path``, or of a whole staged tree where ``path`` is empty."""
    connection.execute(
        "INSERT OR REPLACE INTO cc_prepared VALUES(?,?,?,?,?,?)", (place, path, of, version, made_ms, body)
    )


def forget_prepared(connection: sqlite3.Connection, before_ms: int) -> int:
    """Drop what was made ahead before an instant; it can be made again. How much was dropped."""
    return connection.execute("DELETE FROM cc_prepared WHERE made_ms < ?", (before_ms,)).rowcount
