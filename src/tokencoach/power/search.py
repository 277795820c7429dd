"""All meters of this computer, and why the others are silent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokencoach.power.meters import apple, averaged, battery, boards, calibrated, drm, emi, nvidia, plug, rapl
from tokencoach.power.place import here
from tokencoach.power.reading import Found, Reads, Scope

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tokencoach.power.place import Place
    from tokencoach.power.reading import MeterInfo
    from tokencoach.settings import PowerSettings

_WHOLE = (Scope.SYSTEM, Scope.WALL, Scope.PLATFORM, Scope.MODULE)


def find_meters(
    place: Place | None = None, *, with_gpu: bool = True, settings: PowerSettings | None = None
) -> Found:
    """Every meter that can be read now; ``with_gpu`` False leaves sleeping NVIDIA cards alone.

    Plugs and calibrated readings are only there where the settings name them.
    """
    place = place or here()
    found = [
        rapl.find(place),
        averaged.find(place),
        drm.find(place),
        battery.find(place),
        boards.find(place),
        apple.find(place),
        emi.find(place),
    ]
    if place.system != "darwin":
        found.append(nvidia.find(is_guest=place.guest is not None) if with_gpu else nvidia.waiting(place))
    if settings is not None:
        found += [plug.find(settings.plugs), calibrated.find(settings)]
    return Found(
        tuple(meter for part in found for meter in part.meters),
        tuple(refusal for part in found for refusal in part.refusals),
    )


def addable(infos: Iterable[MeterInfo]) -> list[MeterInfo]:
    """Meters that measure different things, so that their energies may be added.

    Parts of another meter are left out, and so is what measures the whole computer: that figure
    stands for itself. Where a chip's own meter covers CPU and graphics, the CPU's is a part of it; where a
    processor's counter may be read, a gauge of the same is left out.
    """
    given = list(infos)
    there = {info.id for info in given}
    parts = [info for info in given if info.scope not in _WHOLE and info.part_of not in there]
    counted = {info.id for info in parts if info.scope is Scope.CPU_PACKAGE and info.reads is Reads.COUNTER}
    if counted:
        parts = [info for info in parts if info.scope is not Scope.CPU_PACKAGE or info.id in counted]
    if any(info.scope is Scope.SOC for info in parts):
        parts = [info for info in parts if info.scope is not Scope.CPU_PACKAGE]
    return parts
