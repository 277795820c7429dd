"""The share of the lines of some tasks that was still there after 14 days, with its interval."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.audit.numbers import percent
from tokencoach.coach.interval import Interval, weighted_share

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tokencoach.coach.tasks import Task

LEAST_TASKS: Final = 10
"""Below so many tasks with lines of known end nothing is said of them."""


class Survival(NamedTuple):
    """``tasks`` have lines whose end is known; the shares are None below ``LEAST_TASKS`` of them.

    ``cases`` is how many independent tasks they are worth, as large ones outweigh small ones.
    """

    tasks: int
    lines: float
    cases: float
    survived: Interval | None
    reworked: Interval | None

    @property
    def words(self) -> str:
        """The share in words, or that there are too few tasks."""
        if self.survived is None:
            return f"not enough data ({self.tasks} of {LEAST_TASKS} tasks)"
        low, high = self.survived.low, self.survived.high
        return f"{percent(self.survived.value)} ({percent(low)} to {percent(high)}, {self.tasks} tasks)"


def survival_of(tasks: Iterable[Task], as_of_ms: int) -> Survival:
    """Survival and rework of the lines of some tasks; lines of one task stand and fall together."""
    fates = [fate for task in tasks if (fate := task.fate(as_of_ms)).judged]
    lines = sum(fate.judged for fate in fates)
    survived = weighted_share((fate.survived, fate.judged) for fate in fates)
    reworked = weighted_share((fate.reworked, fate.judged) for fate in fates)
    if len(fates) < LEAST_TASKS or survived is None or reworked is None:
        return Survival(len(fates), lines, survived[1] if survived else 0.0, None, None)
    return Survival(len(fates), lines, survived[1], survived[0], reworked[0])
