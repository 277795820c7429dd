"""If-then plans, and whether each one held: its habit measured again, by the detector that found it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.audit.numbers import counted, percent
from tokencoach.audit.period import Period
from tokencoach.clock import day_of
from tokencoach.coach.finding import Finding
from tokencoach.coach.interval import Interval, difference, signed_words, wilson
from tokencoach.coach.material import Material
from tokencoach.coach.registry import DETECTORS
from tokencoach.errors import UsageError
from tokencoach.store.plan_rows import PlanRow, add_plan, drop_plan, plans_until
from tokencoach.usage.redact import redacted

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from zoneinfo import ZoneInfo

    from tokencoach.coach.finding import Detector, Rate
    from tokencoach.settings import Settings
    from tokencoach.store.connect import Connection
    from tokencoach.store.reader import Reader

FIRST_LOOK_DAYS: Final = 14
WORKED: Final = 0.5
PARTLY: Final = 0.8
FEWEST_SESSIONS: Final = 5
_CASES: Final = frozenset(
    {"sessions", "dear sessions", "commits", "turns", "prompts", "reads of sub-agents"}
    | {"runs of tests, builds and checks"}
)
"""Units that are cases of their own; lines, tokens, hours and dollars of one session stand and fall together."""
LONGEST_WORDS: Final = 200
PLANS_SHOWN: Final = 3
"""How many of the newest plans an entry of the efficiency log holds."""


class State(StrEnum):
    """Whether a plan held. ``RUNNING`` until two weeks are over."""

    WORKED = "worked"
    PARTLY = "partly"
    NOT = "not"
    NOT_ENOUGH = "not_enough_data"
    RUNNING = "running"


class Look(NamedTuple):
    """How often the habit was found in some days, both included; ``rate`` is None where that cannot be told."""

    first: date
    last: date
    sessions: int
    rate: Rate | None
    why_not: str = ""

    @property
    def share(self) -> float | None:
        """The rate as a share; None where it is not known."""
        return None if self.rate is None else self.rate.share


@dataclass(frozen=True, slots=True)
class Measured:
    """A plan and what became of its habit.

    ``before`` and ``after`` are as many days before the day of acceptance as after it; that day is
    in neither. Each is judged with what git held at its own end, so that both had the same time to
    land. Both are None where not one whole day is over. ``judged_at_ms`` is the end of ``after``, or while
    it runs, the end of the first two weeks; ``again_at_ms`` is when it will be measured once more.
    """

    plan: PlanRow
    state: State
    before: Look | None
    after: Look | None
    judged_at_ms: int
    again_at_ms: int | None
    why: str

    @property
    def is_open(self) -> bool:
        """Whether it is still followed: not dropped, and to be measured again."""
        return self.plan.undone_ms is None and self.again_at_ms is not None


def looks_at(said: date) -> tuple[date, date]:
    """Last days of the two spans after a day of acceptance: two weeks, and the end of the month they end in."""
    first = said + timedelta(days=FIRST_LOOK_DAYS)
    following = (first.replace(day=28) + timedelta(days=4)).replace(day=1)
    return first, following - timedelta(days=1)


def verdict(before: Look, after: Look) -> tuple[State, str]:
    """Whether the rate fell by half or more, or by a fifth or more, and surely; and why.

    Sure is what the 90 % interval of the difference says: a fall whose interval holds no change, and a fall of a
    fifth that is not in it, are told; what lies between is too little to say.
    """
    for look, name in ((before, "before"), (after, "after")):
        if look.sessions < FEWEST_SESSIONS:
            return (
                State.NOT_ENOUGH,
                f"{counted(look.sessions, 'session')} {name} it; it takes {FEWEST_SESSIONS}",
            )
        if look.share is None:
            return State.NOT_ENOUGH, f"{name} it: {look.why_not or 'nothing to measure'}"
    was, now = before.share or 0.0, after.share or 0.0
    if not was:
        return State.NOT_ENOUGH, "in as many days before it the habit was not found either"
    gap = difference(_interval(after), _interval(before))
    words = f"{percent(was)} before, {percent(now)} after: {_change(was, now)}; in points {signed_words(gap)}"
    if gap.high < 0 and now <= was * PARTLY:
        return (State.WORKED if now <= was * WORKED else State.PARTLY), words
    if gap.low > was * (PARTLY - 1):
        return State.NOT, words
    return State.NOT_ENOUGH, f"{words}, which may be chance"


def _interval(look: Look) -> Interval:
    """The share of a span with its interval; amounts count for as many cases as there were sessions."""
    rate = look.rate
    if rate is None:
        raise ValueError("a span without a rate has no interval")
    cases = rate.of if rate.unit in _CASES else min(rate.of, look.sessions)
    return wilson(min(1.0, max(0.0, look.share or 0.0)), cases)


def _change(was: float, now: float) -> str:
    if now <= was:
        return f"{percent(1 - now / was)} less (worked from {percent(1 - WORKED)}, partly from {percent(1 - PARTLY)})"
    return f"{percent(now / was - 1)} more"


def measure(
    reader: Reader,
    plan: PlanRow,
    as_of_ms: int,
    tz: ZoneInfo,
    settings: Settings,
    detectors: Sequence[Detector] = DETECTORS,
) -> Measured:
    """Measure a plan's habit again with what existed at an instant; the same facts give the same answer."""
    said = day_of(plan.said_ms, tz)
    ends = [Period(said, end, tz).until_ms for end in looks_at(said)]
    over = [end for end in ends if end <= as_of_ms]
    coming = next((end for end in ends if end > as_of_ms), None)
    last = day_of(over[-1] - 1, tz) if over else day_of(as_of_ms, tz) - timedelta(days=1)
    days = (last - said).days
    judged_at = over[-1] if over else ends[0]
    detector = next((one for one in detectors if one.id == plan.finding), None)
    if days < 1:
        why = "not one whole day is over since it was accepted"
        return Measured(plan, State.RUNNING, None, None, judged_at, coming, why)
    before = _look(
        reader, Period(said - timedelta(days=days), said - timedelta(days=1), tz), settings, detector
    )
    after = _look(reader, Period(said + timedelta(days=1), last, tz), settings, detector)
    state, why = verdict(before, after)
    if not over:
        state, why = State.RUNNING, f"so far {why}"
    return Measured(plan, state, before, after, judged_at, coming, why)


def _look(reader: Reader, period: Period, settings: Settings, detector: Detector | None) -> Look:
    material = Material.of_period(reader, period, period.until_ms, settings)
    sessions = len(material.traces)
    if detector is None:
        return Look(period.first, period.last, sessions, None, "nothing looks for this habit any more")
    said = detector.find(material)
    is_told = isinstance(said, Finding) or said.is_looked
    return Look(
        period.first, period.last, sessions, said.rate if is_told else None, "" if is_told else said.why
    )


def measured_plans(
    reader: Reader,
    as_of_ms: int,
    tz: ZoneInfo,
    settings: Settings,
    detectors: Sequence[Detector] = DETECTORS,
    most: int | None = None,
) -> list[Measured]:
    """The plans that had been accepted at an instant, the newest first; dropped ones as they stood then."""
    return [
        measure(reader, plan, min(as_of_ms, plan.undone_ms or as_of_ms), tz, settings, detectors)
        for plan in plans_until(reader.connection, as_of_ms)[::-1][:most]
    ]


def measured_against(
    reader: Reader, findings: Collection[str], as_of_ms: int, tz: ZoneInfo, settings: Settings
) -> dict[str, Measured]:
    """The newest plan against each of some habits that was not dropped, by the finding's id."""
    newest = {
        plan.finding: plan
        for plan in plans_until(reader.connection, as_of_ms)
        if plan.undone_ms is None and plan.finding in findings
    }
    return {name: measure(reader, plan, as_of_ms, tz, settings) for name, plan in newest.items()}


def focus(plans: Sequence[PlanRow], as_of_ms: int, tz: ZoneInfo) -> PlanRow | None:
    """The one plan that is followed: the newest that was not dropped and whose last measure is to come."""
    for plan in reversed(plans):
        said = day_of(plan.said_ms, tz)
        if plan.undone_ms is None and Period(said, looks_at(said)[1], tz).until_ms > as_of_ms:
            return plan
    return None


def accept(connection: Connection, plan: PlanRow, now_ms: int, tz: ZoneInfo) -> int:
    """Follow a plan from now on; the one that was followed gives way. Called inside a transaction; its id."""
    followed = focus(plans_until(connection, now_ms), now_ms, tz)
    if followed is not None:
        drop_plan(connection, followed.plan_id, now_ms)
    return add_plan(connection, plan)


def plan_of(
    finding: Finding, now_ms: int, condition: str | None = None, action: str | None = None
) -> PlanRow:
    """The plan that a finding becomes: its own words, or the person's instead.

    Raises:
        UsageError: a half of it is empty or longer than 200 characters.
    """
    halves = [
        _half(name, said if said is not None else offered)
        for name, said, offered in (
            ("if", condition, finding.condition),
            ("then", action, finding.action),
        )
    ]
    rate = finding.rate
    return PlanRow(0, finding.id, halves[0], halves[1], now_ms, rate.times, rate.of, rate.unit, None)


def _half(name: str, said: str) -> str:
    words = redacted(" ".join(said.split())).rstrip(".")
    if not words:
        raise UsageError(f"the {name!r} of the plan is empty", "say it in a few words")
    if len(words) > LONGEST_WORDS:
        raise UsageError(
            f"the {name!r} of the plan has {len(words)} characters", f"say it in at most {LONGEST_WORDS}"
        )
    return words
