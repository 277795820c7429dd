"""CPU energy by the kernel's powercap folders (Intel RAPL; AMD since Zen answers there too).

Source: the kernel's Documentation/power/powercap and its sysfs ABI. Since kernel 5.10 only root may
read ``energy_uj`` (CVE-2020-8694), so that permission is asked for and never taken.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Final

from tokencoach.power.meters.averaged import SERVICE
from tokencoach.power.meters.files import FileMeter
from tokencoach.power.place import read_int, read_text
from tokencoach.power.reading import Found, MeterInfo, Quality, Reads, Refusal, Scope

if TYPE_CHECKING:
    from pathlib import Path

    from tokencoach.power.place import Place

_FOLDER: Final = "/sys/class/powercap"
_ZONE: Final = re.compile(r"intel-rapl(?:-mmio)?:\d+(?::\d+)?\Z")
_PACKAGE: Final = re.compile(r"package-(\d+)(?:-die-\d+)?\Z")
_RISK: Final = (
    "Who can read it fast can learn something of what other programs compute (PLATYPUS, CVE-2020-8694), "
    "so give it to one group alone, or leave it: everything but the processor's watts works without."
)
_SAME_UJ: Final = 2_000_000


def find(place: Place) -> Found:
    """Packages, DRAM and platform; cores and uncore as parts of their package."""
    if place.system != "linux":
        return Found()
    zones = _zones(place.file(_FOLDER))
    if not zones:
        return Found((), (_none(place),))
    meters: list[FileMeter] = []
    denied: list[Path] = []
    seen: set[str] = set()
    counters: list[tuple[int, int]] = []
    for folder in zones:
        name = read_text(folder / "name") or folder.name
        label = _label(folder, name)
        counter = folder / "energy_uj"
        if label in seen:
            continue
        if not os.access(counter, os.R_OK):
            denied.append(folder)
            continue
        twin = _twin(name, counter, folder)
        if twin is not None:
            if any(_is_same(twin, other) for other in counters):
                continue
            counters.append(twin)
        seen.add(label)
        meters.append(FileMeter(_info(folder, name, label), (counter,), int))
    return Found(tuple(meters), (_denied(denied),) if denied else ())


def _none(place: Place) -> Refusal:
    if place.guest:
        return Refusal("RAPL", f"inside {place.guest}: no sensor is shown to guests")
    if "vendor_id" in (place.text("/proc/cpuinfo") or ""):
        return Refusal("RAPL", "the kernel shows no powercap zone", "sudo modprobe intel_rapl_msr")
    return Refusal("RAPL", "this processor has none: it is of Intel's and AMD's")


def _denied(folders: list[Path]) -> Refusal:
    """One card for all zones that only root may read: parts of a package need no right of their own."""
    names = list(dict.fromkeys(read_text(folder / "name") or folder.name for folder in folders))
    whole = [folder for folder in folders if folder.name.count(":") == 1 and "mmio" not in folder.name]
    rules = "\n".join(
        f"z {_FOLDER}/{folder.name}/energy_uj 0440 root power" for folder in whole or folders[:1]
    )
    permit = (
        "one-time permission, run by you and never by us:\n"
        "sudo groupadd -f power && sudo usermod -aG power $USER\n"
        f"sudo tee /etc/tmpfiles.d/energy.conf <<'END'\n{rules}\nEND\n"
        f"sudo systemd-tmpfiles --create energy.conf   (then log in anew)\n{_RISK}\n{SERVICE}"
    )
    return Refusal(f"RAPL {', '.join(names)}", "energy_uj may be read by root only", permit)


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
    return None if energy is None else (energy, limit or 0)


def _is_same(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether two counters are one: read a moment apart, they differ by what was drawn meanwhile."""
    return one[1] == other[1] and abs(one[0] - other[0]) < _SAME_UJ


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
        may_rest=scope is Scope.UNCORE,
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
