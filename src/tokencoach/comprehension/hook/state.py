"""What the hook is told about a repository, in files that it reads within milliseconds."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, NamedTuple

from tokencoach.comprehension.hook.decision import stamp_of
from tokencoach.comprehension.hook.places import asked_file, beat_file, hook_home, state_of
from tokencoach.regular_files import content as content_of
from tokencoach.usage.words import Phase

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path

BY_PHASE = {Phase.EXPLORATION: "off", Phase.PROTOTYPE: "inbox", Phase.PRODUCTION: "pre-commit"}
"""How a person is asked in a phase, unless they said otherwise for the repository."""


class Told(NamedTuple):
    """``pending`` paths have fresh lines of an assistant, ``done`` blobs need no question, ``logs`` were read."""

    pending: Collection[str]
    done: Collection[str]
    logs: Iterable[str]


def tell(home: Path, common_dir: Path, told: Told) -> bool:
    """Write what the hook has to know of a repository; whether anything changed.

    Raises:
        OSError: tokencoach's home cannot be written.
    """
    folder = state_of(home, common_dir)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    records = [f"p{path}" for path in sorted(told.pending)]
    records += [f"d{blob}" for blob in sorted(told.done)]
    records += [f"l{stamp_of(path)} {path}" for path in sorted(set(told.logs))]
    changed = put(folder / "known", os.fsencode("\0".join(["v1", *records])))
    flag = folder / "pending"
    if told.pending:
        flag.touch()
    else:
        flag.unlink(missing_ok=True)
    return changed


def tell_mode(home: Path, common_dir: Path, mode: str) -> bool:
    """How a person is asked about commits of a repository now: pre-commit, pre-push, inbox or off.

    Raises:
        OSError: tokencoach's home cannot be written.
    """
    folder = state_of(home, common_dir)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return put(folder / "mode", f"{mode}\n".encode())


def put(file: Path, content: bytes) -> bool:
    """Write a small file whole; whether it was another before.

    Raises:
        OSError: its folder cannot be written.
    """
    with contextlib.suppress(OSError):
        if content_of(file) == content:
            return False
    new = file.with_name(f"{file.name}.{os.getpid()}")
    new.write_bytes(content)
    new.replace(file)
    return True


def beat(home: Path, now_ms: int) -> None:
    """Everything that assistants logged so far is known to the hook; nothing where no hook is installed."""
    if hook_home(home).is_dir():
        with contextlib.suppress(OSError):
            put(beat_file(home), f"{now_ms // 1000}\n".encode())


def spoil(home: Path) -> None:
    """Something was logged that the hook does not know yet."""
    with contextlib.suppress(OSError):
        beat_file(home).unlink(missing_ok=True)


def note_asked(home: Path, now_ms: int) -> None:
    """The person was interrupted; only what counts for today is kept."""
    file = asked_file(home)
    with contextlib.suppress(OSError):
        before = content_of(file).decode("ascii", "replace").split()[-20:] if file.exists() else []
        put(file, "".join(f"{at}\n" for at in [*before, now_ms // 1000]).encode())


def last_of(home: Path, git_dir: Path) -> Path:
    """The file in which a worktree's hooks tell each other what became of a commit."""
    return state_of(home, git_dir) / "last"


def conclude(home: Path, git_dir: Path, outcome: str) -> None:
    """Tell the hooks that follow what came of asking; the commit at HEAD stays as it was written."""
    file = last_of(home, git_dir)
    with contextlib.suppress(OSError):
        head = content_of(file).decode("ascii", "replace").split()[0]
        put(file, f"{head} {outcome}\n".encode())


def mode_by(said: str | None, phase: Phase) -> str:
    """How a person is asked: as they said for the repository, else by its phase."""
    return said or BY_PHASE[phase]
