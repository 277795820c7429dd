"""What hooks noted without starting a program: commits that nobody was asked about, and rewritten ones."""

from __future__ import annotations

import contextlib
import os
import re
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.comprehension.hook.places import spool_file
from tokencoach.regular_files import head

if TYPE_CHECKING:
    from pathlib import Path

REWRITTEN: Final = "rewritten"
NO_TIME: Final = "no-time"
INBOX: Final = frozenset(
    {
        "inbox", "no-terminal", "no-screen", "background", "assistant", "client", "too-often", "unanswered",
        "no-python", NO_TIME,
    }
)  # fmt: skip
"""Reasons for which the person has not been asked yet, and is to find the questions in the inbox."""
_SHA: Final = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_MOST_BYTES: Final = 4 << 20


class Noted(NamedTuple):
    """One line. ``kind`` is ``rewritten`` (``sha`` became ``other``) or why nobody was asked about ``sha``."""

    at_ms: int
    kind: str
    sha: str
    other: str
    common_dir: str


def take(home: Path) -> list[Noted]:
    """What was noted so far, oldest first; it is taken away. A line that makes no sense is passed over."""
    file = spool_file(home)
    taken = file.with_name(f"spool.{os.getpid()}")
    try:
        # A hook that writes at this moment goes on writing to the file that was taken.
        file.rename(taken)
    except OSError:
        return []
    with contextlib.suppress(OSError):
        try:
            text = os.fsdecode(head(taken, _MOST_BYTES))
        finally:
            taken.unlink()
        return [noted for line in text.splitlines() if (noted := _noted(line)) is not None]
    return []


def is_anything_noted(home: Path) -> bool:
    """Whether hooks have noted anything."""
    try:
        return spool_file(home).stat().st_size > 0
    except OSError:
        return False


def _noted(line: str) -> Noted | None:
    fields = line.split("\t", 5)
    if len(fields) != 6 or fields[0] != "1" or not fields[1].isdigit() or not _SHA.fullmatch(fields[3]):
        return None
    if fields[2] == REWRITTEN and not _SHA.fullmatch(fields[4]):
        return None
    return Noted(int(fields[1]) * 1000, fields[2], fields[3], fields[4], fields[5])
