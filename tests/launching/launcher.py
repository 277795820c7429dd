"""Starts the program many times for the price of a fork each."""

from __future__ import annotations

import atexit
import itertools
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

SOURCE_ROOT: Final = Path(__file__).resolve().parents[2] / "src"
_SERVER: Final = Path(__file__).with_name("launched.py")
_HEADER_BYTES: Final = 8
_SEEDS: Final = 2
"""Servers taken in turn. Each orders its sets differently: what depends on that differs between runs."""

Done = subprocess.CompletedProcess[bytes]


class Launcher:
    """One process that has imported the program."""

    def __init__(self) -> None:
        self._ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, _SERVER, str(theirs.fileno())],
                env=os.environ | {"PYTHONPATH": str(SOURCE_ROOT), "PYTHONWARNINGS": "error"},
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        atexit.register(self.end)

    def run(self, request: Mapping[str, object], limit_s: float) -> Done:
        """Run the program to its end."""
        self._ours.settimeout(limit_s)
        body = json.dumps(request).encode()
        with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as told:
            files = [said.fileno(), told.fileno()]
            socket.send_fds(self._ours, [len(body).to_bytes(_HEADER_BYTES)], files)
            self._ours.sendall(body)
            try:
                code = self._ours.recv(_HEADER_BYTES, socket.MSG_WAITALL)
            except TimeoutError:
                os.killpg(self._process.pid, signal.SIGKILL)
                code = b""
            if len(code) < _HEADER_BYTES:
                _taken.clear()
                raise RuntimeError(f"{request} did not end within {limit_s} s")
            said.seek(0)
            told.seek(0)
            answer = int.from_bytes(code, signed=True)
            return subprocess.CompletedProcess([], answer, said.read(), told.read())

    def end(self) -> None:
        """Let the process end, and wait for it."""
        self._ours.close()
        self._process.wait()


_taken: list[Iterator[Launcher]] = []


def launch(
    arguments: Sequence[str],
    environment: Mapping[str, str],
    cwd: Path | None = None,
    *,
    limit_s: float = 300,
    constants: Mapping[str, object] | None = None,
) -> Done:
    """Run ``tokencoach`` with these arguments in exactly this environment, to its end.

    ``constants`` are numbers of the program that this run alone has otherwise, by their full names.
    """
    if not _taken:
        _taken.append(itertools.cycle([Launcher() for _ in range(_SEEDS)]))
    request = {
        "arguments": list(arguments),
        "environment": dict(environment),
        "cwd": str(cwd or Path.cwd()),
        "constants": dict(constants or {}),
    }
    return next(_taken[0]).run(request, limit_s)
