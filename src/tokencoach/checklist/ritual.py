"""The monthly ritual: what I spent, where it ended, one thing to stop, one plan. About ten minutes.

It is about the month that is over, and is due from the first working day of the next until it is done.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from tokencoach.audit.close import month_audit
from tokencoach.audit.kept import cached_audit
from tokencoach.audit.period import month_period, recent_months
from tokencoach.audit.report import PeriodAudit
from tokencoach.checklist.entry import entry_markdown, states_of
from tokencoach.clock import day_of
from tokencoach.coach.habits import Habits, month_with_habits
from tokencoach.coach.plans import PLANS_SHOWN, Measured, accept, focus, measure, measured_plans
from tokencoach.store.plan_rows import PlanRow, plans_until
from tokencoach.store.ritual_rows import RitualRow, finish_ritual, ritual_of
from tokencoach.store.usage_rows import months_with_requests

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from zoneinfo import ZoneInfo

    from tokencoach.audit.period import Period
    from tokencoach.checklist.judge import Checklist
    from tokencoach.settings import Settings
    from tokencoach.store.connect import Connection
    from tokencoach.store.reader import Reader

STEPS: Final = ("what I spent", "where it ended", "one thing to stop", "one plan")
_SATURDAY = 5


def first_working_day(day: date) -> date:
    """The first day of a day's month that is no Saturday or Sunday."""
    first = day.replace(day=1)
    return first + timedelta(days=max(0, 7 - first.weekday()) if first.weekday() >= _SATURDAY else 0)


def due_ritual(connection: Connection, now_ms: int, tz: ZoneInfo) -> Period | None:
    """The last month, where its ritual is due: it had requests, a working day has begun, and it is not done."""
    today = day_of(now_ms, tz)
    _, last = recent_months(now_ms, tz)
    if today < first_working_day(today) or last.month is None:
        return None
    done = ritual_of(connection, last.month, tz.key)
    if done is not None and done.done_ms is not None:
        return None
    return last if last.month in months_with_requests(connection, tz) else None


def reminder_words(period: Period) -> str:
    """One line that says what is due; the key that opens it comes after."""
    return f"{period.label.split()[0]} is over: 10 minutes"


@dataclass(frozen=True, slots=True)
class Ritual:
    """All that the four screens show. ``before`` is the month before, where it had requests.

    ``held`` is the newest plan that stood before this ritual, measured again; ``followed`` is the plan
    that a new one would take the place of; ``chosen`` is the plan that this ritual ended in.
    """

    audit: PeriodAudit
    before: PeriodAudit | None
    habits: Habits | None
    row: RitualRow | None
    held: Measured | None
    followed: PlanRow | None
    chosen: Measured | None

    @property
    def is_done(self) -> bool:
        """Whether it was finished once."""
        return self.row is not None and self.row.done_ms is not None


def read_ritual(reader: Reader, period: Period, now_ms: int, settings: Settings) -> Ritual:
    """The ritual of a month; takes as long as its audit and the measuring of plans."""
    connection, tz = reader.connection, period.tz
    audit, habits = month_with_habits(reader, period, now_ms, settings)
    row = None if period.month is None else ritual_of(connection, period.month, tz.key)
    plans = plans_until(connection, now_ms)
    own = None if row is None else row.plan_id
    before = _held(plans, own, row.opened_ms if row is not None else now_ms)
    ended_in = next((plan for plan in plans if plan.plan_id == own), None)
    held, chosen = (
        None if plan is None else measure(reader, plan, min(now_ms, plan.undone_ms or now_ms), tz, settings)
        for plan in (before, ended_in)
    )
    return Ritual(
        audit=audit,
        before=_month_before(reader, period, now_ms),
        habits=habits,
        row=row,
        held=held,
        followed=focus(plans, now_ms, tz),
        chosen=chosen,
    )


def _held(plans: Sequence[PlanRow], own: int | None, opened_ms: int) -> PlanRow | None:
    """The newest plan made before the ritual was opened that was not dropped before that."""
    for plan in reversed(plans):
        if (
            plan.plan_id != own
            and plan.said_ms <= opened_ms
            and (plan.undone_ms is None or plan.undone_ms > opened_ms)
        ):
            return plan
    return None


def _month_before(reader: Reader, period: Period, now_ms: int) -> PeriodAudit | None:
    earlier = (period.first - timedelta(days=1)).isoformat()[:7]
    if earlier not in months_with_requests(reader.connection, period.tz):
        return None
    before = month_period(earlier, period.tz)
    return cached_audit(reader, before) or month_audit(reader, before, now_ms)


def finish(connection: Connection, month: str, tz: ZoneInfo, now_ms: int, plan: PlanRow | None) -> int | None:
    """Keep that the ritual of a month is done, and its plan where it ends in one; the plan's id.

    Called inside a transaction.
    """
    plan_id = None if plan is None else accept(connection, plan, now_ms, tz)
    finish_ritual(connection, month, tz.key, now_ms, plan_id)
    return plan_id


def ritual_entry(reader: Reader, checklist: Checklist, now_ms: int, settings: Settings) -> str:
    """The entry of the checklist's month in the efficiency log, as ``audit --markdown`` prints it."""
    period = checklist.period
    audit, habits = month_with_habits(reader, period, now_ms, settings)
    plans = measured_plans(reader, now_ms, period.tz, settings, most=PLANS_SHOWN)
    return entry_markdown(audit, habits, plans, states_of(checklist))
