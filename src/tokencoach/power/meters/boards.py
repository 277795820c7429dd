"""Boards that measure themselves: NVIDIA Jetson by its INA3221, Raspberry Pi 5 by its power chip.

Jetson: hwmon channels ``in*_label``, ``in*_input`` (mV), ``curr*_input`` (mA); the carrier board is not
included. Raspberry Pi 5: rails as ``vcgencmd pmic_read_adc`` lists them, current times voltage; USB
devices are not included. Their sum is fitted to the wall by 1.1451 x + 0.5879 W (the community's
fit), so it is a model, not a sensor.
"""

from __future__ import annotations

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

_TOTALS: Final = ("VDD_IN", "POM_5V_IN", "VIN_SYS_5V0", "VDD_TOTAL")
_RAIL: Final = re.compile(r"^\s*(\w+?)_([AV])\s+(?:current|volt)\(\d+\)=([\d.]+)[AV]", re.MULTILINE)
_PI_FACTOR: Final = 1145.1
_PI_REST_MW: Final = 587.9
_PI_TIMEOUT: Final = 2.0


def find(place: Place) -> Found:
    """The board's own meter, if this is such a board."""
    if place.system != "linux":
        return Found()
    model = place.text("/proc/device-tree/model") or ""
    if "Raspberry Pi" in model:
        return _pi(place, model)
    meters = [
        meter
        for name, folder in hwmons(place.file("/sys/class/hwmon"))
        if name == "ina3221"
        for meter in _jetson(folder)
    ]
    return Found(tuple(meters))


def _jetson(folder: Path) -> list[FileMeter]:
    found: list[FileMeter] = []
    for label in sorted(folder.glob("in*_label")):
        name = read_text(label) or ""
        number = label.name.removeprefix("in").partition("_")[0]
        paths = (folder / f"in{number}_input", folder / f"curr{number}_input")
        if name.upper() in _TOTALS and all(path.exists() for path in paths):
            info = MeterInfo(
                id=f"{Scope.MODULE}:{name}",
                scope=Scope.MODULE,
                quality=Quality.SENSOR,
                reads=Reads.GAUGE,
                name=name,
                source="hwmon ina3221",
                most_mw=300_000,
                period_ms=100,
            )
            found.append(FileMeter(info, paths, _milliwatts))
    return found


def _milliwatts(millivolts: int, milliamperes: int) -> int:
    return millivolts * milliamperes // 1000


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
            return Reading(at, why_not=f"vcgencmd: {type(error).__name__}")
        rails: dict[str, dict[str, float]] = {}
        for rail, unit, figure in _RAIL.findall(text):
            rails.setdefault(rail, {})[unit] = float(figure)
        watts = [pair["A"] * pair["V"] for pair in rails.values() if len(pair) == 2]
        if not watts:
            return Reading(at, why_not="vcgencmd told no rail")
        return Reading(at, power_mw=round(sum(watts) * _PI_FACTOR + _PI_REST_MW))


def _pi(place: Place, model: str) -> Found:
    if "Raspberry Pi 5" not in model:
        return Found((), (Refusal(model, "this board has no current sensor"),))
    program = shutil.which("vcgencmd")
    if program is None or not place.file("/dev/vcio").exists():
        return Found((), (Refusal(model, "vcgencmd is not installed", "install libraspberrypi-bin"),))

    def ask() -> str:
        run = subprocess.run(
            [program, "pmic_read_adc"], check=True, capture_output=True, text=True, timeout=_PI_TIMEOUT
        )
        return run.stdout

    return Found((RaspberryPi(ask),))
