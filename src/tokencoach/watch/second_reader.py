"""A second process that reads logs while the first one reads too and writes.

Where this process has one thread it is forked, which saves it the loading of everything that
reads; it lets go of all that was open at once, and ends without tidying up. Elsewhere it is
started as a program of its own. Both ends are ours, which is what makes pickling tasks safe here.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import queue
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO, TYPE_CHECKING, NamedTuple, Self

import tokencoach
from tokencoach.watch.serving import received, serve, understood

if TYPE_CHECKING:
    from tokencoach.watch.reading import ReadPart, ReadTask

# Memory that was given back to the system costs a page fault a page when it is needed again; only
# glibc knows these names.
_ALLOCATOR = {"MALLOC_MMAP_THRESHOLD_": str(32 << 20), "MALLOC_TRIM_THRESHOLD_": str(48 << 20)}
_END_S = 5.0
# As much as Linux lets anybody have.
_PIPE_BYTES = 1 << 20


class Child(NamedTuple):
    """A process that serves, and this process' ends of its pipes."""

    pid: int
    tasks: IO[bytes]
    answers: IO[bytes]
    process: subprocess.Popen[bytes] | None = None


class SecondReader:
    """Takes groups of tasks, gives back what was read of them in the same order."""

    def __init__(self) -> None:
        self._child = forked() if _may_fork() else started()
        self._answers: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._receiver = threading.Thread(target=self._receive, daemon=True)
        self._receiver.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pid, tasks, answers, process = self._child
        with contextlib.suppress(OSError):
            tasks.close()
        # The pipe of its answers ends when it does.
        self._receiver.join(_END_S)
        if self._receiver.is_alive():
            os.kill(pid, signal.SIGTERM)
            self._receiver.join(_END_S)
        if process is None:
            os.waitpid(pid, 0)
        else:
            process.wait()
        answers.close()

    def send(self, group: list[ReadTask]) -> None:
        """Ask for a group; a reader that has died answers ``None``."""
        with contextlib.suppress(OSError):
            pickle.dump(group, self._child.tasks, pickle.HIGHEST_PROTOCOL)
            self._child.tasks.flush()

    def has_answer(self) -> bool:
        """Whether ``answer`` would not wait."""
        return not self._answers.empty()

    def answer(self) -> list[list[ReadPart]] | None:
        """What was read of the oldest group asked for, or ``None`` where the reader has died or could not tell."""
        found = self._answers.get()
        if found is None:
            self._answers.put(None)
            return None
        return understood(found)

    def _receive(self) -> None:
        for answer in received(self._child.answers):
            self._answers.put(answer)
        self._answers.put(None)


def _widen(pipe: int) -> None:
    """Let a pipe hold a whole answer, where the system can: else its ends wait for each other time and again."""
    if sys.platform == "linux":
        import fcntl  # noqa: PLC0415 - not everywhere

        # Many pipes of one user may be denied more.
        with contextlib.suppress(OSError):
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)


def _may_fork() -> bool:
    # Of several threads a forked process has one, and the locks that the others held.
    return sys.platform == "linux" and threading.active_count() == 1


def forked() -> Child:
    """A copy of this process that reads; only where this one has no second thread."""
    asked, tasks = os.pipe()
    answers, told = os.pipe()
    _widen(answers)
    # Until the copy has let go of everything, an interruption would make it end as this process does.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    pid = os.fork()
    if not pid:
        _serve_forked(asked, told)
    signal.pthread_sigmask(signal.SIG_SETMASK, before)
    os.close(asked)
    os.close(told)
    return Child(pid, os.fdopen(tasks, "wb"), os.fdopen(answers, "rb"))


def _serve_forked(asked: int, told: int) -> None:
    """Serve with nothing else open: neither the database, nor its lock, nor the other ends of the pipes."""
    try:
        low, high = sorted((asked, told))
        os.closerange(3, low)
        os.closerange(low + 1, high)
        os.closerange(high + 1, os.sysconf("SC_OPEN_MAX"))
        os.setsid()
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        with os.fdopen(asked, "rb") as asking, os.fdopen(told, "wb") as telling:
            serve(asking, telling)
    finally:
        # What this process holds is a copy of what the other one will tidy up.
        os._exit(0)


def started() -> Child:
    """A program of its own that reads."""
    found_in = [str(Path(tokencoach.__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
    process = subprocess.Popen(
        [sys.executable, "-P", "-c", "from tokencoach.watch.serving import serve; serve()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        # Ctrl-C is for the process that writes; this one ends with its pipe.
        start_new_session=True,
        env={**_ALLOCATOR, **os.environ, "PYTHONPATH": os.pathsep.join(filter(None, found_in))},
    )
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("the second reader has no pipe")
    _widen(process.stdout.fileno())
    return Child(process.pid, process.stdin, process.stdout, process)
