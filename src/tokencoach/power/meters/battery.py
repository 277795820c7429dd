"""The whole laptop's draw while it runs on its battery; on mains the same file is charging power.

Source: the kernel's ABI of ``/sys/class/power_supply``: ``power_now`` in uW, else ``current_now``
(uA) times ``voltage_now`` (uV).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tokencoach.power.place import read_int, read_text
from tokencoach.power.reading import Found, MeterInfo, Quality, Reading, Reads, Scope

if TYPE_CHECKING:
    from pathlib import Path

    from tokencoach.power.instant import Instant
    from tokencoach.power.place import Place

_STALE_MS: Final = 10_000


class Battery:
    """A battery as a gauge of the whole system."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        name = " ".join(text for item in ("manufacturer", "model_name") if (text := read_text(folder / item)))
        self._info = MeterInfo(
            id=f"{Scope.SYSTEM}:{folder.name}",
            scope=Scope.SYSTEM,
            quality=Quality.SENSOR,
            reads=Reads.GAUGE,
            name=name or folder.name,
            source=f"power_supply {folder.name}",
            most_mw=400_000,
            period_ms=_STALE_MS,
        )

    @property
    def info(self) -> MeterInfo:
        """What it measures and how."""
        return self._info

    def read(self, at: Instant) -> Reading:
        """Milliwatts while discharging, else the reason why there are none."""
        status = read_text(self._folder / "status")
        if status != "Discharging":
            return Reading(at, why_not=f"the battery is {(status or 'not there').lower()}")
        power = read_int(self._folder / "power_now")
        if power is None:
            current = read_int(self._folder / "current_now")
            voltage = read_int(self._folder / "voltage_now")
            if current is None or voltage is None:
                return Reading(at, why_not="the battery tells no power")
            return Reading(at, power_mw=abs(current) * voltage // 1_000_000_000)
        return Reading(at, power_mw=abs(power) // 1000)


def find(place: Place) -> Found:
    """Each battery of the system itself; those of mice and phones are left out."""
    try:
        folders = sorted(place.file("/sys/class/power_supply").iterdir())
    except OSError:
        return Found()
    return Found(tuple(Battery(folder) for folder in folders if _is_own(folder)))


def _is_own(folder: Path) -> bool:
    return read_text(folder / "type") == "Battery" and read_text(folder / "scope") != "Device"
