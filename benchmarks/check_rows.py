"""What a person waits for who is asked: from ``git commit`` to the first question on the terminal."""

from __future__ import annotations

import os
import pty
import re
import select
import shutil
import struct
import subprocess
import sys
import time
from typing import TYPE_CHECKING, NamedTuple

from measure import Row, environment, quantile
from source_text import CHECKED

if TYPE_CHECKING:
    from pathlib import Path

    from measure import Room

RUNS = 40
BAR_MS = 1000
FILE = "shares.py"
PAINTED = re.compile(rb" 1/\d+ ")
_CTRL_C = b"\x03"
_LIMIT_S = 12.0
# Below none of this program's ancestors: the hook asks nobody below an assistant.
_AT_TERMINAL = """
import os, sys
slave, report, *command = sys.argv[1:]
if os.fork():
    os._exit(0)
os.setsid()
terminal = os.open(slave, os.O_RDWR)
for number in (0, 1, 2):
    os.dup2(terminal, number)
child = os.fork()
if not child:
    os.execvp(command[0], command)
code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
used = os.times()
os.write(int(report), f"{code} {used.children_user + used.children_system}".encode())
"""


class Opening(NamedTuple):
    """One commit that was asked about: until the question stood there, and all CPU until its end."""

    wall_ms: float
    cpu_ms: float


def check_opening(room: Room) -> list[Row]:
    """p95 of a commit's way to the first question, where the questions were made ahead."""
    shutil.rmtree(room.folder / "check", ignore_errors=True)
    folder, repository = room.sub("check"), room.sub("check/repository")
    env = environment(folder, TERM="xterm-256color", TEXTUAL_ANIMATIONS="none")
    _prepared(folder, repository, env)
    openings = [_open(repository, env) for _ in range(6 if room.is_quick else RUNS)]
    walls = [one.wall_ms for one in openings]
    cpu = quantile([one.cpu_ms for one in openings], 0.5)
    detail = f"p95 of {len(walls)} commits; median {quantile(walls, 0.5):.0f} ms, CPU {cpu:.0f} ms with git and its end"
    return [Row("commit to first question", quantile(walls, 0.95), BAR_MS, "ms", detail)]


def _prepared(folder: Path, repository: Path, env: dict[str, str]) -> None:
    """A staged file of a known assistant, the hook, and its questions in the database."""
    from tokencoach import clock  # noqa: PLC0415 - the path is set by now
    from tokencoach.comprehension.ahead import store_check  # noqa: PLC0415
    from tokencoach.comprehension.hook.install import Wish, install, plan  # noqa: PLC0415
    from tokencoach.comprehension.looking import Which, look  # noqa: PLC0415
    from tokencoach.comprehension.prepare import Options  # noqa: PLC0415
    from tokencoach.git.hooks import hook_place  # noqa: PLC0415
    from tokencoach.store.writer import Writer  # noqa: PLC0415

    (repository / FILE).write_text(CHECKED)
    for arguments in (["init", "-q"], ["add", "-A"]):
        subprocess.run(["git", *arguments], cwd=repository, env=env, check=True)
    home = folder / "tokencoach"
    install(plan(Wish(home, hook_place(repository), "pre-commit")))
    git_dir = repository / ".git"
    now = clock.now_ms()
    with Writer(home / "tokencoach.db", clock.zone("UTC")) as writer, writer.transaction() as connection:
        subject = look(repository, Which(), connection, Options(ask="all"))
        if not subject.prepared.questions:
            raise RuntimeError(f"nothing to ask: {subject.prepared.nothing_because}")
        store_check(connection, str(git_dir.resolve()), subject.tree, subject.prepared, now)


def _open(repository: Path, env: dict[str, str]) -> Opening:
    """One commit, left with Ctrl-C and taken back."""
    from tokencoach.comprehension.hook import state  # noqa: PLC0415 - the path is set by now

    home = repository.parent / "tokencoach"
    (home / "hook" / "asked").unlink(missing_ok=True)
    # The commit before told the hook what the database knows, which is nothing of an assistant.
    state.tell(home, repository / ".git", state.Told((FILE,), (), ()))
    master, slave = pty.openpty()
    _sized(slave)
    command = [
        "git",
        "-c",
        "user.name=A",
        "-c",
        "user.email=a@example.invalid",
        "commit",
        "-q",
        "-m",
        "shares",
    ]
    reader, report = os.pipe()
    start = time.perf_counter()
    subprocess.run(
        [sys.executable, "-I", "-S", "-c", _AT_TERMINAL, os.ttyname(slave), str(report), *command],
        cwd=repository,
        env=env,
        pass_fds=(report,),
        check=True,
    )
    os.close(report)
    try:
        wall = _until_painted(master, start)
        time.sleep(0.5)
        os.write(master, _CTRL_C)
        cpu = _end(reader, master)
    finally:
        for open_one in (reader, slave, master):
            os.close(open_one)
    subprocess.run(["git", "update-ref", "-d", "HEAD"], cwd=repository, env=env, check=True)
    return Opening(wall * 1000, cpu * 1000)


def _sized(terminal: int) -> None:
    import fcntl  # noqa: PLC0415 - no such modules on Windows
    import termios  # noqa: PLC0415

    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))


def _until_painted(master: int, start: float) -> float:
    painted = b""
    while time.perf_counter() - start < _LIMIT_S:
        if select.select([master], [], [], 0.05)[0]:
            painted += os.read(master, 1 << 16)
            if PAINTED.search(painted):
                return time.perf_counter() - start
    raise RuntimeError(f"no question within {_LIMIT_S:.0f} s: {painted[-600:]!r}")


def _end(reader: int, master: int) -> float:
    """Read on until the commit is made; the CPU seconds of it and all its children."""
    deadline = time.monotonic() + _LIMIT_S
    while time.monotonic() < deadline:
        ready = select.select([reader, master], [], [], 0.1)[0]
        if reader in ready:
            code, cpu = os.read(reader, 64).split()
            if code != b"0":
                raise RuntimeError(f"the commit failed: {code.decode()}")
            return float(cpu)
        if master in ready:
            os.read(master, 1 << 16)
    raise RuntimeError("the commit did not end")
