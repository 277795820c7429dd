"""The person's own minutes: active time around what they did, parallel sessions counted once."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple

from tokencoach.attribution.time_spans import IDLE_MS, union_ms
from tokencoach.store.usage_rows import acted_times, prompts_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tokencoach.store.connect import Connection

# What a person does in a log without anything after it takes about a minute.
ACT_MS = 60_000


class Activity(NamedTuple):
    """A stretch in which the person was at a session, and the turn that it belongs to."""

    session: int
    turn: int | None
    start_ms: int
    end_ms: int


def human_activity(
    connection: Connection, sessions: Sequence[int], since_ms: int, until_ms: int
) -> list[Activity]:
    """Stretches around prompts, refusals and corrections: until the next act, at most five minutes."""
    acted = acted_times(connection, sessions, since_ms, until_ms)
    found = []
    for session, prompts in prompts_of(connection, sessions, until_ms).items():
        starts = [at_ms for at_ms, _ in prompts]
        times = sorted({at for at in starts if at >= since_ms} | set(acted.get(session, ())))
        for index, at_ms in enumerate(times):
            until = times[index + 1] if index + 1 < len(times) else at_ms + ACT_MS
            place = bisect_right(starts, at_ms) - 1
            turn = prompts[place][1] if place >= 0 else None
            found.append(Activity(session, turn, at_ms, min(until, at_ms + IDLE_MS)))
    return found


def human_minutes(
    connection: Connection, sessions: Sequence[int], since_ms: int, until_ms: int
) -> int | None:
    """Minutes in which the person was at it, or None where nothing of theirs was logged.

    Between two acts in one session at most five minutes count; parallel sessions are united, so
    that an hour with three assistants is one hour.
    """
    found = human_activity(connection, sessions, since_ms, until_ms)
    if not found:
        return None
    return max(1, round(union_ms((one.start_ms, one.end_ms) for one in found) / 60_000))
