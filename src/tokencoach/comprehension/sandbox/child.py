"""The other side of the wall: reads a job, shuts itself in, runs it, answers on a private pipe.

A script for ``python -I -S``; standard library only, Python 3.8 and later. The job is one JSON object
on standard input: ``source``, ``name``, ``inputs`` (each a literal of a list of arguments),
``answers`` (a descriptor), ``nonce``, ``walls`` (``kernel`` or ``profile``), ``canary`` (a file that
must not be readable any more), ``missing``, ``is_bare``. Each answer is a line that begins with the nonce.
"""

from __future__ import annotations
import __future__

import ast
import builtins
import codecs
import importlib
import json
import os
import signal
import socket
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import Any

_HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [_HERE, os.path.join(os.path.dirname(_HERE), "recorder")]
values: Any = importlib.import_module("values")
kernel: Any = importlib.import_module("kernel") if sys.platform == "linux" else None
del sys.path[:2]

_SECONDS = 0.15
# Annotations name what was left behind.
_FLAGS = __future__.annotations.compiler_flag
# Loaded on demand by the interpreter, which a shut-in process could not.
_CODECS = (
    "ascii",
    "latin-1",
    "utf-16",
    "utf-32",
    "cp1252",
    "idna",
    "punycode",
    "unicode_escape",
    "rot13",
    "hex",
)
_FORBIDDEN = ("open", "exec", "eval", "compile", "input", "breakpoint", "exit", "quit", "help", "memoryview")


class _TooLong(BaseException):
    """The call took more than 150 ms."""


def _ring(_signal: int, _frame: FrameType | None) -> None:
    raise _TooLong


def main() -> None:
    """Do the job on standard input."""
    job = json.loads(sys.stdin.buffer.read())
    answers = int(job["answers"])

    def answer(body: Any) -> None:
        os.write(answers, (job["nonce"] + json.dumps(body) + "\n").encode("ascii"))

    for module in job["modules"]:
        importlib.import_module(module)
    for name in _CODECS:
        codecs.lookup(name)
    signal.signal(signal.SIGALRM, _ring)
    try:
        walls = _raise_walls(job)
    except Exception as error:
        answer({"refused": str(error) or type(error).__name__})
        return
    answer({"walls": walls})
    _run(job, answer)


def _raise_walls(job: Any) -> Any:
    library = os.path.dirname(os.path.realpath(os.__file__))
    if job["walls"] == "kernel" and kernel is not None:
        standing = kernel.shut_in([library], frozenset(job["missing"]))
    elif job["walls"] == "profile":
        standing = ["sandbox profile"]
    else:
        raise OSError("no way to shut a process in on " + sys.platform)
    _prove(job["canary"])
    return standing


def _prove(canary: str) -> None:
    """Try what must be impossible now. What succeeds is a wall that does not stand.

    Raises:
        OSError: one of them succeeded.
    """
    attempts: Any = (
        ("reads files", lambda: os.close(os.open(canary, os.O_RDONLY))),
        ("writes files", lambda: os.close(os.open(canary + ".new", os.O_WRONLY | os.O_CREAT, 0o600))),
        ("opens sockets", lambda: socket.socket().close()),
        ("starts processes", _fork),
    )
    for what, attempt in attempts:
        try:
            attempt()
        except OSError:
            continue
        raise OSError("a shut-in process still " + what)


def _fork() -> None:
    if os.fork() == 0:
        os._exit(0)


def _run(job: Any, answer: Any) -> None:
    scope = {
        "__name__": "shut_in",
        "__builtins__": builtins.__dict__ if job["is_bare"] else _builtins(),
    }
    try:
        exec(compile(job["source"], "<function>", "exec", _FLAGS, dont_inherit=True), scope)  # noqa: S102 - it is what this is for
        function = scope[job["name"]]
    except BaseException as error:
        answer({"broken": values.type_name(type(error))})
        return
    for place, text in enumerate(job["inputs"]):
        answer({"place": place, **_called(function, text)})
    answer({"done": True})


def _called(function: Any, text: str) -> Any:
    """What one call gives: a value as a literal, an exception's name, or that it took too long."""
    arguments = ast.literal_eval(text)
    lines: set[int] = set()

    def trace(frame: FrameType, event: str, _value: Any) -> Any:
        if frame.f_code.co_filename != "<function>":
            return None
        if event == "line":
            lines.add(frame.f_lineno)
        return trace

    signal.setitimer(signal.ITIMER_REAL, _SECONDS)
    try:
        sys.settrace(trace)
        try:
            result = function(*arguments)
        finally:
            sys.settrace(None)
        signal.setitimer(signal.ITIMER_REAL, 0)
    except _TooLong:
        return {"outcome": "too long"}
    except BaseException as error:
        signal.setitimer(signal.ITIMER_REAL, 0)
        return {"outcome": "raised", "result": values.type_name(type(error)), "lines": sorted(lines)}
    shown, is_exact = values.snapshot(result)
    if not is_exact:
        return {"outcome": "opaque"}
    after = values.snapshot(arguments)[0]
    return {"outcome": "returned", "result": shown, "after": after, "lines": sorted(lines)}


def _builtins() -> Any:
    """The builtins without those that reach outside; what is imported was looked at before."""
    return {name: value for name, value in builtins.__dict__.items() if name not in _FORBIDDEN}


if __name__ == "__main__":
    main()
