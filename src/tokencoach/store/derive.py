"""What follows from a session's facts alone: owners of copies, turns, cut requests, generated lines.

Derived rows of a session are rebuilt whole whenever a fact of it changes, so that reading logs
bit by bit and reading them at once end in the same rows.
"""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, NamedTuple

from tokencoach.attribution.generated import LoggedEdit, generated
from tokencoach.attribution.loops import LOOP_LENGTH, Turned
from tokencoach.attribution.turns import (
    Agent,
    Asked,
    Call,
    Change,
    Prompt,
    cut_requests,
    turn_at,
    turns_of_agents,
)
from tokencoach.store.edit_condition import DONE
from tokencoach.store.keyed import CALL_EDIT, CALL_SHELL, FLAG_OWNED
from tokencoach.store.sightings import SIGHTED_REQUEST, SIGHTED_TURN, existing
from tokencoach.usage.words import EditKind

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping, Sequence

    from tokencoach.store.days import DayMap

_OWNERS = """
SELECT s.key, (SELECT h.session_id FROM sighting h JOIN session e ON e.id = h.session_id
   WHERE h.kind = s.kind AND h.key = s.key
   ORDER BY e.parent IS NOT NULL AND EXISTS (SELECT 1 FROM sighting o JOIN session p ON p.id = o.session_id
     WHERE o.kind = h.kind AND o.key = h.key AND p.source_id = e.source_id AND p.session_id = e.parent),
   e.last_ms, {}e.first_ms, e.session_id LIMIT 1) AS owner
FROM sighting s WHERE s.session_id = ? AND s.kind = ?"""
# Of two sessions that end with the same record, one may be named by the other's as the first to hold it.
_IS_NAMED = f"NOT EXISTS (SELECT 1 FROM request r WHERE r.session_id = e.id AND r.flags & {FLAG_OWNED}), "
_OWNED_TABLES = (
    (SIGHTED_REQUEST, "request", _OWNERS.format(""), f" AND flags & {FLAG_OWNED} = 0"),
    (SIGHTED_TURN, "turn", _OWNERS.format(_IS_NAMED), ""),
)

_TURN = """(SELECT t.id FROM turn t WHERE t.session_id = request.session_id AND t.at_ms <= request.at_ms
   ORDER BY t.at_ms DESC, t.id DESC LIMIT 1)"""

_OWN_TURNS = f"""
UPDATE request SET turn_id = {_TURN} WHERE agent_id IS NULL AND turn_id IS NOT {_TURN} AND session_id IN """

_AGENTS = """
SELECT a.session_id, a.id, a.first_ms, c.request_key, r.id, r.at_ms, r.agent_id FROM agent a
LEFT JOIN tool_call c ON c.key = coalesce(a.call_key,
  (SELECT t.key FROM tool_call t WHERE t.session_id = a.session_id AND t.spawned = a.name LIMIT 1))
LEFT JOIN request r ON r.key = c.request_key AND r.session_id = a.session_id
WHERE a.session_id IN """

_AGENTS_REQUESTS = """
SELECT session_id, id, agent_id, turn_id FROM request WHERE agent_id IS NOT NULL AND session_id IN """

_CALLS = """
SELECT session_id, key, request_key, agent_id, at_ms, tool_id, kind, input_digest, output_digest, flags, status
FROM tool_call WHERE session_id IN """
_ENDS = """
SELECT session_id, input_digest, output_digest, status IS NOT NULL AND status <> 'ok' FROM tool_call
WHERE session_id IN """
_COMPACTIONS = "SELECT session_id, at_ms FROM compaction WHERE session_id IN "

_REQUESTS = "SELECT session_id, key, id, turn_id FROM request WHERE session_id IN "

_EDITS = f"""
SELECT e.session_id, e.id, e.call_key, e.at_ms, e.agent_id, e.turn_id, r.id, r.turn_id, e.path_id, e.kind, {DONE},
  e.moved_from FROM edit e LEFT JOIN tool_call c ON c.key = e.call_key
LEFT JOIN request r ON r.key = coalesce(nullif(e.request_key, 0), c.request_key) AND r.session_id = e.session_id
WHERE e.session_id IN """

_LINES = """
SELECT e.id, p.name, e.added, e.removed, e.generated FROM edit e JOIN path p ON p.id = e.path_id WHERE e.id IN """


_TOLD = frozenset({EditKind.PATCH.value, EditKind.STRINGS.value})


def dirty_sessions(connection: sqlite3.Connection) -> list[int]:
    """Sessions whose derived rows are behind their facts."""
    return [row[0] for row in connection.execute("SELECT id FROM session WHERE is_dirty = 1")]


def settle_owners(connection: sqlite3.Connection, sessions: list[int], days: DayMap) -> None:
    """Give what several sessions hold to the one that ended first (forks and resumes copy history).

    A fork that names its parent comes after it, though the parent may go on for longer.
    """
    # Most sessions share nothing with another.
    query = "SELECT DISTINCT session_id, kind FROM sighting WHERE session_id IN "
    sharing = set(existing(connection, query, sessions))
    for session in sessions:
        for kind, table, owners, free in _OWNED_TABLES:
            if (session, kind) not in sharing:
                continue
            for key, owner in connection.execute(owners, (session, kind)).fetchall():
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


class EditFacts(NamedTuple):
    """An edit as its turn and its generated lines are derived from it.

    ``turn_id`` is the turn that it has, ``request_turn`` that of the request that made it, where
    the session holds that (``request_id``).
    """

    edit_id: int
    call_key: int
    at_ms: int
    agent_id: int | None
    turn_id: int | None
    request_id: int | None
    request_turn: int | None
    path_id: int
    kind: str
    is_done: int | None
    moved_from: str | None


def derive_sessions(connection: sqlite3.Connection, sessions: list[int], *, has_calls: bool = True) -> None:
    """Rebuild derived rows of sessions and mark them clean; without any call only their turns."""
    if has_calls:
        _follow_requests(connection, sessions)
    existing(connection, _OWN_TURNS, sessions)
    agents = _place_agents(connection, sessions)
    if has_calls:
        edits = _edits_of(connection, sessions)
        _save_cuts(connection, sessions, edits)
        _place_edits(connection, edits, agents)
        for its_edits in edits.values():
            _save_generated(connection, its_edits)
    connection.executemany("UPDATE session SET is_dirty=0 WHERE id=?", [(session,) for session in sessions])


def _follow_requests(connection: sqlite3.Connection, sessions: list[int]) -> None:
    """Calls and edits seen in a copy belong to the session that owns their request."""
    for (session,) in existing(
        connection, "SELECT DISTINCT session_id FROM sighting WHERE session_id IN ", sessions
    ):
        receivers = connection.execute(
            "SELECT r.session_id FROM tool_call c JOIN request r ON r.key = c.request_key "
            "WHERE c.session_id = ?1 AND r.session_id <> ?1 UNION SELECT coalesce(r.session_id, c.session_id) "
            "FROM edit e JOIN tool_call c ON c.key = e.call_key LEFT JOIN request r ON r.key = c.request_key "
            "WHERE e.session_id = ?1 AND coalesce(r.session_id, c.session_id) <> ?1",
            (session,),
        ).fetchall()
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
        # Who was given something may have been rebuilt before.
        connection.executemany("UPDATE session SET is_dirty=1 WHERE id=?", receivers)


def _place_agents(
    connection: sqlite3.Connection, sessions: list[int]
) -> dict[tuple[int, int | None], int | None]:
    """Give requests of sub-agents the turn that started these; turns by session and sub-agent."""
    agents: dict[int, list[Agent]] = defaultdict(list)
    spawns: dict[int, list[Asked]] = defaultdict(list)
    for session, agent, first_ms, spawn_key, spawn, at_ms, asked_by in existing(
        connection, _AGENTS, sessions
    ):
        agents[session].append(Agent(agent, first_ms, spawn_key))
        if spawn is not None:
            spawns[session].append(Asked(spawn, spawn_key, at_ms, asked_by))
    turns: dict[tuple[int, int | None], int | None] = {
        (session, agent): turn
        for session, its_agents in agents.items()
        for agent, turn in turns_of_agents(_prompts(connection, session), its_agents, spawns[session]).items()
    }
    changed = [
        (turns.get((session, agent)), request)
        for session, request, agent, old in existing(connection, _AGENTS_REQUESTS, sessions)
        if turns.get((session, agent)) != old
    ]
    connection.executemany("UPDATE request SET turn_id=? WHERE id=?", changed)
    return turns


def _prompts(connection: sqlite3.Connection, session: int) -> list[Prompt]:
    query = "SELECT id, at_ms FROM turn WHERE session_id=? ORDER BY at_ms, id"
    return [Prompt(*row) for row in connection.execute(query, (session,))]


def _save_cuts(
    connection: sqlite3.Connection, sessions: list[int], edits: Mapping[int, list[EditFacts]]
) -> None:
    tools = dict(connection.execute("SELECT id, name FROM tool"))
    calls: dict[int, list[Call]] = defaultdict(list)
    suspects = _perhaps_cut(connection, sessions, edits)
    for session, key, asked, agent, at, tool, kind, digest, answer, flags, status in existing(
        connection, _CALLS, suspects, "ORDER BY session_id, at_ms, key"
    ):
        is_edit, is_shell, name = flags & CALL_EDIT, flags & CALL_SHELL, tools.get(tool, "")
        calls[session].append(
            Call(key, asked, agent, at, name, kind, digest, answer, is_edit, is_shell, status)
        )
    folded: dict[int, list[int]] = defaultdict(list)
    for session, at in existing(connection, _COMPACTIONS, suspects, "ORDER BY at_ms"):
        folded[session].append(at)
    requests: dict[int, dict[int, int]] = defaultdict(dict)
    turns: dict[int, dict[int, int | None]] = defaultdict(dict)
    for session, key, request, turn in existing(connection, _REQUESTS, suspects):
        requests[session][key], turns[session][key] = request, turn

    def lines_of(changes: Sequence[Change]) -> list[Turned]:
        return _turned(connection, [change.edit_id for change in changes])

    rows = []
    for session, its_calls in calls.items():
        own = requests[session]
        changes = [
            Change(edit.edit_id, edit.call_key, edit.at_ms, edit.request_turn, edit.path_id)
            for edit in edits.get(session, ())
            if edit.is_done
        ]
        cuts = cut_requests(its_calls, turns[session], changes, folded[session], lines_of)
        rows += [(own[key], *cut) for key, cut in cuts.items() if key in own]
    # Looking through the requests of sessions for cuts that nobody has made would take a while.
    if connection.execute("SELECT EXISTS (SELECT 1 FROM request_cut)").fetchone()[0]:
        connection.executemany(
            "DELETE FROM request_cut WHERE request_id IN (SELECT id FROM request WHERE session_id=?)",
            [(session,) for session in sessions],
        )
    connection.executemany("INSERT OR REPLACE INTO request_cut VALUES(?,?,?,?,?)", rows)


def _perhaps_cut(
    connection: sqlite3.Connection, sessions: list[int], edits: Mapping[int, list[EditFacts]]
) -> list[int]:
    """Sessions in which a call did not end well or was repeated, or a file was changed time and again.

    Of all others no request is cut, and looking at each of their calls would take five times as long.
    """
    ends = Counter(existing(connection, _ENDS, sessions))
    found = {
        session
        for (session, asked, answer, is_odd), times in ends.items()
        if is_odd or (times >= LOOP_LENGTH and asked and answer)
    }
    changes = Counter(
        [
            (session, edit.request_turn, edit.path_id)
            for session, its_edits in edits.items()
            for edit in its_edits
        ]
    )
    found |= {session for (session, *_), times in changes.items() if times >= 2 * LOOP_LENGTH}
    return [session for session in sessions if session in found]


def _turned(connection: sqlite3.Connection, edits: list[int]) -> list[Turned]:
    """What edits did to their files; a whole content does not tell what it replaced."""
    query = "SELECT id, kind, added, removed FROM edit WHERE id IN "
    found = {
        edit: Turned(kind not in _TOLD, array("Q", added), array("Q", removed))
        for edit, kind, added, removed in existing(connection, query, edits)
    }
    return [found[edit] for edit in edits]


def _edits_of(connection: sqlite3.Connection, sessions: list[int]) -> dict[int, list[EditFacts]]:
    """The sessions' edits, oldest first."""
    edits: dict[int, list[EditFacts]] = defaultdict(list)
    for session, *edit in existing(connection, _EDITS, sessions, "ORDER BY e.session_id, e.at_ms, e.id"):
        edits[session].append(EditFacts._make(edit))
    return edits


def _place_edits(
    connection: sqlite3.Connection,
    edits: dict[int, list[EditFacts]],
    agents: dict[tuple[int, int | None], int | None],
) -> None:
    """Give each edit the turn of the request that made it."""
    changed = []
    for session, its_edits in edits.items():
        prompts = None
        for edit in its_edits:
            if edit.request_id is not None:
                turn = edit.request_turn
            elif edit.agent_id is not None:
                turn = agents.get((session, edit.agent_id))
            else:
                prompts = _prompts(connection, session) if prompts is None else prompts
                turn = turn_at(prompts, edit.at_ms)
            if turn != edit.turn_id:
                changed.append((turn, edit.edit_id))
    connection.executemany("UPDATE edit SET turn_id=? WHERE id=?", changed)


def _save_generated(connection: sqlite3.Connection, its_edits: list[EditFacts]) -> None:
    """Narrow whole-file writes to the lines that the file's last image in the session lacked."""
    edits = _on_narrowed_paths([edit for edit in its_edits if edit.is_done])
    lines_of = {row[0]: row for row in existing(connection, _LINES, [edit.edit_id for edit in edits])}
    logged, before = [], []
    for edit in edits:
        _, path, added, removed, made = lines_of[edit.edit_id]
        kind, moved_from = EditKind(edit.kind), edit.moved_from
        logged.append(
            LoggedEdit(edit.edit_id, path, kind, array("Q", added), array("Q", removed), moved_from)
        )
        before.append((added, removed, made))
    changed = []
    for (whole, gone, made), lines in zip(before, generated(logged), strict=True):
        added, removed = lines.added.tobytes(), lines.removed.tobytes()
        wanted = None if added == whole else added
        if wanted != made or removed != gone:
            changed.append((wanted, removed, lines.edit_id))
    connection.executemany("UPDATE edit SET generated=?, removed=?, place='new' WHERE id=?", changed)


def _on_narrowed_paths(edits: list[EditFacts]) -> list[EditFacts]:
    """Edits of the files of which any edit is more than a patch; a patch tells its own lines exactly."""
    paths = {edit.path_id for edit in edits if edit.kind != EditKind.PATCH}
    if paths and any(edit.moved_from is not None for edit in edits):
        return edits
    return [edit for edit in edits if edit.path_id in paths]
