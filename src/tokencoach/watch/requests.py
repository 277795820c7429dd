"""A verb asks the watcher for a sweep: a file whose time says when; its life shows in what it writes."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from tokencoach import paths
from tokencoach.errors import TokencoachError

if TYPE_CHECKING:
    from pathlib import Path


def request_sweep(database: Path) -> None:
    """Ask whoever keeps the database current to look at everything now.

    Raises:
        TokencoachError: the folder cannot be written.
    """
    file = paths.sweep_request(database.parent)
    try:
        file.touch(mode=0o600)
        os.utime(file)
    except OSError as error:
        raise TokencoachError(
            f"{paths.shown(file)}: {error.strerror}", "make that folder writable, or free space on its disk"
        ) from error


def requested_ns(database: Path) -> int:
    """When a sweep was last asked for, nanoseconds; 0 where never."""
    try:
        return paths.sweep_request(database.parent).stat().st_mtime_ns
    except OSError:
        return 0


def signs_of_life(database: Path) -> str:
    """Changes whenever a process writes the database."""
    signs = []
    for file in (database, database.with_name(database.name + "-wal")):
        with contextlib.suppress(OSError):
            status = file.stat()
            signs.append(f"{status.st_size}:{status.st_mtime_ns}")
    return " ".join(signs)
