"""The part of the made backend that is about habits, plans and the ritual; the first screen needs none of it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from tokencoach.errors import TokencoachError
from tui.made_names import NOW_MS

if TYPE_CHECKING:
    from tokencoach.audit.report import PeriodAudit
    from tokencoach.checklist.ritual import Ritual
    from tokencoach.coach.finding import Finding
    from tokencoach.coach.habits import Habits
    from tokencoach.coach.plans import Measured
    from tokencoach.store.plan_rows import PlanRow
    from tokencoach.tui.backend import PlanWords


class MadeCoaching(ABC):
    """Three habits where a test wants some; what is accepted and done is remembered."""

    is_broken: bool

    def begin_coaching(self) -> None:
        """Nothing was found, accepted or begun."""
        self.has_habits = False
        self.unjudged = 0
        self.snoozed: dict[str, tuple[str, str]] = {}
        self.accepted: dict[int, tuple[str, PlanWords]] = {}
        self.due = ""
        self.ritual_step: tuple[int, str | None] = (0, None)
        self.ritual_done: int | None = None

    @abstractmethod
    def made_audit(self, month: str) -> PeriodAudit:
        """A month's audit."""

    def kept_habits(self, month: str) -> Habits | None:
        """As ``habits``, where a test has set that they are kept."""
        return self.habits(month) if self.has_habits else None

    def habits(self, month: str) -> Habits | None:
        """Three, where a test wants some."""
        from tui import made_findings  # noqa: PLC0415 - the first screen opens without the coach

        cost = self.made_audit(month).spend.cost_nano
        return made_findings.habits(cost) if self.has_habits else made_findings.no_habits(cost, self.unjudged)

    def plan_against(self, finding: str) -> Measured | None:
        """The newest that was accepted."""
        from tui import made_findings  # noqa: PLC0415

        ours = [number for number, (name, _) in self.accepted.items() if name == finding]
        return made_findings.measured(plan_id=max(ours)) if ours else None

    def followed_plan(self) -> PlanRow | None:
        """The newest that was accepted."""
        from tui import made_findings  # noqa: PLC0415

        return made_findings.plan(max(self.accepted)) if self.accepted else None

    def accept_plan(self, finding: Finding, said: PlanWords) -> int:
        """Remember it, or fail where the test wants it."""
        if self.is_broken:
            raise TokencoachError("the database is locked", "try again")
        number = len(self.accepted) + 1
        self.accepted[number] = (finding.id, said)
        return number

    def drop_plan(self, plan_id: int) -> bool:
        """Forget it."""
        return self.accepted.pop(plan_id, None) is not None

    def session_row_of(self, session_id: str, row: int | None) -> int | None:
        """The row itself; the eighth session is gone."""
        return None if session_id == "session-8" else row

    def due_ritual(self) -> str:
        """What the test has set."""
        return self.due

    def ritual(self, month: str) -> Ritual:
        """The month with what was kept of its ritual."""
        from tokencoach.store.ritual_rows import RitualRow  # noqa: PLC0415
        from tui import made_findings  # noqa: PLC0415

        step, chosen = self.ritual_step
        row = RitualRow(month, "UTC", step, NOW_MS, self.ritual_done, chosen, len(self.accepted) or None)
        before = self.made_audit(f"{month[:5]}{int(month[5:]) - 1:02d}")
        done = made_findings.measured(plan_id=2) if self.accepted else None
        both = (self.made_audit(month), before)
        return made_findings.ritual(both, self.habits(month), row if step else None, done)

    def keep_ritual_step(self, month: str, step: int, finding: str | None) -> None:
        """Remember it."""
        assert month
        self.ritual_step = (step, finding)

    def finish_ritual(self, month: str, finding: Finding | None, said: PlanWords | None) -> str:
        """Done, with or without a plan."""
        if finding is not None and said is not None:
            self.accept_plan(finding, said)
        self.ritual_done, self.due = NOW_MS, ""
        return f"Written to ~/notes/tokencoach-{month}.md."
