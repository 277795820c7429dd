"""Which of an assistant's requests a server was seen working on: joined by time and model, one to one.

What the slots show is a lower bound of a request's tokens, so counts decide nothing here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tokencoach.attribution.joining import AskedRequest, ServedRequest, join, window

if TYPE_CHECKING:
    import sqlite3

_REACH_MS: Final = 2 * 86_400_000

_OPEN = """
SELECT id, end_ms, end_ms - start_ms, prompt, cached, generated, model FROM served_request
WHERE start_ms >= ? ORDER BY start_ms, id"""
_ASKED = """
SELECT r.key, r.at_ms, r.input + r.cache_read + r.cache_write_5m + r.cache_write_1h, r.output, m.name
FROM request r JOIN model m ON m.id = r.model_id JOIN session s ON s.id = r.session_id
WHERE s.last_ms >= ?1 AND r.at_ms BETWEEN ?1 AND ?2"""


def join_power(connection: sqlite3.Connection) -> int:
    """Join the newest two days anew; how many requests of servers found their asker."""
    newest = connection.execute("SELECT max(start_ms) FROM served_request").fetchone()[0]
    if newest is None:
        return 0
    since = int(newest) - _REACH_MS
    served = [
        ServedRequest(row[0], row[1], row[2], row[3], row[4], row[5], row[6], is_timed=True, has_counts=False)
        for row in connection.execute(_OPEN, (since,))
    ]
    spans = [window(one) for one in served]
    first, last = min(span[0] for span in spans), max(span[1] for span in spans)
    asked = [AskedRequest._make(row) for row in connection.execute(_ASKED, (first, last))]
    pairs = join(served, asked)
    former = dict(
        connection.execute("SELECT id, request_key FROM served_request WHERE start_ms >= ?", (since,))
    )
    changed = [one.key for one in served if former[one.key] != pairs.get(one.key)]
    connection.executemany(
        "UPDATE served_request SET request_key = ? WHERE id = ?", [(pairs.get(key), key) for key in changed]
    )
    # What was kept of a session is without the energy that is its own now.
    touched = [(key,) for one in changed for key in (former[one], pairs.get(one)) if key is not None]
    connection.executemany(
        "UPDATE session SET is_dirty = 1 WHERE id = (SELECT session_id FROM request WHERE key = ?)", touched
    )
    return len(pairs)
