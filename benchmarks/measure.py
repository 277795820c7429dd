"""Measuring: a child's CPU, wall time and peak memory; a row of the table; the machine's line."""

from __future__ import annotations

import os
import platform
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).resolve().parent.parent
NOW = "2026-11-22T12:00:00Z"


@dataclass(frozen=True, slots=True)
class Row:
    """One figure: measured against its bar, both in the same unit; smaller is better."""

    name: str
    measured: float
    bar: float
    unit: str
    detail: str = ""
    is_wrong: bool = False

    @property
    def verdict(self) -> str:
        """``ok``, ``over`` the bar, or ``wrong`` where what was computed is not the truth."""
        if self.is_wrong:
            return "wrong"
        return "ok" if self.measured <= self.bar else "over"

    def line(self) -> str:
        """The row as the table shows it."""
        figures = f"{self.measured:>10.2f} {self.bar:>8g} {self.unit:<14}"
        return f"{self.name:<28}{figures} {self.verdict:<6} {self.detail}"


HEADING = f"{'figure':<28}{'measured':>10} {'bar':>8} {'unit':<14} {'':<6} detail"


@dataclass(frozen=True, slots=True)
class Cost:
    """What a child used, its own children included, in seconds.

    ``peak_mb`` is that of the largest process of them all, ``own_peak_mb`` the child's own,
    ``git_peak_mb`` the largest of the gits that it started (0 where the system does not tell while
    they run).
    """

    cpu_s: float
    wall_s: float
    peak_mb: float
    own_peak_mb: float
    git_peak_mb: float
    output: bytes


@dataclass(frozen=True, slots=True)
class Room:
    """Where a benchmark works: a folder of its own, how large it may be, how many seeds it may take."""

    folder: Path
    is_quick: bool
    seeds: int = 3

    def sub(self, name: str) -> Path:
        """A folder inside it."""
        path = self.folder / name
        path.mkdir(parents=True, exist_ok=True)
        return path


def environment(state: Path, logs: Path | None = None, **more: str) -> dict[str, str]:
    """A child's environment: state and logs in folders of ours, UTC, a fixed clock."""
    kept = ("PATH", "TERM", "TMPDIR", "SSL_CERT_FILE", "LD_LIBRARY_PATH")
    base = {name: os.environ[name] for name in kept if name in os.environ}
    base |= {
        "HOME": str(state),
        "TOKENCOACH_HOME": str(state / "tokencoach"),
        "TOKENCOACH_NOW": NOW,
        "TZ": "UTC",
        "LANG": "C.UTF-8",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_CONFIG_NOSYSTEM": "1",
        "PYTHONPATH": str(ROOT / "src"),
    }
    if logs:
        base["TOKENCOACH_LOGS_HOME"] = str(logs)
    return base | more


def tokencoach(*arguments: str) -> list[str]:
    """The command line of this checkout's program."""
    return [sys.executable, "-m", "tokencoach", *arguments]


def run_child(command: Sequence[str], env: dict[str, str], *, accept: Sequence[int] = (0,)) -> Cost:
    """Run a command to its end and say what it used.

    Raises:
        RuntimeError: it ended with a code that is not accepted.
    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        start = time.perf_counter()
        child = subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=err)
        own_peak = git_peak = 0.0
        while not (ended := os.wait4(child.pid, os.WNOHANG))[0]:
            own_peak = max(own_peak, _own_peak_mb(child.pid))
            git_peak = max([git_peak, *(_own_peak_mb(pid, "git") for pid in _children(child.pid))])
            time.sleep(0.002)
        _, status, usage = ended
        wall = time.perf_counter() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        if child.returncode not in accept:
            said = err.read()[-2000:].decode("utf-8", "replace")
            raise RuntimeError(f"{' '.join(command)} ended with {child.returncode}: {said}")
        per_mb = 1024 * 1024 if sys.platform == "darwin" else 1024
        cpu = usage.ru_utime + usage.ru_stime
        return Cost(cpu, wall, usage.ru_maxrss / per_mb, own_peak, git_peak, out.read())


@contextmanager
def watching(env: dict[str, str], *, settle_s: float) -> Iterator[int]:
    """A watcher of the product beside what is measured, its process id once it has settled."""
    child = subprocess.Popen(
        tokencoach("watch"),
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        time.sleep(settle_s)
        yield child.pid
    finally:
        child.send_signal(signal.SIGINT)
        try:
            child.wait(timeout=20)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _children(pid: int) -> list[int]:
    try:
        return [int(name) for name in Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()]
    except OSError:
        return []


def _own_peak_mb(pid: int, program: str = "") -> float:
    """Peak memory of a running process; 0 where it is not the program asked for."""
    try:
        text = Path(f"/proc/{pid}/status").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return 0.0
    name = text.partition("\n")[0].removeprefix("Name:").strip()
    _, found, rest = text.partition("VmHWM:")
    if program and name != program:
        return 0.0
    return int(rest.split(maxsplit=1)[0]) / 1024 if found else 0.0


def median_child(count: int, command: Sequence[str], env: dict[str, str]) -> Cost:
    """The run with the median CPU of several."""
    runs = sorted((run_child(command, env) for _ in range(count)), key=lambda cost: cost.cpu_s)
    return runs[len(runs) // 2]


def plain_read_cpu(folder: Path) -> float:
    """CPU seconds to read every byte below a folder into memory, 8 MiB at a time; the best of three."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return min(_read_all(files) for _ in range(3))


def _read_all(files: Sequence[Path]) -> float:
    start = time.process_time()
    for path in files:
        fd = os.open(path, os.O_RDONLY)
        left = os.fstat(fd).st_size
        while left > 0 and (piece := os.read(fd, min(left, 8 << 20))):
            left -= len(piece)
        os.close(fd)
    return time.process_time() - start


def decoding_cpu(files: Sequence[Path]) -> float:
    """CPU seconds to read lines of JSON and decode each with msgspec, and do nothing with it; the best of two.

    Memory's speed decides a plain read, which differs twofold between machines that decode alike: beside
    it this says what a machine's processor makes of the same bytes.
    """
    return min(_decode_all(files) for _ in range(2))


def _decode_all(files: Sequence[Path]) -> float:
    decode = msgspec.json.Decoder().decode
    start = time.process_time()
    for path in files:
        for line in path.read_bytes().splitlines():
            decode(line)
    return time.process_time() - start


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which a share of the values lies."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def median(values: Sequence[float]) -> float:
    """The middle value."""
    return statistics.median(values)


def machine_line() -> str:
    """What the figures were measured on."""
    model = ""
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                model = line.partition(":")[2].strip()
                break
    except OSError:
        model = platform.processor()
    load = os.getloadavg()[0]
    return (
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores {model}, load {load:.1f}, "
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    )


@contextmanager
def reader(path: Path) -> Iterator[sqlite3.Connection]:
    """A read-only connection of our own to a database under test."""
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None)
    try:
        yield connection
    finally:
        connection.close()
