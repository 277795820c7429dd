"""Nudges while work goes on: rules over the sessions that move now, and which of them is said.

The rules know nothing of time passing or of what was said before; ``chosen`` does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.audit.numbers import count, money, percent
from tokencoach.clock import day_of
from tokencoach.coach.as_text import budget_amount
from tokencoach.coach.budgets import Standing, Unit, budget_states
from tokencoach.coach.detectors.full_context import FILL
from tokencoach.coach.detectors.loops import TIMES
from tokencoach.coach.finding import Threshold
from tokencoach.coach.repeats import RepeatKind, repeats
from tokencoach.usage.words import Phase, ToolKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import date
    from zoneinfo import ZoneInfo

    from tokencoach.coach.budgets import BudgetState
    from tokencoach.coach.repeats import Repeat
    from tokencoach.coach.running import Person, Running
    from tokencoach.store.reader import Reader

LOOP: Final = "loop"
CONTEXT: Final = "context"
CHECKPOINT: Final = "checkpoint"
BUDGET: Final = "budget"
BEYOND_MEDIAN: Final = Threshold(
    "live.checkpoint",
    2.0,
    "times",
    "half of your sessions with a committed line cost less than your median, so twice that is far from usual",
)
MEDIAN_OF: Final = Threshold("live.checkpoint.sessions", 5, "sessions", "fewer sessions have no typical cost")
PAUSE: Final = Threshold("live.pause", 10, "minutes", "more often than that is noise, and noise is not read")
_OTHERS_SINCE: Final = 12
"""After so many other calls a session has gone on to something else."""


class Nudge(NamedTuple):
    """One thing to be said now. ``kind`` and ``subject`` together are said once and never again.

    ``title`` holds no text of a log; that of a budget holds the name of its project. The lowest
    ``urgency`` is said first.
    """

    kind: str
    subject: str
    title: str
    next: str
    urgency: int
    session: int | None = None
    cost_nano: int = 0
    tokens: int = 0


def nudges_of(running: Running, person: Person) -> list[Nudge]:
    """Everything that may be said of one session now."""
    return [nudge for rule in _RULES for nudge in rule(running, person)]


def _loop(running: Running, person: Person) -> Iterator[Nudge]:
    """A circle that still goes on: no file was changed since and the session did not go on to other things."""
    kinds = {call.key: call.kind for call in running.calls}
    for repeat in repeats(running):
        is_edit = repeat.kind is RepeatKind.EDIT
        if not (_is_current(running, repeat) and (is_edit or repeat.times >= person.limit(TIMES))):
            continue
        spent = running.cost(repeat.parts)
        cost = f" ({money(spent[0])})" if spent[0] else f" ({count(spent[1])} tokens)" if spent[1] else ""
        what = "The same edit was made and undone" if is_edit else _called(kinds.get(repeat.calls[0]))
        answer = "" if is_edit else " with the same answer"
        yield Nudge(
            LOOP,
            f"{running.session_id} {repeat.calls[0]}",
            f"{what} {repeat.times} times{answer}{cost}.",
            "Read the answer yourself, then ask one question about it.",
            1,
            running.session,
            *spent,
        )


def _is_current(running: Running, repeat: Repeat) -> bool:
    is_changed = repeat.kind is RepeatKind.CALL and any(
        change.at_ms > repeat.last_ms and change.call_key not in repeat.calls for change in running.changes
    )
    is_folded = any(one.at_ms > repeat.last_ms for one in running.compactions)
    since = sum(call.at_ms > repeat.last_ms for call in running.calls)
    return not is_changed and not is_folded and since <= _OTHERS_SINCE


def _called(kind: ToolKind | None) -> str:
    if kind is ToolKind.TEST:
        return "The same test command ran"
    if kind is not None and kind.is_shell:
        return "The same command ran"
    return "The same file was read" if kind is ToolKind.READ else "The same tool call was made"


def _context(running: Running, person: Person) -> Iterator[Nudge]:
    """The last request of the main thread was sent with a window that was mostly full."""
    last = running.last
    if last is None or last.fill is None or last.fill <= person.limit(FILL):
        return
    yield Nudge(
        CONTEXT,
        running.session_id,
        f"{count(last.context)} of {count(last.step.window or 0)} tokens of context are in use, "
        f"past {percent(person.limit(FILL))}.",
        "Commit what works, then start fresh with a summary of a few lines.",
        2,
        running.session,
        last.cost_nano or 0,
        last.counts.total,
    )


def _checkpoint(running: Running, person: Person) -> Iterator[Nudge]:
    """A session of production work that costs far more than usual, and no line of it is committed."""
    if running.phase is not Phase.PRODUCTION or not running.has_edited or running.is_committed:
        return
    if person.median_of < person.limit(MEDIAN_OF):
        return
    times = person.limit(BEYOND_MEDIAN)
    if running.unpriced or not person.median_nano:
        limit, spent = person.median_ms * times, float(running.span_ms)
        words = f"{running.span_ms / 60_000:.0f} minutes"
        usual = f"{person.median_ms / 60_000:.0f}"
    else:
        limit, spent = person.median_nano * times, float(running.cost_nano)
        words, usual = money(running.cost_nano), money(round(person.median_nano))
    if spent <= limit or not limit:
        return
    yield Nudge(
        CHECKPOINT,
        running.session_id,
        f"{words} into this session and no line of it is committed (your median is {usual}).",
        "Commit what works now, or say what is missing and stop.",
        3,
        running.session,
        running.cost_nano,
        running.tokens,
    )


_RULES: Final[tuple[Callable[[Running, Person], Iterator[Nudge]], ...]] = (_loop, _context, _checkpoint)


def budget_nudges(reader: Reader, now_ms: int, tz: ZoneInfo) -> list[Nudge]:
    """Budgets of this month that are spent, or nearly."""
    return [
        nudge
        for state in budget_states(reader, now_ms, tz)
        if (nudge := _of_budget(state, day_of(now_ms, tz))) is not None
    ]


def _of_budget(state: BudgetState, today: date) -> Nudge | None:
    if state.standing is Standing.HELD:
        return None
    unit, is_passed = Unit(state.budget.unit), state.standing is Standing.PASSED
    spent, whole = budget_amount(state.spent, unit), budget_amount(state.budget.amount, unit)
    is_money = unit is Unit.USD
    return Nudge(
        BUDGET,
        f"{state.budget.budget_id} {today:%Y-%m} {state.standing.value}",
        f"{'Past' if is_passed else percent(state.share) + ' of'} the month's budget for {state.label}: {spent} of {whole}.",
        "See on the Audit screen what it went to, and what may wait.",
        0 if is_passed else 4,
        cost_nano=state.spent if is_money else 0,
        tokens=state.spent if unit is Unit.TOKENS else 0,
    )


def chosen(
    candidates: Iterable[Nudge],
    is_said: Callable[[str, str], bool],
    last_ms: int | None,
    now_ms: int,
    pause_ms: float,
) -> Nudge | None:
    """The one that is said now: the most urgent that was never said, unless one was said a moment ago."""
    if last_ms is not None and 0 <= now_ms - last_ms < pause_ms:
        return None
    unsaid = [nudge for nudge in candidates if not is_said(nudge.kind, nudge.subject)]
    return min(unsaid, key=lambda nudge: (nudge.urgency, nudge.kind, nudge.subject), default=None)


def ended(open_subjects: Mapping[tuple[str, str], int], candidates: Sequence[Nudge]) -> list[int]:
    """Rows of what was said and has no cause any more."""
    held = {(nudge.kind, nudge.subject) for nudge in candidates}
    return [row for subject, row in open_subjects.items() if subject not in held]
