"""Notices of changed log files: the operating system's where it sends them, own polling where not.

A notice is only a hint that shortens the wait; the full sweep is the truth. Folders on network or
virtual machine mounts send none, queues overflow, watches run out: then the tiered poll stats the
files that changed last every second and everything else every minute.
"""

from __future__ import annotations

import contextlib
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

    def misses(self, folders: Iterable[Path]) -> bool:
        """Whether other folders are there than those last asked for."""
        return {str(folder) for folder in folders if folder.is_dir()} != self._folders

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
            _end(observer)
            return
        self.problem = None
        self._observer = observer

    @property
    def is_live(self) -> bool:
        """Whether the operating system sends notices."""
        observer = self._observer
        if observer is None or not observer.is_alive():
            return False
        # A thread that met its end (watches run out as folders are made) sends nothing more.
        return all(emitter.is_alive() for emitter in observer.emitters)

    def stop(self) -> None:
        """Stop asking."""
        if self._observer is not None:
            _end(self._observer)
            self._observer = None


def _end(observer: BaseObserver) -> None:
    """Stop an observer, one whose start failed half-way too."""
    with contextlib.suppress(OSError, RuntimeError, KeyError):
        observer.stop()
        observer.unschedule_all()
    if observer.is_alive():
        observer.join(timeout=2)
