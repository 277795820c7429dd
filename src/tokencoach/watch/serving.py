"""What the second reader runs: it takes tasks, gives back what was read, and ends with its pipe.

Tasks come pickled. Answers go back as MessagePack, a fourth of the work, each behind its length.
"""

from __future__ import annotations

import contextlib
import gc
import pickle
import queue
import signal
import sys
import threading
from typing import IO, TYPE_CHECKING, Any, Final

import msgspec

from tokencoach.watch.reading import ReadPart, read_group

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tokencoach.watch.reading import ReadTask

_LENGTH_BYTES: Final = 8
_UNTELLABLE: Final = (msgspec.MsgspecError, ValueError, TypeError, OverflowError)
_encode: Final = msgspec.msgpack.Encoder().encode


def received(pipe: IO[bytes]) -> Iterator[bytes]:
    """The other end's answers as they come, until it ends; an empty one is none."""
    with contextlib.suppress(OSError):
        while len(head := pipe.read(_LENGTH_BYTES)) == _LENGTH_BYTES:
            size = int.from_bytes(head, "little")
            answer = pipe.read(size)
            if len(answer) < size:
                return
            yield answer


def told(parts: list[list[ReadPart]]) -> bytes:
    """What was read, to be sent; empty where a text or number of it cannot be."""
    try:
        return _encode(parts)
    except _UNTELLABLE:
        return b""


def understood(answer: bytes) -> list[list[ReadPart]] | None:
    """What an answer says, ``None`` where it was empty."""
    if not answer:
        return None
    try:
        return msgspec.msgpack.decode(answer, type=list[list[ReadPart]])
    except _UNTELLABLE:
        return None


def _tasks(pipe: IO[bytes]) -> Iterator[Any]:
    while True:
        try:
            yield pickle.load(pipe)  # noqa: S301 - from a process of ours
        except (EOFError, OSError, pickle.UnpicklingError):
            return


def serve(asked: IO[bytes] | None = None, telling: IO[bytes] | None = None) -> None:
    """Read groups of tasks from one pipe (stdin) and answer on the other (stdout), until the first ends."""
    asked, telling = asked or sys.stdin.buffer, telling or sys.stdout.buffer
    # Ctrl+C reaches every process of a terminal; the one that writes ends this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Facts refer to nothing that refers back, so there are no circles to look for.
    gc.disable()
    tasks: queue.SimpleQueue[list[ReadTask] | None] = queue.SimpleQueue()

    def receive() -> None:
        # Always taken at once: else each end could wait for the other to read.
        for group in _tasks(asked):
            tasks.put(group)
        tasks.put(None)

    threading.Thread(target=receive, daemon=True).start()
    with contextlib.suppress(BrokenPipeError):
        while (group := tasks.get()) is not None:
            answer = told(read_group(group))
            telling.write(len(answer).to_bytes(_LENGTH_BYTES, "little"))
            telling.write(answer)
            telling.flush()
    # Python looks for circles at its end all the same, unless there is nothing to look through.
    gc.freeze()
