"""Made-up computers: trees of the kernel's files, and clocks that a test turns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokencoach.power.instant import Instant
from tokencoach.power.place import Place

if TYPE_CHECKING:
    from pathlib import Path

START_MS = 1_790_000_000_000
SECOND_NS = 1_000_000_000


class Machine:
    """A root folder that is filled file by file."""

    def __init__(self, root: Path, *, guest: str | None = None) -> None:
        self.root = root
        self.place = Place(root, "linux", guest)

    def write(self, path: str, text: object) -> Path:
        """Write a file of the system and return where it lies."""
        file = self.root / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{text}\n", encoding="utf-8")
        return file

    def zone(self, number: str, name: str, energy_uj: int, limit_uj: int = 262_143_328_850) -> Path:
        """A powercap zone such as ``intel-rapl:0``; the counter's file."""
        folder = f"/sys/class/powercap/{number}"
        self.write(f"{folder}/name", name)
        self.write(f"{folder}/max_energy_range_uj", limit_uj)
        return self.write(f"{folder}/energy_uj", energy_uj)


def at(seconds: float, *, asleep: float = 0.0) -> Instant:
    """An instant some seconds after the start, of which the computer slept some."""
    ns = round(seconds * SECOND_NS)
    return Instant(START_MS + ns // 1_000_000, ns - round(asleep * SECOND_NS), ns)
