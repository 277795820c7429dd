"""Work that the watcher has done in a process of its own: what that loads and reads is not the watcher's to hold."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO

import tokencoach

_END_S = 5.0


class Aside:
    """One process at a time: begun, asked whether it has ended, and ended with the watcher."""

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None
        self._said: IO[bytes] | None = None

    @property
    def is_running(self) -> bool:
        """Whether one was begun whose answer was not taken yet."""
        return self._child is not None

    def begin(self, module: str, *arguments: str) -> None:
        """Start a module of this package."""
        found_in = [str(Path(tokencoach.__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
        # What it says may be longer than a pipe holds while nobody reads.
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - closed when the process has ended
        self._child = subprocess.Popen(
            [sys.executable, "-P", "-m", module, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=self._said,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, found_in))},
        )

    def ended(self) -> tuple[int, bytes] | None:
        """Its exit code and what it said, once; None while it runs or where there is none."""
        code = None if self._child is None else self._child.poll()
        return None if code is None else (code, self._take())

    def stop(self) -> int | None:
        """End it, where it runs; its exit code."""
        child = self._child
        if child is None:
            return None
        child.kill()
        child.wait(_END_S)
        self._take()
        return child.returncode

    def _take(self) -> bytes:
        said, self._said, self._child = self._said, None, None
        if said is None:
            return b""
        with said:
            said.seek(0)
            return said.read()
