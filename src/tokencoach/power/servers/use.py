"""What a server's processes take: CPU time and memory, its children included."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

import msgspec
import psutil

if TYPE_CHECKING:
    from collections.abc import Callable

_FAMILY_S: Final = 10.0


class Use(msgspec.Struct, frozen=True):
    """What a process and its children took so far: CPU time in seconds, memory in bytes."""

    cpu_seconds: float
    resident_bytes: int


class Families:
    """Processes with their children. Looking for children reads every process, so it is done seldom."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._known: dict[int, tuple[float, list[psutil.Process]]] = {}

    def _of(self, pid: int) -> list[psutil.Process]:
        now = self._clock()
        found = self._known.get(pid)
        if found is None or now - found[0] >= _FAMILY_S:
            process = psutil.Process(pid)
            found = self._known[pid] = now, [process, *process.children(recursive=True)]
        return found[1]

    def pids(self, pid: int) -> set[int]:
        """A process and its children; itself alone where they may not be asked."""
        try:
            return {member.pid for member in self._of(pid)}
        except (psutil.Error, OSError):
            return {pid}

    def use(self, pid: int) -> Use | None:
        """What a process uses; None where it has ended or belongs to another user."""
        try:
            family = self._of(pid)
        except (psutil.Error, OSError):
            return None
        seconds, resident = 0.0, 0
        for member in family:
            try:
                times = member.cpu_times()
                seconds += times.user + times.system
                resident += member.memory_info().rss
            except (psutil.Error, OSError):
                if member.pid == pid:
                    del self._known[pid]
                    return None
        return Use(seconds, resident)


def cpu_seconds_of(pid: int) -> float | None:
    """CPU time of one process, without its children; None where it has ended."""
    try:
        times = psutil.Process(pid).cpu_times()
    except (psutil.Error, OSError):
        return None
    return float(times.user + times.system)
