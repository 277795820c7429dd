"""Made tool calls of a turn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokencoach.store.trace_rows import CallStep
from tokencoach.usage.words import CallStatus, ToolKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tokencoach.audit.report import TurnDetail
    from tokencoach.watch.asked import AskedOf


def made_calls(session: int, turn: TurnDetail) -> tuple[CallStep, ...]:
    """Two reads, one of them by a sub-agent, a red test, a refused command, and an edit where the turn has one."""

    def call(
        at: int,
        tool: str,
        kind: ToolKind | None,
        path: str | None = None,
        *,
        status: CallStatus = CallStatus.OK,
        exit_code: int | None = None,
        agent: int | None = None,
        at_ms: int | None = None,
    ) -> CallStep:
        key = turn.turn_id * 100 + at
        when = turn.started_at_ms + at * 1000 if at_ms is None else at_ms
        size = at * 1700
        return CallStep(
            key,
            session,
            key,
            turn.turn_id,
            agent,
            when,
            tool,
            kind,
            path,
            0,
            status,
            exit_code,
            None,
            0,
            size,
        )

    calls = [
        call(1, "Read", ToolKind.READ, "/home/me/web-app/src/client.ts"),
        call(2, "Read", ToolKind.READ, "/home/me/web-app/docs/retry.md", agent=3),
        call(3, "Bash", ToolKind.TEST, exit_code=1),
        call(4, "Bash", None, status=CallStatus.REJECTED),
    ]
    if turn.edits:
        calls.append(call(5, "Edit", ToolKind.EDIT, at_ms=turn.edits[0].at_ms))
    return tuple(calls)


def made_words(calls: Iterable[CallStep]) -> dict[int, AskedOf]:
    """The log tells what the commands that were not refused ran."""
    from tokencoach.watch.asked import AskedOf  # noqa: PLC0415 - the first screen is shown without it

    ran = [call for call in calls if call.tool == "Bash" and call.status is CallStatus.OK]
    command = "cd /home/me/web-app && npm test -- \x1b[2Jretry\n[b]twice[/b]"
    return {
        call.key: AskedOf(command, "~/.claude/projects/web-app/log.jsonl", is_command=True) for call in ran
    }
