"""The two small files that a status line and a hook read; each is replaced as a whole.

``statusline.json``: the day so far and what holds now. ``nudge.json``: the one nudge that waits to be told.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tokencoach import paths
from tokencoach.audit import fold
from tokencoach.audit.month import Allocated
from tokencoach.audit.period import Period
from tokencoach.clock import day_of
from tokencoach.store.audit_rows import session_facts
from tokencoach.store.today_rows import context_window, last_request, last_touched
from tokencoach.usage.words import Bucket

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from tokencoach.store.nudge_rows import NudgeRow
    from tokencoach.store.reader import Reader

VERSION: Final = 1
_LIVE_MS: Final = 30 * 60_000


class DaySoFar(NamedTuple):
    """A day's spend and the share of it that shipped; None where nothing was spent yet."""

    judged_ms: int
    until_ms: int
    shipped: float | None
    cost_nano: int
    tokens: int


def day_so_far(reader: Reader, now_ms: int, tz: ZoneInfo) -> DaySoFar:
    """The day that an instant is in."""
    day = day_of(now_ms, tz)
    period = Period(day, day, tz)
    found = Allocated.of_period(reader, period, now_ms)
    whole = found.whole
    spent = fold.buckets(whole, fold.share_of(whole))
    shipped = next(one.share for one in spent if one.bucket is Bucket.SHIPPED)
    total = whole.total
    return DaySoFar(now_ms, period.until_ms, shipped if total.tokens else None, total.cost_nano, total.tokens)


def tell_line(
    reader: Reader, folder: Path, day: DaySoFar | None, held: Sequence[NudgeRow], now_ms: int
) -> None:
    """Write what the status line shows.

    Raises:
        OSError: the folder cannot be written.
    """
    connection = reader.connection
    sessions = {}
    for row, session_id in _live(reader, now_ms):
        last = last_request(connection, row)
        sessions[session_id] = [last.context_tokens, context_window(connection, last.model_id)]
    body = {
        "version": VERSION,
        "made_ms": now_ms,
        "day": None if day is None else day._asdict(),
        "contexts": sessions,
        "nudges": [{"session": one.session_id, "title": one.title} for one in held],
    }
    _replace(paths.status_line(folder), body)


def _live(reader: Reader, now_ms: int) -> list[tuple[int, str]]:
    """Sessions that moved lately, the newest first."""
    rows = [row for row, _ in last_touched(reader.connection, now_ms - _LIVE_MS)]
    facts = session_facts(reader.connection, rows)
    return [(row, facts[row].session_id) for row in rows if row in facts]


def keep_alive(folder: Path) -> None:
    """Say that what the status line shows is still current."""
    with contextlib.suppress(OSError):
        os.utime(paths.status_line(folder))


def tell_nudge(folder: Path, said: NudgeRow) -> None:
    """Lay a nudge ready for an assistant's hook, in place of one that was never told.

    Raises:
        OSError: the folder cannot be written.
    """
    body = {
        "version": VERSION,
        "kind": said.kind,
        "subject": said.subject,
        "session": said.session_id,
        "at_ms": said.at_ms,
        "title": said.title,
        "next": said.next,
    }
    _replace(paths.pending_nudge(folder), body)


def pending(folder: Path) -> tuple[str, str] | None:
    """Kind and subject of the nudge that waits to be told, laid there by whichever watcher."""
    try:
        said = json.loads(paths.pending_nudge(folder).read_bytes())
        return str(said["kind"]), str(said["subject"])
    except (OSError, ValueError, TypeError, KeyError):
        return None


def forget_nudge(folder: Path) -> None:
    """What waited to be told does not hold any more."""
    with contextlib.suppress(OSError):
        paths.pending_nudge(folder).unlink(missing_ok=True)


def _replace(path: Path, body: dict[str, Any]) -> None:
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(body, file)
        os.replace(name, path)  # noqa: PTH105 - one call on every system
    except OSError:
        os.unlink(name)  # noqa: PTH108 - as above
        raise
