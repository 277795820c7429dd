"""The watcher process: current within a second, one of it, and nothing but its end stops it."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from cli.machine import Machine, lines, requests, wait_for
from git.builder import Builder
from sources import claude_records as claude

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TOKENS = 1160
# The operating system refuses every watch, as it does when they have run out.
NO_WATCHES = """
import errno, sys
from watchdog.observers import Observer
def refuse(self):
    raise OSError(errno.ENOSPC, "inotify watch limit reached")
Observer.start = refuse
from tokencoach.__main__ import main
sys.argv = ["tokencoach", "watch"]
sys.exit(main())
"""
# It waits 0.3 s, not 5, for a database that another program holds.
IMPATIENT = """
import sys
from tokencoach.store import connect
connect._BUSY_MS = 300
from tokencoach.__main__ import main
sys.argv = ["tokencoach", "watch"]
sys.exit(main())
"""


@contextmanager
def _watching(machine: Machine, *arguments: str, command: list[str] | None = None) -> Iterator[Any]:
    """A watcher that has swept once; ended by SIGTERM."""
    process = subprocess.Popen(
        command or machine.command("watch", *arguments),
        env=machine.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        wait_for(lambda: machine.database.exists() and _beat(machine)[1], timeout_s=30)
        yield process
    finally:
        process.terminate()
        said, told = process.communicate(timeout=20)
    assert said == b""
    assert b"Traceback" not in told, told.decode()


def _beat(machine: Machine) -> tuple[int, int, int, str]:
    """Process, last sweep, last beat and note of the heartbeat."""
    rows = machine.read("SELECT pid, swept_ms, beat_ms, note FROM heartbeat")
    return rows[0] if rows else (0, 0, 0, "")


def _count(machine: Machine) -> int:
    return int(machine.read("SELECT coalesce(sum(requests), 0) FROM day_usage")[0][0])


def test_growing_logs_new_logs_and_new_folders_are_read_within_a_second(machine: Machine) -> None:
    log = machine.log(requests(2))
    with _watching(machine):
        assert _count(machine) == 2
        time.sleep(0.3)
        with log.open("ab") as file:
            file.write(requests(1, first=2))
        took = [wait_for(lambda: _count(machine) == 3)]
        machine.log(requests(2, session="S2"), "S2.jsonl")
        took.append(wait_for(lambda: _count(machine) == 5))
        other = machine.projects / "-home-dev-new"
        other.mkdir()
        time.sleep(1.1)
        (other / "S3.jsonl").write_bytes(requests(1, session="S3"))
        took.append(wait_for(lambda: _count(machine) == 6))
    # Twice a second: other work runs on this computer as well.
    assert max(took) < 2


def test_the_first_log_of_a_computer_is_seen_without_a_restart(machine: Machine) -> None:
    machine.project.rmdir()
    machine.projects.rmdir()
    with _watching(machine):
        machine.project.mkdir(parents=True)
        machine.log(requests(2))
        assert wait_for(lambda: _count(machine) == 2) < 5


def test_a_second_watcher_ends_at_once_with_a_word(machine: Machine) -> None:
    machine.log(requests(1))
    with _watching(machine) as first:
        done = machine.run("watch")
        assert done.returncode == 0
        assert "another watcher" in done.stderr.decode()
        assert _beat(machine)[0] == first.pid
        assert first.poll() is None
    assert first.returncode == 0
    assert _beat(machine)[0] == 0, "a watcher that ended says so"


def test_it_beats_while_nothing_happens_and_costs_next_to_nothing(machine: Machine) -> None:
    machine.log(requests(1))
    with _watching(machine) as process:
        time.sleep(1)
        before, began = _cpu_s(process.pid), _beat(machine)[2]
        time.sleep(5.5)
        assert _beat(machine)[2] > began
        assert _cpu_s(process.pid) - before < 0.3
        told = machine.run("doctor")
        assert f"running, process {process.pid}" in told.stdout.decode()


def _cpu_s(pid: int) -> float:
    if sys.platform != "linux":
        pytest.skip("only Linux tells the CPU time of another process in a file")
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:  # noqa: PTH123 - no path of ours
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_ingest_beside_a_watcher_waits_for_its_sweep_and_counts_all_whatever_their_clocks_say(
    machine: Machine,
) -> None:
    log = machine.log(requests(2))
    with _watching(machine):
        clocks: tuple[dict[str, str], ...] = (
            {},
            {"TOKENCOACH_NOW": "2099-01-01"},
            {"TOKENCOACH_NOW": "2001-01-01"},
        )
        for number, clock in enumerate(clocks):
            with log.open("ab") as file:
                file.write(requests(1, first=2 + number))
            began = time.monotonic()
            assert machine.ingest(extra=clock)["requests"] == 3 + number
            assert time.monotonic() - began < 10
            # The clock was set back after this request.
            os.utime(machine.state / "sweep.request", (4_070_908_800, 4_070_908_800))


def test_an_audit_beside_a_watcher_knows_the_newest_edit_and_commit(machine: Machine, tmp_path: Path) -> None:
    repo = Builder(tmp_path / "repo")
    repo.commit(1, app_py="print('hello')\n")
    machine.log(requests(1))
    with _watching(machine):
        text = "total_of_everything = measured_total_of(everything)\n"
        file = str(repo.folder / "new.py")
        call = claude.tool_use("e1", "Write", file_path=file, content=text)
        detail = {"type": "create", "filePath": file, "content": text, "structuredPatch": []}
        made = [claude.assistant(20, "m1", [call]), claude.result(21, "e1", "ok", detail)]
        machine.log(
            lines({**record, "cwd": str(repo.folder), "sessionId": "E"} for record in made), "E.jsonl"
        )
        said = machine.json("audit", "--month", "2026-02", "--as-of", "2026-06-01")
        assert (said["lines"]["generated"], said["lines"]["landed"]) == (1, 0)
        repo.write("new.py", text)
        repo.commit(50 * 86_400)
        said = machine.json("audit", "--month", "2026-02", "--as-of", "2026-06-01")
        assert (said["lines"]["generated"], said["lines"]["landed"]) == (1, 1)
        wait_for(lambda: machine.read("SELECT count(*) FROM session_verdict WHERE judged_ms > 0") == [(2,)])
        assert machine.read("SELECT count(*) FROM audit_cache WHERE name GLOB '[0-9]*'") == [(2,)]
        repo.write("new.py", "nothing_of_that_stayed = True\n")
        repo.commit(51 * 86_400)
        wait_for(lambda: machine.read("SELECT count(*) FROM landing WHERE died_ms IS NOT NULL") == [(1,)])


def test_without_watches_it_polls_and_the_doctor_says_so(machine: Machine) -> None:
    log = machine.log(requests(1))
    with _watching(machine, command=[sys.executable, "-c", NO_WATCHES]):
        with log.open("ab") as file:
            file.write(requests(1, first=1))
        assert wait_for(lambda: _count(machine) == 2) < 5
        told = machine.run("doctor").stdout.decode()
        assert "inotify watch limit reached" in told
        assert "fs.inotify.max_user_watches" in told


def test_it_ends_with_its_parent(machine: Machine) -> None:
    machine.log(requests(1))
    with _watching(machine, "--until-eof") as process:
        assert process.poll() is None
        process.stdin.close()
        process.stdin = None
        assert process.wait(10) == 0


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", "SIGHUP"])
def test_a_signal_ends_it_cleanly(machine: Machine, name: str) -> None:
    machine.log(requests(1))
    with _watching(machine) as process:
        process.send_signal(getattr(signal, name))
        assert process.wait(10) == 0
    assert _beat(machine)[0] == 0


def test_a_database_locked_for_a_while_is_survived(machine: Machine) -> None:
    log = machine.log(requests(1))
    with _watching(machine, command=[sys.executable, "-c", IMPATIENT]) as process:
        other = sqlite3.connect(machine.database, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with log.open("ab") as file:
            file.write(requests(1, first=1))
        time.sleep(1.5)
        assert process.poll() is None
        other.execute("ROLLBACK")
        other.close()
        wait_for(lambda: _count(machine) == 2, timeout_s=30)


def test_a_database_moved_away_is_made_anew(machine: Machine) -> None:
    machine.log(requests(3))
    with _watching(machine):
        for file in machine.state.glob("tokencoach.db*"):
            file.rename(file.with_name("old-" + file.name))
        wait_for(lambda: machine.database.exists() and _count(machine) == 3, timeout_s=30)
