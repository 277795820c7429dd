"""Made months: an engineer's sessions acted out over a real repository, read in, and asked about."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from tokencoach.audit.period import span_period
from tokencoach.coach.finding import Finding, Quiet
from tokencoach.coach.material import Material
from tokencoach.demo.stage import Stage
from tokencoach.settings import Settings
from tokencoach.sources.base import LogsHome
from tokencoach.store.connect import connect_writer
from tokencoach.store.reader import open_reader
from tokencoach.watch.refresh import Upkeep, refresh

if TYPE_CHECKING:
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from tokencoach.coach.finding import Detector
    from tokencoach.demo.claude import ClaudeSession
    from tokencoach.demo.repository import Repository
    from tokencoach.store.reader import Reader

BEGIN = datetime(2026, 2, 2, 10, tzinfo=UTC)
AS_OF = datetime(2026, 3, 1, tzinfo=UTC)
MODELS = Literal[
    "claude-sonnet-4-5-20250929", "claude-opus-4-5-20251101", "claude-haiku-4-5-20251001", "made-model-7"
]


class Month:
    """February 2026 of an engineer; sessions are opened one after the other on one clock."""

    def __init__(self, folder: Path, tz: ZoneInfo) -> None:
        self.stage = Stage(folder, BEGIN)
        self.clock = self.stage.clock
        self.tz = tz
        self.database = folder / "tokencoach.db"
        self.repo: Repository = self.stage.repository("service")
        self.repo.human_write("app.py", "".join(f"def part_{n}():\n    return {n} * 7\n\n" for n in range(8)))
        self.repo.commit("Start the service", at_ms=self.clock.now_ms - 10 * 86_400_000)

    def session(
        self,
        model: MODELS = "claude-sonnet-4-5-20250929",
        where: Repository | Path | None = None,
        context: int = 0,
    ) -> ClaudeSession:
        """A Claude Code session that begins an hour after the last one; ``context`` tokens are in it already."""
        self.clock.advance(hours=1)
        opened = self.stage.claude(where or self.repo, model=model)
        opened.context_tokens = context
        return opened

    def quiet_sessions(self, count: int) -> None:
        """Sessions in which nothing is wrong: a question, a read, an answer."""
        for number in range(count):
            session = self.session(context=15_000)
            session.prompt(f"What does part {number} of the service return, and who calls it?")
            session.read("app.py")
            session.say("It returns a product; nobody calls it yet.")

    def read(self) -> Reader:
        """Read the logs and the history in; the reader is the caller's to close."""
        home = LogsHome(self.stage.home, {})
        refresh(Upkeep(self.database, home, Settings(), self.tz), with_verdicts=False)
        return open_reader(self.database)

    def set_threshold(self, name: str, value: float) -> None:
        """The person's own number for a rule, once the month was read."""
        with contextlib.closing(connect_writer(self.database)) as connection, connection:
            connection.execute(
                "INSERT INTO threshold(name, value, because, said_ms) VALUES(?,?,'mine',1)", (name, value)
            )

    def forget_searches(self) -> None:
        """As a database is whose logs were gone before kinds were told: of searches nobody knows what they are."""
        with contextlib.closing(connect_writer(self.database)) as connection, connection:
            connection.execute("UPDATE tool_call SET kind = NULL WHERE kind = 'search'")

    def material(self, reader: Reader, as_of: datetime = AS_OF) -> Material:
        """The month as detectors see it."""
        as_of_ms = int(as_of.timestamp() * 1000)
        period = span_period("2026-02-01", "2026-02-28", self.tz, as_of_ms)
        return Material.of_period(reader, period, as_of_ms, Settings())

    def ask(self, detector: Detector, as_of: datetime = AS_OF) -> Finding | Quiet:
        """What one detector says of the month."""
        with self.read() as reader:
            return detector.find(self.material(reader, as_of))

    def found(self, detector: Detector) -> Finding:
        """As ``ask``, where it must find something."""
        return self.found_at(detector, AS_OF)

    def found_at(self, detector: Detector, as_of: datetime) -> Finding:
        """As ``found``, asked at another instant."""
        said = self.ask(detector, as_of)
        assert isinstance(said, Finding), said
        return said

    def quiet(self, detector: Detector) -> Quiet:
        """As ``ask``, where it must find nothing."""
        return self.quiet_at(detector, AS_OF)

    def quiet_at(self, detector: Detector, as_of: datetime) -> Quiet:
        """As ``quiet``, asked at another instant."""
        said = self.ask(detector, as_of)
        assert isinstance(said, Quiet), said
        return said
