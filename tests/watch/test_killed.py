"""Killed or interrupted at any moment: nothing is lost, nothing counts twice, the file is sound."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

from cli.machine import Machine, lines, requests, wait_for
from git.builder import Builder
from sources import claude_records as claude

if TYPE_CHECKING:
    from pathlib import Path

TOKENS = 1160
LOGS, EACH = 12, 150
# Every chunk of a few kilobytes is a transaction of its own, so that a kill may fall between any two.
SMALL_STEPS = """
import sys
import tokencoach.watch.tail as tail, tokencoach.watch.ingest as ingest, tokencoach.watch.refresh as refresh
tail.chunks.__defaults__ = (4096,)
ingest._COMMIT_BYTES = 4096
refresh._DERIVE_BATCH = 1
from tokencoach.__main__ import main
sys.exit(main())
"""


def _edit(number: int, repo: Path) -> list[Any]:
    name, text = f"e{number}", f"value_{number} = measured_total_of({number})\n"
    call = claude.tool_use(name, "Write", file_path=str(repo / f"{name}.py"), content=text)
    detail = {"type": "create", "filePath": str(repo / f"{name}.py"), "content": text, "structuredPatch": []}
    made = [claude.assistant(20, f"m{number}", [call]), claude.result(21, name, "ok", detail)]
    return [{**record, "cwd": str(repo), "sessionId": f"E{number}"} for record in made]


def _fill(machine: Machine, repo: Path) -> None:
    for number in range(LOGS):
        machine.log(requests(EACH, session=f"S{number}"), f"S{number}.jsonl")
        machine.log(lines(_edit(number, repo)), f"E{number}.jsonl")


def _truth(machine: Machine, folder: Path) -> dict[str, Any]:
    """What the same logs give where nothing was killed."""
    extra = {"TOKENCOACH_HOME": str(folder)}
    return {
        "usage": machine.json("usage", "--by", "day", "--by", "session", extra=extra),
        "audit": _audit(machine, extra=extra),
    }


def _audit(machine: Machine, **options: Any) -> Any:
    said = machine.json("audit", "--month", "2026-02", "--as-of", "2026-06-01", **options)
    return {key: value for key, value in said.items() if key != "as_of"}


def test_ingest_killed_at_random_moments_ends_in_the_truth(machine: Machine, tmp_path: Path) -> None:
    repo = Builder(tmp_path / "repo")
    _fill(machine, repo.folder)
    for number in range(LOGS):
        repo.write(f"e{number}.py", f"value_{number} = measured_total_of({number})\n")
    repo.commit(50 * 86_400)
    truth = _truth(machine, tmp_path / "whole")
    assert truth["audit"]["lines"]["landed"] == LOGS
    chance = random.Random(7)
    command = [sys.executable, "-c", SMALL_STEPS, "ingest"]
    kills = 0
    for _ in range(14):
        process = subprocess.Popen(
            command, env=machine.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.04 + chance.random() * 0.5)
        kills += process.poll() is None
        process.kill()
        process.wait()
    assert kills
    assert machine.json("usage", "--by", "day", "--by", "session") == truth["usage"]
    assert _audit(machine) == truth["audit"]
    assert machine.read("PRAGMA integrity_check") == [("ok",)]
    assert machine.read("SELECT count(*) FROM session_verdict WHERE judged_ms > 0") == [(2 * LOGS,)]


def test_a_watcher_killed_while_logs_grow_loses_and_doubles_nothing(machine: Machine) -> None:
    log = machine.log(requests(1))
    written = 1
    for _ in range(4):
        watcher = machine.start("watch", stderr=subprocess.DEVNULL)
        began = time.monotonic()
        while time.monotonic() - began < 1.5:
            with log.open("ab") as file:
                file.write(requests(1, first=written))
            written += 1
            time.sleep(0.02)
        watcher.kill()
        watcher.wait()
    assert machine.used() == (written, written * TOKENS)
    assert machine.read("PRAGMA integrity_check") == [("ok",)]
    assert machine.run("doctor").returncode == 0


def test_an_interrupted_ingest_exits_130_and_goes_on_later(machine: Machine) -> None:
    for number in range(40):
        machine.log(requests(400, session=f"S{number}"), f"S{number}.jsonl")
    process = subprocess.Popen(
        [sys.executable, "-c", SMALL_STEPS, "ingest", "--json"],
        env=machine.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    wait_for(lambda: machine.read("SELECT count(*) FROM request")[0][0] > 500)
    process.send_signal(signal.SIGINT)
    said, told = process.communicate(timeout=20)
    assert process.returncode == 130
    assert said == b""
    assert told.decode().strip() == "interrupted; what was read so far is kept"
    machine.ingest()
    assert machine.used() == (16_000, 16_000 * TOKENS)


def test_an_interrupted_pool_of_readers_leaves_no_process_behind(machine: Machine) -> None:
    for number in range(80):
        machine.log(requests(750, session=f"S{number}"), f"S{number}.jsonl")
    pooled = SMALL_STEPS.replace("ingest._COMMIT", "ingest.POOL_BYTES = ingest._GROUP_BYTES = ingest._COMMIT")
    process = subprocess.Popen(
        [sys.executable, "-c", pooled, "ingest"],
        env=machine.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    wait_for(lambda: machine.read("SELECT count(*) FROM request")[0][0] > 100, timeout_s=40)
    os.killpg(process.pid, signal.SIGINT)
    _, told = process.communicate(timeout=30)
    assert process.returncode == 130
    assert told.decode().strip() == "interrupted; what was read so far is kept"
    machine.ingest()
    assert machine.used() == (60_000, 60_000 * TOKENS)
