"""The watcher that lives as long as the app is open, where no other runs."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from tokencoach.watch.child import WatcherChild


_FIRST_PAUSE_S = 2.0
_LONGEST_PAUSE_S = 120.0


class Companion:
    """A watcher where none runs; started beside the app so that the first screen does not wait for it."""

    def __init__(self, database: Path, logs_home: Path | None, tz_name: str | None) -> None:
        self._asked = (database, logs_home, tz_name)
        self._child: WatcherChild | None = None
        self._thread: threading.Thread | None = None
        self._pause_s = _FIRST_PAUSE_S
        self._rests_until = 0.0
        self.problem = ""

    def start(self) -> None:
        """Begin, unless one is being started or runs."""
        if self._thread is not None and self._thread.is_alive():
            return
        if self._child is not None and self._child.is_running:
            return
        self._thread = threading.Thread(target=self._start, name="start-watcher", daemon=True)
        self._thread.start()

    def keep(self, *, is_watching: bool) -> None:
        """Begin again where the watcher has ended; one that ends again and again is begun ever more seldom."""
        now = time.monotonic()
        has_ended = self._child is not None and not self._child.is_running
        if self._thread is None or self._thread.is_alive():
            return
        if is_watching and not has_ended:
            if now > self._rests_until + _LONGEST_PAUSE_S:
                self._pause_s = _FIRST_PAUSE_S
            return
        if now >= self._rests_until:
            self._rests_until = now + self._pause_s
            self._pause_s = min(2 * self._pause_s, _LONGEST_PAUSE_S)
            self.start()

    def _start(self) -> None:
        from tokencoach.watch.child import start_if_none  # noqa: PLC0415 - after the first screen

        database, logs_home, tz_name = self._asked
        if self._child is not None:
            self._child.stop()
        try:
            self._child = start_if_none(database, logs_home=logs_home, tz_name=tz_name)
            self.problem = ""
        except OSError as error:
            self.problem = f"the watcher did not start: {error.strerror or error}"

    def stop(self) -> None:
        """End the watcher that was started, and no other."""
        if self._thread is not None:
            self._thread.join()
        if self._child is not None:
            self._child.stop()
