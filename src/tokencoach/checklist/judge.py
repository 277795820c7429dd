"""The checklist of a month: every item judged, with the person's word, its trend, and what was seen before."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - a named tuple looks at it
from dataclasses import dataclass
from datetime import timedelta
from statistics import median
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.audit.period import month_period
from tokencoach.checklist.item import Item, Judgement, State
from tokencoach.checklist.registry import ITEMS
from tokencoach.store.item_rows import ItemMonth
from tokencoach.store.threshold_rows import set_thresholds
from tokencoach.store.tick_rows import SNOOZE, TickRow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tokencoach.audit.period import Period
    from tokencoach.checklist.grounds import Grounds

MONTHS: Final = 6
"""How many months a trend has cells for."""
_ENOUGH_MONTHS: Final = 3


class Cell(NamedTuple):
    """One month of a trend; ``state`` is None where that month was not judged."""

    month: str
    state: State | None
    value: float | None


@dataclass(frozen=True, slots=True)
class Judged:
    """An item in a month. ``said`` is what its rule says, ``state`` how it stands: snoozed, or as it was seen.

    ``seen`` is how it stood when the month was over; ``proposed`` is the person's own median, once there are
    three months of it and it is another number than the limit.
    """

    item: Item
    said: Judgement
    state: State
    value: float | None
    target: float | None
    snooze: TickRow | None
    seen: ItemMonth | None
    trend: tuple[Cell, ...]
    proposed: float | None


class Checklist(NamedTuple):
    """All items of a month; ``limits`` are the person's own numbers as of the instant, by threshold."""

    period: Period
    as_of_ms: int
    items: tuple[Judged, ...]
    limits: Mapping[str, float]

    @property
    def is_over(self) -> bool:
        """Whether the month has ended."""
        return self.as_of_ms >= self.period.until_ms


def instant_of(period: Period, now_ms: int) -> int:
    """The instant as of which a month is judged: now, or its end."""
    return min(now_ms, period.until_ms)


def judge_month(grounds: Grounds, items: Sequence[Item] = ITEMS) -> Checklist:
    """Judge every item of a month."""
    return Checklist(
        grounds.period,
        grounds.as_of_ms,
        tuple(_judged(grounds, item) for item in items),
        set_thresholds(grounds.reader.connection, grounds.as_of_ms),
    )


def _judged(grounds: Grounds, item: Item) -> Judged:
    said = item.judge(grounds)
    snooze = grounds.ticks.get((item.id, SNOOZE))
    seen = next(
        (
            row
            for row in grounds.kept
            if row.item == item.id and row.month == grounds.month and row.judged_ms >= grounds.period.until_ms
        ),
        None,
    )
    state = State.SNOOZED if snooze is not None else said.state
    value, target = said.value, said.target
    if seen is not None:
        state, value, target = State(seen.state), seen.value, seen.target
    return Judged(
        item,
        said,
        state,
        value,
        target,
        snooze,
        seen,
        _trend(grounds, item, Cell(grounds.month, state, value)),
        _proposed(grounds, item, said),
    )


def _trend(grounds: Grounds, item: Item, now: Cell) -> tuple[Cell, ...]:
    known = {row.month: row for row in grounds.kept if row.item == item.id}
    cells = [now]
    for period in months_before(grounds.period, MONTHS - 1):
        row = known.get(period.month or "")
        cells.append(
            Cell(period.month or "", None, None)
            if row is None
            else Cell(row.month, State(row.state), row.value)
        )
    return tuple(reversed(cells))


def months_before(period: Period, count: int) -> list[Period]:
    """So many months before one, the newest first."""
    found = []
    for _ in range(count):
        day = period.first - timedelta(days=1)
        period = month_period(day.isoformat()[:7], period.tz)
        found.append(period)
    return found


def _proposed(grounds: Grounds, item: Item, said: Judgement) -> float | None:
    """The person's own median of three months or more, for the threshold that the value is held against."""
    if not item.thresholds or said.target is None:
        return None
    limit = grounds.limit(item.thresholds[0])
    values = grounds.before(item.id, MONTHS)
    if said.target != limit or limit >= 1 or len(values) < _ENOUGH_MONTHS:
        return None
    own = round(median(values), 2)
    return own if own != round(limit, 2) else None


def rows_to_keep(checklist: Checklist, now_ms: int) -> list[ItemMonth]:
    """The states of a month as they are seen now."""
    return [
        ItemMonth(checklist.period.month or "", one.item.id, str(one.state), one.value, one.target, now_ms)
        for one in checklist.items
        if one.seen is None
    ]
