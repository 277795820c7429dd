"""A verb asks the watcher for a sweep: a file whose time is the request, another whose time is the answer.

Both times are only compared with each other for being the same: clocks are set back, and processes
have been given different ones. A watcher's life shows in what it writes.
"""

from __future__ import annotations

import contextlib
import os
import time
from typing import TYPE_CHECKING

from tokencoach import paths
from tokencoach.errors import TokencoachError

if TYPE_CHECKING:
    from pathlib import Path


def request_sweep(database: Path) -> int:
    """Ask whoever keeps the database current to look at everything now; the request's own number.

    Raises:
        TokencoachError: the folder cannot be written.
    """
    file = paths.sweep_request(database.parent)
    try:
        before = requested_ns(database)
        file.touch(mode=0o600)
        asked = time.time_ns()
        asked += asked == before
        os.utime(file, ns=(asked, asked))
    except OSError as error:
        raise TokencoachError(
            f"{paths.shown(file)}: {error.strerror}", "make that folder writable, or free space on its disk"
        ) from error
    return requested_ns(database)


def requested_ns(database: Path) -> int:
    """The last request for a sweep, 0 where there was none."""
    return _changed_ns(paths.sweep_request(database.parent)) or 0


def answer_sweep(database: Path, asked_ns: int) -> None:
    """Note that a sweep which began after this request has ended."""
    file = paths.sweep_answer(database.parent)
    # A full disk is told by the watcher's next write, and a verb that waits goes by its life.
    with contextlib.suppress(OSError):
        file.touch(mode=0o600)
        os.utime(file, ns=(asked_ns, asked_ns))


def answered_ns(database: Path) -> int | None:
    """The last request that was answered; None where no watcher has answered any."""
    return _changed_ns(paths.sweep_answer(database.parent))


def _changed_ns(file: Path) -> int | None:
    try:
        return file.stat().st_mtime_ns
    except OSError:
        return None


def signs_of_life(database: Path) -> str:
    """Changes whenever a process writes the database."""
    signs = []
    for file in (database, database.with_name(database.name + "-wal")):
        with contextlib.suppress(OSError):
            status = file.stat()
            signs.append(f"{status.st_size}:{status.st_mtime_ns}")
    return " ".join(signs)
