"""AMD and Intel graphics by their drivers' hardware monitors in sysfs.

amdgpu writes ``power1_average`` or ``power1_input`` (uW, a gauge), which on a chip with a processor covers
that too; i915 and xe write ``energy1_input`` (uJ, a counter of the card), and where xe has none of the card
``energy2_input`` of its package. Source: the kernel's sysfs ABI and amdgpu documents.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Final

from tokencoach.power.meters.files import FileMeter, hwmons, is_asleep
from tokencoach.power.place import read_int, read_text
from tokencoach.power.reading import Found, MeterInfo, Quality, Reads, Refusal, Scope

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tokencoach.power.place import Place

_CARD: Final = re.compile(r"card\d+\Z")
_INTEL: Final = ("i915", "xe")
_AVERAGED_MS: Final = 1000
_RUNTIME: Final = "device/power/runtime_status"
_CHIP_FORMS: Final = (2, 3)
_INSIDE: Final = "; graphics inside a processor are a part of its RAPL package"


def find(place: Place) -> Found:
    """Each card's own meter; an AMD chip with both CPU and graphics measures the whole chip."""
    meters: list[FileMeter] = []
    refusals: list[Refusal] = []
    for number, (card, name, folder) in enumerate(_monitors(place.file("/sys/class/drm"))):
        paths = _files(name, folder)
        allowed = [path for path in paths if os.access(path, os.R_OK)]
        if not paths:
            why = "the driver shows no power or energy of it"
            refusals.append(Refusal(f"{name} {card.name}", why + _INSIDE if name in _INTEL else why))
        elif not allowed:
            refusals.append(Refusal(f"{name} {card.name}", f"{paths[0].name} may be read by root only"))
        else:
            meters.append(_meter(number, card, name, _answering(card, allowed)))
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
    wanted = ("energy1_input", "energy2_input") if name in _INTEL else ("power1_average", "power1_input")
    return [path for item in wanted if (path := folder / item).exists()]


def _answering(card: Path, paths: list[Path]) -> Path:
    """The first file that has a number: which of them a chip supports, its file's name does not tell."""
    if is_asleep(card / _RUNTIME):
        return paths[0]
    return next((path for path in paths if read_int(path) is not None), paths[0])


def _meter(number: int, card: Path, driver: str, path: Path) -> FileMeter:
    intel = driver in _INTEL
    whole_chip = not intel and _is_whole_chip(card, path.parent)
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
    nodes = () if whole_chip else _nodes(card)
    return FileMeter(info, (path,), int if intel else _milliwatts, card / _RUNTIME, nodes)


def _nodes(card: Path) -> tuple[str, ...]:
    """Device files of a card: for display and, where there is one, for computing alone."""
    try:
        names = [entry.name for entry in (card / "device" / "drm").iterdir()]
    except OSError:
        return ()
    return tuple(f"/dev/dri/{name}" for name in sorted(names) if name.startswith(("card", "renderD")))


def _is_whole_chip(card: Path, folder: Path) -> bool:
    """Whether an AMD device is the graphics part of a processor.

    Told by the voltage of its north bridge, which only those have; else by the form of its table of metrics
    (2 and 3 are of such chips, 1 of cards); else by how its memory is shared.
    """
    if read_text(folder / "in1_label") == "vddnb":
        return True
    form = None if is_asleep(card / _RUNTIME) else _metrics_form(card / "device" / "gpu_metrics")
    return _shares_memory(card) if form is None else form in _CHIP_FORMS


def _metrics_form(path: Path) -> int | None:
    """``format_revision`` of the kernel's ``metrics_table_header``: after two bytes of size."""
    try:
        with path.open("rb") as file:
            head = file.read(4)
    except OSError:
        return None
    return head[2] if len(head) == 4 and head[2] in (1, *_CHIP_FORMS) else None


def _shares_memory(card: Path) -> bool:
    """Whether an AMD device is the graphics part of a processor: its own memory is small."""
    own = read_int(card / "device" / "mem_info_vram_total")
    shared = read_int(card / "device" / "mem_info_gtt_total")
    return own is not None and shared is not None and own < shared and own <= 4 << 30


def _milliwatts(microwatts: int) -> int:
    return microwatts // 1000
