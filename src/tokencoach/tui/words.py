"""What the screens write: the person's own word, marks of phase, closed months. Never a fact."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from tokencoach.tui.backend import Markable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from tokencoach.audit.report import LoggedPrompt, SessionRow
    from tokencoach.store.reader import Reader
    from tokencoach.tui.backend import Pointed
    from tokencoach.usage.words import Bucket


class Words(ABC):
    """The half of a real database's backend that writes, and what is read to write it."""

    database: Path
    tz: ZoneInfo
    is_demo: bool

    @abstractmethod
    def now_ms(self) -> int:
        """UTC milliseconds."""

    @abstractmethod
    def _reader(self) -> Reader: ...

    @abstractmethod
    def session_rows(self, ids: Sequence[int]) -> list[SessionRow]:
        """Kept rows of up to 200 sessions."""

    def overrule(self, about: Pointed, bucket: Bucket, because: str) -> None:
        """Say the person's own word; it counts from now on."""
        from tokencoach.audit.targets import target_of  # noqa: PLC0415 - only when something is said
        from tokencoach.store.word_rows import say_word  # noqa: PLC0415
        from tokencoach.usage.redact import redacted  # noqa: PLC0415
        from tokencoach.watch.word import write_word  # noqa: PLC0415

        target, reason = target_of(self._reader(), *about), redacted(" ".join(because.split()))
        now = self.now_ms()
        write_word(self.database, self.tz, lambda base: say_word(base, target, str(bucket), reason, now))

    def take_back(self, about: Pointed) -> bool:
        """Let the machine's verdict stand again; False where nothing was said."""
        from tokencoach.audit.targets import target_of  # noqa: PLC0415
        from tokencoach.store.word_rows import take_back  # noqa: PLC0415
        from tokencoach.watch.word import write_word  # noqa: PLC0415

        target, now = target_of(self._reader(), *about), self.now_ms()
        return bool(write_word(self.database, self.tz, lambda base: take_back(base, target, now)))

    def markables(self, row_id: int) -> tuple[Markable, ...]:
        """What can be marked with a phase in a session."""
        from tokencoach.store.word_rows import phases_of  # noqa: PLC0415

        found = phases_of(self._reader().connection, row_id)
        return tuple(Markable(kind, name, phase) for kind, (name, phase) in found.items())

    def mark(self, kind: str, name: str, phase: str | None) -> bool:
        """Mark a phase, or with None take the newest mark back; False where there was none."""
        from tokencoach.store.phase_rows import mark_phase, unmark_phase  # noqa: PLC0415
        from tokencoach.watch.word import write_word  # noqa: PLC0415

        now = self.now_ms()
        if phase is None:
            taken = write_word(self.database, self.tz, lambda base: unmark_phase(base, kind, name, now))
            return taken is not None
        write_word(self.database, self.tz, lambda base: mark_phase(base, kind, name, phase, now))
        return True

    def settle_word(self) -> None:
        """Judge again what words and marks have changed; may take seconds."""
        from tokencoach.watch.word import judge_word  # noqa: PLC0415

        judge_word(self.database, self.tz)

    def close_month(self, month: str) -> str:
        """Freeze a month that is over; what was done, in a sentence."""
        from tokencoach.audit.period import month_period  # noqa: PLC0415
        from tokencoach.paths import settings_file  # noqa: PLC0415
        from tokencoach.settings import read_settings  # noqa: PLC0415
        from tokencoach.watch.closing import close_and_keep  # noqa: PLC0415

        period = month_period(month, self.tz)
        settings = read_settings(settings_file(self.database.parent))
        closed = close_and_keep(self.database, period, self.now_ms(), settings)
        if closed.row is None:
            return f"{period.label} is closed already, and nothing has changed since."
        if closed.row.version > 1:
            return f"{period.label} is closed again: version {closed.row.version}. All are kept."
        return f"{period.label} is closed. What is seen later will be a restatement."

    def prompt(self, turn_id: int) -> LoggedPrompt:
        """The prompt of a turn, read from the tool's own log."""
        from tokencoach.watch.prompt import read_prompt  # noqa: PLC0415

        return read_prompt(self._reader(), turn_id)
