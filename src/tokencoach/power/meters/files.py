"""Meters that are one file of the kernel: a number that is read anew each time."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

from tokencoach.power.place import read_text
from tokencoach.power.reading import MeterInfo, Reading, Reads

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tokencoach.power.instant import Instant

_ASLEEP = (errno.EBUSY, errno.ENODATA, errno.EAGAIN, errno.ENXIO)
_SUSPENDED = ("suspended", "suspending")


class FileMeter:
    """A counter or gauge in one or more files; ``scale`` turns their numbers into uJ or mW.

    ``runtime`` is the device's ``power/runtime_status``: older drivers wake a sleeping device to answer, so
    it is asked first, and newer ones answer that they may not. ``nodes`` are the device files that a program
    has open which uses the device; none where that tells nothing.
    """

    def __init__(
        self,
        info: MeterInfo,
        paths: tuple[Path, ...],
        scale: Callable[..., int],
        runtime: Path | None = None,
        nodes: tuple[str, ...] = (),
    ) -> None:
        self.nodes = nodes
        self._info = info
        self._paths = paths
        self._scale = scale
        self._runtime = runtime

    @property
    def info(self) -> MeterInfo:
        """What it measures and how."""
        return self._info

    def read(self, at: Instant) -> Reading:
        """The files' figure now."""
        if self._runtime is not None and is_asleep(self._runtime):
            return Reading(at, why_not="asleep, and not woken to be measured")
        numbers: list[int] = []
        for path in self._paths:
            try:
                numbers.append(int(path.read_bytes()))
            except OSError as error:
                return Reading(at, why_not=f"{path.name}: {self._why(error)}")
            except ValueError:
                return Reading(at, why_not=f"{path.name}: no number")
        value = self._scale(*numbers)
        if self._info.reads is Reads.COUNTER:
            return Reading(at, energy_uj=value)
        return Reading(at, power_mw=value)

    def _why(self, error: OSError) -> str:
        number = error.errno or errno.EIO
        is_asleep = number in _ASLEEP or (number == errno.EPERM and self._runtime is not None)
        return "asleep" if is_asleep else os.strerror(number).lower()


def is_asleep(runtime: Path) -> bool:
    """Whether a device's ``power/runtime_status`` says that it sleeps; asking wakes nothing."""
    return read_text(runtime) in _SUSPENDED


def hwmons(folder: Path) -> Iterator[tuple[str, Path]]:
    """Name and folder of each hardware monitor under a folder, in the order of their numbers."""
    try:
        found = [entry for entry in folder.iterdir() if entry.name.startswith("hwmon")]
    except OSError:
        return
    for entry in sorted(found, key=lambda path: (len(path.name), path.name)):
        try:
            name = (entry / "name").read_text(encoding="utf-8", errors="replace").strip()
        except OSError:
            continue
        yield name, entry
