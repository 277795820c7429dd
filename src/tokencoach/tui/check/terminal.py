"""A screen over the terminal that the person sits at, where stdin is something else: in a git hook.

The screen runs in a child of its own. Whatever becomes of it (an end, a crash, a kill), the parent
lives on, gives the terminal back as it was, and knows whether the child came to an end.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import time
from typing import TYPE_CHECKING, NamedTuple

from tokencoach.tui.hang_up import Line

if TYPE_CHECKING:
    from collections.abc import Callable

_DEVICE = "/dev/tty"
_LONGEST_WORD = 4096
_ALONE_S = 0.5
# What Textual switches on, switched off: kitty keys, mouse, focus, paste, in-band size; wrap and cursor
# back on, colours off, and last the other screen left.
_RESET = (
    b"\x1b[<u\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?1016l\x1b[?1004l\x1b[?2004l\x1b[?2048l"
    b"\x1b[?2026l\x1b[?7h\x1b[0m\x1b[?1049l\x1b[?25h\r"
)


class Held(NamedTuple):
    """What became of a screen. ``word`` is what it said at its end; None where it was broken off."""

    had_terminal: bool
    word: str | None = None


def at_terminal(screen: Callable[[], str], device: str = _DEVICE) -> Held:
    """Run a screen on the controlling terminal; what it returns comes back, up to 4 KiB of it.

    Never raises: without a terminal, or after a crash, it says so in what it returns.
    """
    if sys.platform == "win32":
        if not (sys.stdin.isatty() and sys.stdout.isatty()):
            return Held(had_terminal=False)
        return Held(had_terminal=True, word=screen())
    return _in_child(screen, device)


def _in_child(screen: Callable[[], str], device: str) -> Held:
    import termios  # noqa: PLC0415 - no such module on Windows

    try:
        terminal = os.open(device, os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError:
        return Held(had_terminal=False)
    try:
        before = termios.tcgetattr(terminal)
        reader, writer = os.pipe()
        sys.stdout.flush()
        sys.stderr.flush()
        child = os.fork()
        if child == 0:
            os.close(reader)
            _be_the_screen(screen, terminal, writer)
        os.close(writer)
        word = _wait(child, reader)
        _give_back(terminal, before, was_broken_off=word is None)
    except (OSError, termios.error):
        return Held(had_terminal=False)
    finally:
        os.close(terminal)
    return Held(had_terminal=True, word=word)


def _be_the_screen(screen: Callable[[], str], terminal: int, writer: int) -> None:
    """The child's whole life; it never returns, and leaves nothing to the exit handlers of its parent."""
    threading.Thread(target=_end_when_alone, args=(os.getppid(), terminal), daemon=True).start()
    # A hang-up or an early Ctrl-C ends the child only: what was answered is kept by then.
    for number in (signal.SIGHUP, signal.SIGINT):
        signal.signal(number, lambda *_: os._exit(0))
    try:
        for standard in (0, 1, 2):
            os.dup2(terminal, standard)
        _restore_streams()
        for name in ("COLUMNS", "LINES"):
            os.environ.pop(name, None)
        word = screen()
        os.write(writer, word.encode("utf-8", "replace")[:_LONGEST_WORD])
    except BaseException:  # noqa: BLE001 - the parent says that it was broken off; a trace would spoil the terminal
        os._exit(3)
    os._exit(0)


def _end_when_alone(parent: int, terminal: int) -> None:
    """End the child once nobody waits for it, or its terminal is gone: not every such end comes as a signal."""
    line = Line(terminal)
    while os.getppid() == parent and not line.is_cut():
        time.sleep(_ALONE_S)
    os._exit(0)


def _restore_streams() -> None:
    """Where a stream was closed at the start, Python has none for it: Textual needs them."""
    for name, number, mode in (("__stdin__", 0, "r"), ("__stdout__", 1, "w"), ("__stderr__", 2, "w")):
        stream = getattr(sys, name)
        try:
            is_there = stream is not None and stream.fileno() == number
        except (OSError, ValueError):
            is_there = False
        if not is_there:
            made = open(number, mode, encoding="utf-8", errors="replace", closefd=False)  # noqa: SIM115
            setattr(sys, name, made)
            setattr(sys, name.strip("_"), made)


def _wait(child: int, reader: int) -> str | None:
    """What the child says, once it has ended; None where it came to no end of its own."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    said = b""
    try:
        with open(reader, "rb") as pipe:
            said = pipe.read(_LONGEST_WORD)
        _, status = os.waitpid(child, 0)
    finally:
        signal.signal(signal.SIGINT, before)
    has_ended = os.WIFEXITED(status) and os.WEXITSTATUS(status) == 0
    return said.decode("utf-8", "replace") if has_ended and said else None


def _give_back(terminal: int, before: list[int | list[bytes | int]], *, was_broken_off: bool) -> None:
    import termios  # noqa: PLC0415 - no such module on Windows

    # A terminal that is gone, or belongs to another job by now, is not ours to mend.
    stopped = signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    try:
        with contextlib.suppress(OSError, termios.error):
            if was_broken_off:
                os.write(terminal, _RESET)
            termios.tcsetattr(terminal, termios.TCSADRAIN, before)
    finally:
        signal.signal(signal.SIGTTOU, stopped)


def is_capable(environment: dict[str, str] | os._Environ[str]) -> bool:
    """Whether a terminal of this kind can show a screen at all."""
    return environment.get("TERM", "") not in {"", "dumb", "unknown"} or sys.platform == "win32"
