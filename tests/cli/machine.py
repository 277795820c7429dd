"""The program in processes of its own, on a home of logs that a test writes; nothing is simulated."""

from __future__ import annotations

import ctypes
import json
import os
import sqlite3
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any, Final

import pytest

from launching.launcher import SOURCE_ROOT, launch
from sources import claude_records as claude

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

Done = subprocess.CompletedProcess[bytes]
FACTS: Final = ("session", "turn", "request", "tool_call", "edit", "error", "compaction", "day_usage")


def lines(records: Iterable[Any]) -> bytes:
    """Records as a log holds them."""
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


def requests(count: int, first: int = 0, session: str = "S1") -> bytes:
    """A log of so many requests of 1,160 tokens each, after one prompt."""
    said = [claude.user(first, "do it", sessionId=session)] if first == 0 else []
    said += [
        claude.assistant(
            number % 3600, f"msg_{session}_{number}", sessionId=session, uuid=f"{session}-{number}"
        )
        for number in range(first, first + count)
    ]
    return lines(said)


SHORT_WAIT: Final = {"tokencoach.store.connect._BUSY_MS": 300}
"""A program that waits 0.3 s, not 5, for a database that another one holds."""


class Machine:
    """A home folder with logs, and ``tokencoach`` run on it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.state = home / "tokencoach"
        self.database = self.state / "tokencoach.db"
        self.projects = home / ".claude" / "projects"
        self.project = self.projects / "-home-dev-demo"
        self.project.mkdir(parents=True)
        self.environment = dict(os.environ) | {
            "PYTHONPATH": str(SOURCE_ROOT),
            "PYTHONWARNINGS": "error",
            "HOME": str(home),
            "TOKENCOACH_HOME": str(self.state),
        }
        self._of_python = _of_python(self.environment)

    def log(self, content: bytes, name: str = "S1.jsonl") -> Path:
        """Write a log of the project."""
        file = self.project / name
        file.write_bytes(content)
        return file

    def command(self, *arguments: str) -> list[str]:
        """The program's command line."""
        return [sys.executable, "-m", "tokencoach", *arguments]

    def run(
        self,
        *arguments: str,
        timeout_s: float = 60,
        extra: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        preexec_fn: Callable[[], None] | None = None,
        constants: Mapping[str, object] | None = None,
    ) -> Done:
        """Run a verb to its end, in a fork where that is the same; a traceback fails the test."""
        environment = self.environment | dict(extra or {})
        if preexec_fn is None and _of_python(environment) == self._of_python:
            done = launch(arguments, environment, cwd, limit_s=timeout_s, constants=constants)
        else:
            done = self._run_anew(arguments, environment, cwd, timeout_s, preexec_fn)
        assert b"Traceback" not in done.stderr, done.stderr.decode()
        return done

    def run_anew(self, *arguments: str) -> Done:
        """Run a verb to its end in an interpreter that has imported nothing yet."""
        done = self._run_anew(arguments, self.environment, None, 60)
        assert b"Traceback" not in done.stderr, done.stderr.decode()
        return done

    def _run_anew(
        self,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        cwd: Path | None,
        timeout_s: float,
        preexec_fn: Callable[[], None] | None = None,
    ) -> Done:
        return subprocess.run(
            self.command(*arguments),
            env=environment,
            capture_output=True,
            check=False,
            timeout=timeout_s,
            stdin=subprocess.DEVNULL,
            cwd=cwd,
            preexec_fn=preexec_fn,
        )

    def json(self, *arguments: str, code: int = 0, **options: Any) -> dict[str, Any]:
        """The object that a verb prints."""
        done = self.run(*arguments, "--json", **options)
        assert done.returncode == code, (done.returncode, done.stderr.decode())
        answer = json.loads(done.stdout)
        assert isinstance(answer, dict)
        return answer

    def ingest(self, **options: Any) -> dict[str, Any]:
        """The row of Claude Code after reading what is new."""
        rows = self.json("ingest", **options)["sources"]
        return next(row for row in rows if row["source"] == "claude-code")

    def start(self, *arguments: str, **options: Any) -> subprocess.Popen[bytes]:
        """Start a verb and leave it running."""
        return subprocess.Popen(
            self.command(*arguments), env=self.environment | options.pop("extra", {}), **options
        )

    def read(self, query: str) -> list[Any]:
        """Rows of the database."""
        connection = sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=5)
        try:
            return connection.execute(query).fetchall()
        finally:
            connection.close()

    def facts(self) -> dict[str, int]:
        """How many rows each table of facts holds."""
        return {table: self.read(f"SELECT count(*) FROM {table}")[0][0] for table in FACTS}

    def used(self) -> tuple[int, int]:
        """Requests and tokens as ``usage`` counts them."""
        totals = self.json("usage")["totals"]
        names = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output")
        return totals["requests"], sum(totals[f"{name}_tokens"] for name in names)

    def set(self, text: str) -> None:
        """Write the settings file."""
        self.state.mkdir(parents=True, exist_ok=True)
        (self.state / "settings.toml").write_text(text)


def _of_python(environment: Mapping[str, str]) -> dict[str, str]:
    """What an interpreter reads only when it starts."""
    return {name: value for name, value in environment.items() if name.startswith("PYTHON")}


def without_privilege() -> dict[str, Any]:
    """Options of a process that file modes bind, even where the tests run as root."""
    if os.geteuid() != 0:
        return {}
    if sys.platform != "linux":
        pytest.skip("root reads everything here")
    return {"preexec_fn": _drop_override}


def _drop_override() -> None:
    """Give up what lets root pass by file modes: CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH."""
    library = ctypes.CDLL(None)
    for capability in (1, 2):
        library.prctl(24, capability, 0, 0, 0)


def wait_for(condition: Callable[[], Any], timeout_s: float = 15.0, every_s: float = 0.05) -> float:
    """Seconds until a condition holds; fails the test where it never does."""
    began = time.monotonic()
    while not _holds(condition):
        assert time.monotonic() - began < timeout_s, "it never happened"
        time.sleep(every_s)
    return time.monotonic() - began


def _holds(condition: Callable[[], Any]) -> bool:
    try:
        return bool(condition())
    except sqlite3.OperationalError:
        return False
