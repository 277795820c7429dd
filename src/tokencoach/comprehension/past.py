"""A check that is over: its questions, what was answered to them, what was right."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tokencoach.comprehension.saved import prepared_of
from tokencoach.store.checks.stats_rows import questions_of

if TYPE_CHECKING:
    from tokencoach.comprehension.question import Prepared
    from tokencoach.store.checks.records import Answer
    from tokencoach.store.connect import Connection


class Told(NamedTuple):
    """A question as it was asked last, with what was answered; None where nothing was."""

    prepared: Prepared
    answer: Answer | None


def read_past(connection: Connection, key: str) -> tuple[Told, ...]:
    """The questions of a check in their order; those that another version wrote are left out."""
    found = []
    for row, answer in questions_of(connection, key):
        prepared = prepared_of(row)
        if prepared is not None:
            # The second try is made on another input, and what was answered is kept of the last.
            is_second = answer is not None and answer.tries > 1
            found.append(Told((prepared.retry or prepared) if is_second else prepared, answer))
    return tuple(found)
