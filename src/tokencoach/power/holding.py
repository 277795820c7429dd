"""Whether processes have a graphics card open: what a driver without a list of programs can still be asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from tokencoach.power.place import Place


def holds(place: Place, pids: Collection[int], nodes: Collection[str]) -> bool | None:
    """Whether one of the processes has one of the device files open; None where that may not be seen."""
    seen = False
    for pid in pids:
        folder = place.file(f"/proc/{pid}/fd")
        try:
            links = list(folder.iterdir())
        except OSError:
            continue
        seen = True
        if any(_opened(link) in nodes for link in links):
            return True
    return False if seen else None


def _opened(link: Path) -> str | None:
    try:
        return str(link.readlink())
    except OSError:
        return None
