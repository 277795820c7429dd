"""What an audit says of outcomes: features, what they took, bug-suspects, review, the score.

Money is integer nano-dollars, times are UTC milliseconds, spans are milliseconds.
"""

from __future__ import annotations

from dataclasses import dataclass

from tokencoach.usage.words import WorkKind

OUTCOMES = ("used", "not used", "harmed", "unknown")


LITTLE = "not enough data: "
"""What the reasons why there is no score begin with."""
LOWEST = "F"


@dataclass(frozen=True, slots=True)
class BugSuspect:
    """A fix that points at lines of a feature: ``weight`` is the feature's share of the lines."""

    commit: str
    at_ms: int
    lines: int
    weight: float
    confidence: float

    @property
    def words(self) -> str:
        """What it did to the lines: a mere neighbour says with how much confidence it is one."""
        counted = f"{self.lines} line{'s' * (self.lines != 1)}"
        if self.confidence >= 1.0:
            return f"took {counted} away"
        return f"points at {counted}, sure {self.confidence * 100:.0f} %"


@dataclass(frozen=True, slots=True)
class FeatureItem:
    """A piece of work that landed with generated lines in it, with all that it took, in whatever month.

    ``tokens`` has the turns without lines that belong to it, ``direct_tokens`` has not. ``human_ms``
    is measured, ``credited_ms`` at least the time in which its lines can be read. ``outcome`` is the
    person's own word.
    """

    feature_id: str
    repo: str
    kind: WorkKind
    basis: str
    title: str
    number: int | None
    shipped_at_ms: int
    is_shipped: bool
    commits: tuple[str, ...]
    session_ids: tuple[str, ...]
    session_rows: tuple[int, ...]
    tokens: int
    direct_tokens: int
    weighted_tokens: int
    cost_nano: int
    lines_added: int
    lines_removed: int
    lines_alive: int
    human_ms: int
    credited_ms: int
    review_ms: int | None
    reviewed_by: tuple[str, ...]
    suspects: tuple[BugSuspect, ...]
    is_mature: bool
    outcome: str = OUTCOMES[-1]
    energy_wh: float | None = None
    """Of models on this computer, where it was measured."""
    energy_quality: str = "NONE"

    @property
    def wh_per_line(self) -> float | None:
        """Watt-hours for each generated line that is alive; None where one of the two is not known."""
        return self.energy_wh / self.lines_alive if self.energy_wh is not None and self.lines_alive else None

    @property
    def bugs(self) -> float:
        """Bug-suspects credited to it, by its share of their lines."""
        return sum(suspect.weight for suspect in self.suspects)

    @property
    def is_counted(self) -> bool:
        """Whether the score counts it as a feature: one that is shipped and was reviewed."""
        return self.kind is WorkKind.FEATURE and self.is_shipped and bool(self.reviewed_by)


@dataclass(frozen=True, slots=True)
class LandedSpend:
    """The period's spend whose lines landed, by what they landed in: ``feature``, ``useful``, ``fix``, ``rest``."""

    what: str
    tokens: int
    cost_nano: int


@dataclass(frozen=True, slots=True)
class FeatureFigures:
    """Features of a period: those whose last commit landed in it. ``landed`` partitions shipped and reworked."""

    shipped: int
    reviewed: int
    tokens_per_feature: int | None
    cost_nano_per_feature: int | None
    bug_suspects: float
    bugs_per_feature: float | None
    review_hours: float | None
    landed: tuple[LandedSpend, ...]
    items: tuple[FeatureItem, ...]
    wh_per_feature: float | None = None
    """Of those features whose energy was measured."""


@dataclass(frozen=True, slots=True)
class ScoreCard:
    """The efficiency score with all that went into it; ``why`` says why there is none, ``step`` what mends it.

    ``resource_units`` are 100,000 weighted tokens (or 100 watt hours) each. ``percentile`` places the
    period's median feature among those of the 90 days before, 0 to 1.
    """

    unit: str
    value: float | None
    grade: str | None
    as_printed: float | None
    interval: tuple[float, ...]
    is_provisional: bool
    provisional_until_ms: int | None
    why: str | None
    percentile: float | None
    features: int
    bugs: float
    hours: float | None
    resource_units: float
    step: str | None = None

    @property
    def letter(self) -> str | None:
        """The grade where it tells months apart: below the lowest mark lies nearly every real one."""
        return None if self.grade == LOWEST else self.grade
