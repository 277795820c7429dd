"""How much of a device's energy a process is answerable for, or why that cannot be told.

GPU: the only process that computes has all of it; several are weighed by the share of the processors
they held, where the driver tells it. CPU: by CPU time, as Kepler does, which is linear in load and
blind to unlike cores. Meters that tell no programs apart are the server's only while it alone worked,
on the assumption that nothing else drew on them, which is said.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from tokencoach.power.meters.nvidia import Computing


class Share(NamedTuple):
    """A part from 0 to 1 of a device's energy, or the reason why it is refused."""

    part: float | None
    why_not: str | None = None
    assumes: str | None = None


def gpu_share(family: Collection[int], computing: Sequence[Computing]) -> Share:
    """The part of a GPU's energy that a server's processes (ids) used."""
    own = [process for process in computing if process.pid in family]
    if not own:
        return Share(0.0)
    if len(own) == len(computing):
        return Share(1.0)
    if any(process.sm_percent is None for process in computing):
        return Share(None, "shared GPU, not attributable: the driver does not tell each program's part")
    whole = sum(process.sm_percent or 0 for process in computing)
    if whole == 0:
        return Share(None, "shared GPU, not attributable: no program was seen computing")
    return Share(sum(process.sm_percent or 0 for process in own) / whole)


def untold_gpu_share(servers_at_work: int) -> Share:
    """The part of a GPU of which the driver tells no programs: all of it, where one server alone works."""
    if servers_at_work > 1:
        return Share(None, "shared GPU, not attributable: the driver tells no programs here")
    return Share(1.0, assumes="no other program used the GPU: the driver tells none here")


def cpu_share(own_seconds: float, all_seconds: float) -> Share:
    """The part of a processor's energy by CPU time: the process's, and that of all cores, idle included."""
    if all_seconds <= 0:
        return Share(None, "no processor time passed")
    return Share(min(max(own_seconds, 0.0) / all_seconds, 1.0))


def undivided_share(servers_at_work: int) -> Share:
    """The part of a meter that tells no programs apart, for the one server that works."""
    if servers_at_work > 1:
        return Share(None, "several servers worked at once, and the meter tells no programs apart")
    return Share(1.0, assumes="no other program drew on it meanwhile")
