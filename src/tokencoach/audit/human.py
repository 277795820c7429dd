"""The person's own minutes: active time around their prompts, parallel sessions counted once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokencoach.store.usage_rows import prompt_times

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tokencoach.store.connect import Connection

# A pause of more than five minutes is no work on this; a prompt itself takes about one.
IDLE_MS = 5 * 60_000
PROMPT_MS = 60_000


def human_minutes(
    connection: Connection, sessions: Sequence[int], since_ms: int, until_ms: int
) -> int | None:
    """Minutes in which the person was at it, or None where no prompt was logged.

    Between two prompts of one session at most five minutes count; spans of parallel sessions are
    united, so that an hour with three assistants is one hour.
    """
    spans = []
    for times in prompt_times(connection, sessions, since_ms, until_ms).values():
        for index, at_ms in enumerate(times):
            until = times[index + 1] if index + 1 < len(times) else at_ms + PROMPT_MS
            spans.append((at_ms, min(until, at_ms + IDLE_MS)))
    if not spans:
        return None
    spans.sort()
    total, end = 0, 0
    for start, stop in spans:
        total += max(0, stop - max(start, end))
        end = max(end, stop)
    return max(1, round(total / 60_000))
