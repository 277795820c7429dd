"""The newest things: sessions that moved, their last request, landings, prompts and errors of a span."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import sqlite3


class Event(NamedTuple):
    """Something that happened, in a repository or folder, and the rows of the sessions behind it."""

    at_ms: int
    where: str | None
    text: str
    detail: str
    sessions: tuple[int, ...]
    turn_id: int | None = None


class LastRequest(NamedTuple):
    """A session's newest main request. ``context_tokens`` is all that the model was sent."""

    model: str
    model_id: int
    context_tokens: int


def last_touched(connection: sqlite3.Connection, since_ms: int) -> list[tuple[int, int]]:
    """Sessions that moved since an instant, the newest first, as ``(session, last_ms)``."""
    return connection.execute(
        "SELECT id, last_ms FROM session WHERE last_ms >= ? ORDER BY last_ms DESC LIMIT 20", (since_ms,)
    ).fetchall()


def last_request(connection: sqlite3.Connection, session: int) -> LastRequest:
    """The newest request of a session's main thread."""
    row = connection.execute(
        "SELECT m.name, m.id, r.input + r.cache_read + r.cache_write_5m + r.cache_write_1h FROM request r "
        "JOIN model m ON m.id = r.model_id WHERE r.session_id = ? ORDER BY r.agent_id IS NOT NULL, r.at_ms DESC LIMIT 1",
        (session,),
    ).fetchone()
    return LastRequest("", 0, 0) if row is None else LastRequest._make(row)


def context_window(connection: sqlite3.Connection, model: int) -> int | None:
    """Tokens that a model can take, where its price table says so."""
    row = connection.execute("SELECT context_window FROM model WHERE id=?", (model,)).fetchone()
    return None if row is None else row[0]


def landings_between(connection: sqlite3.Connection, since_ms: int, until_ms: int, limit: int) -> list[Event]:
    """Commits that brought generated lines in."""
    rows = connection.execute(
        "SELECT c.at_ms, r.path, substr(c.sha, 1, 9) || '  ' || c.subject, count(*), group_concat(DISTINCT e.session_id) "
        "FROM git_commit c JOIN landing l ON l.commit_id = c.id AND l.is_removal = 0 "
        "JOIN edit e ON e.id = l.edit_id JOIN repo r ON r.id = c.repo_id "
        "WHERE c.at_ms BETWEEN ? AND ? GROUP BY c.id ORDER BY c.at_ms DESC LIMIT ?",
        (since_ms, until_ms, limit),
    )
    return [
        Event(at_ms, repo, text, f"+{lines} line{'s' * (lines != 1)}", tuple(map(int, sessions.split(","))))
        for at_ms, repo, text, lines, sessions in rows
    ]


def prompts_between(connection: sqlite3.Connection, since_ms: int, until_ms: int, limit: int) -> list[Event]:
    """What the person asked, where prompts are kept."""
    rows = connection.execute(
        "SELECT t.at_ms, coalesce(r.path, f.name), coalesce(substr(t.prompt, 1, 200), ''), o.name, s.id, t.id "
        "FROM session s CROSS JOIN turn t ON t.session_id = s.id AND t.at_ms BETWEEN ?1 AND ?2 "
        "JOIN source o ON o.id = s.source_id LEFT JOIN folder f ON f.id = s.folder_id LEFT JOIN repo r ON r.id = f.repo_id "
        "WHERE s.last_ms >= ?1 ORDER BY t.at_ms DESC LIMIT ?3",
        (since_ms, until_ms, limit),
    )
    return [
        Event(at_ms, where, text, source, (session,), turn)
        for at_ms, where, text, source, session, turn in rows
    ]


def errors_between(connection: sqlite3.Connection, since_ms: int, until_ms: int, limit: int) -> list[Event]:
    """API errors, retries and aborted turns."""
    rows = connection.execute(
        "SELECT e.at_ms, coalesce(r.path, f.name), e.kind || ' ' || e.code, substr(e.message, 1, 200), s.id FROM error e "
        "JOIN session s ON s.id = e.session_id LEFT JOIN folder f ON f.id = s.folder_id "
        "LEFT JOIN repo r ON r.id = f.repo_id WHERE e.at_ms BETWEEN ? AND ? ORDER BY e.at_ms DESC LIMIT ?",
        (since_ms, until_ms, limit),
    )
    return [Event(at_ms, where, what, message, (session,)) for at_ms, where, what, message, session in rows]
