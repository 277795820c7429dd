"""AMD and Intel graphics by their drivers' hardware monitors in sysfs.

amdgpu writes ``power1_average`` or ``power1_input`` (uW, a gauge); i915 and xe write ``energy1_input``
(uJ, a counter; xe adds ``energy2_input`` for the package). Source: the kernel's sysfs ABI documents.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Final

from tokencoach.power.meters.files import FileMeter, hwmons
from tokencoach.power.place import read_int, read_text
from tokencoach.power.reading import Found, MeterInfo, Quality, Reads, Refusal, Scope

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tokencoach.power.place import Place

_CARD: Final = re.compile(r"card\d+\Z")
_INTEL: Final = ("i915", "xe")
_AVERAGED_MS: Final = 1000


def find(place: Place) -> Found:
    """Each card's own meter; an AMD chip with both CPU and graphics measures the whole chip."""
    meters: list[FileMeter] = []
    refusals: list[Refusal] = []
    for number, (card, name, folder) in enumerate(_monitors(place.file("/sys/class/drm"))):
        paths = _files(name, folder)
        if not paths:
            refusals.append(Refusal(f"{name} {card.name}", "the driver shows no power or energy"))
        elif not os.access(paths[0], os.R_OK):
            refusals.append(Refusal(f"{name} {card.name}", f"{paths[0].name} may be read by root only"))
        else:
            meters.append(_meter(number, card, name, paths[0]))
    return Found(tuple(meters), tuple(refusals))


def _monitors(drm: Path) -> Iterator[tuple[Path, str, Path]]:
    try:
        cards = sorted(entry for entry in drm.iterdir() if _CARD.match(entry.name))
    except OSError:
        return
    for card in cards:
        for name, folder in hwmons(card / "device" / "hwmon"):
            if name == "amdgpu" or name in _INTEL:
                yield card, name, folder


def _files(name: str, folder: Path) -> list[Path]:
    wanted = ("energy1_input",) if name in _INTEL else ("power1_average", "power1_input")
    return [path for item in wanted if (path := folder / item).exists()]


def _meter(number: int, card: Path, driver: str, path: Path) -> FileMeter:
    intel = driver in _INTEL
    whole_chip = not intel and _shares_memory(card)
    limit = read_int(path.parent / "power1_cap_max") or read_int(path.parent / "power1_max")
    info = MeterInfo(
        id=f"gpu:{driver}{number}",
        scope=Scope.SOC if whole_chip else Scope.GPU,
        quality=Quality.SENSOR,
        reads=Reads.COUNTER if intel else Reads.GAUGE,
        name=read_text(card / "device" / "product_name") or f"{driver} {card.name}",
        source=f"hwmon {path.name}",
        wraps_at_uj=None,
        most_mw=2 * limit // 1000 if limit else 2_000_000,
        period_ms=1 if intel else _AVERAGED_MS,
    )
    return FileMeter(info, (path,), int if intel else _milliwatts)


def _shares_memory(card: Path) -> bool:
    """Whether an AMD device is the graphics part of a processor: its own memory is small."""
    own = read_int(card / "device" / "mem_info_vram_total")
    shared = read_int(card / "device" / "mem_info_gtt_total")
    return own is not None and shared is not None and own < shared and own <= 4 << 30


def _milliwatts(microwatts: int) -> int:
    return microwatts // 1000
