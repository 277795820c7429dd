"""Sampling in the watcher: a thread of its own reads and asks, the watcher's own thread stores."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final

from tokencoach.power.live import publish
from tokencoach.power.sampler import Sampler
from tokencoach.store.power.join import join_power
from tokencoach.store.power.writer import put_power

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tokencoach.power.served import Taken
    from tokencoach.settings import PowerSettings
    from tokencoach.store.writer import Writer

_HELD_MOST: Final = 1000
_AFTER_FAULT_S: Final = 30.0


class PowerThread:
    """Samples until stopped. What is to be stored waits here until ``store`` is called.

    A slow server or a sensor that hangs holds up this thread alone, never the reading of logs.
    """

    def __init__(self, file: Path, log: Callable[[str], None], settings: PowerSettings) -> None:
        self._file = file
        self._log = log
        self._settings = settings
        self._stopping = threading.Event()
        self._ready: list[Taken] = []
        self._lock = threading.Lock()
        self._said = ""
        self._thread = threading.Thread(target=self._run, name="power", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End, and take the figures away: nobody keeps them current any more."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(2.0)
        self._file.unlink(missing_ok=True)

    def _run(self) -> None:
        sampler = Sampler(settings=self._settings)
        while not self._stopping.is_set():
            try:
                wait_s = sampler.step()
                self._keep(sampler.take())
                publish(sampler.live(), self._file)
                self._said = ""
            except Exception as error:  # noqa: BLE001 - no fault of a sensor or a disk ends the watcher
                wait_s = _AFTER_FAULT_S
                said = f"power: {type(error).__name__}: {error}"
                if said != self._said:
                    self._log(said)
                self._said = said
            self._stopping.wait(wait_s)
        self._keep(sampler.take(is_last=True))

    def _keep(self, taken: Taken) -> None:
        if not (taken.meters or taken.served or taken.hours):
            return
        with self._lock:
            self._ready.append(taken)
            del self._ready[:-_HELD_MOST]

    def store(self, writer: Writer) -> None:
        """Store what waits, in one transaction; what cannot be stored waits on.

        Raises:
            TokencoachError: the database cannot be written.
        """
        with self._lock:
            waiting = list(self._ready)
        if not waiting:
            return
        with writer.transaction() as connection:
            for taken in waiting:
                put_power(connection, taken)
            join_power(connection)
        with self._lock:
            self._ready = [taken for taken in self._ready if not any(taken is stored for stored in waiting)]
