"""Where the Power screen's figures come from: the watcher's file each second, the database seldom."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from tokencoach.audit.power_day import PowerNow, power_times
from tokencoach.paths import power_figures, settings_file
from tokencoach.power.live import current
from tokencoach.power.own_cost import OwnCost
from tokencoach.settings import read_settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from tokencoach.audit.power_day import PowerTimes
    from tokencoach.store.reader import Reader

_REST_S: Final = 10.0
_TIMES_THE_WORK: Final = 50
"""What was computed stands at least so many times as long as computing it took."""


class PowerSource:
    """Figures of one database, or the simulated ones of a demonstration."""

    def __init__(self, folder: Path, tz: ZoneInfo, *, is_demo: bool) -> None:
        self._folder = folder
        self._tz = tz
        self._is_demo = is_demo
        self._times: PowerTimes | None = None
        self._due = float("-inf")
        self._own = OwnCost()
        self._own_percent: float | None = None

    def now(self, reader: Callable[[], Reader], now_ms: int) -> PowerNow:
        """The figures of this moment."""
        if self._is_demo:
            from tokencoach.demo.power import simulated_power  # noqa: PLC0415 - of the demonstration alone

            return simulated_power(self._folder.name, self._tz, now_ms)
        began = time.monotonic()
        times = self._times
        if times is None or began >= self._due:
            settings = read_settings(settings_file(self._folder)).power
            times = self._times = power_times(reader(), self._tz, now_ms, settings)
            self._own_percent = self._own.percent()
            took = time.monotonic() - began
            self._due = began + max(_REST_S, _TIMES_THE_WORK * took)
        return PowerNow(current(power_figures(self._folder), now_ms), times, self._own_percent)
