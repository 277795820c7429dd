"""Which generated lines are understood: those of functions about which a question was answered rightly.

A question keeps the keys of the lines of its function. So its lines are known again wherever they
landed: in a merge, a squashed commit, after a rebase.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.store.word_rows import note_change

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

UNDERSTOOD: Final = "a.is_shown = 0 AND coalesce(a.is_right, a.self_grade, 0) = 1"
Understood = dict[tuple[int, str], set[int]]
"""Keys of understood lines, by the row of their repository and their path in it."""


class Unkeyed(NamedTuple):
    """A function that was asked about and whose lines are not known yet."""

    check_key: str
    question_id: str
    place: str
    blob: str
    first_line: int
    last_line: int


def understood_lines(connection: sqlite3.Connection, as_of_ms: int) -> Understood:
    """Keys of the lines that were understood at an instant."""
    found: defaultdict[tuple[int, str], set[int]] = defaultdict(set)
    rows = connection.execute(
        "SELECT DISTINCT r.id, q.path, q.line_keys FROM cc_answer a "
        "JOIN cc_question q ON q.check_key = a.check_key AND q.id = a.id JOIN cc_check c ON c.key = q.check_key "
        f"JOIN repo r ON r.common_dir = c.place WHERE {UNDERSTOOD} AND a.said_ms <= ? AND q.line_keys IS NOT NULL",
        (as_of_ms,),
    )
    for repo, path, body in rows:
        keys = array("Q")
        keys.frombytes(body)
        found[repo, path].update(keys)
    return dict(found)


def unkeyed_questions(connection: sqlite3.Connection, most: int) -> list[Unkeyed]:
    """Questions whose lines are not known yet."""
    rows = connection.execute(
        "SELECT q.check_key, q.id, c.place, q.blob, q.first_line, q.last_line FROM cc_question q "
        "JOIN cc_check c ON c.key = q.check_key WHERE q.line_keys IS NULL LIMIT ?",
        (most,),
    )
    return [Unkeyed._make(row) for row in rows]


def put_line_keys(connection: sqlite3.Connection, keys: Iterable[tuple[Unkeyed, Iterable[int]]]) -> None:
    """Keep the keys of the lines of functions that were asked about."""
    connection.executemany(
        "UPDATE cc_question SET line_keys=? WHERE check_key=? AND id=?",
        [(array("Q", of).tobytes(), one.check_key, one.question_id) for one, of in keys],
    )
    note_change(connection, [], 0)
