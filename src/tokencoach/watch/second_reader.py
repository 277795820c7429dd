"""A second process that reads logs while the first one reads too and writes.

It is started as a program of its own, so that nothing of this process (threads, an open
database) is copied into it. Both ends are ours, which is what makes pickling safe here.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import queue
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO, TYPE_CHECKING, Self

import tokencoach
from tokencoach.watch.serving import messages

if TYPE_CHECKING:
    from tokencoach.watch.reading import ReadPart, ReadTask

# Memory that was given back to the system costs a page fault a page when it is needed again; only
# glibc knows these names.
_ALLOCATOR = {"MALLOC_MMAP_THRESHOLD_": str(32 << 20), "MALLOC_TRIM_THRESHOLD_": str(48 << 20)}
_END_S = 5.0


class SecondReader:
    """Takes groups of tasks, gives back what was read of them in the same order."""

    def __init__(self) -> None:
        found_in = [str(Path(tokencoach.__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", "from tokencoach.watch.serving import serve; serve()"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # Ctrl-C is for the process that writes; this one ends with its pipe.
            start_new_session=True,
            env={**_ALLOCATOR, **os.environ, "PYTHONPATH": os.pathsep.join(filter(None, found_in))},
        )
        self._answers: queue.SimpleQueue[list[list[ReadPart]] | None] = queue.SimpleQueue()
        self._receiver = threading.Thread(target=self._receive, daemon=True)
        self._receiver.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._stdin.close()
        try:
            self._process.wait(_END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._receiver.join(_END_S)
        if self._process.stdout is not None:
            self._process.stdout.close()

    @property
    def _stdin(self) -> IO[bytes]:
        if self._process.stdin is None:
            raise RuntimeError("the second reader has no pipe")
        return self._process.stdin

    def send(self, group: list[ReadTask]) -> None:
        """Ask for a group; a reader that has died answers ``None``."""
        with contextlib.suppress(OSError):
            pickle.dump(group, self._stdin, pickle.HIGHEST_PROTOCOL)
            self._stdin.flush()

    def has_answer(self) -> bool:
        """Whether ``answer`` would not wait."""
        return not self._answers.empty()

    def answer(self) -> list[list[ReadPart]] | None:
        """What was read of the oldest group asked for, or ``None`` where the reader has died."""
        found = self._answers.get()
        if found is None:
            self._answers.put(None)
        return found

    def _receive(self) -> None:
        for answer in messages(self._process.stdout):
            self._answers.put(answer)
        self._answers.put(None)
