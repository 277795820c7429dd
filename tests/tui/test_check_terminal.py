"""A screen over the controlling terminal: real pseudo terminals, real processes, real deaths."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self

import psutil
import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import sys
sys.path[:0] = [{source!r}, {tests!r}]
from tokencoach.comprehension.asking import Asking
from tokencoach.comprehension.diary import QuietDiary
from tokencoach.comprehension.sitting import Item, Sitting
from tokencoach.tui.check.hold import hold
from tui.made_questions import EXHIBIT, Remembered, choice, grade, typed

diary = QuietDiary(Remembered())
sitting = Sitting([Item(typed(), EXHIBIT), Item(choice(), EXHIBIT)], grade, diary)
held = hold(Asking(sitting, diary, True, "web-app", "because"))
sys.stdout.write("<" + repr((held.was_asked, held.ending, held.words)) + ">")
sys.stdout.flush()
"""
LIMIT_S = 30.0


class Shell:
    """A session with a terminal of its own, where stdin is an empty pipe as in a git hook."""

    def __init__(self, program: str, environment: Mapping[str, str] | None = None) -> None:
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            reader, _ = os.pipe()
            os.dup2(reader, 0)
            os.execve(  # noqa: S606 - arguments are a list
                sys.executable,
                [sys.executable, "-c", program],
                {**os.environ, "TERM": "xterm-256color", "TEXTUAL_ANIMATIONS": "none", **(environment or {})},
            )
        self.seen = b""
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.before = termios.tcgetattr(self.master)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self.pid, 0)
        with contextlib.suppress(OSError):
            os.close(self.master)

    def wait_for(self, marker: str) -> str:
        """Read until a text has been painted; what has been seen so far."""
        deadline = time.monotonic() + LIMIT_S
        while not re.search(marker.encode(), self.seen):
            assert time.monotonic() < deadline, self.seen[-800:]
            if select.select([self.master], [], [], 0.05)[0]:
                try:
                    self.seen += os.read(self.master, 1 << 16)
                except OSError:
                    break
        return self.seen.decode("utf-8", "replace")

    def press(self, keys: str) -> None:
        """Type keys, a little apart from each other."""
        for key in keys:
            os.write(self.master, key.encode())
            time.sleep(0.03)

    def open(self) -> None:
        """Wait for the first question, and until keys count."""
        self.wait_for("type the answer")
        time.sleep(0.6)

    def children(self) -> list[int]:
        """Processes that this one started."""
        listed = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text(encoding="ascii")
        return [int(pid) for pid in listed.split()]


def shell(environment: Mapping[str, str] | None = None, program: str = PROGRAM) -> Shell:
    return Shell(program.format(source=str(ROOT / "src"), tests=str(ROOT / "tests")), environment)


def restored(held: Shell) -> bool:
    """Whether the terminal is as it was, and shows the shell's screen with its cursor."""
    seen = held.seen
    return (
        termios.tcgetattr(held.master)[:4] == held.before[:4]
        and seen.rfind(b"\x1b[?1049l") > seen.rfind(b"\x1b[?1049h")
        and seen.rfind(b"\x1b[?25h") > seen.rfind(b"\x1b[?25l")
        and seen.rfind(b"\x1b[?1003l") > seen.rfind(b"\x1b[?1003h")
    )


def test_the_questions_are_answered_although_stdin_is_no_terminal() -> None:
    with shell() as held:
        held.open()
        held.press("30.0\r")
        held.wait_for("Right")
        held.press("\r")
        held.wait_for("makes line 9 raise")
        time.sleep(0.2)
        held.press("1\r")
        held.wait_for("the guard on line 8")
        time.sleep(0.2)
        held.press("\r")
        assert "<(True, <Ending.DONE: 'done'>, '2 of 2 right')>" in held.wait_for("<.*>")
        assert restored(held)


def test_stopping_is_told_and_nothing_else_is() -> None:
    with shell() as held:
        held.open()
        held.press("\x1bOS")
        assert "<Ending.ABORTED: 'aborted'>" in held.wait_for("<.*>")
        assert restored(held)


def test_ctrl_c_is_a_key_and_no_signal() -> None:
    with shell() as held:
        held.open()
        held.press("\x03")
        assert "<Ending.SKIPPED: 'skipped'>" in held.wait_for("<.*>")
        assert restored(held)


def test_keys_that_were_meant_for_the_shell_answer_nothing() -> None:
    with shell() as held:
        held.press("git push\r30.0\r")
        held.open()
        held.press("\x03")
        assert "'0 of 2 right, 2 left for later'" in held.wait_for("<.*>")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV, signal.SIGTERM, signal.SIGHUP])
def test_a_screen_that_dies_gives_the_terminal_back(number: signal.Signals) -> None:
    with shell() as held:
        held.open()
        (child,) = held.children()
        os.kill(child, number)
        said = held.wait_for("<.*>")
        ending = "<Ending.SKIPPED: 'skipped'>" if number is signal.SIGTERM else "None"
        assert f"<(True, {ending}" in said
        assert restored(held)


def test_a_screen_that_crashes_gives_the_terminal_back_without_a_trace() -> None:
    broken = PROGRAM.replace(
        "held = hold", "grade_ = sitting._grade\nsitting._grade = lambda *_: 1 // 0\nheld = hold"
    )
    with shell(program=broken) as held:
        held.open()
        held.press("30.0\r")
        said = held.wait_for("<.*>")
        assert "<(True, None, '')>" in said
        assert "ZeroDivisionError" not in said
        assert restored(held)


def test_a_lost_terminal_ends_it_and_leaves_no_process() -> None:
    with shell() as held:
        held.open()
        (child,) = held.children()
        os.close(held.master)
        deadline = time.monotonic() + LIMIT_S
        while Path(f"/proc/{child}").exists() and time.monotonic() < deadline:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(held.pid, os.WNOHANG)
            time.sleep(0.05)
        assert not Path(f"/proc/{child}").exists()
        held.master = os.open(os.devnull, os.O_RDONLY)


def test_a_screen_whose_asker_was_killed_does_not_stay() -> None:
    with shell() as held:
        held.open()
        (child,) = held.children()
        # The session's leader going would hang up the terminal: that is another test.
        os.kill(held.pid, signal.SIGSTOP)
        os.kill(held.pid, signal.SIGKILL)
        os.waitpid(held.pid, 0)
        deadline = time.monotonic() + LIMIT_S
        while Path(f"/proc/{child}").exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not Path(f"/proc/{child}").exists()


@pytest.mark.parametrize("term", ["dumb", ""])
def test_a_terminal_that_can_show_nothing_is_left_alone(term: str) -> None:
    with shell({"TERM": term}) as held:
        assert "<(False, None, '')>" in held.wait_for("<.*>")
        assert b"\x1b[?1049h" not in held.seen


def test_without_a_controlling_terminal_nobody_is_asked() -> None:
    program = "import os\nif os.fork(): os._exit(os.wait()[1] and 1)\nos.setsid()\n" + PROGRAM
    with shell(program=program) as held:
        assert "<(False, None, '')>" in held.wait_for("<.*>")


def _screen_of(shell: Shell) -> psutil.Process:
    (child,) = psutil.Process(shell.pid).children()
    return child


def _ends(process: psutil.Process) -> bool:
    _, alive = psutil.wait_procs([process], timeout=10)
    return not alive or alive[0].status() == psutil.STATUS_ZOMBIE


def test_the_screen_ends_with_whoever_waits_for_it() -> None:
    with Shell(PROGRAM.format(source=str(ROOT / "src"), tests=str(ROOT / "tests"))) as shell:
        shell.open()
        child = _screen_of(shell)
        os.kill(shell.pid, signal.SIGKILL)
        os.waitpid(shell.pid, 0)
        assert _ends(child)


def test_a_terminal_that_is_gone_without_a_signal_ends_the_screen() -> None:
    deaf = "import signal\nsignal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP})\n"
    with Shell(deaf + PROGRAM.format(source=str(ROOT / "src"), tests=str(ROOT / "tests"))) as shell:
        shell.open()
        child = _screen_of(shell)
        with open(os.devnull, "rb") as nothing:  # noqa: PTH123 - a descriptor is wanted
            os.dup2(nothing.fileno(), shell.master)
        assert _ends(child)
