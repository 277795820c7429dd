"""How formats drift: what of them is not known, by version, and which logs grow without telling anything."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from tokencoach.clock import now_ms

if TYPE_CHECKING:
    import sqlite3

    from tokencoach.store.dimensions import Dimensions
    from tokencoach.store.writer import Portion

_LOUD_BYTES = 4096
_KIND, _FIELD = "kind ", "field "

_PUT = """
INSERT INTO drift(file_id, version, name, count) VALUES(?,?,?,?)
ON CONFLICT(file_id, version, name) DO UPDATE SET count = count + excluded.count"""

_MUTE = """
INSERT INTO silence(file_id, bytes, written_ms) VALUES(?,?,?)
ON CONFLICT(file_id) DO UPDATE SET bytes = bytes + excluded.bytes, written_ms = excluded.written_ms"""

_SPOKEN = """
SELECT max((SELECT max(r.at_ms) FROM request r WHERE r.session_id = s.id)) FROM session s WHERE s.source_id = ?"""


class Unknown(NamedTuple):
    """A kind of record or a field that is not known, and how many records of which version had it."""

    source: str
    version: str
    is_field: bool
    name: str
    records: int


class Mute(NamedTuple):
    """A source that told of requests before and whose logs have grown since without one."""

    source: str
    bytes: int
    files: int
    since_ms: int
    version: str


def put_drift(
    connection: sqlite3.Connection, dimensions: Dimensions, source_id: int, portion: Portion
) -> None:
    """Count what of a portion is not known, and the bytes since its file last told of a request."""
    facts, file_id = portion.facts, portion.cursor.file_id
    names = [(_KIND + name, count) for name, count in facts.unseen.items()]
    names += [(_FIELD + name, count) for name, count in facts.fields.items()]
    if names:
        version = _version(connection, dimensions, source_id, portion)
        connection.executemany(_PUT, [(file_id, version, *named) for named in names])
    if facts.requests:
        connection.execute("DELETE FROM silence WHERE file_id=?", (file_id,))
    elif facts.is_mute and portion.length:
        # The state of a file that was written just now names no time.
        written = portion.cursor.mtime_ns // 1_000_000 or now_ms()
        connection.execute(_MUTE, (file_id, portion.length, written))


def _version(connection: sqlite3.Connection, dimensions: Dimensions, source_id: int, portion: Portion) -> str:
    """The assistant's version as the portion says, or as its session said before."""
    for row in reversed(portion.facts.sessions):
        if row[5]:
            return row[5]
        session = dimensions.session(source_id, row[0], row[1])
        known = connection.execute("SELECT version FROM session WHERE id=?", (session,)).fetchone()
        if known and known[0]:
            return str(known[0])
    return ""


def unknown_parts(connection: sqlite3.Connection) -> list[Unknown]:
    """Kinds and fields that are not known, by source and version, the most frequent first."""
    rows = connection.execute(
        "SELECT o.name, d.version, d.name, sum(d.count) FROM drift d JOIN log_file f ON f.id = d.file_id "
        "JOIN source o ON o.id = f.source_id GROUP BY 1, 2, 3 ORDER BY 1, 2, 4 DESC, 3"
    )
    return [
        Unknown(source, version, name.startswith(_FIELD), name.partition(" ")[2], count)
        for source, version, name, count in rows
    ]


def unknown_fields_of(connection: sqlite3.Connection) -> dict[str, dict[str, int]]:
    """Fields that are not known with how many records had them, by source."""
    found: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for one in unknown_parts(connection):
        if one.is_field:
            found[one.source][one.name] = found[one.source].get(one.name, 0) + one.records
    return dict(found)


def mute_sources(connection: sqlite3.Connection) -> list[Mute]:
    """Sources that suddenly tell of no request though their logs grow."""
    found = []
    rows = connection.execute(
        "SELECT o.id, o.name FROM source o WHERE EXISTS (SELECT 1 FROM silence q JOIN log_file f ON f.id = q.file_id "
        "WHERE f.source_id = o.id)"
    ).fetchall()
    for source_id, name in rows:
        spoken = connection.execute(_SPOKEN, (source_id,)).fetchone()[0]
        if spoken is None:
            continue
        # A session that ends with a record or two is no silence, however many sessions do.
        size, files, since = connection.execute(
            "SELECT coalesce(sum(q.bytes), 0), count(*), min(q.written_ms) FROM silence q JOIN log_file f "
            "ON f.id = q.file_id WHERE f.source_id = ? AND q.written_ms >= ? AND q.bytes >= ?",
            (source_id, spoken, _LOUD_BYTES),
        ).fetchone()
        if files:
            found.append(Mute(name, size, files, since, _newest_version(connection, source_id)))
    return found


def _newest_version(connection: sqlite3.Connection, source_id: int) -> str:
    row = connection.execute(
        "SELECT version FROM session WHERE source_id=? AND version IS NOT NULL ORDER BY last_ms DESC LIMIT 1",
        (source_id,),
    ).fetchone()
    return str(row[0]) if row else ""
