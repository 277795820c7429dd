"""A terminal that goes away without a signal ends the app, and what it started."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

OPEN_S = 30
END_S = 20


def test_the_app_ends_with_its_terminal_where_no_signal_comes(tmp_path: Path) -> None:
    master, slave = pty.openpty()
    (tmp_path / "home").mkdir()
    places = {"HOME": str(tmp_path / "home"), "TOKENCOACH_HOME": str(tmp_path / "state"), "TERM": "xterm"}
    # In a session of its own without a controlling terminal nobody sends the signal of a hang-up.
    app = subprocess.Popen(
        [sys.executable, "-m", "tokencoach"],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env={**os.environ, **places},
        start_new_session=True,
    )
    try:
        shown = b""
        until = time.monotonic() + OPEN_S
        while b"tokencoach" not in shown and time.monotonic() < until:
            if select.select([master], [], [], 0.2)[0]:
                shown += os.read(master, 65536)
        assert b"tokencoach" in shown
        os.close(slave)
        os.close(master)
        assert app.wait(END_S) == 129
    finally:
        app.kill()
        app.wait()
