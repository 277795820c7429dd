"""Closed months, when a change to one was first seen, and the facts that a month was made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import zstandard

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Sequence

_LARGEST_PARTS = 1 << 30


class ClosedRow(NamedTuple):
    """One closing of a month.

    ``report`` is the audit as it was printed in JSON, ``body`` the same for screens, ``parts`` its
    spend by session, turn and outcome, ``restated`` what it took in of the version before.
    """

    month: str
    timezone: str
    version: int
    closed_ms: int
    algorithm: str
    inputs_digest: str
    price_table: str
    report: str
    body: str
    parts: str
    restated: str


def closed_versions(connection: sqlite3.Connection, month: str, timezone: str) -> list[ClosedRow]:
    """Every closing of a month, the oldest first."""
    rows = connection.execute(
        "SELECT month, timezone, version, closed_ms, algorithm, inputs_digest, price_table, report, body, parts, "
        "restated FROM month_close WHERE month=? AND timezone=? ORDER BY version",
        (month, timezone),
    )
    expand = zstandard.ZstdDecompressor().decompress
    return [
        ClosedRow._make((*row[:9], expand(row[9], max_output_size=_LARGEST_PARTS).decode(), row[10]))
        for row in rows
    ]


def put_closed(connection: sqlite3.Connection, row: ClosedRow) -> None:
    """Freeze a version of a month; an earlier one is never changed."""
    packed = zstandard.ZstdCompressor().compress(row.parts.encode())
    connection.execute(
        "INSERT INTO month_close VALUES(?,?,?,?,?,?,?,?,?,?,?)", (*row[:9], packed, row.restated)
    )
    connection.execute("DELETE FROM audit_cache")


def seen_changes(
    connection: sqlite3.Connection, month: str, timezone: str, version: int
) -> dict[tuple[str, str], int]:
    """When a cause was first seen to change a session of a closed month: by cause and session id."""
    rows = connection.execute(
        "SELECT cause, session_id, seen_ms FROM restatement_seen WHERE month=? AND timezone=? AND version=?",
        (month, timezone, version),
    )
    return {(row[0], row[1]): row[2] for row in rows}


def note_changes(
    connection: sqlite3.Connection,
    month: str,
    timezone: str,
    version: int,
    changes: Iterable[tuple[str, str, int]],
) -> None:
    """Note when causes were seen, as ``(cause, session id, seen_ms)``; what was noted before stays."""
    connection.executemany(
        "INSERT OR IGNORE INTO restatement_seen VALUES(?,?,?,?,?,?)",
        [(month, timezone, version, *change) for change in changes],
    )


_REQUESTS = """
SELECT 'request', r.key, r.at_ms, t.key, m.name, r.input, r.cache_read, r.cache_write_5m, r.cache_write_1h, r.output,
  r.reasoning, coalesce(c.calls, 0), coalesce(c.rejected, 0), coalesce(c.failed, 0), coalesce(c.looped, 0)
FROM request r JOIN model m ON m.id = r.model_id LEFT JOIN turn t ON t.id = r.turn_id
LEFT JOIN request_cut c ON c.request_id = r.id
WHERE r.session_id = :session AND r.at_ms >= :since AND r.at_ms < :until ORDER BY r.key"""
_EDITS = """
SELECT 'edit', e.key, e.at_ms, t.key, p.name, q.name, e.place, coalesce(e.status, c.status),
  hex(coalesce(e.generated, e.added)), hex(e.removed), b.name, f.name, o.roots, o.state, o.phase
FROM edit e JOIN path p ON p.id = e.path_id LEFT JOIN path q ON q.id = e.repo_path_id
LEFT JOIN turn t ON t.id = e.turn_id LEFT JOIN tool_call c ON c.key = e.call_key LEFT JOIN branch b ON b.id = e.branch_id
LEFT JOIN folder f ON f.id = e.folder_id LEFT JOIN repo o ON o.id = e.repo_id
WHERE e.session_id = :session AND e.at_ms <= :as_of ORDER BY e.key"""
_LANDINGS = """
SELECT 'landing', e.key, l.is_removal, l.position, l.landed_ms, c.sha, p.name, l.line, l.method, l.confidence, l.credit,
  CASE WHEN l.died_ms <= :as_of THEN l.died_ms END, CASE WHEN l.died_ms <= :as_of THEN l.death END,
  CASE WHEN l.died_ms <= :as_of THEN d.sha END
FROM edit e JOIN landing l ON l.edit_id = e.id JOIN git_commit c ON c.id = l.commit_id JOIN path p ON p.id = l.path_id
LEFT JOIN git_commit d ON d.id = l.death_commit_id
WHERE e.session_id = :session AND e.at_ms <= :as_of AND l.landed_ms <= :as_of
ORDER BY e.key, l.is_removal, l.position, l.landed_ms, c.sha"""
_SIGHTINGS = """
SELECT 'sighting', e.key, g.is_removal, g.position, c.sha, g.active_ms FROM edit e
JOIN side_sighting g ON g.edit_id = e.id JOIN git_commit c ON c.id = g.commit_id
WHERE e.session_id = :session AND c.at_ms <= :as_of ORDER BY e.key, g.is_removal, g.position, c.sha"""
_VOID = """
SELECT 'void', e.key, v.is_removal, v.position, v.reason, v.at_ms FROM edit e JOIN void_line v ON v.edit_id = e.id
WHERE e.session_id = :session AND v.at_ms <= :as_of ORDER BY e.key, v.is_removal, v.position"""
_WORKTREE = """
SELECT 'worktree', e.key, w.position FROM edit e JOIN worktree_line w ON w.edit_id = e.id
WHERE e.session_id = :session ORDER BY e.key, w.position"""
_WORDS = """
SELECT 'word', turn_key, edit_key, first_line, last_line, bucket, because FROM overrule
WHERE source = :source AND session_id = :name AND said_ms <= :as_of AND (undone_ms IS NULL OR undone_ms > :as_of)
ORDER BY turn_key, edit_key, first_line, said_ms, id"""


def input_rows(
    connection: sqlite3.Connection, sessions: Sequence[int], since_ms: int, until_ms: int, as_of_ms: int
) -> Iterator[tuple[object, ...]]:
    """The facts that an audit of some sessions is made of, in an order and with keys that any rebuild has."""
    known = connection.execute(
        "SELECT s.id, n.name, s.session_id, f.name, b.name FROM session s JOIN source n ON n.id = s.source_id "
        "LEFT JOIN folder f ON f.id = s.folder_id LEFT JOIN branch b ON b.id = s.branch_id "
        "ORDER BY n.name, s.session_id"
    ).fetchall()
    wanted = set(sessions)
    for session, source, name, folder, branch in known:
        if session not in wanted:
            continue
        yield "session", source, name, folder, branch
        values = {
            "session": session,
            "source": source,
            "name": name,
            "since": since_ms,
            "until": until_ms,
            "as_of": as_of_ms,
        }
        for query in (_REQUESTS, _EDITS, _LANDINGS, _SIGHTINGS, _VOID, _WORKTREE, _WORDS):
            yield from connection.execute(query, values)
    yield from connection.execute("SELECT 'phase', kind, name, phase FROM phase_tag ORDER BY kind, name")
