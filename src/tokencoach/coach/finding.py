"""What the coach says: a finding with its cost, its evidence and one next step; or why it says nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from tokencoach.coach.material import Material


class Basis(StrEnum):
    """``MEASURED``: the cost is that of logged requests. ``ESTIMATED``: a part of it is assumed, shown with ``~``."""

    MEASURED = "measured"
    ESTIMATED = "estimated"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One place where it happened; ``words`` says what, in one line of plain text.

    Text of logs and paths in it is hostile: whoever shows it escapes it. ``session`` and ``turn``
    are rows of the database, ``session_id`` is the log's own.
    """

    words: str
    at_ms: int
    cost_nano: int = 0
    tokens: int = 0
    session: int | None = None
    session_id: str | None = None
    turn: int | None = None
    path: str | None = None
    commit: str | None = None


class Rate(NamedTuple):
    """How often of how much, the lower the better: what a plan is measured again by.

    ``unit`` completes "7 of 41 ...": ``sessions``, ``commits``, ``dollars``.
    """

    times: float
    of: float
    unit: str

    @property
    def share(self) -> float | None:
        """``times / of``; None where there is nothing to divide by."""
        return self.times / self.of if self.of else None


@dataclass(frozen=True, slots=True)
class Finding:
    """A habit that cost something in a period, proved by its evidence (the dearest first).

    ``parts`` maps rows of requests to the part of each (0 to 1) that was spent on it, so that several
    findings are never summed twice; ``cost_nano`` and ``tokens`` are what those parts come to.
    ``low_nano`` and ``high_nano`` are the range of an estimate. ``why`` is formula and threshold with the
    reason for that number; ``condition`` and ``action`` are the two halves of the plan that is offered
    ("If <condition>, I <action>.").
    """

    id: str
    title: str
    cost_nano: int
    tokens: int
    basis: Basis
    evidence: tuple[Evidence, ...]
    why: str
    next: str
    condition: str
    action: str
    rate: Rate
    parts: Mapping[int, float] = field(default_factory=lambda: MappingProxyType({}))
    low_nano: int | None = None
    high_nano: int | None = None

    @property
    def since_ms(self) -> int:
        """The earliest evidence."""
        return min((one.at_ms for one in self.evidence), default=0)


@dataclass(frozen=True, slots=True)
class Quiet:
    """A detector that found nothing, or could not look.

    ``is_looked`` is False where data are too few or missing; ``why`` says which. ``rate`` is there
    wherever it could be measured: a plan that worked ends here.
    """

    id: str
    why: str
    is_looked: bool = True
    rate: Rate | None = None


class Threshold(NamedTuple):
    """A number that a rule turns on, and why it is that one; the person may set another.

    ``name`` is ``<detector or item>.<what>``; ``unit`` is what the value counts (``share``, ``tokens``,
    ``minutes``, ``times``).
    """

    name: str
    value: float
    unit: str
    because: str


class Detector(NamedTuple):
    """One thing that is looked for, and the numbers that its rule turns on."""

    id: str
    find: Callable[[Material], Finding | Quiet]
    thresholds: tuple[Threshold, ...] = ()


SLIGHT: Final = 0.005
"""A habit that costs at most so much of the spend, at its upper end, changes nothing by being given up."""


def is_slight(finding: Finding, whole_nano: int) -> bool:
    """Whether a habit's price is next to nothing of the spend; of one that costs no money nothing is said."""
    most = max(finding.cost_nano, finding.high_nano or 0)
    return 0 < most <= SLIGHT * whole_nano
