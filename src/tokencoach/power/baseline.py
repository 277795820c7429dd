"""What a device draws while nothing is answered: without a model, and with one that waits.

Learned as the median of quiet samples of the last ten minutes; until there are thirty seconds of
them, it is not known.
"""

from __future__ import annotations

from collections import deque
from statistics import median
from typing import Final

_REMEMBERED_S: Final = 600.0
_ENOUGH_S: Final = 30.0


class Baseline:
    """The quiet power of one device in one state."""

    def __init__(self) -> None:
        self._samples: deque[tuple[float, float, float]] = deque()
        self._known: float | None = None

    def add(self, at: float, seconds: float, watts: float) -> None:
        """A quiet sample that ended at ``at`` (seconds) and lasted some seconds."""
        self._samples.append((at, seconds, watts))
        while self._samples and self._samples[0][0] < at - _REMEMBERED_S:
            self._samples.popleft()
        if sum(length for _, length, _ in self._samples) >= _ENOUGH_S:
            self._known = median(power for _, _, power in self._samples)

    @property
    def watts(self) -> float | None:
        """The median, None while it is being learned. Once known it stays until newer samples move it."""
        return self._known


class Baselines:
    """The quiet powers of one device: with no model, and with each model that was seen waiting."""

    def __init__(self) -> None:
        self._by_models: dict[tuple[str, ...], Baseline] = {}

    def add(self, models: tuple[str, ...], at: float, seconds: float, watts: float) -> None:
        """A sample while these models were in memory and none of them worked."""
        self._by_models.setdefault(tuple(sorted(models)), Baseline()).add(at, seconds, watts)

    def watts(self, models: tuple[str, ...]) -> float | None:
        """Quiet power with exactly these models in memory; None while it is being learned."""
        found = self._by_models.get(tuple(sorted(models)))
        return found.watts if found else None

    def residency(self, models: tuple[str, ...]) -> float | None:
        """Watts that keeping these models in memory costs; None until both sides are known."""
        loaded, empty = self.watts(models), self.watts(())
        return None if loaded is None or empty is None else max(loaded - empty, 0.0)
