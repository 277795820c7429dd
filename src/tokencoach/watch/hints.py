"""What watchdog says, turned into notices."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from watchdog.events import FileSystemEvent, FileSystemEventHandler

if TYPE_CHECKING:
    from tokencoach.watch.notices import Notices

_TELLING = frozenset({"modified", "created", "moved", "closed"})


class LogEvents(FileSystemEventHandler):
    """Puts the path of a changed file into the notices and does nothing else."""

    def __init__(self, notices: Notices) -> None:
        self._notices = notices

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Note a file that was written, made or moved here."""
        if event.is_directory or event.event_type not in _TELLING:
            return
        self._notices.add(os.fsdecode(event.dest_path or event.src_path))
