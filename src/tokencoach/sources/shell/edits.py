"""Edits that a shell command made, as facts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokencoach.sources.shell.writes import shell_writes
from tokencoach.usage.facts import EditSeen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tokencoach.usage.facts import ToolCallSeen

_RANK = 1


def shell_edits(
    command: str, folder: str | None, call: ToolCallSeen, cwd: str | None, branch: str | None
) -> Iterator[EditSeen]:
    """One edit a file that the command writes; ``folder`` is where it runs, ``cwd`` the session's.

    They have no status of their own: a command that exits non-zero may have written before. What it
    applies as a diff happened only where it ended well.
    """
    for number, write in enumerate(shell_writes(command, folder)):
        yield EditSeen(
            key=f"{call.key}#shell{number}",
            call_key=call.key,
            session_id=call.session_id,
            at_ms=call.at_ms,
            path=write.path,
            kind=write.kind,
            added=write.added,
            removed=write.removed,
            rank=_RANK,
            agent=call.agent,
            cwd=cwd,
            branch=branch,
            moved_from=write.moved_from,
        )
