"""What is remembered: each answer sets when its function is asked about again, by the FSRS scheduler.

A card belongs to one function with one body and one kind of question; another body is another
card. What is due waits in the inbox, and never interrupts a commit.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from tokencoach.comprehension.question import Kind
from tokencoach.comprehension.saved import new_check
from tokencoach.store.checks.card_rows import card_of, has_open_again, questions_of_cards
from tokencoach.store.checks.inbox_rows import cards, due_cards
from tokencoach.store.checks.records import Card, area_of
from tokencoach.store.checks.writer import drop_stale_cards, save_card, save_check

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fsrs import Scheduler

    from tokencoach.comprehension.change import ChangedFunction
    from tokencoach.store.checks.records import Answer, AskedQuestion
    from tokencoach.store.connect import Connection

AGAIN: Final = "again"
_MOST_AGAIN: Final = 4
_GOOD, _HARD, _FORGOTTEN = 3, 2, 1


def remember(connection: Connection, place: str, asked: AskedQuestion, answer: Answer) -> Card | None:
    """Keep when a question's function is to be asked about again; None where the answer says nothing."""
    rating = rating_of(answer)
    if rating is None or not asked.body_hash:
        return None
    before = card_of(connection, place, asked.path, asked.qualname, asked.kind)
    known = before.memory if before is not None and before.body_hash == asked.body_hash else None
    memory, due_ms = _reviewed(known, rating, answer.said_ms)
    card = Card(
        place, asked.path, asked.qualname, asked.kind, area_of(asked.path), asked.body_hash,
        asked.question_id, memory, due_ms, answer.said_ms, asked.body,
    )  # fmt: skip
    save_card(connection, card)
    return card


def rating_of(answer: Answer) -> int | None:
    """How well it was known: at once, at the second try, or not; None where nobody judged it."""
    if not answer.is_shown and answer.is_right is None and answer.self_grade is None:
        return None
    if not answer.is_understood:
        return _FORGOTTEN
    return _GOOD if answer.tries <= 1 else _HARD


def _reviewed(memory: str | None, rating: int, at_ms: int) -> tuple[str, int]:
    from fsrs import Card as Memory  # noqa: PLC0415 - loaded with the first answer
    from fsrs import Rating  # noqa: PLC0415 - the same

    at = datetime.fromtimestamp(at_ms / 1000, UTC)
    # Without a number of its own the library would take the clock's.
    card = Memory.from_json(memory) if memory is not None else Memory(card_id=0, due=at)
    card, _ = _scheduler().review_card(card, Rating(rating), at)
    return card.to_json(), round(card.due.timestamp() * 1000)


def _scheduler() -> Scheduler:
    from fsrs import Scheduler  # noqa: PLC0415 - as above

    # Days, no minutes: nobody sits here learning; and the same answers lead to the same days.
    return Scheduler(learning_steps=(), relearning_steps=(), enable_fuzzing=False)


def weak_areas(connection: Connection, place: str, now_ms: int) -> dict[tuple[str, Kind], float]:
    """How little is remembered of a folder and kind of question, 0 to 1, by the worst of its cards."""
    known = cards(connection, place)
    if not known:
        return {}
    from fsrs import Card as Memory  # noqa: PLC0415 - only where there are cards

    scheduler, now = _scheduler(), datetime.fromtimestamp(now_ms / 1000, UTC)
    found: dict[tuple[str, Kind], float] = {}
    for card in known:
        try:
            kept = float(scheduler.get_card_retrievability(Memory.from_json(card.memory), now))
            key = card.area, Kind(card.kind)
        except (ValueError, KeyError, TypeError, json.JSONDecodeError):
            # Of another version: it is asked again when it is due.
            continue
        found[key] = max(found.get(key, 0.0), 1.0 - kept)
    return found


def forget_changed(connection: Connection, place: str, functions: Iterable[ChangedFunction]) -> int:
    """Cards of functions that have another body now are dropped; how many."""
    bodies: dict[str, dict[str, str]] = {}
    for function in functions:
        bodies.setdefault(function.path, {})[function.qualname] = function.body_hash
    return sum(drop_stale_cards(connection, place, path, known) for path, known in bodies.items())


def ask_again(connection: Connection, now_ms: int) -> int:
    """Put what is due into the inbox, at most four questions a repository at a time; how many were put."""
    due: dict[str, list[Card]] = {}
    for card in due_cards(connection, now_ms):
        due.setdefault(card.place, []).append(card)
    put = 0
    for place, waiting in due.items():
        if has_open_again(connection, place, AGAIN):
            continue
        check = new_check(place, "inbox", now_ms)._replace(why=AGAIN)
        rows = questions_of_cards(connection, waiting[:_MOST_AGAIN])
        again = [row._replace(check_key=check.key, position=at) for at, row in enumerate(rows)]
        if again:
            save_check(connection, check, again)
            put += len(again)
    return put
