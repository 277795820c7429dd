"""What the screens ask of the coach: a month's habits, plans against them, the monthly ritual."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

from tokencoach.errors import NothingToReadError, TokencoachError
from tokencoach.tui.words import Words

if TYPE_CHECKING:
    from tokencoach.audit.period import Period
    from tokencoach.checklist.judge import Checklist
    from tokencoach.checklist.ritual import Ritual
    from tokencoach.coach.finding import Finding
    from tokencoach.coach.habits import Habits
    from tokencoach.coach.plans import Measured
    from tokencoach.settings import Settings
    from tokencoach.store.plan_rows import PlanRow
    from tokencoach.tui.backend import PlanWords


class Coaching(Words):
    """The part of a real database's backend that is about habits, plans and the ritual."""

    @abstractmethod
    def checklist(self, month: str) -> Checklist:
        """Every item of a month, judged."""

    def _settings(self) -> Settings:
        from tokencoach.paths import settings_file  # noqa: PLC0415 - after the first screen
        from tokencoach.settings import read_settings  # noqa: PLC0415

        return read_settings(settings_file(self.database.parent))

    def _month(self, month: str) -> Period:
        from tokencoach.audit.period import month_period  # noqa: PLC0415

        return month_period(month, self.tz)

    def kept_habits(self, month: str) -> Habits | None:
        """The dearest habits of a month where they are known without looking."""
        from tokencoach.coach.habits import kept_habits  # noqa: PLC0415

        return kept_habits(self._reader(), self._month(month))

    def habits(self, month: str) -> Habits | None:
        """The dearest habits of a month, looked for now; of a closed one those that it was closed with."""
        from tokencoach.coach.habits import period_habits  # noqa: PLC0415

        return period_habits(self._reader(), self._month(month), self.now_ms(), self._settings())

    def plan_against(self, finding: str) -> Measured | None:
        """The newest plan against a habit that was not dropped, and whether it held."""
        from tokencoach.coach.plans import measured_against  # noqa: PLC0415

        found = measured_against(self._reader(), {finding}, self.now_ms(), self.tz, self._settings())
        return found.get(finding)

    def followed_plan(self) -> PlanRow | None:
        """The one plan that is followed now."""
        from tokencoach.coach.plans import focus  # noqa: PLC0415
        from tokencoach.store.plan_rows import plans_until  # noqa: PLC0415

        now = self.now_ms()
        return focus(plans_until(self._reader().connection, now), now, self.tz)

    def accept_plan(self, finding: Finding, said: PlanWords) -> int:
        """Follow a plan against a finding from now on; the one that was followed gives way. Its id."""
        from tokencoach.coach.plans import accept, plan_of  # noqa: PLC0415
        from tokencoach.watch.word import write_word  # noqa: PLC0415

        now = self.now_ms()
        plan = plan_of(finding, now, *said)
        return write_word(self.database, self.tz, lambda base: accept(base, plan, now, self.tz))

    def drop_plan(self, plan_id: int) -> bool:
        """Drop a plan; False where it was dropped before."""
        from tokencoach.store.plan_rows import drop_plan  # noqa: PLC0415
        from tokencoach.watch.word import write_word  # noqa: PLC0415

        now = self.now_ms()
        return write_word(self.database, self.tz, lambda base: drop_plan(base, plan_id, now))

    def session_row_of(self, session_id: str, row: int | None) -> int | None:
        """Today's row of a session, by the log's own id; None where it is known no more."""
        from tokencoach.errors import UsageError  # noqa: PLC0415
        from tokencoach.store.session_rows import find_session  # noqa: PLC0415

        if row is not None and any(one.session_id == session_id for one in self.session_rows([row])):
            return row
        try:
            return find_session(self._reader().connection, session_id)
        except UsageError:
            return None

    def due_ritual(self) -> str:
        """What to say where the last month's ritual is due; empty where it is not."""
        from tokencoach.checklist.ritual import due_ritual, reminder_words  # noqa: PLC0415

        try:
            due = due_ritual(self._reader().connection, self.now_ms(), self.tz)
        except NothingToReadError:
            return ""
        return "" if due is None else reminder_words(due)

    def ritual(self, month: str) -> Ritual:
        """All that the ritual of a month shows; may take a second."""
        from tokencoach.checklist.ritual import read_ritual  # noqa: PLC0415

        return read_ritual(self._reader(), self._month(month), self.now_ms(), self._settings())

    def keep_ritual_step(self, month: str, step: int, finding: str | None) -> None:
        """Keep how far a ritual got, and what was chosen so far."""
        from tokencoach.store.ritual_rows import keep_step  # noqa: PLC0415
        from tokencoach.watch.word import write_word  # noqa: PLC0415

        now, zone = self.now_ms(), self.tz.key
        write_word(self.database, self.tz, lambda base: keep_step(base, month, zone, step, now, finding))

    def finish_ritual(self, month: str, finding: Finding | None, said: PlanWords | None) -> str:
        """Keep that a ritual is done, with its plan, and write the entry; what came of that, in a sentence."""
        from tokencoach.checklist.ritual import finish  # noqa: PLC0415
        from tokencoach.coach.plans import plan_of  # noqa: PLC0415
        from tokencoach.watch.word import write_word  # noqa: PLC0415

        now = self.now_ms()
        plan = None if finding is None or said is None else plan_of(finding, now, *said)
        write_word(self.database, self.tz, lambda base: finish(base, month, self.tz, now, plan))
        return self._write_entry(month)

    def _write_entry(self, month: str) -> str:
        from tokencoach.checklist.journal import write_entry  # noqa: PLC0415
        from tokencoach.checklist.ritual import ritual_entry  # noqa: PLC0415
        from tokencoach.paths import shown  # noqa: PLC0415
        from tokencoach.tui.safe_text import clean  # noqa: PLC0415

        settings = self._settings()
        folder = settings.ritual.journal
        if folder is None or self.is_demo:
            return ""
        text = ritual_entry(self._reader(), self.checklist(month), self.now_ms(), settings)
        safe = "\n".join(clean(line) for line in text.split("\n"))
        try:
            return f"Written to {shown(write_entry(folder, month, safe))}."
        except TokencoachError as error:
            return f"Not written: {error.args[0]}"
