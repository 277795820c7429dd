"""Days on which an assistant was used and of which no log was left when it was read.

Assistants that delete their logs keep other files that tell when they were used: lists of what was
typed, counts by day. Of these only the times are looked at.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from tokencoach import regular_files
from tokencoach.clock import LATEST_MS
from tokencoach.sources.discovery import files_below, moved
from tokencoach.sources.instants import instant_ms

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from tokencoach.sources.base import LogsHome

_LARGEST: Final = 64 << 20
_BLOCK: Final = 1 << 20
_OVERLAP: Final = 64
_INSTANT: Final = re.compile(rb'"timestamp": ?(\d{13})\b')
_STAMP: Final = re.compile(rb'"timestamp": ?"(\d{4}-\d\d-\d\dT[\d:.]{8,15}Z)"')
_DATE: Final = re.compile(rb'"date": ?"(\d{4})-(\d\d)-(\d\d)"')


def claude_days(home: LogsHome, tz: ZoneInfo) -> set[int]:
    """Days (``yyyymmdd``) on which Claude Code was used, by its list of prompts and its counts by day."""
    folder = moved(home, "CLAUDE_CONFIG_DIR", ".claude")
    found = {day_of(int(told[1]), tz) for told in _told(folder / "history.jsonl", _INSTANT)}
    for told in _told(folder / "stats-cache.json", _DATE):
        found.add(int(told[1] + told[2] + told[3]))
    return found


def gemini_days(home: LogsHome, tz: ZoneInfo) -> set[int]:
    """Days on which Gemini CLI was used, by the prompts that it lists for each project."""
    folder = moved(home, "GEMINI_CLI_HOME") / ".gemini" / "tmp"
    found = set()
    for path in files_below([folder], lambda name: name == "logs.json", depth=1):
        for told in _told(path, _STAMP):
            at_ms = instant_ms(told[1].decode())
            if at_ms is not None:
                found.add(day_of(at_ms, tz))
    return found


def _told(path: Path, pattern: re.Pattern[bytes]) -> Iterator[re.Match[bytes]]:
    """Every place of a file that fits, one told twice at most; nothing of a file that cannot be read."""
    try:
        with regular_files.opened(path) as file:
            kept, read = b"", 0
            while (block := file.read(_BLOCK)) and read < _LARGEST:
                read += len(block)
                yield from pattern.finditer(kept + block)
                kept = block[-_OVERLAP:]
    except OSError:
        return


def day_of(at_ms: int, tz: ZoneInfo) -> int:
    """The day of an instant in a zone, ``yyyymmdd``."""
    moment = datetime.fromtimestamp(min(at_ms, LATEST_MS) / 1000, UTC).astimezone(tz)
    return moment.year * 10_000 + moment.month * 100 + moment.day


def lost(used: Iterable[int], logged: set[int], today: int) -> list[int]:
    """Days of use without any logged request, today excepted, oldest first."""
    return sorted(day for day in set(used) - logged if day < today)


def in_words(days: list[int]) -> str:
    """Lost days as stretches: what lies between two of them without use belongs to neither."""
    first, last = _written(days[0]), _written(days[-1])
    count = f"{len(days)} day{'s' if len(days) > 1 else ''} of use"
    return f"{count} ({first})" if first == last else f"{count} ({first} to {last})"


def _written(day: int) -> str:
    return f"{day // 10_000:04}-{day // 100 % 100:02}-{day % 100:02}"
