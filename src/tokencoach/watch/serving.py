"""What the second reader runs: it takes tasks, gives back what was read, and ends with its pipe."""

from __future__ import annotations

import contextlib
import gc
import pickle
import queue
import signal
import sys
import threading
from typing import IO, TYPE_CHECKING, Any

from tokencoach.watch.reading import read_group

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tokencoach.watch.reading import ReadTask


def messages(pipe: IO[bytes] | None) -> Iterator[Any]:
    """What the other end sends, until it ends."""
    while pipe is not None:
        try:
            yield pickle.load(pipe)  # noqa: S301 - from a process of ours
        except (EOFError, OSError, pickle.UnpicklingError):
            return


def serve(asked: IO[bytes] | None = None, answers: IO[bytes] | None = None) -> None:
    """Read groups of tasks from one pipe (stdin) and answer on the other (stdout), until the first ends."""
    asked, answers = asked or sys.stdin.buffer, answers or sys.stdout.buffer
    # Ctrl+C reaches every process of a terminal; the one that writes ends this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Facts refer to nothing that refers back, so there are no circles to look for.
    gc.disable()
    tasks: queue.SimpleQueue[list[ReadTask] | None] = queue.SimpleQueue()

    def receive() -> None:
        # Always taken at once: else each end could wait for the other to read.
        for group in messages(asked):
            tasks.put(group)
        tasks.put(None)

    threading.Thread(target=receive, daemon=True).start()
    with contextlib.suppress(BrokenPipeError):
        while (group := tasks.get()) is not None:
            pickle.dump(read_group(group), answers, pickle.HIGHEST_PROTOCOL)
            answers.flush()
    # Python looks for circles at its end all the same, unless there is nothing to look through.
    gc.freeze()
