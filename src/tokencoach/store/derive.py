"""What follows from a session's facts alone: owners of copies, turns, cut requests, generated lines.

Derived rows of a session are rebuilt whole whenever a fact of it changes, so that reading logs
bit by bit and reading them at once end in the same rows.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from typing import TYPE_CHECKING

from tokencoach.attribution.generated import LoggedEdit, generated
from tokencoach.attribution.turns import Agent, Asked, Call, Prompt, cut_requests, turn_at, turns_of_agents
from tokencoach.store.done import DONE
from tokencoach.store.keyed import CALL_EDIT, CALL_SHELL, FLAG_OWNED
from tokencoach.usage.words import EditKind

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from tokencoach.store.days import DayMap

_OWNERS = """
SELECT s.key, (SELECT h.session_id FROM sighting h JOIN session e ON e.id = h.session_id
   WHERE h.kind = s.kind AND h.key = s.key ORDER BY e.last_ms, e.first_ms, e.session_id LIMIT 1) AS owner
FROM sighting s WHERE s.session_id = ? AND s.kind = ?"""


def dirty_sessions(connection: sqlite3.Connection) -> list[int]:
    """Sessions whose derived rows are behind their facts."""
    return [row[0] for row in connection.execute("SELECT id FROM session WHERE is_dirty = 1")]


def settle_owners(connection: sqlite3.Connection, sessions: Iterable[int], days: DayMap) -> None:
    """Give what several sessions hold to the one that ended first (forks and resumes copy history)."""
    for session in sessions:
        for kind, table in ((0, "request"), (1, "turn")):
            free = f" AND flags & {FLAG_OWNED} = 0" if kind == 0 else ""
            for key, owner in connection.execute(_OWNERS, (session, kind)).fetchall():
                former = connection.execute(
                    f"SELECT session_id, at_ms FROM {table} WHERE key=? AND session_id<>?{free}",
                    (key, owner),
                ).fetchone()
                if former is not None and owner is not None:
                    connection.execute(f"UPDATE {table} SET session_id=? WHERE key=?", (owner, key))
                    connection.execute("UPDATE session SET is_dirty=1 WHERE id IN (?,?)", (owner, former[0]))
                    days.touch(former[1])


def has_any_call(connection: sqlite3.Connection) -> bool:
    """Whether any tool call or edit was ever read; none is where only usage was asked for."""
    query = "SELECT EXISTS (SELECT 1 FROM tool_call) OR EXISTS (SELECT 1 FROM edit)"
    return bool(connection.execute(query).fetchone()[0])


def derive_session(connection: sqlite3.Connection, session: int, *, has_calls: bool = True) -> None:
    """Rebuild one session's derived rows and mark it clean; without any call only its turns."""
    _follow_requests(connection, session)
    prompts = [
        Prompt(*row)
        for row in connection.execute(
            "SELECT id, at_ms FROM turn WHERE session_id=? ORDER BY at_ms, id", (session,)
        )
    ]
    rows = connection.execute(
        "SELECT id, key, at_ms, agent_id, turn_id FROM request WHERE session_id=?", (session,)
    ).fetchall()
    requests = [Asked(*row[:4]) for row in rows]
    agents = [
        Agent(*row)
        for row in connection.execute(
            "SELECT a.id, a.first_ms, c.request_key FROM agent a LEFT JOIN tool_call c "
            "ON c.key = coalesce(a.call_key, (SELECT t.key FROM tool_call t WHERE t.session_id = a.session_id "
            "AND t.spawned = a.name LIMIT 1)) WHERE a.session_id=?",
            (session,),
        )
    ]
    agent_turns = turns_of_agents(prompts, agents, requests)
    starts = [prompt.at_ms for prompt in prompts]
    own_turns = [None, *(prompt.turn_id for prompt in prompts)]
    turns = {
        request.key: agent_turns.get(request.agent_id)
        if request.agent_id is not None
        else own_turns[bisect_right(starts, request.at_ms)]
        for request in requests
    }
    connection.executemany(
        "UPDATE request SET turn_id=? WHERE id=?",
        [(turns[row[1]], row[0]) for row in rows if turns[row[1]] != row[4]],
    )
    if has_calls:
        _save_cuts(connection, session, {request.key: request.request_id for request in requests}, turns)
        _place_edits(connection, session, prompts, turns, agent_turns)
        _save_generated(connection, session)
    connection.execute("UPDATE session SET is_dirty=0 WHERE id=?", (session,))


def _follow_requests(connection: sqlite3.Connection, session: int) -> None:
    """Calls and edits seen in a copy belong to the session that owns their request."""
    if connection.execute("SELECT 1 FROM sighting WHERE session_id=? LIMIT 1", (session,)).fetchone() is None:
        return
    connection.execute(
        "UPDATE tool_call SET session_id = r.session_id FROM request r WHERE r.key = tool_call.request_key "
        "AND tool_call.session_id = ?1 AND r.session_id <> ?1",
        (session,),
    )
    connection.execute(
        "UPDATE edit SET session_id = c.session_id FROM tool_call c WHERE c.key = edit.call_key "
        "AND edit.session_id = ?1 AND c.session_id <> ?1",
        (session,),
    )


def _save_cuts(
    connection: sqlite3.Connection, session: int, ids: dict[int, int], turns: dict[int, int | None]
) -> None:
    calls = [
        Call(
            row[0],
            row[1],
            row[2],
            row[3] or "",
            row[4],
            bool(row[5] & CALL_EDIT),
            bool(row[5] & CALL_SHELL),
            row[6],
        )
        for row in connection.execute(
            "SELECT c.request_key, c.agent_id, c.at_ms, t.name, c.input_digest, c.flags, c.status FROM tool_call c "
            "LEFT JOIN tool t ON t.id = c.tool_id WHERE c.session_id=? ORDER BY c.at_ms, c.key",
            (session,),
        )
    ]
    cuts = cut_requests(calls, turns)
    connection.execute(
        "DELETE FROM request_cut WHERE request_id IN (SELECT id FROM request WHERE session_id=?)", (session,)
    )
    connection.executemany(
        "INSERT OR REPLACE INTO request_cut VALUES(?,?,?,?,?)",
        [(ids[key], *cut) for key, cut in cuts.items() if key in ids],
    )


def _place_edits(
    connection: sqlite3.Connection,
    session: int,
    prompts: list[Prompt],
    turns: dict[int, int | None],
    agent_turns: dict[int, int | None],
) -> None:
    """Give each edit the turn of the request that made it."""
    changed = []
    for edit_id, request_key, agent_id, at_ms, old in connection.execute(
        "SELECT e.id, coalesce(nullif(e.request_key, 0), c.request_key, 0), e.agent_id, e.at_ms, e.turn_id FROM edit e "
        "LEFT JOIN tool_call c ON c.key = e.call_key WHERE e.session_id=?",
        (session,),
    ):
        if request_key in turns:
            turn = turns[request_key]
        elif agent_id is not None:
            turn = agent_turns.get(agent_id)
        else:
            turn = turn_at(prompts, at_ms)
        if turn != old:
            changed.append((turn, edit_id))
    connection.executemany("UPDATE edit SET turn_id=? WHERE id=?", changed)


def _save_generated(connection: sqlite3.Connection, session: int) -> None:
    """Narrow whole-file writes to the lines that the file's last image in the session lacked."""
    rows = connection.execute(
        "SELECT e.id, p.name, e.kind, e.added, e.removed, e.generated, e.moved_from FROM edit e "
        "JOIN path p ON p.id = e.path_id LEFT JOIN tool_call c ON c.key = e.call_key "
        f"WHERE e.session_id=? AND {DONE} ORDER BY e.at_ms, e.id",
        (session,),
    ).fetchall()
    if not any(row[2] != EditKind.PATCH for row in rows):
        return
    logged = [
        LoggedEdit(row[0], row[1], EditKind(row[2]), array("Q", row[3]), array("Q", row[4]), row[6])
        for row in rows
    ]
    changed = []
    for row, lines in zip(rows, generated(logged), strict=True):
        added, removed = lines.added.tobytes(), lines.removed.tobytes()
        wanted = None if added == row[3] else added
        if wanted != row[5] or removed != row[4]:
            changed.append((wanted, removed, row[0]))
    connection.executemany("UPDATE edit SET generated=?, removed=?, place='new' WHERE id=?", changed)
