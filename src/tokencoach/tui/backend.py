"""What the screens ask for, and the one class that answers from the database."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from array import array
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    from tokencoach.audit.feature_report import FeatureItem
    from tokencoach.audit.power_day import PowerNow
    from tokencoach.audit.report import Freshness, LoggedPrompt, PeriodAudit, SessionDetail, SessionRow, Today
    from tokencoach.checklist.judge import Checklist
    from tokencoach.checklist.ritual import Ritual
    from tokencoach.coach.finding import Finding
    from tokencoach.coach.habits import Habits
    from tokencoach.coach.plans import Measured
    from tokencoach.comprehension.asking import Asking
    from tokencoach.comprehension.overview import CheckOverview
    from tokencoach.comprehension.past import Told
    from tokencoach.doctor.report import DoctorReport
    from tokencoach.store.plan_rows import PlanRow
    from tokencoach.store.trace_rows import CallStep
    from tokencoach.usage.words import Bucket
    from tokencoach.watch.asked import AskedOf

SORTS = ("time", "cost", "waste")


class SessionQuery(NamedTuple):
    """Which sessions, in which order. ``month`` is ``YYYY-MM`` or None for all time.

    ``sessions`` keeps only those with these ids, where it names any; ``rows`` are database rows, of all time.
    """

    text: str = ""
    month: str | None = None
    repo: str | None = None
    bucket: Bucket | None = None
    sort: str = "time"
    is_reversed: bool = False
    sessions: tuple[str, ...] = ()
    rows: tuple[int, ...] = ()


class Pulse(NamedTuple):
    """The state of the database at one beat. ``mark`` changes when there is something new to show.

    ``word`` grows with every word of the person's own: figures made before are behind it. ``file``
    counts the files that were met: another one's figures are none of this one.
    """

    freshness: Freshness
    mark: tuple[int | None, ...]
    word: int = 0
    file: int = 0


class Pointed(NamedTuple):
    """What a word is about, by database rows: a session, a turn of it, an edit, or some of its lines."""

    session: int
    turn: int | None = None
    edit: int | None = None
    lines: tuple[int, int] | None = None


class Markable(NamedTuple):
    """What can be marked with a phase: the session, its branch, its folder; and the mark so far."""

    kind: str
    name: str
    phase: str | None


class PlanWords(NamedTuple):
    """The two halves of a plan: "If <condition>, I <action>."."""

    condition: str
    action: str


class Backend(Protocol):
    """Answers of one database. All but the first four methods are called in worker threads."""

    tz: ZoneInfo
    is_demo: bool

    def now_ms(self) -> int:
        """UTC milliseconds."""
        ...

    def data_version(self) -> int:
        """A number that changes whenever another process has written; microseconds."""
        ...

    def pulse(self) -> Pulse:
        """Freshness and what tells new content from a mere sign of life; about a millisecond."""
        ...

    def session_rows(self, ids: Sequence[int]) -> list[SessionRow]:
        """Up to 200 sessions in the order of their ids; about a millisecond."""
        ...

    def release(self) -> None:
        """Let go of what the calling thread holds open."""
        ...

    def months(self) -> dict[str, int]:
        """How many requests each month has that has any, oldest first."""
        ...

    def cached_audit(self, month: str) -> PeriodAudit | None:
        """The audit of a month where it is known without computing."""
        ...

    def audit(self, month: str) -> PeriodAudit:
        """The audit of a month; may take a second."""
        ...

    def audit_markdown(self, audit: PeriodAudit) -> str:
        """An audit as a Markdown document."""
        ...

    def say_outcome(self, item: FeatureItem, outcome: str) -> None:
        """Keep the person's word on a feature.

        Raises:
            TokencoachError: the database cannot be written.
        """
        ...

    def session_ids(self, query: SessionQuery) -> array[int]:
        """Database rows of all sessions that answer a query without a month, in its order."""
        ...

    def month_sessions(self, query: SessionQuery) -> tuple[SessionRow, ...]:
        """Sessions of a query's month with figures for that month only; may take a second."""
        ...

    def picked_sessions(self, query: SessionQuery) -> tuple[SessionRow, ...]:
        """Up to 200 sessions by their rows, those that answer the query's text in its order."""
        ...

    def session_detail(self, row_id: int) -> SessionDetail:
        """One session opened down to its lines."""
        ...

    def turn_calls(self, row_id: int, turn_id: int) -> tuple[CallStep, ...]:
        """The tool calls of a session's turn, in time order; turn 0 is before any prompt."""
        ...

    def asked_of(self, row_id: int, turn_id: int, calls: Sequence[CallStep]) -> dict[int, AskedOf]:
        """What some calls of a turn were asked to do, out of the assistant's own log; may take a second."""
        ...

    def today(self) -> Today:
        """The day so far."""
        ...

    def overrule(self, about: Pointed, bucket: Bucket, because: str) -> None:
        """Say the person's own word; it counts from now on."""
        ...

    def take_back(self, about: Pointed) -> bool:
        """Let the machine's verdict stand again; False where nothing was said."""
        ...

    def markables(self, row_id: int) -> tuple[Markable, ...]:
        """What can be marked with a phase in a session."""
        ...

    def mark(self, kind: str, name: str, phase: str | None) -> bool:
        """Mark a phase, or with None take the newest mark back; False where there was none."""
        ...

    def settle_word(self) -> None:
        """Judge again what words and marks have changed; may take seconds."""
        ...

    def close_month(self, month: str) -> str:
        """Freeze a month that is over; what was done, in a sentence."""
        ...

    def kept_habits(self, month: str) -> Habits | None:
        """The dearest habits of a month where they are known without looking."""
        ...

    def habits(self, month: str) -> Habits | None:
        """The dearest habits of a month; may take a second. None of a month that was closed without any."""
        ...

    def plan_against(self, finding: str) -> Measured | None:
        """The newest plan against a habit that was not dropped, and whether it held; may take a second."""
        ...

    def followed_plan(self) -> PlanRow | None:
        """The one plan that is followed now."""
        ...

    def accept_plan(self, finding: Finding, said: PlanWords) -> int:
        """Follow a plan from now on; the one that was followed gives way. Its id.

        Raises:
            TokencoachError: a half of it is empty, or the database cannot be written.
        """
        ...

    def drop_plan(self, plan_id: int) -> bool:
        """Drop a plan; False where it was dropped before."""
        ...

    def session_row_of(self, session_id: str, row: int | None) -> int | None:
        """Today's row of a session, by the log's own id; None where it is known no more."""
        ...

    def due_ritual(self) -> str:
        """What to say where the last month's ritual is due; empty where it is not."""
        ...

    def checklist(self, month: str) -> Checklist:
        """Every item of a month, judged; may take seconds."""
        ...

    def item_finding(self, detector: str, month: str) -> Finding | None:
        """What a detector found in a month, to make a plan of; None where it found nothing."""
        ...

    def snooze_item(self, item: str, until: str, because: str) -> None:
        """Leave an item alone up to a day, ``YYYY-MM-DD``.

        Raises:
            TokencoachError: no day to come within a year, no reason, or the database cannot be written.
        """
        ...

    def take_item_word_back(self, item: str) -> bool:
        """Take a snooze or a tick of an item back; False where there was none."""
        ...

    def ritual(self, month: str) -> Ritual:
        """All that the ritual of a month shows; may take a second."""
        ...

    def keep_ritual_step(self, month: str, step: int, finding: str | None) -> None:
        """Keep how far a ritual got, and what was chosen so far."""
        ...

    def finish_ritual(self, month: str, finding: Finding | None, said: PlanWords | None) -> str:
        """Keep that a ritual is done, with its plan if it has one; what was written beside that, in a sentence.

        Raises:
            TokencoachError: a half of the plan is empty, or the database cannot be written.
        """
        ...

    def prompt(self, turn_id: int) -> LoggedPrompt:
        """The prompt of a turn, read from the tool's own log."""
        ...

    def power(self) -> PowerNow:
        """Watts, inference servers, the day's energy; from what the watcher keeps."""
        ...

    def checks(self) -> CheckOverview:
        """What waits to be asked, and what was held."""
        ...

    def open_check(self, key: str) -> Asking:
        """A check that waits, ready to be held.

        Raises:
            TokencoachError: it waits no more, or git has forgotten its code.
        """
        ...

    def past_check(self, key: str) -> tuple[Told, ...]:
        """The questions of a check that is over, with what was answered."""
        ...

    def doctor(self) -> DoctorReport:
        """Everything the doctor looks at."""
        ...
