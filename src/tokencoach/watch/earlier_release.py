"""A watcher of an earlier release that still runs after an update: it keeps the database from today's format."""

from __future__ import annotations

import os
import time
from pathlib import PurePath
from typing import TYPE_CHECKING

from tokencoach import paths
from tokencoach.errors import TokencoachError
from tokencoach.store.status import earlier_heartbeat
from tokencoach.watch.lock import is_locked

if TYPE_CHECKING:
    from pathlib import Path

    import psutil

_LETS_GO_S = 15.0
_POLL_S = 0.05


def refuse_earlier(database: Path) -> None:
    """Nothing, if whoever holds the database writes today's format, or soon ends.

    Raises:
        TokencoachError: it is a watcher of an earlier release, for which one would wait in vain.
    """
    said = earlier_heartbeat(database)
    if said is None or _process(said.pid) is None:
        return
    raise TokencoachError(
        f"a watcher of an earlier tokencoach ({said.version}, process {said.pid}) still writes "
        f"{paths.shown(database)}",
        f"end it, then run again: kill {said.pid}  (one that a service starts: restart the service); "
        "or run tokencoach alone, which ends it and takes over",
    )


def end_earlier(database: Path) -> int | None:
    """End the person's own watcher of an earlier release; its process, or None where there is none to end.

    It loses nothing: what it has not committed is read again. The process is asked to end only where it is
    this person's and its command line is a watcher's, for a number may have come to another program.
    """
    said = earlier_heartbeat(database)
    lock = paths.watcher_lock(database.parent)
    if said is None or not said.pid or said.pid == os.getpid() or not is_locked(lock):
        return None
    process = _process(said.pid)
    if process is None or not _is_own_watcher(process):
        return None
    process.terminate()
    ends = time.monotonic() + _LETS_GO_S
    while is_locked(lock):
        if time.monotonic() > ends:
            return None
        time.sleep(_POLL_S)
    return said.pid


def _process(pid: int) -> psutil.Process | None:
    """A process that still runs."""
    import psutil  # noqa: PLC0415 - slow to import, and needed once after an update

    try:
        return psutil.Process(pid) if pid else None
    except psutil.Error:
        return None


def _is_own_watcher(process: psutil.Process) -> bool:
    """Whether this person started it, as a watcher."""
    import psutil  # noqa: PLC0415 - as above

    try:
        command = process.cmdline()
        is_own = process.username() == psutil.Process().username()
    except psutil.Error:
        return False
    return (
        is_own
        and "watch" in command
        and any(PurePath(part).name.startswith("tokencoach") for part in command)
    )
