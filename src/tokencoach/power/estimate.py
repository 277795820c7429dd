"""A range for a processor without a sensor, from its rated power and its load; only where the person asks for it.

Published models of load contradict each other: a straight line from a tenth, a cubic from a tenth, and half at
any load. Their spread is the honest error, so a range with one digit is told, never stored, never added. Inside
a guest there is none: its share of the host cannot be known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.power.cloud import one_digit

if TYPE_CHECKING:
    from collections.abc import Callable

    from tokencoach.settings import PowerSettings

_FLOOR: Final = 0.1
_CONSTANT: Final = 0.5


class Estimate(NamedTuple):
    """Watts from and to, each with one digit."""

    low: float
    high: float


class Estimator:
    """Asked again and again; the load is that since the last question."""

    def __init__(self, tdp_watts: float, times: Callable[[], tuple[float, float]]) -> None:
        self._tdp = tdp_watts
        self._times = times
        self._before = times()

    def watts(self) -> Estimate | None:
        """The range; None where no processor time passed."""
        busy, whole = self._times()
        spent, passed = busy - self._before[0], whole - self._before[1]
        if passed <= 0:
            return None
        self._before = busy, whole
        return estimate(min(max(spent / passed, 0.0), 1.0), self._tdp)


def estimate(load: float, tdp_watts: float) -> Estimate:
    """The range of the three models at a load of 0 to 1."""
    parts = (max(load, _FLOOR), _FLOOR + (1 - _FLOOR) * load**3, _CONSTANT)
    return Estimate(one_digit(min(parts) * tdp_watts, up=False), one_digit(max(parts) * tdp_watts, up=True))


def estimator(settings: PowerSettings, times: Callable[[], tuple[float, float]]) -> Estimator | None:
    """What the settings ask for; None where they do not, or do not give the rated power."""
    if not settings.estimate or settings.tdp_watts is None:
        return None
    return Estimator(settings.tdp_watts, times)
