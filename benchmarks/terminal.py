"""A program on a pseudo terminal of its own: what it paints, when, and what CPU it takes."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    import re
    from collections.abc import Sequence

QUIET_S = 0.04


class Terminal:
    """Runs a command at 80x24; use as a context manager, which ends it with all its children."""

    def __init__(self, command: Sequence[str], env: dict[str, str]) -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.painted = b""
        self._process = subprocess.Popen(
            command,
            env=env | {"TERM": "xterm-256color", "COLORTERM": "truecolor"},
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
        )
        os.close(slave)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        os.close(self._master)

    def wait_for(self, marker: re.Pattern[bytes], limit_s: float = 30.0) -> None:
        """Read what is painted until it holds the marker.

        Raises:
            RuntimeError: it never came.
        """
        deadline = time.monotonic() + limit_s
        while not marker.search(self.painted):
            if time.monotonic() > deadline or not self._read(0.05):
                tail = self.painted[-600:]
                raise RuntimeError(
                    f"{marker.pattern!r} was not painted within {limit_s} s; the end: {tail!r}"
                )

    def settle(self, quiet_s: float = QUIET_S) -> None:
        """Read until nothing has been painted for a while."""
        while select.select([self._master], [], [], quiet_s)[0]:
            if not self._read(0):
                return

    def press(self, key: bytes, limit_s: float = 2.0) -> float:
        """Milliseconds from a key to the first bytes painted after it."""
        self.settle()
        start = time.perf_counter()
        os.write(self._master, key)
        ready = select.select([self._master], [], [], limit_s)[0]
        took = (time.perf_counter() - start) * 1000
        if not ready:
            raise RuntimeError(f"nothing was painted within {limit_s} s of {key!r}")
        return took

    @property
    def pid(self) -> int:
        """The program's process."""
        return self._process.pid

    def cpu_s(self) -> float:
        """CPU seconds that the program has used so far, its threads included, its children not."""
        fields = (
            Path(f"/proc/{self._process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        )
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def kill(self) -> float:
        """End it at once; the CPU seconds it used in all."""
        if self._process.returncode is not None:
            return 0.0
        os.killpg(self._process.pid, signal.SIGKILL)
        _, status, usage = os.wait4(self._process.pid, 0)
        self._process.returncode = os.waitstatus_to_exitcode(status)
        return usage.ru_utime + usage.ru_stime

    def _read(self, wait_s: float) -> bool:
        """Take in what is there; False once the program has gone."""
        if not select.select([self._master], [], [], wait_s)[0]:
            return True
        try:
            found = os.read(self._master, 1 << 16)
        except OSError:
            return False
        self.painted = (self.painted + found)[-(1 << 20) :]
        return bool(found)
