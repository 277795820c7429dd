"""The whole laptop's draw while it runs on its battery; on mains the same file is charging power.

A laptop with two batteries draws from one after the other, or from both: their powers are added.
Source: the kernel's ABI of ``/sys/class/power_supply``: ``power_now`` in uW, else ``current_now`` (uA) times
``voltage_now`` (uV).
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
    """A laptop's batteries as a gauge of the whole system."""

    def __init__(self, folders: tuple[Path, ...]) -> None:
        self._folders = folders
        self._info = MeterInfo(
            id=f"{Scope.SYSTEM}:{folders[0].name}",
            scope=Scope.SYSTEM,
            quality=Quality.SENSOR,
            reads=Reads.GAUGE,
            name=" and ".join(_name(folder) for folder in folders),
            source=f"power_supply {' '.join(folder.name for folder in folders)}",
            most_mw=400_000,
            period_ms=_STALE_MS,
        )

    @property
    def info(self) -> MeterInfo:
        """What it measures and how."""
        return self._info

    def read(self, at: Instant) -> Reading:
        """Milliwatts while discharging, else the reason why there are none."""
        states = {folder: read_text(folder / "status") or "not there" for folder in self._folders}
        used = [folder for folder, state in states.items() if state == "Discharging"]
        if not used or "Charging" in states.values():
            state = next(iter(states.values())) if not used else "Charging"
            return Reading(at, why_not=f"the battery is {state.lower()}: it tells watts on battery only")
        powers = [power for folder in used if (power := _milliwatts(folder)) is not None]
        if len(powers) < len(used) or not sum(powers):
            return Reading(at, why_not="the battery tells no power")
        return Reading(at, power_mw=sum(powers))


def _name(folder: Path) -> str:
    said = " ".join(text for item in ("manufacturer", "model_name") if (text := read_text(folder / item)))
    return said or folder.name


def _milliwatts(folder: Path) -> int | None:
    """What a battery gives; a zero from one in use is no figure, so the other files are asked then."""
    power = read_int(folder / "power_now")
    if power:
        return abs(power) // 1000
    current, voltage = read_int(folder / "current_now"), read_int(folder / "voltage_now")
    if current is None or voltage is None:
        return None if power is None else 0
    return abs(current) * voltage // 1_000_000_000


def find(place: Place) -> Found:
    """The batteries of the system itself, as one meter; those of mice and phones are left out."""
    try:
        folders = sorted(place.file("/sys/class/power_supply").iterdir())
    except OSError:
        return Found()
    own = tuple(folder for folder in folders if _is_own(folder))
    return Found((Battery(own),) if own else ())


def _is_own(folder: Path) -> bool:
    return read_text(folder / "type") == "Battery" and read_text(folder / "scope") != "Device"
