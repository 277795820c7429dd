"""Running a slice of code in a child that is shut in by the kernel; without that nothing is run."""

from __future__ import annotations

import json
import os
import secrets
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tokencoach.comprehension.sandbox.purity import Slice

_CHILD: Final = Path(__file__).with_name("child.py")
_SECONDS: Final = 4.0
_MOST_BYTES: Final = 1 << 20
_OF_THE_WALLS: Final = frozenset(
    {"MemoryError", "RecursionError", "OSError", "PermissionError", "ImportError", "ModuleNotFoundError",
     "LookupError", "NameError", "_TooLong"}
)  # fmt: skip
_PROFILE: Final = (
    "(version 1)(deny default)(allow process-exec (literal {python}))(allow sysctl-read)(allow signal (target self))"
    '(allow file-read* (subpath {prefix})(subpath {code})(subpath "/usr/lib")(subpath "/System/Library")'
    '(literal "/dev/null")(literal "/dev/urandom")(literal "/"))(allow file-write* (literal "/dev/null"))'
)


class Outcome(msgspec.Struct, frozen=True):
    """What one call gave: ``returned`` with a literal, or ``raised`` with an exception's name.

    ``lines`` are those of the slice that ran; ``after`` the arguments as the call left them.
    """

    kind: str
    result: str
    lines: frozenset[int] = frozenset()
    after: str = ""


class Run(msgspec.Struct, frozen=True):
    """What a child answered: the walls that stood, why it refused, the outcome of each input or None."""

    walls: tuple[str, ...]
    refused: str | None
    outcomes: tuple[Outcome | None, ...]


def outcomes(piece: Slice, inputs: Sequence[str], python: str | None = None) -> tuple[Outcome | None, ...]:
    """The outcome of each input (a literal of a list of arguments) of a slice; None where it cannot be relied on.

    Each runs twice, in processes with different hash seeds: what differs, takes too long or is no
    plain value is None. Everything is None where this machine cannot shut a process in.
    """
    first = run(piece.source, piece.name, inputs, modules=piece.modules, python=python)
    if first.refused is not None or not any(first.outcomes):
        return (None,) * len(inputs)
    second = run(piece.source, piece.name, inputs, modules=piece.modules, python=python)
    return tuple(
        one if one == other else None for one, other in zip(first.outcomes, second.outcomes, strict=True)
    )


def run(
    source: str,
    name: str,
    inputs: Sequence[str],
    *,
    modules: Sequence[str] = (),
    python: str | None = None,
    missing: Sequence[str] = (),
    is_bare: bool = False,
) -> Run:
    """Run once. ``missing`` leaves walls out to show that it is refused then; ``is_bare`` keeps all builtins."""
    nothing = (None,) * len(inputs)
    walls = _kind_of_walls()
    if walls is None:
        return Run((), f"no way to shut a process in on {sys.platform}", nothing)
    with tempfile.TemporaryDirectory(prefix="tokencoach-shut-in-") as place:
        canary = Path(place) / "canary"
        canary.touch()
        empty = Path(place) / "empty"
        empty.mkdir()
        nonce = secrets.token_hex(16)
        job = {
            "source": source,
            "name": name,
            "inputs": list(inputs),
            "modules": list(modules),
            "nonce": nonce,
            "walls": walls,
            "canary": str(canary),
            "missing": list(missing),
            "is_bare": is_bare,
        }
        said = _answers(job, python or sys.executable, empty)
    return _understood(list(_lines(said, nonce)), nothing)


def _kind_of_walls() -> str | None:
    if sys.platform == "linux":
        return "kernel"
    return "profile" if sys.platform == "darwin" and shutil.which("sandbox-exec") else None


def _command(python: str) -> list[str]:
    own = [python, "-I", "-S", "-B", str(_CHILD)]
    if sys.platform != "darwin":
        return own
    names = {"python": os.path.realpath(python), "prefix": sys.base_prefix, "code": str(_CHILD.parents[1])}
    profile = _PROFILE.format(**{name: json.dumps(text) for name, text in names.items()})
    return ["sandbox-exec", "-p", profile, *own]


def _answers(job: dict[str, Any], python: str, folder: Path) -> bytes:
    """What the child wrote on the private pipe; it is killed, with all it started, when its time is over."""
    reading, writing = os.pipe()
    try:
        child = subprocess.Popen(
            _command(python),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(writing,),
            env={},
            cwd=folder,
            start_new_session=True,
        )
    except OSError:
        os.close(reading)
        os.close(writing)
        return b""
    os.close(writing)
    try:
        assert child.stdin is not None  # noqa: S101 - a pipe was asked for
        with child.stdin as pipe:
            pipe.write(json.dumps({**job, "answers": writing}).encode("ascii"))
    except BrokenPipeError:
        pass
    try:
        return _read(reading, time.monotonic() + _SECONDS)
    finally:
        os.close(reading)
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def _read(descriptor: int, until: float) -> bytes:
    found = b""
    while (left := until - time.monotonic()) > 0 and len(found) < _MOST_BYTES:
        if not select.select([descriptor], [], [], left)[0]:
            break
        part = os.read(descriptor, 65536)
        if not part:
            break
        found += part
    return found


def _lines(said: bytes, nonce: str) -> Iterator[dict[str, Any]]:
    """The child's answers: whole lines that begin with the nonce. What else is there was forged."""
    for line in said.split(b"\n")[:-1]:
        if not line.startswith(nonce.encode("ascii")):
            return
        try:
            body = json.loads(line[len(nonce) :])
        except ValueError:
            return
        if isinstance(body, dict):
            yield body


def _understood(answers: Sequence[dict[str, Any]], nothing: tuple[None, ...]) -> Run:
    if not answers or "walls" not in answers[0]:
        why = str(answers[0].get("refused")) if answers else "the child did not start"
        return Run((), why, nothing)
    found: list[Outcome | None] = list(nothing)
    for body in answers[1:]:
        place = body.get("place")
        if isinstance(place, int) and 0 <= place < len(found) and _is_reliable(body):
            found[place] = Outcome(
                body["outcome"], str(body["result"]), frozenset(body["lines"]), str(body.get("after", ""))
            )
    # A process that left before its end said less than it should have: nothing of it counts.
    is_whole = bool(answers[-1].get("done")) and len(answers) == len(nothing) + 2
    return Run(tuple(answers[0]["walls"]), None, tuple(found) if is_whole else nothing)


def _is_reliable(body: dict[str, Any]) -> bool:
    """Whether an outcome is the function's own and not that of the walls around it."""
    kind = body.get("outcome")
    return kind == "returned" or (kind == "raised" and body.get("result") not in _OF_THE_WALLS)


def layers() -> Run:
    """Which walls stand on this machine, shown by a child that computes nothing."""
    return run("def f():\n    return 1\n", "f", ["[]"])
