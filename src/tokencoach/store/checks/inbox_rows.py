"""What waits to be asked: questions of waiting checks, cards that are due, questions made ahead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokencoach.store.checks.columns import CHECK_COLUMNS, QUESTION_COLUMNS, of
from tokencoach.store.checks.records import AskedQuestion, BadMark, Card, Check, Outcome

if TYPE_CHECKING:
    import sqlite3

_CHECK = of("c", CHECK_COLUMNS)
_QUESTION = of("q", QUESTION_COLUMNS)
_WIDTH = len(Check._fields)


def inbox(connection: sqlite3.Connection) -> list[tuple[Check, list[AskedQuestion]]]:
    """Waiting checks, newest first, each with its questions that are open; some have none made yet.

    A question marked bad, or answered since in another check, is open no more; one that is asked
    again neither, once its function has another body.
    """
    checks = connection.execute(
        f"SELECT {_CHECK} FROM cc_check c WHERE c.outcome = ? ORDER BY c.started_ms DESC, c.key",
        (Outcome.WAITING,),
    ).fetchall()
    return [(check, _open_questions(connection, check)) for check in map(_check, checks)]


def _open_questions(connection: sqlite3.Connection, check: Check) -> list[AskedQuestion]:
    rows = connection.execute(
        f"SELECT {_QUESTION} FROM cc_question q WHERE q.check_key = ? "
        "AND NOT EXISTS (SELECT 1 FROM cc_bad b WHERE b.id = q.id) "
        "AND NOT EXISTS (SELECT 1 FROM cc_answer a WHERE a.id = q.id AND a.said_ms >= ?) "
        "AND (? <> 'again' OR EXISTS (SELECT 1 FROM cc_card d WHERE d.id = q.id)) ORDER BY q.position",
        (check.key, check.started_ms, check.why),
    )
    return [AskedQuestion._make(row) for row in rows]


def check_by_key(connection: sqlite3.Connection, key: str) -> Check | None:
    """A check; None where there is none."""
    row = connection.execute(f"SELECT {_CHECK} FROM cc_check c WHERE c.key = ?", (key,)).fetchone()
    return None if row is None else _check(row)


def checks_of_tree(connection: sqlite3.Connection, place: str, tree: str) -> list[Check]:
    """Checks that were held of a staged tree, newest first."""
    rows = connection.execute(
        f"SELECT {_CHECK} FROM cc_check c WHERE c.place = ? AND c.tree = ? ORDER BY c.started_ms DESC",
        (place, tree),
    )
    return [_check(row) for row in rows]


def checks_since(connection: sqlite3.Connection, place: str, since_ms: int) -> list[Check]:
    """Checks of a repository that were begun since an instant, newest first."""
    rows = connection.execute(
        f"SELECT {_CHECK} FROM cc_check c WHERE c.place = ? AND c.started_ms >= ? ORDER BY c.started_ms DESC",
        (place, since_ms),
    )
    return [_check(row) for row in rows]


def checks_of_commit(connection: sqlite3.Connection, sha: str) -> list[Check]:
    """Checks of a commit, newest first."""
    rows = connection.execute(
        f"SELECT {_CHECK} FROM cc_check c WHERE c.sha = ? ORDER BY c.started_ms DESC", (sha,)
    )
    return [_check(row) for row in rows]


def due_cards(connection: sqlite3.Connection, now_ms: int) -> list[Card]:
    """Cards whose time has come, the longest due first."""
    rows = connection.execute(
        "SELECT * FROM cc_card WHERE due_ms <= ? ORDER BY due_ms, path, qualname, kind",
        (now_ms,),
    )
    return [Card._make(row) for row in rows]


def cards(connection: sqlite3.Connection, place: str | None = None) -> list[Card]:
    """Every card."""
    rows = connection.execute(
        "SELECT * FROM cc_card WHERE (?1 IS NULL OR place = ?1) ORDER BY place, path, qualname, kind",
        (place,),
    )
    return [Card._make(row) for row in rows]


def bad_marks(connection: sqlite3.Connection) -> list[BadMark]:
    """Every question that was called bad, oldest first."""
    return [BadMark._make(row) for row in connection.execute("SELECT * FROM cc_bad ORDER BY said_ms, id")]


def asked_blobs(connection: sqlite3.Connection, place: str) -> set[tuple[str, str]]:
    """Paths with blobs about which a question was answered, or skipped on purpose: asked once is enough."""
    rows = connection.execute(
        "SELECT DISTINCT q.path, q.blob FROM cc_question q JOIN cc_check c ON c.key = q.check_key "
        "WHERE c.place = ? AND c.outcome IN (?, ?)",
        (place, Outcome.ASKED, Outcome.SKIPPED),
    )
    return {(row[0], row[1]) for row in rows}


def recent_parts(connection: sqlite3.Connection, place: str, most: int = 12) -> list[str]:
    """Which parts of understanding were asked for last, newest first: they rotate."""
    rows = connection.execute(
        "SELECT q.part FROM cc_answer a JOIN cc_question q ON q.check_key = a.check_key AND q.id = a.id "
        "JOIN cc_check c ON c.key = q.check_key WHERE c.place = ? ORDER BY a.said_ms DESC, q.position DESC LIMIT ?",
        (place, most),
    )
    return [row[0] for row in rows]


def prepared(connection: sqlite3.Connection, place: str, path: str, of: str, version: str) -> bytes | None:
    """Questions made ahead by this version of the generators; None where there are none."""
    row = connection.execute(
        "SELECT body FROM cc_prepared WHERE place = ? AND path = ? AND object = ? AND version = ?",
        (place, path, of, version),
    ).fetchone()
    return None if row is None else bytes(row[0])


def _check(row: tuple[object, ...]) -> Check:
    made = Check._make(row[:_WIDTH])
    return made._replace(outcome=Outcome(made.outcome))
