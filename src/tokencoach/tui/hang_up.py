"""A terminal that is gone ends the program: not every such end comes as a signal, and reading from it never waits."""

from __future__ import annotations

import os
import select
import signal
import threading
from typing import Final

_HUNG_UP: Final = 128 + signal.SIGHUP


class Line:
    """The line to a terminal, by its file descriptor."""

    def __init__(self, terminal: int) -> None:
        self._poll = select.poll()
        self._poll.register(terminal, 0)

    def is_cut(self, wait_ms: int | None = 0) -> bool:
        """Whether the other end is gone, after a wait for it; None waits until something is to be told.

        Some systems cannot poll a terminal and answer with an error at once: only a hang-up counts.
        """
        return any(event & select.POLLHUP for _, event in self._poll.poll(wait_ms))


def end_with(terminal: int) -> None:
    """End this process when the terminal goes, as the signal would that may be ignored or never sent.

    What the person did is in the database by then, and a watcher that was started ends with its pipe.
    """
    threading.Thread(target=_wait, args=(Line(terminal),), name="hang-up", daemon=True).start()


def _wait(line: Line) -> None:
    if line.is_cut(None):
        os._exit(_HUNG_UP)
