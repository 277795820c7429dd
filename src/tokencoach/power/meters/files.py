"""Meters that are one file of the kernel: a number that is read anew each time."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

from tokencoach.power.reading import MeterInfo, Reading, Reads

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tokencoach.power.instant import Instant

_ASLEEP = (errno.EBUSY, errno.ENODATA, errno.EAGAIN, errno.ENXIO)


class FileMeter:
    """A counter or gauge in one or more files; ``scale`` turns their numbers into uJ or mW."""

    def __init__(self, info: MeterInfo, paths: tuple[Path, ...], scale: Callable[..., int]) -> None:
        self._info = info
        self._paths = paths
        self._scale = scale

    @property
    def info(self) -> MeterInfo:
        """What it measures and how."""
        return self._info

    def read(self, at: Instant) -> Reading:
        """The files' figure now."""
        numbers: list[int] = []
        for path in self._paths:
            try:
                numbers.append(int(path.read_bytes()))
            except OSError as error:
                why = "asleep" if error.errno in _ASLEEP else os.strerror(error.errno or errno.EIO).lower()
                return Reading(at, why_not=f"{path.name}: {why}")
            except ValueError:
                return Reading(at, why_not=f"{path.name}: no number")
        value = self._scale(*numbers)
        if self._info.reads is Reads.COUNTER:
            return Reading(at, energy_uj=value)
        return Reading(at, power_mw=value)


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
