"""What measuring costs by itself."""

from __future__ import annotations

import time


class OwnCost:
    """The CPU time of this process since the last question, as a percentage of one core."""

    def __init__(self) -> None:
        self._last = time.monotonic(), time.process_time()

    def percent(self) -> float | None:
        """Percent of a core since the last call; None within the first tenth of a second."""
        now = time.monotonic(), time.process_time()
        seconds = now[0] - self._last[0]
        if seconds < 0.1:
            return None
        spent, self._last = now[1] - self._last[1], now
        return 100 * spent / seconds
