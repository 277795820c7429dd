"""Boards that measure themselves: NVIDIA Jetson by its INA3221, Raspberry Pi 5 by its power chip.

Jetson: hwmon channels ``in*_label``, ``in*_input`` (mV), ``curr*_input`` (mA); the carrier board is not
included. A module has one rail of its input, or rails that add up to it (NVIDIA's developer guide, "Clock
Frequency and Power Management"). Raspberry Pi 5: rails as ``vcgencmd pmic_read_adc`` lists them, current times voltage; USB
devices are not included. Their sum is fitted to the wall by 1.1451 x + 0.5879 W (the community's
fit), so it is a model, not a sensor.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from typing import TYPE_CHECKING, Final

from tokencoach.power.meters.files import FileMeter, hwmons
from tokencoach.power.place import read_text
from tokencoach.power.reading import Found, MeterInfo, Quality, Reading, Reads, Refusal, Scope

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tokencoach.power.instant import Instant
    from tokencoach.power.place import Place

_TOTALS: Final = ("VDD_IN", "POM_5V_IN", "5V_IN", "VDD_TOTAL")
# On AGX Orin the rail of the memory is a part of the 5 V rail, and not to be added.
_SUMS: Final = (
    ("VDD_GPU_SOC", "VDD_CPU_CV", "VIN_SYS_5V0"),
    ("VDD_GPU_SOC", "VDD_CPU_CV", "VIN_SYS_5V"),
    ("GPU", "CPU", "SOC", "CV", "VDDRQ", "SYS5V"),
)
_HAS_CHIP: Final = re.compile(r"Raspberry Pi (?:5|Compute Module 5)")
_RAIL: Final = re.compile(r"^\s*(\w+?)_([AV])\s+(?:current|volt)\(\d+\)=([\d.]+)[AV]", re.MULTILINE)
_PI_FACTOR: Final = 1145.1
_PI_REST_MW: Final = 587.9
_PI_TIMEOUT: Final = 2.0


def find(place: Place, which: Callable[[str], str | None] = shutil.which) -> Found:
    """The board's own meter, if this is such a board; ``which`` is replaced in tests."""
    if place.system != "linux":
        return Found()
    model = place.text("/proc/device-tree/model") or ""
    if "Raspberry Pi" in model:
        return _pi(place, model, which)
    rails: dict[str, tuple[Path, Path]] = {}
    for name, folder in hwmons(place.file("/sys/class/hwmon")):
        if name == "ina3221":
            rails |= _rails(folder)
    if not rails:
        return Found()
    whole = [(name,) for name in _TOTALS if name in rails]
    added = [names for names in _SUMS if all(name in rails for name in names)]
    wanted = next(iter([*whole, *added]), None)
    if wanted is None:
        return Found(
            (), (Refusal("hwmon ina3221", f"no rail of the whole module: {', '.join(sorted(rails))}"),)
        )
    return Found((_jetson(wanted, rails),))


def _rails(folder: Path) -> dict[str, tuple[Path, Path]]:
    """Files of voltage and current by the rail's label, in capitals."""
    found = {}
    for label in sorted(folder.glob("in*_label")):
        number = label.name.removeprefix("in").partition("_")[0]
        paths = (folder / f"in{number}_input", folder / f"curr{number}_input")
        if all(path.exists() for path in paths):
            found[(read_text(label) or "").upper()] = paths
    return found


def _jetson(names: tuple[str, ...], rails: dict[str, tuple[Path, Path]]) -> FileMeter:
    name = " + ".join(names)
    info = MeterInfo(
        id=f"{Scope.MODULE}:{names[0] if len(names) == 1 else 'rails'}",
        scope=Scope.MODULE,
        quality=Quality.SENSOR,
        reads=Reads.GAUGE,
        name=name,
        source="hwmon ina3221",
        most_mw=300_000,
        period_ms=100,
    )
    return FileMeter(info, tuple(path for one in names for path in rails[one]), _milliwatts)


def _milliwatts(*figures: int) -> int:
    """Of millivolts and milliamperes in turn."""
    return sum(volts * amperes for volts, amperes in zip(figures[::2], figures[1::2], strict=True)) // 1000


class RaspberryPi:
    """The sum of a Raspberry Pi 5's rails, fitted to what its socket draws."""

    def __init__(self, ask: Callable[[], str]) -> None:
        self._ask = ask
        self._info = MeterInfo(
            id=f"{Scope.SYSTEM}:pi",
            scope=Scope.SYSTEM,
            quality=Quality.VENDOR_MODEL,
            reads=Reads.GAUGE,
            name="Raspberry Pi rails, fitted",
            source="vcgencmd pmic_read_adc",
            most_mw=60_000,
            period_ms=100,
        )

    @property
    def info(self) -> MeterInfo:
        """What it measures and how."""
        return self._info

    def read(self, at: Instant) -> Reading:
        """Milliwatts over all rails that have both a current and a voltage."""
        try:
            text = self._ask()
        except (OSError, subprocess.SubprocessError) as error:
            return Reading(at, why_not=f"vcgencmd does not answer: {_said(error)}")
        rails: dict[str, dict[str, float]] = {}
        for rail, unit, figure in _RAIL.findall(text):
            rails.setdefault(rail, {})[unit] = float(figure)
        watts = [pair["A"] * pair["V"] for pair in rails.values() if len(pair) == 2]
        if not watts:
            return Reading(at, why_not="vcgencmd told no rail")
        return Reading(at, power_mw=round(sum(watts) * _PI_FACTOR + _PI_REST_MW))


def _said(error: Exception) -> str:
    told = getattr(error, "stderr", None) or str(error)
    return " ".join(str(told).split())[:100] or type(error).__name__


def _pi(place: Place, model: str, which: Callable[[str], str | None]) -> Found:
    if not _HAS_CHIP.search(model):
        return Found((), (Refusal(model, "this board has no current sensor"),))
    program = which("vcgencmd")
    if program is None:
        return Found((), (Refusal(model, "vcgencmd is not installed", "sudo apt install raspi-utils"),))
    if not os.access(place.file("/dev/vcio"), os.R_OK | os.W_OK):
        permit = "sudo usermod -aG video $USER   (then log in anew)"
        return Found((), (Refusal(model, "vcgencmd may be used by the group video only", permit),))

    def ask() -> str:
        run = subprocess.run(
            [program, "pmic_read_adc"], check=True, capture_output=True, text=True, timeout=_PI_TIMEOUT
        )
        return run.stdout

    return Found((RaspberryPi(ask),))
