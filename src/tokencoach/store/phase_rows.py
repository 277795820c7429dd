"""Phases that the person has marked: of a session, a branch or a path; each can be taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tokencoach.store.word_rows import note_change

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

MARKED = ("session", "branch", "path")


class PhaseWord(NamedTuple):
    """A phase that was marked. ``kind`` is session, branch or path."""

    kind: str
    name: str
    phase: str
    said_ms: int


def phase_words(connection: sqlite3.Connection) -> list[PhaseWord]:
    """Every mark that stands, in the order in which they were made."""
    rows = connection.execute(
        "SELECT kind, name, phase, said_ms FROM phase_word WHERE undone_ms IS NULL ORDER BY said_ms, id"
    )
    return [PhaseWord._make(row) for row in rows]


def mark_phase(connection: sqlite3.Connection, kind: str, name: str, phase: str, now_ms: int) -> list[int]:
    """Mark a session, branch or path; the sessions that it touches."""
    former = connection.execute(
        "SELECT phase FROM phase_tag WHERE kind=? AND name=?", (kind, name)
    ).fetchone()
    connection.execute(
        "INSERT INTO phase_word(kind, name, phase, former, said_ms) VALUES(?,?,?,?,?)",
        (kind, name, phase, former[0] if former else None, now_ms),
    )
    connection.execute("INSERT OR REPLACE INTO phase_tag VALUES(?,?,?)", (kind, name, phase))
    return note_change(connection, _touched(connection, kind, name), now_ms)


def unmark_phase(connection: sqlite3.Connection, kind: str, name: str, now_ms: int) -> list[int] | None:
    """Take the newest mark back, so that the one before holds again; None where there was none."""
    row = connection.execute(
        "SELECT id, former FROM phase_word WHERE kind=? AND name=? AND undone_ms IS NULL ORDER BY id DESC LIMIT 1",
        (kind, name),
    ).fetchone()
    if row is None:
        return None
    connection.execute("UPDATE phase_word SET undone_ms=? WHERE id=?", (now_ms, row[0]))
    if row[1] is None:
        connection.execute("DELETE FROM phase_tag WHERE kind=? AND name=?", (kind, name))
    else:
        connection.execute("INSERT OR REPLACE INTO phase_tag VALUES(?,?,?)", (kind, name, row[1]))
    return note_change(connection, _touched(connection, kind, name), now_ms)


def set_patterns(connection: sqlite3.Connection, patterns: Mapping[str, str], now_ms: int) -> None:
    """Let the settings' patterns hold; where they changed, every session may be judged otherwise."""
    wanted = sorted(patterns.items())
    held = connection.execute(
        "SELECT name, phase FROM phase_tag WHERE kind='pattern' ORDER BY name"
    ).fetchall()
    if held == wanted:
        return
    connection.execute("DELETE FROM phase_tag WHERE kind='pattern'")
    connection.executemany("INSERT INTO phase_tag VALUES('pattern',?,?)", wanted)
    note_change(connection, [row[0] for row in connection.execute("SELECT id FROM session")], now_ms)


def _touched(connection: sqlite3.Connection, kind: str, name: str) -> list[int]:
    """Sessions whose verdict a mark may change."""
    if kind == "session":
        query = "SELECT id FROM session WHERE session_id = ?"
        return [row[0] for row in connection.execute(query, (name,))]
    if kind == "branch":
        query = (
            "SELECT s.id FROM session s JOIN branch b ON b.id = s.branch_id WHERE b.name = ?1 "
            "UNION SELECT e.session_id FROM edit e JOIN branch b ON b.id = e.branch_id WHERE b.name = ?1"
        )
        return [row[0] for row in connection.execute(query, (name,))]
    query = (
        "SELECT s.id FROM session s JOIN folder f ON f.id = s.folder_id WHERE f.name = ?1 OR "
        "substr(f.name, 1, length(?2)) = ?2 UNION SELECT e.session_id FROM edit e JOIN path p ON p.id = e.path_id "
        "WHERE p.name = ?1 OR substr(p.name, 1, length(?2)) = ?2"
    )
    return [row[0] for row in connection.execute(query, (name, name.rstrip("/") + "/"))]
