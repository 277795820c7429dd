"""Local days of instants, quickly: every zone's offset is constant within a quarter hour."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from zoneinfo import ZoneInfo

_QUARTER_MS = 900_000


class DayMap:
    """Instants to local days as ``yyyymmdd``; collects the days that were touched."""

    def __init__(self, tz: ZoneInfo) -> None:
        self.tz = tz
        self.touched: set[int] = set()
        self._days: dict[int, int] = {}
        self._touched_quarters: set[int] = set()

    def day(self, at_ms: int) -> int:
        """The local day of an instant, ``yyyymmdd``."""
        quarter = at_ms // _QUARTER_MS
        found = self._days.get(quarter)
        if found is None:
            moment = datetime.fromtimestamp(quarter * (_QUARTER_MS // 1000), self.tz)
            found = self._days[quarter] = moment.year * 10_000 + moment.month * 100 + moment.day
        return found

    def touch(self, at_ms: int) -> None:
        """Remember that something on this instant's day changed."""
        quarter = at_ms // _QUARTER_MS
        if quarter not in self._touched_quarters:
            self._touched_quarters.add(quarter)
            self.touched.add(self.day(at_ms))

    def touch_all(self, instants: Iterable[int]) -> None:
        """Remember that something changed on the days of many instants; most of them fall on few days."""
        for quarter in {at_ms // _QUARTER_MS for at_ms in instants}:
            self.touch(quarter * _QUARTER_MS)

    def take_touched(self) -> set[int]:
        """The touched days, forgotten from now on."""
        taken, self.touched = self.touched, set()
        self._touched_quarters.clear()
        return taken
