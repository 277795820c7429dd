"""Shares of few cases with their 90 % intervals: what a handful of tasks can tell, and what not."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.audit.numbers import signed_percent

if TYPE_CHECKING:
    from collections.abc import Iterable

_Z: Final = 1.6448536269514722
"""The normal quantile that leaves 5 % on each side."""


class Interval(NamedTuple):
    """A share (0 to 1), or a difference of shares (-1 to 1), with the ends of its 90 % interval."""

    value: float
    low: float
    high: float


def wilson(share: float, cases: float) -> Interval:
    """The score interval of a share seen in ``cases`` independent cases, which need not be whole.

    Unlike a bootstrap it is not of width zero where all cases agree. Source: Wilson, 1927.

    Raises:
        ValueError: no case at all.
    """
    if cases <= 0:
        raise ValueError("a share of no case has no interval")
    square = _Z * _Z / cases
    middle = (share + square / 2) / (1 + square)
    half = _Z / (1 + square) * sqrt(max(0.0, share * (1 - share) / cases + square / (4 * cases)))
    return Interval(share, min(share, max(0.0, middle - half)), max(share, min(1.0, middle + half)))


def weighted_share(parts: Iterable[tuple[float, float]]) -> tuple[Interval, float] | None:
    """The share of ``(good, whole)`` parts and how many independent cases they are worth.

    Parts of one case stand and fall together (lines of one task), so a case counts once, and uneven
    cases count for fewer: (sum of w)^2 / (sum of w^2). Source: Kish, Survey Sampling, 1965.
    None where there is nothing of which it would be a share.
    """
    known = [(good, whole) for good, whole in parts if whole > 0]
    if not known:
        return None
    weight = sum(whole for _, whole in known)
    cases = weight * weight / sum(whole * whole for _, whole in known)
    share = min(1.0, max(0.0, sum(good for good, _ in known) / weight))
    return wilson(share, cases), cases


def signed_words(gap: Interval) -> str:
    """A difference of shares with its range, for people: ``-15 % (-40 % to +11 %)``."""
    return f"{signed_percent(gap.value)} ({signed_percent(gap.low)} to {signed_percent(gap.high)})"


def difference(first: Interval, second: Interval) -> Interval:
    """``first`` less ``second``, by the hybrid score method. Source: Newcombe, 1998, method 10."""
    value = first.value - second.value
    down = sqrt((first.value - first.low) ** 2 + (second.high - second.value) ** 2)
    up = sqrt((first.high - first.value) ** 2 + (second.value - second.low) ** 2)
    return Interval(value, max(-1.0, value - down), min(1.0, value + up))
