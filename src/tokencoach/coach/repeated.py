"""Calls that were made again with the same answer, while they happen."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.usage.words import ToolKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tokencoach.coach.running import Running
    from tokencoach.store.trace_rows import CallStep

_OTHERS_SINCE: Final = 12
"""After so many other calls the session has gone on to something else."""
# To ask how a job in the background is doing, or to write the list of tasks anew, is no loop.
_PURPOSE: Final = frozenset({ToolKind.PLAN, ToolKind.ASK, ToolKind.DELEGATE})
_POLLING: Final = frozenset(
    {"BashOutput", "TaskOutput", "AgentOutputTool", "write_stdin", "wait", "TodoWrite", "update_plan"}
)


class Repeat(NamedTuple):
    """The same call again and again, in time order, all with the same answer."""

    calls: tuple[CallStep, ...]


def repeated(running: Running, least: int) -> Iterator[Repeat]:
    """Runs of at least so many same calls that are still going on: no file was changed within or since."""
    runs: dict[tuple[object, ...], list[int]] = defaultdict(list)
    calls = running.calls
    for index, call in enumerate(calls):
        if call.input_digest and call.output_digest and not _is_polling(call):
            images = bisect_right(running.edits, call.at_ms)
            runs[call.agent, call.tool, call.input_digest, call.output_digest, images].append(index)
    for key, run in runs.items():
        is_current = key[-1] == len(running.edits) and len(calls) - 1 - run[-1] <= _OTHERS_SINCE
        if len(run) >= least and is_current:
            yield Repeat(tuple(calls[index] for index in run))


def _is_polling(call: CallStep) -> bool:
    return not call.tool or call.tool in _POLLING or call.kind in _PURPOSE
