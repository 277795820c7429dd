"""Cards: what is remembered of a function, and the questions behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokencoach.store.checks.columns import QUESTION_COLUMNS, of
from tokencoach.store.checks.records import AskedQuestion, Card, Outcome

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable


def card_of(connection: sqlite3.Connection, place: str, path: str, qualname: str, kind: str) -> Card | None:
    """The card of a function and kind of question; None where there is none."""
    row = connection.execute(
        "SELECT * FROM cc_card WHERE place=? AND path=? AND qualname=? AND kind=?",
        (place, path, qualname, kind),
    ).fetchone()
    return None if row is None else Card._make(row)


def questions_of_cards(connection: sqlite3.Connection, cards: Iterable[Card]) -> list[AskedQuestion]:
    """The questions that the cards come from, as they were asked last; one that is gone is left out."""
    found = []
    for card in cards:
        row = connection.execute(
            f"SELECT {of('q', QUESTION_COLUMNS)} FROM cc_question q JOIN cc_check c ON c.key = q.check_key "
            "WHERE q.id = ? AND c.place = ? ORDER BY c.started_ms DESC LIMIT 1",
            (card.question_id, card.place),
        ).fetchone()
        if row is not None:
            found.append(AskedQuestion._make(row))
    return found


def has_open_again(connection: sqlite3.Connection, place: str, why: str) -> bool:
    """Whether questions that are asked again wait in a repository's inbox already."""
    row = connection.execute(
        "SELECT 1 FROM cc_check c JOIN cc_question q ON q.check_key = c.key WHERE c.place = ? AND c.outcome = ? "
        "AND c.why = ? AND NOT EXISTS (SELECT 1 FROM cc_answer a WHERE a.id = q.id AND a.said_ms >= c.started_ms) "
        "AND EXISTS (SELECT 1 FROM cc_card d WHERE d.place = c.place AND d.id = q.id) LIMIT 1",
        (place, Outcome.WAITING, why),
    ).fetchone()
    return row is not None
