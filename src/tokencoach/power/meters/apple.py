"""Apple Silicon: the chip's own model of its energy by IOReport, without any right.

Three ways to the same channels, in this order: the library zeus-apple-silicon (the extra ``apple``),
our own binding of the private libIOReport, and the program macmon where it is installed. Values are a
model by Apple, no sensor, in steps of a millijoule; ``powermetrics`` would need root and is never run.
"""

from __future__ import annotations

import functools
import importlib
import json
import shutil
import subprocess
import threading
from typing import TYPE_CHECKING, Any, Final

from tokencoach.power.meters import ioreport
from tokencoach.power.reading import Found, MeterInfo, Quality, Reading, Reads, Refusal, Scope

if TYPE_CHECKING:
    from collections.abc import Callable

    from tokencoach.power.instant import Instant
    from tokencoach.power.place import Place

Energies = dict[Scope, int]
"""Microjoules since some fixed moment, by what they were spent in."""
_ZEUS: Final = {
    Scope.CPU_PACKAGE: "cpu_total_mj",
    Scope.GPU: "gpu_mj",
    Scope.DRAM: "dram_mj",
    Scope.NPU: "ane_mj",
}
_MACMON: Final = {
    Scope.CPU_PACKAGE: "cpu_power",
    Scope.GPU: "gpu_power",
    Scope.DRAM: "ram_power",
    Scope.NPU: "ane_power",
    Scope.SYSTEM: "sys_power",
}


class Chip:
    """The chip's counters; one question answers for all of its meters."""

    def __init__(self, ask: Callable[[], Energies]) -> None:
        self._ask = ask
        self._last: tuple[int, Energies | str] | None = None

    def at(self, at: Instant) -> Energies | str:
        """The counters at a moment, or why there are none."""
        if self._last is None or self._last[0] != at.monotonic_ns:
            try:
                self._last = at.monotonic_ns, self._ask()
            except Exception as error:  # noqa: BLE001 - a private library may fail in any way
                self._last = at.monotonic_ns, f"the chip does not answer: {type(error).__name__}"
        return self._last[1]


class ChipMeter:
    """One of the chip's counters."""

    def __init__(self, chip: Chip, scope: Scope, source: str) -> None:
        self._chip = chip
        self.info = MeterInfo(
            id=f"{scope}:apple",
            scope=scope,
            quality=Quality.VENDOR_MODEL,
            reads=Reads.COUNTER,
            name=f"Apple Silicon {scope.value}",
            source=source,
            most_mw=500_000,
            period_ms=10,
            may_rest=scope is Scope.NPU,
        )

    def read(self, at: Instant) -> Reading:
        """Microjoules now."""
        found = self._chip.at(at)
        if isinstance(found, str):
            return Reading(at, why_not=found)
        energy = found.get(self.info.scope)
        return Reading(at, energy_uj=energy, why_not=None if energy is not None else "the channel is gone")


class Macmon:
    """The newest line of ``macmon pipe``; the program is started with the first question."""

    def __init__(self, program: str) -> None:
        self._program = program
        self._process: subprocess.Popen[str] | None = None
        self._line = ""

    def start(self) -> None:
        """Begin to read its lines, one a second."""
        self._process = subprocess.Popen(
            [self._program, "pipe", "-i", "1000"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        threading.Thread(target=self._follow, args=(self._process,), daemon=True).start()

    def _follow(self, process: subprocess.Popen[str]) -> None:
        if process.stdout is not None:
            with process.stdout as lines:
                for line in lines:
                    self._line = line

    def newest(self) -> dict[str, Any]:
        """The newest figures, in watts.

        Raises:
            ValueError: it has ended, or has not said anything yet.
        """
        if self._process is None:
            self.start()
        elif self._process.poll() is not None:
            raise ValueError("macmon has ended")
        found = json.loads(self._line)
        if not isinstance(found, dict):
            raise ValueError("macmon tells no figures")  # noqa: TRY004 - what it prints, not what was passed
        return found


class MacmonMeter:
    """One of macmon's gauges."""

    def __init__(self, macmon: Macmon, scope: Scope) -> None:
        self._macmon = macmon
        self.info = MeterInfo(
            id=f"{scope}:macmon",
            scope=scope,
            quality=Quality.SENSOR if scope is Scope.SYSTEM else Quality.VENDOR_MODEL,
            reads=Reads.GAUGE,
            name=f"Apple Silicon {scope.value}",
            source="macmon pipe",
            most_mw=500_000,
            period_ms=1000,
        )

    def read(self, at: Instant) -> Reading:
        """Milliwatts of the newest line."""
        try:
            watts = float(self._macmon.newest()[_MACMON[self.info.scope]])
        except (OSError, ValueError, KeyError, TypeError):
            return Reading(at, why_not="macmon has not told it yet")
        return Reading(at, power_mw=round(watts * 1000))


@functools.cache
def _opened_once() -> Callable[[], list[ioreport.Channel]]:
    """The search for meters comes every minute, and a subscription is never given back."""
    return ioreport.opened()


def find(
    place: Place,
    load: Callable[[str], Any] = importlib.import_module,
    open_library: Callable[[], Callable[[], list[ioreport.Channel]]] = _opened_once,
    which: Callable[[str], str | None] = shutil.which,
) -> Found:
    """The chip's meters by the first way that answers; the other arguments are replaced in tests."""
    if place.system != "darwin":
        return Found()
    refusals: list[Refusal] = []
    ways: tuple[tuple[str, Callable[[], Callable[[], Energies]]], ...] = (
        ("zeus-apple-silicon", lambda: _zeus(load)),
        ("libIOReport", lambda: _own(open_library)),
    )
    for name, way in ways:
        try:
            ask = way()
            there = ask()
        except ImportError:
            refusals.append(Refusal(name, "not installed", "pip install 'tokencoach[apple]'"))
            continue
        except Exception as error:  # noqa: BLE001 - either may be missing, or fail in any way
            refusals.append(Refusal(name, f"{type(error).__name__}: {error}"))
            continue
        if there:
            chip = Chip(ask)
            return Found(tuple(ChipMeter(chip, scope, name) for scope in there))
        refusals.append(Refusal(name, "it knows no energy channel of this chip"))
    program = which("macmon")
    if program is None:
        return Found((), (*refusals, Refusal("macmon", "not installed", "brew install macmon")))
    macmon = Macmon(program)
    return Found(tuple(MacmonMeter(macmon, scope) for scope in _MACMON), tuple(refusals))


def _zeus(load: Callable[[str], Any]) -> Callable[[], Energies]:
    monitor = load("zeus_apple_silicon").AppleEnergyMonitor()

    def ask() -> Energies:
        found = monitor.get_cumulative_energy()
        told = {scope: getattr(found, name, None) for scope, name in _ZEUS.items()}
        return {scope: int(value) * 1000 for scope, value in told.items() if value is not None}

    return ask


def _own(open_library: Callable[[], Callable[[], list[ioreport.Channel]]]) -> Callable[[], Energies]:
    sample = open_library()
    return lambda: ioreport.energies(sample())
