"""Ollama as a service of the system writes into its journal: what is new there, copied to where logs are read.

Asked only where the service is installed and the person may read its journal anyway; whatever goes
wrong, there is simply nothing new. Only lines that tell of requests and models are copied.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from tokencoach.git.run import trusted_program
from tokencoach.sources.ollama import is_of_use, message_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_UNIT: Final = "ollama.service"
_UNITS: Final = tuple(
    Path(folder)
    for folder in (
        "/etc/systemd/system",
        "/usr/lib/systemd/system",
        "/lib/systemd/system",
        "/run/systemd/system",
    )
)
_TAIL_BYTES: Final = 64 << 10
_MOST_LINES: Final = 500_000
_MOST_SECONDS: Final = 60.0


def follow_journal(folder: Path, units: Sequence[Path] = _UNITS) -> Path | None:
    """Bring the copy in a folder up to date; the copy, or None where there is no such journal."""
    program = trusted_program("journalctl") if sys.platform.startswith("linux") else None
    if program is None or not any((place / _UNIT).exists() for place in units):
        return None
    copy = folder / "journal" / "ollama.json"
    last = _last_entry(copy)
    try:
        copy.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not _appended(copy, _entries(program, ["--after-cursor", last[0]] if last[0] else [])) and last[1]:
            # The entry that was read last has been removed: go on by the time of it.
            _appended(copy, _entries(program, [f"--since=@{last[1] // 1_000_000 + 1}"]))
    except OSError:
        pass
    return copy if copy.exists() else None


def _entries(program: str, since: list[str]) -> Iterator[bytes]:
    """Entries of the journal as JSON, one a line; they end where the program does not."""
    command = [
        program,
        f"--unit={_UNIT}",
        "--output=json",
        "--output-fields=MESSAGE",
        "--no-pager",
        "--quiet",
        f"--lines={_MOST_LINES}",
        *since,
    ]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
        env={**os.environ, "LC_ALL": "C"},
    ) as process:
        timer = threading.Timer(_MOST_SECONDS, process.kill)
        timer.start()
        try:
            yield from process.stdout or ()
        finally:
            timer.cancel()
            process.kill()


def _appended(copy: Path, entries: Iterator[bytes]) -> bool:
    """Append what is of use, and of the last entry at least its place; whether there was any entry."""
    last: dict[str, Any] = {}
    is_kept = True
    out = None
    try:
        for line in entries:
            entry = _decoded(line)
            if not entry.get("__CURSOR"):
                continue
            last, is_kept = entry, is_of_use(message_of(entry.get("MESSAGE")))
            out = out or _opened(copy)
            if is_kept:
                os.write(out, _line(entry))
        if out is not None and not is_kept:
            os.write(out, _line({name: value for name, value in last.items() if name != "MESSAGE"}))
    finally:
        if out is not None:
            os.close(out)
    return bool(last)


def _opened(copy: Path) -> int:
    return os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)


def _line(entry: dict[str, Any]) -> bytes:
    kept = ("__CURSOR", "__REALTIME_TIMESTAMP", "MESSAGE")
    return msgspec.json.encode({name: entry[name] for name in kept if name in entry}) + b"\n"


def _decoded(line: bytes) -> dict[str, Any]:
    with contextlib.suppress(msgspec.MsgspecError, RecursionError):
        value = msgspec.json.decode(line)
        if isinstance(value, dict):
            return value
    return {}


def _last_entry(copy: Path) -> tuple[str, int]:
    """Place and time (microseconds) of the entry that was copied last."""
    try:
        with copy.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - _TAIL_BYTES))
            lines = file.read().splitlines()
    except OSError:
        return "", 0
    for line in reversed(lines):
        entry = _decoded(line)
        stamp = str(entry.get("__REALTIME_TIMESTAMP"))
        if isinstance(entry.get("__CURSOR"), str):
            return entry["__CURSOR"], int(stamp) if stamp.isdecimal() else 0
    return "", 0
