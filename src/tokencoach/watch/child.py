"""A watcher for the lifetime of the app, where none runs yet."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from typing import TYPE_CHECKING

from tokencoach import paths
from tokencoach.watch.lock import is_locked

if TYPE_CHECKING:
    from pathlib import Path

_STOP_S = 3.0
_LONGEST_LOG = 1 << 20


class WatcherChild:
    """A watcher process that ends when this object is stopped, or when this process ends."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    @property
    def is_running(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    def stop(self) -> None:
        """Close its stdin, which ends it; a stubborn one is terminated."""
        if self._process.stdin is not None:
            with contextlib.suppress(OSError):
                self._process.stdin.close()
        try:
            self._process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_STOP_S)


def start_if_none(
    database: Path, *, logs_home: Path | None = None, tz_name: str | None = None
) -> WatcherChild | None:
    """Start a watcher child; None where one already runs."""
    if is_locked(paths.watcher_lock(database.parent)):
        return None
    command = [sys.executable, "-m", "tokencoach"]
    if logs_home is not None:
        command += ["--logs-home", str(logs_home)]
    if tz_name is not None:
        command += ["--tz", tz_name]
    database.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    log = paths.watcher_log(database.parent)
    is_long = log.exists() and log.stat().st_size > _LONGEST_LOG
    with log.open("wb" if is_long else "ab") as said:
        process = subprocess.Popen(
            [*command, "watch", "--until-eof"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=said,
            start_new_session=True,
            env={**os.environ, "TOKENCOACH_HOME": str(database.parent)},
        )
    return WatcherChild(process)
