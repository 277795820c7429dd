"""How long git may keep us waiting: a named pipe in a repository, or a disk that is gone, would do so for ever."""

from __future__ import annotations

import io
import os
import select
import time
from stat import S_ISBLK, S_ISCHR, S_ISFIFO, S_ISSOCK
from typing import TYPE_CHECKING, Final

from tokencoach.git.errors import CorruptError

if TYPE_CHECKING:
    from pathlib import Path
    from typing import IO

#: Seconds that a command may take that answers as a whole, and those between two pieces of one that streams.
ANSWER_S = 120.0
#: The same for the question whether a folder is a repository, which reads a few small files.
PROBE_S = 20.0
BUFFER_BYTES: Final = 1 << 17
_KEPT_S: Final = 600.0

#: What git opens of a git directory without looking what it is.
_OPENED: Final = (
    "HEAD",
    "config",
    "config.worktree",
    "packed-refs",
    "shallow",
    "index",
    "commondir",
    "info/attributes",
    "info/exclude",
    "info/grafts",
    "objects/info/alternates",
    "objects/info/commit-graph",
    "objects/info/packs",
)

_unanswered: dict[Path, float] = {}


def no_answer(folder: Path, seconds: float) -> CorruptError:
    """That git did not answer about a folder; for ten minutes it is not asked again by this process."""
    _unanswered[folder] = time.monotonic()
    return CorruptError(f"git did not answer about {folder} within {seconds:.0f} s", "try git log there")


def refuse(folder: Path) -> None:
    """Nothing, if git can be asked about a git directory or a work tree without being waited for in vain.

    Raises:
        CorruptError: a file that git opens there is a pipe, a device or a socket, or git did not answer lately.
    """
    since = _unanswered.get(folder)
    if since is not None and time.monotonic() - since < _KEPT_S:
        raise CorruptError(
            f"git did not answer about {folder} a short while ago, and is not asked again yet",
            "try git log there",
        )
    for name in _OPENED:
        for file in (os.path.join(folder, name), os.path.join(folder, ".git", name)):  # noqa: PTH118 - before each git
            try:
                mode = os.stat(file).st_mode  # noqa: PTH116 - as above
            except OSError:
                continue
            if S_ISFIFO(mode) or S_ISCHR(mode) or S_ISBLK(mode) or S_ISSOCK(mode):
                raise CorruptError(
                    f"git would wait for ever for {file}: it is no regular file", "remove that file"
                )


class PatientPipe(io.RawIOBase):
    """The output of a streaming git command; a read that gets nothing for too long is given up."""

    def __init__(self, pipe: IO[bytes], folder: Path) -> None:
        super().__init__()
        self._pipe = pipe
        self._folder = folder
        self._poll = select.poll() if hasattr(select, "poll") else None
        if self._poll is not None:
            self._poll.register(pipe.fileno(), select.POLLIN)

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Bytes as they come.

        Raises:
            CorruptError: none came for two minutes.
        """
        if self._poll is not None and not self._poll.poll(ANSWER_S * 1000):
            raise no_answer(self._folder, ANSWER_S)
        got: int = self._pipe.readinto(buffer)  # type: ignore[attr-defined]
        return got

    def close(self) -> None:
        """Let go of the pipe."""
        self._pipe.close()
        super().close()
