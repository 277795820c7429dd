"""A real terminal that a test sits at: commands run in a session of their own, below no other program."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

# The first process ends at once, so that the second stands below none of the test's own ancestors.
_LAUNCH = """
import os, sys
slave, report, *command = sys.argv[1:]
if os.fork():
    os._exit(0)
os.setsid()
terminal = os.open(slave, os.O_RDWR)
for number in (0, 1, 2):
    os.dup2(terminal, number)
if terminal > 2:
    os.close(terminal)
child = os.fork()
if not child:
    os.execvp(command[0], command)
code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
os.write(int(report), str(code).encode())
"""

# No computer is so slow that it draws nothing for so long.
_ANSWER_S = 15.0


class Ran(NamedTuple):
    """How a command ended, and what stood on the terminal."""

    code: int
    screen: str


class Terminal:
    """One command on a terminal, with keys pressed when the test says so."""

    def __init__(
        self,
        command: list[str],
        folder: Path,
        environment: Mapping[str, str],
        size: tuple[int, int] = (24, 80),
        **options: Any,
    ) -> None:
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))
        self._report, report = os.pipe()
        subprocess.run(
            [sys.executable, "-I", "-S", "-c", _LAUNCH, os.ttyname(slave), str(report), *command],
            cwd=folder,
            env=dict(environment),
            pass_fds=(report,),
            check=True,
            stdin=subprocess.DEVNULL,
            **options,
        )
        os.close(report)
        # While nobody has it open, a terminal says that it is gone.
        self._slave = slave
        self.screen = b""

    def press(self, keys: bytes) -> None:
        """Type something."""
        os.write(self.master, keys)

    def heard(self, keys: bytes, seconds: float = 60) -> None:
        """Type something until the screen answers: for a moment after it opens it takes no key."""
        until = time.monotonic() + seconds
        seen = len(self.screen)
        while len(self.screen) == seen:
            if time.monotonic() > until:
                raise AssertionError(f"nothing answers {keys!r}; the screen: {self.screen!r}")
            self.press(keys)
            select.select([self.master], [], [], _ANSWER_S)
            self.read(0.05)

    def read(self, seconds: float) -> None:
        """Take in what is shown for so long, or until nothing more can come."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            ready, _, _ = select.select([self.master], [], [], left)
            if not ready:
                return
            try:
                part = os.read(self.master, 65536)
            except OSError:
                return
            if not part:
                return
            self.screen += part

    def wait_for(self, text: bytes, seconds: float = 20) -> None:
        """Wait until a text was shown."""
        until = time.monotonic() + seconds
        while text not in self.screen:
            if time.monotonic() > until:
                raise AssertionError(f"{text!r} was not shown; the screen: {self.screen!r}")
            self.read(0.1)

    def end(self, seconds: float = 30) -> Ran:
        """Wait for the command's end."""
        until = time.monotonic() + seconds
        while not select.select([self._report], [], [], 0)[0]:
            if time.monotonic() > until:
                raise AssertionError(f"it did not end; the screen: {self.screen!r}")
            self.read(0.05)
        code = int(os.read(self._report, 16) or b"-1")
        self.read(0.05)
        self.close()
        return Ran(code, self.screen.decode("utf-8", "replace"))

    def hang_up(self) -> None:
        """The terminal goes away."""
        if self.master >= 0:
            os.close(self._slave)
            os.close(self.master)
            self.master = -1

    def close(self) -> None:
        """Let go of everything."""
        self.hang_up()
        os.close(self._report)
