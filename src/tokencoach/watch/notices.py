"""Notices of changed log files: the operating system's where it sends them, own polling where not.

A notice is only a hint that shortens the wait; the full sweep is the truth. Folders on network or
virtual machine mounts send none, queues overflow, watches run out: then the tiered poll stats the
files that changed last every second and everything else every minute.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from watchdog.observers.api import BaseObserver


class Notices:
    """Paths that may have changed, collected until taken."""

    def __init__(self) -> None:
        self.arrived = threading.Event()
        self.problem: str | None = None
        self._lock = threading.Lock()
        self._paths: set[str] = set()
        self._observer: BaseObserver | None = None
        self._folders: set[str] = set()

    def add(self, path: str) -> None:
        """Remember a path; wakes whoever waits."""
        with self._lock:
            self._paths.add(path)
        self.arrived.set()

    def take(self, timeout_s: float) -> set[str]:
        """Wait for a notice, at most so long, and take all there are."""
        self.arrived.wait(timeout_s)
        with self._lock:
            taken, self._paths = self._paths, set()
            self.arrived.clear()
        return taken

    def watch(self, folders: Iterable[Path]) -> None:
        """Ask the operating system for notices of these folders; a refusal is kept as ``problem``."""
        wanted = {str(folder) for folder in folders if folder.is_dir()}
        if wanted == self._folders and (self._observer is None or self._observer.is_alive()):
            return
        self.stop()
        self._folders = wanted
        if not wanted:
            return
        from watchdog.observers import Observer  # noqa: PLC0415 - slow to import

        from tokencoach.watch.hints import LogEvents  # noqa: PLC0415 - imports watchdog

        observer = Observer()
        try:
            for folder in sorted(wanted):
                observer.schedule(LogEvents(self), folder, recursive=True)
            observer.start()
        except (OSError, RuntimeError) as error:
            self.problem = f"no change notices ({error}); polling instead"
            observer.unschedule_all()
            return
        self.problem = None
        self._observer = observer

    @property
    def is_live(self) -> bool:
        """Whether the operating system sends notices."""
        return self._observer is not None and self._observer.is_alive()

    def stop(self) -> None:
        """Stop asking."""
        if self._observer is not None:
            self._observer.stop()
            self._observer.join(timeout=2)
            self._observer = None
