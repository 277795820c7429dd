"""What the Checklist screen asks: a month's items judged, and the person's word on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokencoach.errors import NothingToReadError
from tokencoach.tui.coaching import Coaching

if TYPE_CHECKING:
    from pathlib import Path

    from tokencoach.checklist.judge import Checklist
    from tokencoach.coach.finding import Finding


class Listing(Coaching):
    """The part of a real database's backend that is about the checklist."""

    logs_home: Path | None

    def checklist(self, month: str) -> Checklist:
        """Every item of a month, judged now, or as of the month's end."""
        import os  # noqa: PLC0415 - after the first screen
        from pathlib import Path  # noqa: PLC0415

        from tokencoach.checklist.grounds import Grounds, Place  # noqa: PLC0415
        from tokencoach.checklist.judge import Checklist, instant_of, judge_month  # noqa: PLC0415
        from tokencoach.sources.base import logs_home  # noqa: PLC0415

        settings, period = self._settings(), self._month(month)
        as_of_ms = instant_of(period, self.now_ms())
        try:
            reader = self._reader()
        except NothingToReadError:
            return Checklist(period, as_of_ms, (), {})
        home = logs_home(Path.home(), dict(os.environ), self.logs_home, settings.logs)
        return judge_month(Grounds(reader, period, as_of_ms, settings, Place(self.database, home)))

    def item_finding(self, detector: str, month: str) -> Finding | None:
        """What a detector found in a month; None where it found nothing, or there is none of that name."""
        from tokencoach.checklist.grounds import Grounds  # noqa: PLC0415
        from tokencoach.checklist.judge import instant_of  # noqa: PLC0415
        from tokencoach.coach.finding import Finding  # noqa: PLC0415

        period = self._month(month)
        as_of_ms = instant_of(period, self.now_ms())
        said = Grounds(self._reader(), period, as_of_ms, self._settings()).ask(detector)
        return said if isinstance(said, Finding) else None

    def snooze_item(self, item: str, until: str, because: str) -> None:
        """Leave an item alone up to a day."""
        from tokencoach.checklist.saying import snooze_of  # noqa: PLC0415
        from tokencoach.store.tick_rows import say_tick  # noqa: PLC0415
        from tokencoach.watch.word import write_word  # noqa: PLC0415

        word = snooze_of(item, until, because, self.now_ms(), self.tz)
        write_word(self.database, self.tz, lambda base: say_tick(base, word))

    def take_item_word_back(self, item: str) -> bool:
        """Take a snooze or a tick of an item back; False where there was none."""
        from tokencoach.store.tick_rows import take_back_ticks  # noqa: PLC0415
        from tokencoach.watch.word import write_word  # noqa: PLC0415

        now = self.now_ms()
        return bool(write_word(self.database, self.tz, lambda base: take_back_ticks(base, item, now)))
