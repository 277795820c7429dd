"""Requests that inference servers on this computer logged, and which of them an assistant asked for.

A joined request is counted once: in the assistant's session, with the server's count of tokens. Its
own row is taken out of the requests, and put back where the two turn out to be different ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tokencoach.attribution.joining import (
    EARLY_MS,
    LATE_MS,
    UNTIMED_MS,
    AskedRequest,
    ServedRequest,
    join,
    window,
)
from tokencoach.store.power.local_models import METER, SERVERS, note_served_models
from tokencoach.store.power.served_flags import SERVED_COUNTED, SERVED_ESTIMATED, SERVED_TIMED
from tokencoach.store.request_writer import drop_request, touch_request

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    from tokencoach.store.days import DayMap
    from tokencoach.store.dimensions import Dimensions
    from tokencoach.store.keyed import KeyedFacts

_DAY_MS = 86_400_000

_PUT = """
INSERT INTO served(key, session_id, at_ms, model_id, input, cache_read, output, prompt_ms, output_ms, flags)
VALUES(?,?,?,?,?,?,?,?,?,?)
ON CONFLICT(key) DO UPDATE SET at_ms = min(at_ms, excluded.at_ms), model_id = excluded.model_id,
  input = excluded.input, cache_read = excluded.cache_read, output = excluded.output,
  prompt_ms = excluded.prompt_ms, output_ms = excluded.output_ms, flags = excluded.flags, is_new = 1"""

_SERVED = """
SELECT v.key, v.at_ms, v.prompt_ms + v.output_ms, v.input, v.cache_read, v.output, m.name, v.flags, v.joined,
  v.told_input, v.told_cache_read, v.told_output, o.name FROM served v JOIN model m ON m.id = v.model_id
JOIN session s ON s.id = v.session_id JOIN source o ON o.id = s.source_id WHERE v.at_ms BETWEEN ? AND ?"""

_ASKED = f"""
SELECT r.key, r.at_ms, r.input, r.cache_read, r.cache_write_5m + r.cache_write_1h, r.output, m.name
FROM session s CROSS JOIN request r ON r.session_id = s.id AND r.at_ms BETWEEN ?1 AND ?2
JOIN model m ON m.id = r.model_id JOIN source o ON o.id = s.source_id
WHERE s.last_ms >= ?1 AND s.first_ms <= ?2 AND (o.name NOT IN {SERVERS}
  OR NOT EXISTS (SELECT 1 FROM served v WHERE v.key = r.key))"""

_UNJOIN = """
UPDATE request SET input = v.told_input, cache_read = v.told_cache_read, output = v.told_output
FROM served v WHERE v.key = ? AND request.key = v.joined AND v.told_input IS NOT NULL
  AND (request.input, request.cache_read) = (v.input, v.cache_read)"""

_TAKE_COUNTS = """
UPDATE request SET input = v.input, cache_read = v.cache_read, output = v.output, reasoning = min(reasoning, v.output)
FROM served v WHERE v.key = ? AND request.key = v.joined"""


class ServedTotals(NamedTuple):
    """What the servers' logs hold: requests by source, how many an assistant asked for, and lack counts."""

    source: str
    requests: int
    joined: int
    uncounted: int
    untimed: int
    estimated: int


class _Row(NamedTuple):
    request: ServedRequest
    joined: int | None
    told: tuple[int | None, int | None, int | None]
    is_estimated: bool
    is_metered: bool


def put_served(
    connection: sqlite3.Connection, dimensions: Dimensions, source_id: int, facts: KeyedFacts
) -> None:
    """Write what a server's log says of its requests, which are written before."""
    models = dimensions.names("model")
    connection.executemany(
        _PUT,
        [
            (key, dimensions.session(source_id, name, at), at, models[model], *rest)
            for key, name, at, model, *rest in facts.served
        ],
    )
    ran = {models[row[3]] for row in facts.served}
    note_served_models(connection, ran)


def join_served(connection: sqlite3.Connection, dirty: Sequence[int], days: DayMap) -> int:
    """Join what servers did to what assistants asked, wherever one of them changed; how many pairs changed."""
    span = _changed_span(connection, dirty)
    if span is None:
        return 0
    rows = _served_between(connection, *span)
    own = {row.request.key for row in rows}
    twins = _twins(rows)
    asked = _asked_for(connection, rows, own)
    pairs = twins | join([row.request for row in rows if row.request.key not in twins], asked)
    changed = 0
    for row in rows:
        if row.joined != pairs.get(row.request.key):
            changed += 1
            _part(connection, row, days)
    for row in rows:
        key = row.request.key
        if key in twins:
            drop_request(connection, key, days)
            connection.execute("UPDATE served SET joined=? WHERE key=?", (twins[key], key))
        elif key in pairs:
            drop_request(connection, key, days)
            _apply(connection, row, pairs[key], days)
    connection.execute("UPDATE served SET is_new=0 WHERE is_new=1 AND at_ms BETWEEN ? AND ?", span)
    return changed


def _changed_span(connection: sqlite3.Connection, dirty: Sequence[int]) -> tuple[int, int] | None:
    """The instants of the served requests that may have to be joined anew."""
    held = connection.execute("SELECT min(at_ms), max(at_ms) FROM served").fetchone()
    if held[0] is None:
        return None
    edges = [
        edge
        for row in connection.execute("SELECT min(at_ms), max(at_ms) FROM served WHERE is_new=1")
        for edge in row
        if edge is not None
    ]
    for start in range(0, len(dirty), 500):
        part = dirty[start : start + 500]
        marks = ",".join("?" * len(part))
        for first, last in connection.execute(
            f"SELECT min(at_ms), max(at_ms) FROM request WHERE session_id IN ({marks}) "
            "AND session_id NOT IN (SELECT session_id FROM served)",
            part,
        ):
            if first is not None and first <= held[1] + LATE_MS and last >= held[0] - UNTIMED_MS:
                edges += [first, last]
    if not edges:
        return None
    untimed = connection.execute(
        f"SELECT max(at_ms) FROM served WHERE flags & {SERVED_TIMED} = 0 AND at_ms BETWEEN ? AND ?",
        (min(edges) - LATE_MS, max(edges) + UNTIMED_MS),
    ).fetchone()[0]
    return min(edges) - _DAY_MS, max(max(edges) + _DAY_MS, untimed or 0)


def _served_between(connection: sqlite3.Connection, first: int, last: int) -> list[_Row]:
    rows = []
    for row in connection.execute(_SERVED, (first, last)):
        flags = row[7]
        request = ServedRequest._make(
            (*row[:7], bool(flags & SERVED_TIMED), bool(flags & SERVED_COUNTED)),
        )
        rows.append(_Row(request, row[8], row[9:12], bool(flags & SERVED_ESTIMATED), row[12] == METER))
    return rows


def _twins(rows: Sequence[_Row]) -> dict[int, int]:
    """What our proxy counted and the server's own log tells too: the log's request of each."""
    metered = [row.request for row in rows if row.is_metered]
    told = [
        AskedRequest(one.key, one.at_ms, one.input + one.cache_read, one.output, one.model)
        for one in (row.request for row in rows if not row.is_metered)
    ]
    return join(metered, told) if metered else {}


def _asked_for(connection: sqlite3.Connection, rows: Sequence[_Row], own: set[int]) -> list[AskedRequest]:
    """Assistants' requests near the served ones, with their own counts, without those joined to others."""
    spans = [window(row.request) for row in rows]
    if not spans:
        return []
    first, last = min(span[0] for span in spans), max(span[1] for span in spans)
    former = {row.joined: row for row in rows if row.joined is not None}
    elsewhere = {
        row[0]
        for row in connection.execute(
            "SELECT joined FROM served WHERE joined IS NOT NULL AND at_ms BETWEEN ? AND ?",
            (first - EARLY_MS, last + UNTIMED_MS),
        )
    } - set(former)
    asked = []
    for key, at_ms, fresh, cached, written, output, model in connection.execute(_ASKED, (first, last)):
        if key in elsewhere or key in own:
            continue
        row = former.get(key)
        prompt = fresh + cached
        if row is not None and (fresh, cached, output) == _counts(row) and None not in row.told:
            prompt, output = (row.told[0] or 0) + (row.told[1] or 0), row.told[2] or 0  # noqa: PLW2901
        asked.append(AskedRequest(key, at_ms, prompt + written, output, model))
    return asked


def _counts(row: _Row) -> tuple[int, int, int]:
    return row.request.input, row.request.cache_read, row.request.output


def _part(connection: sqlite3.Connection, row: _Row, days: DayMap) -> None:
    """Undo a join: both requests are their own again."""
    if row.joined is None:
        return
    connection.execute(_UNJOIN, (row.request.key,))
    touch_request(connection, row.joined, days)
    connection.execute(
        "UPDATE served SET joined=NULL, told_input=NULL, told_cache_read=NULL, told_output=NULL WHERE key=?",
        (row.request.key,),
    )
    connection.execute(
        "INSERT OR IGNORE INTO request(key, at_ms, session_id, model_id, input, cache_read, cache_write_5m, "
        "cache_write_1h, output, reasoning, flags) SELECT key, at_ms, session_id, model_id, input, cache_read, "
        "0, 0, output, 0, 0 FROM served WHERE key=?",
        (row.request.key,),
    )
    touch_request(connection, row.request.key, days)


def _apply(connection: sqlite3.Connection, row: _Row, theirs: int, days: DayMap) -> None:
    """Hold a join: one request, the assistant's, with the server's counts."""
    key = row.request.key
    told = connection.execute(
        "SELECT input, cache_read, output FROM request WHERE key=?", (theirs,)
    ).fetchone()
    if row.joined != theirs:
        connection.execute("UPDATE served SET joined=? WHERE key=?", (theirs, key))
        model = connection.execute("SELECT model_id FROM request WHERE key=?", (theirs,)).fetchone()
        if not is_unknown(connection, model[0]):
            note_served_models(connection, model)
    elif tuple(told) == _counts(row):
        return
    if not row.request.has_counts or row.is_estimated:
        return
    connection.execute(
        "UPDATE served SET told_input=?, told_cache_read=?, told_output=? WHERE key=?", (*told, key)
    )
    if tuple(told) != _counts(row):
        connection.execute(_TAKE_COUNTS, (key,))
        touch_request(connection, theirs, days)


def is_unknown(connection: sqlite3.Connection, model: int) -> bool:
    """Whether a model's name says that its log names none: others' requests may have it too."""
    (name,) = connection.execute("SELECT name FROM model WHERE id=?", (model,)).fetchone()
    return str(name) == "unknown"


def sessionless(connection: sqlite3.Connection, sessions: Sequence[int]) -> set[int]:
    """Sessions, of those given, that are runs of a local server: no log says what they were for."""
    found: set[int] = set()
    for start in range(0, len(sessions), 500):
        part = sessions[start : start + 500]
        marks = ",".join("?" * len(part))
        rows = connection.execute(
            f"SELECT id FROM session WHERE id IN ({marks}) AND id IN (SELECT session_id FROM served)", part
        )
        found |= {row[0] for row in rows}
    return found


def served_totals(connection: sqlite3.Connection) -> list[ServedTotals]:
    """Requests that servers logged, by source."""
    rows: Iterable[tuple[str, int, int, int, int, int]] = connection.execute(
        f"SELECT o.name, count(*), count(v.joined), sum(v.flags & {SERVED_COUNTED} = 0), "
        f"sum(v.flags & {SERVED_TIMED} = 0), sum(v.flags & {SERVED_ESTIMATED} <> 0) FROM served v "
        "JOIN session s ON s.id = v.session_id JOIN source o ON o.id = s.source_id GROUP BY 1 ORDER BY 1"
    )
    return [ServedTotals(*row) for row in rows]
