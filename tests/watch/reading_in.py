"""A database filled in this process: quick enough for tests of hundreds of made logs."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from tokencoach.settings import Settings
from tokencoach.sources.base import LogsHome
from tokencoach.store.writer import Writer
from tokencoach.watch.ingest import Ingester
from tokencoach.watch.refresh import Upkeep, settle

if TYPE_CHECKING:
    from pathlib import Path

    from tokencoach.watch.ingest import IngestResult

UTC: Final = ZoneInfo("UTC")
# Without row numbers, which depend on the order of writing.
TABLES: Final = {
    "sessions": "SELECT session_id, first_ms, last_ms, title, version, parent FROM session",
    "turns": "SELECT t.key, t.at_ms, t.prompt, t.offset, t.length, s.session_id FROM turn t "
    "JOIN session s ON s.id = t.session_id",
    "requests": "SELECT r.key, r.at_ms, s.session_id, m.name, r.input, r.cache_read, r.cache_write_5m, "
    "r.cache_write_1h, r.output, r.reasoning, r.flags, t.key FROM request r JOIN session s ON s.id = r.session_id "
    "JOIN model m ON m.id = r.model_id LEFT JOIN turn t ON t.id = r.turn_id",
    "calls": "SELECT key, request_key, at_ms, input_digest, flags, status, result_ms, output_bytes FROM tool_call",
    "edits": "SELECT e.key, e.call_key, e.request_key, e.at_ms, p.name, e.kind, e.rank, coalesce(e.status, c.status) = 'ok', e.added, "
    "e.removed, e.generated, t.key FROM edit e JOIN path p ON p.id = e.path_id "
    "LEFT JOIN tool_call c ON c.key = e.call_key LEFT JOIN turn t ON t.id = e.turn_id",
    "errors": "SELECT key, at_ms, kind, code, message FROM error",
    "days": "SELECT d.day, s.session_id, m.name, d.requests, d.input, d.output, d.cost_nano FROM day_usage d "
    "JOIN session s ON s.id = d.session_id JOIN model m ON m.id = d.model_id",
    "quarantine": "SELECT offset, length FROM quarantine",
}


class Database:
    """A database of one home of logs."""

    def __init__(self, folder: Path, home: Path, settings: Settings | None = None) -> None:
        self.path = folder / "tokencoach.db"
        self.home = LogsHome(home, {})
        self.settings = settings or Settings()

    def ingest(self) -> IngestResult:
        """Read what is new, as a process of its own would: nothing is remembered but the database."""
        upkeep = Upkeep(self.path, self.home, self.settings, UTC)
        with Writer(self.path, UTC) as writer:
            result = Ingester(writer, self.home, self.settings).sweep()
            settle(writer, upkeep)
        return result

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of a query, in an order of their own."""
        connection = sqlite3.connect(self.path)
        try:
            return sorted(connection.execute(query).fetchall(), key=repr)
        finally:
            connection.close()

    def contents(self) -> dict[str, list[tuple[Any, ...]]]:
        """Everything that the logs said."""
        return {name: self.rows(query) for name, query in TABLES.items()}
