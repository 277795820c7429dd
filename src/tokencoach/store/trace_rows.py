"""What happened in sessions, step by step: requests, calls, changes, prompts, errors, compactions of a span."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, NamedTuple

from tokencoach.store.edit_condition import DONE
from tokencoach.store.sightings import SIGHTED_REQUEST
from tokencoach.usage.words import EditKind, ToolKind

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence
    from typing import Any

_BATCH = 500


class RequestStep(NamedTuple):
    """One model call. ``agent`` is None on the main thread; ``window`` is the model's, where it is known."""

    request_id: int
    session: int
    turn: int | None
    agent: int | None
    at_ms: int
    model_id: int
    model: str
    window: int | None
    input: int
    cache_read: int
    cache_write_5m: int
    cache_write_1h: int
    output: int
    reasoning: int


class CallStep(NamedTuple):
    """One tool call and its end. ``request_id`` is None where the log does not tell whose call it is.

    ``kind`` is None where the log does not tell what it did, ``path`` is the one file that it read.
    ``subject`` is equal where the same test, build or check was run with other options or filters.
    Digests are 64-bit hashes, 0 where not read; ``output_bytes`` is the length of the answer's record.
    """

    key: int
    session: int
    request_id: int | None
    turn: int | None
    agent: int | None
    at_ms: int
    tool: str
    kind: ToolKind | None
    path: str | None
    input_digest: int
    status: str | None
    exit_code: int | None
    result_ms: int | None
    output_digest: int
    output_bytes: int
    subject: int = 0


class ChangeStep(NamedTuple):
    """A file that an assistant changed, wherever it lies; line keys as the log shows them.

    ``call_key`` is the call that changed it; a call may change several files.
    """

    edit_id: int
    session: int
    call_key: int
    request_id: int | None
    turn: int | None
    agent: int | None
    at_ms: int
    path: str
    kind: EditKind
    added: array[int]
    removed: array[int]


class PromptStep(NamedTuple):
    """What the person typed; ``text`` is None where prompts are not kept."""

    turn: int
    session: int
    at_ms: int
    text: str | None


class ErrorStep(NamedTuple):
    """A failure outside any tool call, by the words of ``usage.words.ErrorKind``."""

    session: int
    at_ms: int
    kind: str
    code: str
    message: str


class CompactionStep(NamedTuple):
    """The context was compacted: its tokens before and after, as logged (0 where not told)."""

    session: int
    at_ms: int
    before_tokens: int
    after_tokens: int


_REQUESTS = """
SELECT r.id, r.session_id, r.turn_id, r.agent_id, r.at_ms, r.model_id, m.name, m.context_window, r.input, r.cache_read,
  r.cache_write_5m, r.cache_write_1h, r.output, r.reasoning FROM request r JOIN model m ON m.id = r.model_id
WHERE r.at_ms >= ? AND r.at_ms < ? AND r.session_id IN """

# Of what a session holds and another one paid for, the last request before its own first one.
_INHERITED = """
SELECT g.session_id, min(f.at_ms), max(r.at_ms), r.id, r.session_id, r.turn_id, r.agent_id, r.at_ms, r.model_id, m.name,
  m.context_window, r.input, r.cache_read, r.cache_write_5m, r.cache_write_1h, r.output, r.reasoning
FROM sighting g JOIN request r ON r.key = g.key AND r.session_id <> g.session_id AND r.agent_id IS NULL
JOIN model m ON m.id = r.model_id
JOIN (SELECT session_id, min(at_ms) at_ms FROM request WHERE agent_id IS NULL GROUP BY session_id) f
  ON f.session_id = g.session_id AND r.at_ms <= f.at_ms
WHERE g.kind = ? AND g.session_id IN """

_CALLS = """
SELECT c.key, c.session_id, r.id, r.turn_id, c.agent_id, c.at_ms, coalesce(t.name, ''), c.kind, p.name, c.input_digest,
  c.status, c.exit_code, c.result_ms, c.output_digest, c.output_bytes, c.subject FROM tool_call c
LEFT JOIN tool t ON t.id = c.tool_id LEFT JOIN path p ON p.id = c.path_id
LEFT JOIN request r ON r.key = c.request_key AND r.session_id = c.session_id
WHERE c.at_ms >= ? AND c.at_ms < ? AND c.session_id IN """

_CHANGES = f"""
SELECT e.id, e.session_id, e.call_key, r.id, e.turn_id, e.agent_id, e.at_ms, p.name, e.kind,
  coalesce(e.generated, e.added), e.removed FROM edit e
JOIN path p ON p.id = e.path_id LEFT JOIN tool_call c ON c.key = e.call_key
LEFT JOIN request r ON r.key = coalesce(nullif(e.request_key, 0), c.request_key) AND r.session_id = e.session_id
WHERE {DONE} AND e.at_ms >= ? AND e.at_ms < ? AND e.session_id IN """

_PROMPTS = "SELECT id, session_id, at_ms, prompt FROM turn WHERE at_ms >= ? AND at_ms < ? AND session_id IN "

_ERRORS = "SELECT session_id, at_ms, kind, code, message FROM error WHERE at_ms >= ? AND at_ms < ? AND session_id IN "

_COMPACTIONS = """
SELECT session_id, at_ms, before_tokens, after_tokens FROM compaction WHERE at_ms >= ? AND at_ms < ? AND session_id IN """


def request_steps(
    connection: sqlite3.Connection, sessions: Sequence[int], since_ms: int, until_ms: int
) -> Iterator[RequestStep]:
    """Requests of some sessions with ``since_ms <= at < until_ms``, session by session, in time order."""
    for row in _rows(connection, _REQUESTS, "r.session_id, r.at_ms, r.id", sessions, since_ms, until_ms):
        yield RequestStep._make(row)


def inherited_steps(
    connection: sqlite3.Connection, sessions: Sequence[int]
) -> dict[int, tuple[int, RequestStep]]:
    """Of sessions that go on with another one's conversation: when their own first request was, and the last before it."""
    found = {}
    for start in range(0, len(sessions), _BATCH):
        part = sessions[start : start + _BATCH]
        query = f"{_INHERITED}({','.join('?' * len(part))}) GROUP BY g.session_id"
        for session, own_ms, _, *step in connection.execute(query, (SIGHTED_REQUEST, *part)):
            found[session] = (own_ms, RequestStep._make(step))
    return found


def call_steps(
    connection: sqlite3.Connection, sessions: Sequence[int], since_ms: int, until_ms: int
) -> Iterator[CallStep]:
    """Tool calls of some sessions, in time order within each."""
    for row in _rows(connection, _CALLS, "c.session_id, c.at_ms, c.rowid", sessions, since_ms, until_ms):
        kind = None if row[7] is None else ToolKind(row[7])
        yield CallStep._make((*row[:7], kind, *row[8:]))


def calls_of_turn(
    connection: sqlite3.Connection, session: int, turn: int, until_ms: int
) -> tuple[CallStep, ...]:
    """The calls whose request belongs to a session's turn, in time order; turn 0 is before any prompt."""
    calls = call_steps(connection, [session], 0, until_ms)
    return tuple(call for call in calls if call.request_id is not None and (call.turn or 0) == turn)


def change_steps(
    connection: sqlite3.Connection, sessions: Sequence[int], since_ms: int, until_ms: int
) -> Iterator[ChangeStep]:
    """Files changed in some sessions, in time order within each."""
    for row in _rows(connection, _CHANGES, "e.session_id, e.at_ms, e.id", sessions, since_ms, until_ms):
        kind, added, removed = EditKind(row[8]), array("Q", row[9]), array("Q", row[10])
        yield ChangeStep._make((*row[:8], kind, added, removed))


def prompt_steps(
    connection: sqlite3.Connection, sessions: Sequence[int], since_ms: int, until_ms: int
) -> Iterator[PromptStep]:
    """What was typed in some sessions, in time order within each."""
    for row in _rows(connection, _PROMPTS, "session_id, at_ms, id", sessions, since_ms, until_ms):
        yield PromptStep._make(row)


def error_steps(
    connection: sqlite3.Connection, sessions: Sequence[int], since_ms: int, until_ms: int
) -> Iterator[ErrorStep]:
    """API errors, retries and aborted turns of some sessions."""
    for row in _rows(connection, _ERRORS, "session_id, at_ms, key", sessions, since_ms, until_ms):
        yield ErrorStep._make(row)


def compaction_steps(
    connection: sqlite3.Connection, sessions: Sequence[int], since_ms: int, until_ms: int
) -> Iterator[CompactionStep]:
    """Compactions of some sessions."""
    for row in _rows(connection, _COMPACTIONS, "session_id, at_ms, key", sessions, since_ms, until_ms):
        yield CompactionStep._make(row)


def _rows(
    connection: sqlite3.Connection,
    query: str,
    order: str,
    sessions: Sequence[int],
    since_ms: int,
    until_ms: int,
) -> Iterator[tuple[Any, ...]]:
    for start in range(0, len(sessions), _BATCH):
        part = sessions[start : start + _BATCH]
        marks = ",".join("?" * len(part))
        yield from connection.execute(f"{query}({marks}) ORDER BY {order}", (since_ms, until_ms, *part))
