"""One session's rows: its span, its prompts, its failed edits; and lists of many sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tokencoach.errors import UsageError
from tokencoach.store.edit_condition import DONE
from tokencoach.usage.words import CallStatus

if TYPE_CHECKING:
    import sqlite3


class PromptRow(NamedTuple):
    """A turn and what the person typed, where that is kept."""

    turn: int
    at_ms: int
    text: str | None
    path: str | None
    offset: int | None
    length: int | None


class FailedEdit(NamedTuple):
    """An edit that did not happen."""

    edit_id: int
    turn: int | None
    at_ms: int
    path: str
    status: CallStatus | None
    added: int
    removed: int
    note: str


def find_session(connection: sqlite3.Connection, session_id: str) -> int:
    """Database row of a session by its id or an unambiguous beginning of it.

    Raises:
        UsageError: none or several match.
    """
    exact = connection.execute("SELECT id FROM session WHERE session_id=?", (session_id,)).fetchall()
    if len(exact) == 1:
        return int(exact[0][0])
    pattern = session_id.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    near = connection.execute(
        "SELECT id, session_id FROM session WHERE session_id LIKE ? ESCAPE '\\' ORDER BY last_ms DESC LIMIT 5",
        (pattern,),
    ).fetchall()
    if len(near) == 1:
        return int(near[0][0])
    if not near:
        raise UsageError(f"no session {session_id!r}", "tokencoach sessions  lists them")
    raise UsageError(
        f"{session_id!r} fits several sessions: {', '.join(row[1] for row in near)}", "write more of it"
    )


def session_span(connection: sqlite3.Connection, session: int) -> tuple[int, int]:
    """First and last instant of a session.

    Raises:
        UsageError: there is no such session.
    """
    row = connection.execute("SELECT first_ms, last_ms FROM session WHERE id=?", (session,)).fetchone()
    if row is None:
        raise UsageError(f"no session with row {session}")
    return int(row[0]), int(row[1])


def turn_prompts(connection: sqlite3.Connection, session: int) -> list[PromptRow]:
    """Turns of a session in time order."""
    rows = connection.execute(
        "SELECT t.id, t.at_ms, t.prompt, f.path, t.offset, t.length FROM turn t "
        "LEFT JOIN log_file f ON f.id = t.file_id WHERE t.session_id=? ORDER BY t.at_ms, t.id",
        (session,),
    )
    return [PromptRow._make(row) for row in rows]


def failed_edits(connection: sqlite3.Connection, session: int) -> list[FailedEdit]:
    """Edits of a session that were rejected, failed, interrupted, or never answered."""
    rows = connection.execute(
        "SELECT e.id, e.turn_id, e.at_ms, p.name, coalesce(e.status, c.status), length(e.added) / 8, "
        "length(e.removed) / 8 FROM edit e JOIN path p ON p.id = e.path_id "
        f"LEFT JOIN tool_call c ON c.key = e.call_key WHERE e.session_id=? AND {DONE} IS NOT 1",
        (session,),
    )
    return [
        FailedEdit(
            edit_id,
            turn,
            at_ms,
            path,
            CallStatus(said) if said else None,
            added,
            removed,
            said or "no result logged",
        )
        for edit_id, turn, at_ms, path, said, added, removed in rows
    ]
