"""CPU energy by the kernel's powercap folders (Intel RAPL; AMD since Zen answers there too).

Source: the kernel's Documentation/power/powercap and its sysfs ABI. Since kernel 5.10 only root may
read ``energy_uj`` (CVE-2020-8694), so that permission is asked for and never taken.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Final

from tokencoach.power.meters.files import FileMeter
from tokencoach.power.place import read_int, read_text
from tokencoach.power.reading import Found, MeterInfo, Quality, Reads, Refusal, Scope

if TYPE_CHECKING:
    from pathlib import Path

    from tokencoach.power.place import Place

_FOLDER: Final = "/sys/class/powercap"
_ZONE: Final = re.compile(r"intel-rapl(?:-mmio)?:\d+(?::\d+)?\Z")
_PACKAGE: Final = re.compile(r"package-(\d+)(?:-die-\d+)?\Z")
_PERMIT: Final = (
    "one group may be given the read right on the package's energy_uj by a udev or tmpfiles rule, for example "
    "`z /sys/class/powercap/intel-rapl:0/energy_uj 0440 root power` in /etc/tmpfiles.d; who can read it fast "
    "can learn something of what other programs compute (PLATYPUS, CVE-2020-8694)"
)


def find(place: Place) -> Found:
    """Packages, DRAM and platform; cores and uncore as parts of their package."""
    if place.system != "linux":
        return Found()
    zones = _zones(place.file(_FOLDER))
    if not zones:
        why = f"inside {place.guest}: no sensor is shown to guests" if place.guest else "no powercap zone"
        return Found((), (Refusal("RAPL", why),))
    meters: list[FileMeter] = []
    refusals: list[Refusal] = []
    seen: set[str] = set()
    counters: set[tuple[int, int]] = set()
    for folder in zones:
        name = read_text(folder / "name") or folder.name
        label = _label(folder, name)
        counter = folder / "energy_uj"
        if label in seen:
            continue
        if not os.access(counter, os.R_OK):
            refusals.append(Refusal(f"RAPL {name}", f"{counter.name} may be read by root only", _PERMIT))
            continue
        twin = _twin(name, counter, folder)
        if twin is not None and twin in counters:
            continue
        counters |= {twin} if twin is not None else set()
        seen.add(label)
        meters.append(FileMeter(_info(folder, name, label), (counter,), int))
    return Found(tuple(meters), tuple(refusals))


def _zones(folder: Path) -> list[Path]:
    """Zone folders; those of the machine's registers before their copies by memory mapping."""
    try:
        found = [entry for entry in folder.iterdir() if _ZONE.match(entry.name)]
    except OSError:
        return []
    return sorted(found, key=lambda path: ("mmio" in path.name, len(path.name), path.name))


def _label(folder: Path, name: str) -> str:
    """What makes a zone itself: its name, and for a part its package's."""
    number = folder.name.partition(":")[2]
    package = number.partition(":")[0]
    return f"{name}@{package}" if ":" in number or name in {"dram", "psys"} else name


def _twin(name: str, counter: Path, folder: Path) -> tuple[int, int] | None:
    """What two dies share that show one and the same counter."""
    if "-die-" not in name:
        return None
    energy, limit = read_int(counter), read_int(folder / "max_energy_range_uj")
    return None if energy is None else (energy // 1_000_000, limit or 0)


def _info(folder: Path, name: str, label: str) -> MeterInfo:
    number = folder.name.partition(":")[2]
    package = number.partition(":")[0]
    scope, part_of = _scope(name, package if ":" in number else None)
    watts = read_int(folder / "constraint_0_max_power_uw")
    return MeterInfo(
        id=_meter_id(scope, name, number, label),
        scope=scope,
        quality=Quality.VENDOR_MODEL if scope is Scope.DRAM else Quality.SENSOR,
        reads=Reads.COUNTER,
        name=name,
        source=f"powercap {folder.name}",
        wraps_at_uj=read_int(folder / "max_energy_range_uj") or None,
        most_mw=2 * watts // 1000 if watts else 2_000_000,
        part_of=part_of,
    )


def _scope(name: str, package: str | None) -> tuple[Scope, str | None]:
    if _PACKAGE.match(name):
        return Scope.CPU_PACKAGE, None
    parent = None if package is None else f"{Scope.CPU_PACKAGE}:{package}"
    match name:
        case "psys":
            return Scope.PLATFORM, None
        case "dram":
            return Scope.DRAM, None
        case "core":
            return Scope.CPU_CORES, parent
        case _:
            return Scope.UNCORE, parent


def _meter_id(scope: Scope, name: str, number: str, label: str) -> str:
    package = number.partition(":")[0]
    dies = "-die-" in name
    return f"{scope}:{label if dies else package}"
