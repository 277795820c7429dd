"""The efficiency score: F (F - 0.5 B) / (H R), graded, with its interval; never of an unreviewed feature.

F features shipped and reviewed, B bug-suspects in them, H hours, R resource units: thousands of
weighted tokens and watt hours together, by the hundred. For one feature it is the manifesto's
formula with tokens read in thousands.
"""

from __future__ import annotations

from bisect import bisect_left
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from tokencoach.audit.allocate import WEIGHT_UNIT
from tokencoach.audit.feature_report import LITTLE, LOWEST, ScoreCard
from tokencoach.audit.features import MATURE_MS
from tokencoach.audit.numbers import percent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tokencoach.audit.feature_report import FeatureItem
    from tokencoach.audit.features import FeatureReading
    from tokencoach.audit.report import Spend

UNIT = "score.v1"
LEAST_FEATURES = 3
LEAST_KNOWN = 0.6
_TOKENS_A_UNIT = 100_000
_GRADES = ((0.1, "A"), (0.05, "B"), (0.01, "C"))
_SAMPLES = 1000
_TAIL = 0.05
_HOUR_MS = 3_600_000


class _Part(NamedTuple):
    """What one piece of work brings into the score, in hours and resource units."""

    features: int
    bugs: float
    hours: float
    units: float


def score(reading: FeatureReading, spend: Spend, known_share: float) -> ScoreCard:
    """The score of a period, or why there is none."""
    parts = _parts(reading)
    counted = [item for item in reading.figures.items if item.is_counted]
    hours = _hours(reading, parts)
    units = spend.weighted_tokens / _TOKENS_A_UNIT + (spend.energy_wh or 0.0) / 100
    features, bugs = len(counted), round(sum(part.bugs for part in parts), 6)
    lacks = _lacks(features, known_share, is_timed=spend.human_minutes is not None)
    why = f"{LITTLE}{'; '.join(what for what, _ in lacks)}" if lacks else None
    is_enough = why is None and hours > 0 and units > 0
    value = _value(features, bugs, hours, units) if is_enough else None
    young = [item.shipped_at_ms for item in counted if not item.is_mature]
    raw = spend.counts.total + (spend.energy_wh or 0.0)
    return ScoreCard(
        unit=UNIT,
        value=value,
        grade=_grade(value),
        as_printed=(features - 0.5 * bugs) / (hours * raw) if features and hours > 0 and raw else None,
        interval=_interval(parts, hours, units) if is_enough else (),
        is_provisional=bool(young),
        provisional_until_ms=max(young) + MATURE_MS if young else None,
        why=why or (None if is_enough else f"{LITTLE}no time or no tokens were logged"),
        percentile=_percentile(counted, reading.before),
        features=features,
        bugs=bugs,
        hours=hours if spend.human_minutes is not None else None,
        resource_units=units,
        step=lacks[0][1] if lacks else None,
    )


def _parts(reading: FeatureReading) -> list[_Part]:
    """Every work of the period; the hours of one that does not count are those that were measured."""
    found = []
    for item, weighted, spent_ms in zip(
        reading.figures.items, reading.period_weighted, reading.period_ms, strict=True
    ):
        units = weighted / WEIGHT_UNIT / _TOKENS_A_UNIT
        if item.is_counted:
            bugs = sum(suspect.weight * suspect.confidence for suspect in item.suspects)
            found.append(_Part(1, bugs, item.credited_ms / _HOUR_MS, units))
        else:
            found.append(_Part(0, 0.0, spent_ms / _HOUR_MS, units))
    return found


def _hours(reading: FeatureReading, parts: list[_Part]) -> float:
    """Each counted feature's hours, and all other hours of the period."""
    other_ms = reading.human_ms - sum(
        spent_ms
        for item, spent_ms in zip(reading.figures.items, reading.period_ms, strict=True)
        if item.is_counted
    )
    return sum(part.hours for part in parts if part.features) + max(other_ms, 0.0) / _HOUR_MS


def _value(features: int, bugs: float, hours: float, units: float) -> float:
    return max(features * (features - 0.5 * bugs) / (hours * units), 0.0)


def _grade(value: float | None) -> str | None:
    if value is None:
        return None
    return next((grade for least, grade in _GRADES if value > least), LOWEST)


def _lacks(features: int, known_share: float, *, is_timed: bool) -> list[tuple[str, str]]:
    """What a score lacks, each with the one step that gives it."""
    lacks = []
    # Of what is unknown no feature can be seen either, so that its step comes first.
    if known_share < LEAST_KNOWN:
        what = f"known for {percent(known_share)} of spend, {percent(LEAST_KNOWN)} is needed"
        lacks.append((what, "mend what is unknown: each reason names its mend"))
    if features < LEAST_FEATURES:
        what = f"{features} of {LEAST_FEATURES} features shipped and reviewed"
        lacks.append((what, "read before you commit, or have it reviewed: Reviewed-by"))
    if not is_timed:
        lacks.append(("your own time is not in the logs", "no prompt of yours was logged in this period"))
    return lacks


def _interval(parts: Sequence[_Part], hours: float, units: float) -> tuple[float, ...]:
    """From the 5th to the 95th percentile of scores of features drawn anew, with the period's rest as it is."""
    rest_hours = max(hours - sum(part.hours for part in parts), 0.0)
    rest_units = max(units - sum(part.units for part in parts), 0.0)
    dice = Random(f"{UNIT}/{len(parts)}")  # noqa: S311 - repeatable on purpose, no secret
    values = []
    for _ in range(_SAMPLES):
        drawn = dice.choices(parts, k=len(parts))
        features = sum(part.features for part in drawn)
        spent = rest_hours + sum(part.hours for part in drawn), rest_units + sum(part.units for part in drawn)
        bugs = sum(part.bugs for part in drawn)
        values.append(_value(features, bugs, *spent) if spent[0] > 0 and spent[1] > 0 else 0.0)
    values.sort()
    last = len(values) - 1
    return values[round(_TAIL * last)], values[round((1 - _TAIL) * last)]


def _percentile(counted: Sequence[FeatureItem], before: Sequence[FeatureItem]) -> float | None:
    """Where the period's median feature stands among the person's own of the 90 days before."""
    own = sorted(_alone(item) for item in counted)
    past = sorted(_alone(item) for item in before if item.is_counted)
    if len(own) < LEAST_FEATURES or len(past) < LEAST_FEATURES:
        return None
    return bisect_left(past, own[len(own) // 2]) / len(past)


def _alone(item: FeatureItem) -> float:
    """A feature's own score, as if it were the only one."""
    bugs = sum(suspect.weight * suspect.confidence for suspect in item.suspects)
    units = item.weighted_tokens / _TOKENS_A_UNIT
    return _value(1, bugs, item.credited_ms / _HOUR_MS, units) if units > 0 else 0.0
