"""A real repository and real logs that grow together, read by one database after every step."""

from __future__ import annotations

import contextlib
import sqlite3
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

from tokencoach.demo.stage import Stage
from tokencoach.settings import Settings
from tokencoach.sources.base import LogsHome
from tokencoach.watch.refresh import Upkeep, refresh

if TYPE_CHECKING:
    from pathlib import Path

    from tokencoach.demo.session import Session

BEGIN = datetime(2026, 2, 2, 10, tzinfo=UTC)
NOW = "2026-03-20T12:00:00Z"

_EDIT = "(SELECT e.key FROM edit e WHERE e.id = edit_id), is_removal, position"
_NAMED = "(SELECT g.sha FROM git_commit g WHERE g.id = {})"
_QUERIES = {
    "landing": f"SELECT {_EDIT}, life, {_NAMED.format('commit_id')}, (SELECT name FROM path WHERE id = path_id), line, "
    f"landed_ms, died_ms, death, {_NAMED.format('death_commit_id')}, method, confidence, credit FROM landing",
    "side": f"SELECT {_EDIT}, {_NAMED.format('commit_id')}, active_ms, ref FROM side_sighting",
    "void": f"SELECT {_EDIT}, reason, at_ms FROM void_line",
    "unreadable": "SELECT path, at_ms FROM unreadable_path",
    "repo": "SELECT path, roots, remotes, default_branch, state, problem FROM repo",
}

Rows = dict[str, list[tuple[object, ...]]]


class Growing:
    """A stage with one repository, and a database that is refreshed as it grows."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.stage = Stage(folder, BEGIN)
        self.clock = self.stage.clock
        self.repo = self.stage.repository("service")
        self.repo.human_write("README.md", "# service\n\nPeople rely on it.\n")
        self.repo.commit("Start the service")
        self._cold = 0

    def session(self, kind: Literal["claude", "codex"] = "claude") -> Session:
        """Open a session in the repository."""
        return self.stage.claude(self.repo) if kind == "claude" else self.stage.codex(self.repo)

    def follow(self, name: str = "grown") -> Rows:
        """What a database says once it is brought up to date."""
        database = self.folder / name / "tokencoach.db"
        home = LogsHome(self.stage.home, {})
        refresh(Upkeep(database, home, Settings(), ZoneInfo("UTC")))
        with contextlib.closing(sqlite3.connect(database)) as connection:
            return {table: sorted(connection.execute(sql), key=repr) for table, sql in _QUERIES.items()}

    def rebuilt(self) -> Rows:
        """What a database made from nothing says."""
        self._cold += 1
        return self.follow(f"cold-{self._cold}")

    def landed(self) -> int:
        """How many lines have landed and live."""
        return sum(row[8] is None for row in self.follow()["landing"] if not row[1])


def code(topic: str, count: int) -> str:
    """Significant lines that occur nowhere else."""
    return "".join(f"{topic}_total_{index} = measure_{topic}(sample={index})\n" for index in range(count))
