"""Writing requests: one row for each, whichever of its lines come first and from whatever files."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from tokencoach.store.keyed import FLAG_OWNED, FLAG_SIDECHAIN
from tokencoach.store.sightings import SIGHTED_REQUEST, existing, note_sightings

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    from tokencoach.store.days import DayMap
    from tokencoach.store.dimensions import Dimensions
    from tokencoach.store.keyed import KeyedFacts, RequestRow

_ADD = """
INSERT INTO request(key, at_ms, session_id, turn_id, agent_id, model_id, input, cache_read, cache_write_5m,
  cache_write_1h, output, reasoning, flags) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?)"""

_BETTER = f"""
UPDATE request SET at_ms=?, agent_id=coalesce(?,agent_id), model_id=?, input=?, cache_read=?, cache_write_5m=?,
  cache_write_1h=?, output=?, reasoning=?, flags=?|(flags&{FLAG_OWNED}) WHERE key=?"""

_OWNED = f"UPDATE request SET session_id=?, flags=flags|{FLAG_OWNED} WHERE key=?"

_OWNER = "UPDATE session SET is_dirty=1, first_ms=min(first_ms,?2), last_ms=max(last_ms,?2) WHERE id=?1"


class Put(NamedTuple):
    """How many requests are new, and of those by their keys: the session, and the turn if it is known already."""

    new_requests: int
    turns: dict[int, tuple[int, int | None]]


class Held(msgspec.Struct, gc=False):
    """A request as it is held so far, which a further line of it is compared with.

    ``values`` are those of the line that counts, where the table's row is not it: sub-agent,
    model, and the row's further columns. ``is_untold`` is one of which only an earlier release read.
    """

    session: int
    at_ms: int
    output: int
    flags: int
    values: tuple[int | None, ...] | None = None
    is_new: bool = False
    is_earlier: bool = False
    is_untold: bool = False

    def take(self, row: RequestRow, values: tuple[int | None, ...]) -> None:
        """Let a further line count: main over sidechain, then more output, then the later one."""
        at = row[3]
        if at < self.at_ms or self.is_untold:
            self.at_ms, self.is_untold = at, False
            self.is_earlier = True
        is_side, was_side = row[11] & FLAG_SIDECHAIN, self.flags & FLAG_SIDECHAIN
        if is_side < was_side or (is_side == was_side and row[9] >= self.output):
            self.output, self.flags = row[9], row[11]
            agent = self.values[0] if self.values and values[0] is None else values[0]
            self.values = (agent, *values[1:])


def put_requests(
    connection: sqlite3.Connection,
    dimensions: Dimensions,
    days: DayMap,
    source_id: int,
    portions: Sequence[KeyedFacts],
) -> Put:
    """Write the requests of a source, their owners and notes, after the prompts that they answer."""
    rows = [row for facts in portions for row in facts.requests]
    held = {
        key: Held(session, at, output, flags)
        for key, session, at, output, flags in existing(
            connection,
            "SELECT key, session_id, at_ms, output, flags FROM request WHERE key IN ",
            [row[0] for row in rows],
        )
    }
    days.touch_all([row[3] for row in rows])
    _count_anew(connection, held, days)
    known, models = dimensions.known_sessions(source_id), dimensions.names("model")
    sighted = []
    for row in rows:
        key, name, agent, at, model, fresh, read, five, hour, output, reasoning, flags = row
        session = known.get(name) or dimensions.session(source_id, name, at)
        agent_id = None if agent is None else dimensions.agent(session, agent, at)
        values = (agent_id, models[model], fresh, read, five, hour, output, reasoning, flags)
        old = held.get(key)
        if old is None:
            held[key] = Held(session, at, output, flags, values, is_new=True)
            continue
        days.touch(old.at_ms)
        if session != old.session:
            sighted += [(key, old.session), (key, session)]
        old.take(row, values)
    note_sightings(connection, SIGHTED_REQUEST, sighted)
    turns = _save(connection, held)
    _put_owners(connection, dimensions, source_id, portions)
    notes = [note for facts in portions for note in facts.notes]
    connection.executemany("INSERT OR REPLACE INTO request_note VALUES(?,?,?,?)", notes)
    for key in (key for facts in portions for key in facts.superseded):
        turns.pop(key, None)
        _drop_calls(connection, key)
        drop_request(connection, key, days)
        connection.execute("DELETE FROM request_note WHERE key=?", (key,))
    return Put(len(turns), turns)


def _count_anew(connection: sqlite3.Connection, held: dict[int, Held], days: DayMap) -> None:
    """Let any line count more than what an earlier release read of the same request."""
    if not held or connection.execute("SELECT 1 FROM earlier_request LIMIT 1").fetchone() is None:
        return
    query = "SELECT key FROM earlier_request WHERE key IN "
    found = existing(connection, query, list(held))
    for (key,) in found:
        request = held[key]
        days.touch(request.at_ms)
        request.output, request.flags, request.is_untold = -1, FLAG_SIDECHAIN, True
    connection.executemany("DELETE FROM earlier_request WHERE key=?", found)


def _drop_calls(connection: sqlite3.Connection, key: int) -> None:
    """Drop the calls of a request that is told elsewhere, with what an earlier release saw them edit."""
    calls = connection.execute(
        "SELECT c.key FROM request r JOIN tool_call c ON c.session_id = r.session_id "
        "AND c.request_key = r.key WHERE r.key = ?",
        (key,),
    ).fetchall()
    connection.executemany("DELETE FROM edit WHERE call_key = ? AND rank = -1", calls)
    connection.executemany("DELETE FROM tool_call WHERE key = ?", calls)


def drop_request(connection: sqlite3.Connection, key: int, days: DayMap) -> None:
    """Take a request that is told elsewhere out of the requests."""
    touch_request(connection, key, days)
    connection.execute("DELETE FROM request WHERE key=?", (key,))


def touch_request(connection: sqlite3.Connection, key: int, days: DayMap) -> None:
    """A request changed: its day's sums and its session's verdict are behind."""
    found = connection.execute("SELECT at_ms, session_id FROM request WHERE key=?", (key,)).fetchone()
    if found is not None:
        days.touch(found[0])
        connection.execute("UPDATE session SET is_dirty=1 WHERE id=?", (found[1],))


def _save(connection: sqlite3.Connection, held: dict[int, Held]) -> dict[int, tuple[int, int | None]]:
    """Write what is new or better; sessions and turns of new requests, by their keys."""
    # A row that is made with its turn is not written once more when turns are derived.
    prompts = _prompts(connection, {request.session for request in held.values() if request.is_new})
    placed: dict[int, tuple[int, int | None]] = {}
    fresh, better, earlier = [], [], []
    for key, request in held.items():
        if request.values is None:
            if request.is_earlier:
                earlier.append((request.at_ms, key))
        elif request.is_new:
            session, at_ms, values, turn = request.session, request.at_ms, request.values, None
            if values[0] is None and session in prompts:
                instants, turns = prompts[session]
                before = bisect_right(instants, at_ms)
                turn = turns[before - 1] if before else None
            placed[key] = session, turn
            fresh.append((key, at_ms, session, turn) + values)  # noqa: RUF005 - unpacking takes twice as long
        else:
            better.append((request.at_ms, *request.values, key))
    connection.executemany(_ADD, fresh)
    connection.executemany(_BETTER, better)
    connection.executemany("UPDATE request SET at_ms=? WHERE key=?", earlier)
    return placed


def _prompts(connection: sqlite3.Connection, sessions: set[int]) -> dict[int, tuple[list[int], list[int]]]:
    """Instants and rows of sessions' turns, oldest first."""
    found: dict[int, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    query = "SELECT session_id, at_ms, id FROM turn WHERE session_id IN "
    for session, at_ms, turn in existing(connection, query, list(sessions), "ORDER BY session_id, at_ms, id"):
        instants, turns = found[session]
        instants.append(at_ms)
        turns.append(turn)
    return found


def _put_owners(
    connection: sqlite3.Connection, dimensions: Dimensions, source_id: int, portions: Iterable[KeyedFacts]
) -> None:
    """Give requests to the sessions that their records name; others that hold them hold copies."""
    owners = {key: name for facts in portions for key, name in facts.owners.items()}
    for key, name in owners.items():
        former, at = connection.execute(
            "SELECT session_id, at_ms FROM request WHERE key=?", (key,)
        ).fetchone()
        owner = dimensions.session(source_id, name, at)
        if owner != former:
            note_sightings(connection, SIGHTED_REQUEST, [(key, former), (key, owner)])
            connection.execute("UPDATE session SET is_dirty=1 WHERE id=?", (former,))
        connection.execute(_OWNER, (owner, at))
        connection.execute(_OWNED, (owner, key))
