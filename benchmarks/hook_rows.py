"""What a commit waits for: the hook's decision that nothing is to be asked, on a terminal."""

from __future__ import annotations

import json
import os
import pty
import shutil
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from measure import Row, environment, quantile

if TYPE_CHECKING:
    from pathlib import Path

    from measure import Room

RUNS = 200
BAR_MS = 80
FILES = 40
_TIMED = """
import json, os, subprocess, sys, time
slave, report, runs, *command = sys.argv[1:]
os.setsid()
terminal = os.open(slave, os.O_RDWR)
for number in (0, 1, 2):
    os.dup2(terminal, number)
walls = []
for _ in range(int(runs)):
    start = time.perf_counter()
    subprocess.run(command, stdin=subprocess.DEVNULL, check=True)
    walls.append((time.perf_counter() - start) * 1000)
used = os.times()
with open(report, "w") as file:
    json.dump([walls, (used.children_user + used.children_system) * 1000 / len(walls)], file)
"""


def hook_decision(room: Room) -> list[Row]:
    """p95 of the whole pre-commit hook where nothing is asked: by the shell alone, and with Python's word."""
    from tokencoach.comprehension.hook import state  # noqa: PLC0415 - the path is set by now
    from tokencoach.comprehension.hook.install import Wish, install, plan  # noqa: PLC0415
    from tokencoach.git.hooks import hook_place  # noqa: PLC0415

    shutil.rmtree(room.folder / "hook", ignore_errors=True)
    folder, repository = room.sub("hook"), room.sub("hook/repository")
    env = environment(folder, TERM="xterm")
    home = folder / "tokencoach"
    _repository(repository, env)
    install(plan(Wish(home, hook_place(repository))))
    logs = [str(room.folder / f"log-{number}") for number in range(400)]
    git_dir = repository / ".git"
    state.tell(home, git_dir, state.Told((), (), logs))
    state.beat(home, time.time_ns() // 1_000_000)
    quiet = _walls(room, repository, env, folder)
    state.tell(home, git_dir, state.Told([f"other/{number}.py" for number in range(500)], (), logs))
    decided = _walls(room, repository, env, folder)
    last = (home / "hook" / "repos" / str(git_dir.resolve()).lstrip("/") / "last").read_text()
    is_wrong = not last.endswith(" nothing\n")
    return [
        _row("hook: nothing known", quiet, is_wrong=is_wrong),
        _row("hook: nothing to ask", decided, is_wrong=is_wrong),
    ]


def _row(name: str, timed: tuple[list[float], float], *, is_wrong: bool) -> Row:
    walls, cpu_ms = timed
    detail = f"p95 of {len(walls)} hooks; median {quantile(walls, 0.5):.0f} ms, CPU {cpu_ms:.0f} ms, {FILES} files staged"
    return Row(name, quantile(walls, 0.95), BAR_MS, "ms", detail, is_wrong=is_wrong)


def _repository(folder: Path, env: dict[str, str]) -> None:
    for number in range(FILES):
        (folder / f"module_{number}.py").write_text(f"value = {number}\n")
    for arguments in (["init", "-q"], ["add", "-A"]):
        subprocess.run(["git", *arguments], cwd=folder, env=env, check=True)


def _walls(room: Room, repository: Path, env: dict[str, str], folder: Path) -> tuple[list[float], float]:
    master, slave = pty.openpty()
    report = folder / "walls.json"
    hook = repository / ".git" / "hooks" / "pre-commit"
    subprocess.run(
        [
            sys.executable,
            "-c",
            _TIMED,
            os.ttyname(slave),
            str(report),
            str(20 if room.is_quick else RUNS),
            str(hook),
        ],
        cwd=repository,
        env=env | {"COLUMNS": "80", "LINES": "24"},
        check=True,
    )
    os.close(master)
    os.close(slave)
    walls, cpu_ms = json.loads(report.read_text())
    return walls, cpu_ms
