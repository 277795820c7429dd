"""What watching power costs: the Power screen seen and hidden, and the watcher's sampling, beside a real server."""

from __future__ import annotations

import contextlib
import re
import shutil
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from measure import ROOT, Row, environment, tokencoach, watching
from terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local_server.running import RunningServer
    from measure import Room

SEEN_S = 30.0
SETTLED_S = 8.0
SEEN_BAR = 2.0
HIDDEN_BAR = 0.1
WATCHER_BAR = 0.5
_SEEN = re.compile(rb"process")
_POWER_KEY, _DOCTOR_KEY = b"5", b"7"


def power_figures(room: Room) -> list[Row]:
    """CPU of the app on its Power screen and with it hidden, and of the watcher's part for power.

    Raises:
        RuntimeError: the real server is not installed (the extra ``test``).
    """
    sys.path.insert(0, str(ROOT / "tests"))
    from local_server.running import WATCHABLE, is_available, running  # noqa: PLC0415 - the path is set by now

    if not is_available():
        raise RuntimeError("xllamacpp, the real server, is not installed")
    seconds = SEEN_S / 3 if room.is_quick else SEEN_S
    with running(room.sub("power-server"), sizes=WATCHABLE) as server, _answering(server):
        with _watching(room, "power-without", sample=False) as (pid, _):
            without = _share_of(pid, seconds)
        with _watching(room, "power-with", sample=True) as (pid, env):
            watcher = _share_of(pid, seconds)
            seen, hidden, never = _screens(env, seconds)
    over = f"over {seconds:.0f} s beside a llama.cpp server that writes"
    return [
        Row("Power screen", seen, SEEN_BAR, "% CPU", f"1 Hz, {over}"),
        Row(
            "Power screen hidden",
            max(hidden - never, 0.0),
            HIDDEN_BAR,
            "% CPU",
            f"{hidden:.2f} % after it was shown, {never:.2f} % before",
        ),
        Row(
            "watcher's part for power",
            max(watcher - without, 0.0),
            WATCHER_BAR,
            "% CPU",
            f"{watcher:.2f} % with, {without:.2f} % without, {over}",
        ),
    ]


@contextlib.contextmanager
def _answering(server: RunningServer) -> Iterator[None]:
    """The server writes one answer after another meanwhile."""
    ended = threading.Event()

    def ask() -> None:
        while not ended.is_set():
            server.complete("the token code " * 4, 400)

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    try:
        yield
    finally:
        ended.set()
        asking.join(60)


@contextlib.contextmanager
def _watching(room: Room, name: str, *, sample: bool) -> Iterator[tuple[int, dict[str, str]]]:
    """A watcher on an empty home that samples power or does not; its process id and environment."""
    shutil.rmtree(room.folder / name, ignore_errors=True)
    state = room.sub(name)
    env = environment(state)
    env.pop("TOKENCOACH_NOW")
    folder = Path(env["TOKENCOACH_HOME"])
    folder.mkdir(parents=True)
    (folder / "settings.toml").write_text(f"[power]\nsample = {str(sample).lower()}\n", encoding="utf-8")
    with watching(env, settle_s=SETTLED_S) as pid:
        yield pid, env


def _share_of(pid: int, seconds: float) -> float:
    """Percent of a core that a process takes."""
    before, start = _cpu_s(pid), time.monotonic()
    time.sleep(seconds)
    return 100 * (_cpu_s(pid) - before) / (time.monotonic() - start)


def _cpu_s(pid: int) -> float:
    """CPU seconds of all threads of a process, by the scheduler's own nanoseconds."""
    tasks = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(task.read_text(encoding="ascii").split()[0]) for task in tasks) / 1e9


def _screens(env: dict[str, str], seconds: float) -> tuple[float, float, float]:
    """Percent of a core on the Power screen, with it hidden, and before it was ever shown."""
    with Terminal(tokencoach(), env) as terminal:
        terminal.wait_for(re.compile(rb"Doctor"))
        terminal.settle(1.0)
        terminal.press(_DOCTOR_KEY)
        never = _share_of_app(terminal, seconds)
        terminal.painted = b""
        terminal.press(_POWER_KEY)
        terminal.wait_for(_SEEN)
        seen = _share_of_app(terminal, seconds)
        terminal.press(_DOCTOR_KEY)
        hidden = _share_of_app(terminal, seconds)
    return seen, hidden, never


def _share_of_app(terminal: Terminal, seconds: float) -> float:
    """Percent of a core that the app takes; what it paints is read meanwhile, as a terminal does."""
    rest_until = time.monotonic() + 2.0
    while time.monotonic() < rest_until:
        terminal.settle(0.2)
        time.sleep(0.05)
    before, start = _cpu_s(terminal.pid), time.monotonic()
    while time.monotonic() - start < seconds:
        terminal.settle(0.2)
        time.sleep(0.05)
    return 100 * (_cpu_s(terminal.pid) - before) / (time.monotonic() - start)
