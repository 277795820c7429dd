"""Made months whose checklist is judged: sessions acted out over a real repository, and what is written of them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from coach.made import Month
from tokencoach.audit.period import month_period
from tokencoach.checklist.grounds import Grounds, Place
from tokencoach.checklist.registry import item_of
from tokencoach.settings import Settings
from tokencoach.sources.base import LogsHome
from tokencoach.watch.word import write_word

if TYPE_CHECKING:
    from collections.abc import Callable

    from tokencoach.checklist.item import Judgement
    from tokencoach.demo.claude import ClaudeSession
    from tokencoach.demo.repository import Repository
    from tokencoach.store.connect import Connection

END = datetime(2026, 3, 1, tzinfo=UTC)


class ListedMonth(Month):
    """As the coach's month, with its checklist."""

    settings = Settings()

    def judge(
        self, item: str, at: datetime = END, month: str = "2026-02", *, is_here: bool = False
    ) -> Judgement:
        """How an item stands in a month as of an instant; ``is_here`` lets this computer be looked at."""
        with self.read() as reader:
            return item_of(item).judge(self.grounds(reader, at, month, is_here=is_here))

    def grounds(
        self, reader: object, at: datetime = END, month: str = "2026-02", *, is_here: bool = False
    ) -> Grounds:
        """What items are judged on."""
        place = Place(self.database, LogsHome(self.stage.home, {})) if is_here else None
        return Grounds(
            reader,  # type: ignore[arg-type]
            month_period(month, self.tz),
            int(at.timestamp() * 1000),
            self.settings,
            place,
        )

    def write(self, change: Callable[[Connection], object]) -> None:
        """Write into the person's own tables, once the logs were read."""
        self.read().close()
        write_word(self.database, self.tz, change)

    def new_file(self, session: ClaudeSession, path: str, lines: int, tag: str = "made") -> None:
        """Let a session write a file of so many lines that count."""
        session.write(
            path,
            "".join(
                f"def {tag}_{number}_of_{path.split('.', maxsplit=1)[0]}(): return {number}\n"
                for number in range(lines)
            ),
        )

    def landed(
        self, path: str, lines: int = 12, message: str = "Add a part", repo: Repository | None = None
    ) -> str:
        """A session that writes a new file, committed a while later; the commit."""
        where = repo or self.repo
        session = self.session(where=where, context=15_000)
        session.prompt(f"Write {path}")
        self.new_file(session, path, lines)
        session.say("Done.")
        self.clock.advance(seconds=20)
        return where.commit(message)
