"""The person's own word: overruled verdicts and marked phases, by keys that outlive a rebuild.

An overrule names its session by source and the log's own id, its turn and edit by the keys of
their log records: rows of a database made from nothing carry the same ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tokencoach.errors import UsageError
from tokencoach.store.rollup import get_fact, put_fact

if TYPE_CHECKING:
    import sqlite3

BEFORE_ANY_PROMPT = 0
"""The turn key of what a session did before its first prompt."""
_STAMP = "word_stamp"


class Target(NamedTuple):
    """What a word is about: a session, a turn of it, an edit, or some of its added lines.

    ``turn_key`` and ``edit_key`` are None where the word covers all of them; the lines are
    positions in the edit, both included.
    """

    source: str
    session_id: str
    turn_key: int | None = None
    edit_key: int | None = None
    first_line: int | None = None
    last_line: int | None = None


class Word(NamedTuple):
    """One verdict of the person's own. ``session``, ``turn`` and ``edit`` are today's rows of its target."""

    word_id: int
    target: Target
    bucket: str
    because: str
    said_ms: int
    session: int | None
    turn: int | None
    edit: int | None
    path: str | None = None
    """The file of its edit, as the log names it."""


_SELECT = """
SELECT o.id, o.source, o.session_id, o.turn_key, o.edit_key, o.first_line, o.last_line, o.bucket, o.because,
  o.said_ms, s.id, t.id, e.id, p.name FROM overrule o LEFT JOIN source n ON n.name = o.source
  LEFT JOIN session s ON s.source_id = n.id AND s.session_id = o.session_id
  LEFT JOIN turn t ON t.key = o.turn_key LEFT JOIN edit e ON e.key = o.edit_key
  LEFT JOIN path p ON p.id = e.path_id"""
_SAME = (
    "source = ? AND session_id = ? AND turn_key IS ? AND edit_key IS ? AND first_line IS ? AND last_line IS ?"
)


def words(connection: sqlite3.Connection) -> list[Word]:
    """Every word that stands, in the order in which they were said."""
    rows = connection.execute(f"{_SELECT} WHERE o.undone_ms IS NULL ORDER BY o.said_ms, o.id")
    return [Word(row[0], Target(*row[1:7]), *row[7:]) for row in rows]


def words_until(connection: sqlite3.Connection, as_of_ms: int) -> dict[int, list[Word]]:
    """Words that stood at an instant, by the row of their session; those of unknown sessions are left out."""
    found: dict[int, list[Word]] = {}
    rows = connection.execute(
        f"{_SELECT} WHERE o.said_ms <= ?1 AND (o.undone_ms IS NULL OR o.undone_ms > ?1) ORDER BY o.said_ms, o.id",
        (as_of_ms,),
    )
    for row in rows:
        if row[10] is not None:
            found.setdefault(row[10], []).append(Word(row[0], Target(*row[1:7]), *row[7:]))
    return found


def say_word(
    connection: sqlite3.Connection, target: Target, bucket: str, because: str, said_ms: int
) -> list[int]:
    """Overrule a verdict; what was said of the same target before gives way. The sessions it is about."""
    _end(connection, target, said_ms)
    connection.execute(
        "INSERT INTO overrule(source, session_id, turn_key, edit_key, first_line, last_line, bucket, because, said_ms) "
        "VALUES(?,?,?,?,?,?,?,?,?)",
        (*target, bucket, because, said_ms),
    )
    return _changed(connection, target, said_ms)


def take_back(connection: sqlite3.Connection, target: Target, now_ms: int) -> list[int]:
    """Let the machine's verdict of a target stand again. The sessions it is about; none where nothing stood."""
    return _changed(connection, target, now_ms) if _end(connection, target, now_ms) else []


def _end(connection: sqlite3.Connection, target: Target, now_ms: int) -> bool:
    done = connection.execute(
        f"UPDATE overrule SET undone_ms = ? WHERE undone_ms IS NULL AND {_SAME}", (now_ms, *target)
    )
    return done.rowcount > 0


def _changed(connection: sqlite3.Connection, target: Target, now_ms: int) -> list[int]:
    rows = connection.execute(
        "SELECT s.id FROM session s JOIN source n ON n.id = s.source_id WHERE n.name = ? AND s.session_id = ?",
        (target.source, target.session_id),
    ).fetchall()
    return note_change(connection, [row[0] for row in rows], now_ms)


def note_change(connection: sqlite3.Connection, sessions: list[int], now_ms: int) -> list[int]:
    """Kept verdicts of these sessions, and kept audits, are behind the person's word; the same sessions."""
    connection.executemany(
        "UPDATE session_verdict SET judged_ms=0 WHERE session_id=?", [(row,) for row in sessions]
    )
    connection.execute("DELETE FROM audit_cache")
    put_fact(connection, _STAMP, str(max(now_ms, word_stamp(connection) + 1)))
    return sessions


def word_stamp(connection: sqlite3.Connection) -> int:
    """A number that grows with every word said or taken back."""
    return int(get_fact(connection, _STAMP) or 0)


def phases_of(connection: sqlite3.Connection, session: int) -> dict[str, tuple[str, str | None]]:
    """What can be marked with a phase in a session (itself, its branch, its path), and the phase marked so far."""
    row = connection.execute(
        "SELECT s.session_id, b.name, CASE WHEN f.root IS NOT NULL AND substr(f.name, 1, length(f.root)) = f.root "
        "THEN f.root ELSE f.name END FROM session s LEFT JOIN branch b ON b.id = s.branch_id "
        "LEFT JOIN folder f ON f.id = s.folder_id WHERE s.id = ?",
        (session,),
    ).fetchone()
    tags = {(tag[0], tag[1]): tag[2] for tag in connection.execute("SELECT kind, name, phase FROM phase_tag")}
    named = zip(("session", "branch", "path"), row or (), strict=False)
    return {kind: (name, tags.get((kind, name))) for kind, name in named if name}


def session_target(connection: sqlite3.Connection, session: int) -> Target:
    """A session by the keys that outlive a rebuild.

    Raises:
        UsageError: there is no such session.
    """
    row = connection.execute(
        "SELECT n.name, s.session_id FROM session s JOIN source n ON n.id = s.source_id WHERE s.id = ?",
        (session,),
    ).fetchone()
    if row is None:
        raise UsageError(f"no session with row {session}")
    return Target(*row)


def turn_keys(connection: sqlite3.Connection, session: int) -> dict[int, int]:
    """Keys of a session's turns by their rows."""
    return dict(connection.execute("SELECT id, key FROM turn WHERE session_id = ?", (session,)))


def edit_keys(connection: sqlite3.Connection, session: int) -> dict[int, int]:
    """Keys of a session's edits by their rows."""
    return dict(connection.execute("SELECT id, key FROM edit WHERE session_id = ?", (session,)))


def is_closed(connection: sqlite3.Connection, month: str, timezone: str) -> bool:
    """Whether a month was closed in a zone."""
    query = "SELECT 1 FROM month_close WHERE month=? AND timezone=? LIMIT 1"
    return connection.execute(query, (month, timezone)).fetchone() is not None
