"""How old what is shown may be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokencoach.audit.report import Freshness
from tokencoach.store.status import newest_request_ms, read_heartbeat

if TYPE_CHECKING:
    from tokencoach.store.reader import Reader

# The watcher beats every 5 seconds; three beats missed and it counts as stopped.
ALIVE_MS = 15_000


def read_freshness(reader: Reader, now_ms: int) -> Freshness:
    """The watcher's state and the newest thing read."""
    beat = read_heartbeat(reader.connection)
    newest = newest_request_ms(reader.connection)
    if beat is None:
        return Freshness(
            is_watching=False,
            watcher_pid=None,
            beat_at_ms=None,
            backlog_bytes=0,
            total_bytes=0,
            newest_request_ms=newest,
        )
    return Freshness(
        # A beat far ahead is one of a clock that was set back since: the next one tells.
        is_watching=abs(now_ms - beat.beat_ms) < ALIVE_MS and beat.pid != 0,
        watcher_pid=beat.pid or None,
        beat_at_ms=beat.beat_ms,
        backlog_bytes=beat.backlog_bytes,
        total_bytes=beat.total_bytes,
        newest_request_ms=newest,
    )
