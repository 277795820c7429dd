"""What is done over and over: equal calls with equal answers, and files that come back to what they were."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol, TypeVar

from tokencoach.usage.words import CallStatus, ToolKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

LOOP_LENGTH: Final = 3

_POLLING_TOOLS: Final = frozenset(
    {"BashOutput", "TaskOutput", "AgentOutputTool", "write_stdin", "wait", "TodoWrite", "update_plan"}
)
"""Asking again how a background job is doing is their purpose, not a loop."""
_REJECTED: Final = CallStatus.REJECTED.value
_SAID_AGAIN: Final = frozenset({ToolKind.PLAN, ToolKind.ASK})
_MAY_CHANGE: Final = frozenset({ToolKind.EXECUTE, ToolKind.BUILD, ToolKind.COMMIT})

State = frozenset[tuple[int, int]]


class Step(Protocol):
    """A tool call as far as loops are concerned. Digests are 0 where nobody knows what was asked or told."""

    @property
    def agent(self) -> int | None:
        """The sub-agent that made it."""
        ...

    @property
    def at_ms(self) -> int:
        """When it was made."""
        ...

    @property
    def tool(self) -> str:
        """The tool's name."""
        ...

    @property
    def kind(self) -> str | None:
        """What the tool does, where that is known."""
        ...

    @property
    def input_digest(self) -> int:
        """Hash of what was asked."""
        ...

    @property
    def output_digest(self) -> int:
        """Hash of the answer."""
        ...

    @property
    def status(self) -> str | None:
        """How it ended."""
        ...


AnyStep = TypeVar("AnyStep", bound=Step)


class Turned(NamedTuple):
    """A change of a file, as the keys of the lines that came and went; ``is_unseen`` where nobody knows them."""

    is_unseen: bool
    added: Iterable[int]
    removed: Iterable[int]


def equal_runs(
    calls: Iterable[AnyStep],
    turn_of: Callable[[AnyStep], int | None],
    changed_ms: Sequence[int],
    folded_ms: Sequence[int],
    waits: Callable[[AnyStep, AnyStep], bool] | None = None,
) -> list[list[AnyStep]]:
    """Runs of at least three calls of a turn with one tool, input and answer; calls are in time order.

    A file changed between (``changed_ms``), by an edit or a command, and a compaction (``folded_ms``)
    begin anew: then the question is a new one. So does a command that was not run before, or answers
    otherwise than before: it may have changed what the question is about. And so does a call that
    ``waits`` for something since the one before it.
    """
    calls = list(calls)
    moved_ms = _first_ms(calls)
    times = Counter([call.input_digest for call in calls])
    runs: dict[tuple[object, ...], list[AnyStep]] = defaultdict(list)
    done: list[list[AnyStep]] = []
    for call in calls:
        if times[call.input_digest] < LOOP_LENGTH or not _is_telling(call):
            continue
        known = tuple(bisect_right(moments, call.at_ms) for moments in (changed_ms, folded_ms, moved_ms))
        run = runs[turn_of(call), call.agent, call.tool, call.input_digest, call.output_digest, known]
        if run and waits is not None and waits(run[-1], call):
            done.append(run.copy())
            run.clear()
        run.append(call)
    return [run for run in (*done, *runs.values()) if len(run) >= LOOP_LENGTH]


def _first_ms(calls: Iterable[Step]) -> list[int]:
    """When a command that may change something was run, or gave its answer, for the first time."""
    seen: set[tuple[str, int, int]] = set()
    moments = []
    for call in calls:
        told = call.tool, call.input_digest, call.output_digest
        if call.kind in _MAY_CHANGE and told not in seen:
            seen.add(told)
            moments.append(call.at_ms)
    return moments


def _is_telling(call: Step) -> bool:
    is_repeatable = bool(call.tool) and call.tool not in _POLLING_TOOLS and call.kind not in _SAID_AGAIN
    return is_repeatable and bool(call.input_digest and call.output_digest) and call.status != _REJECTED


def states(changes: Iterable[Turned]) -> list[State]:
    """The state of one file before its first change, and after each: the lines that it gained and lost since.

    A change that nobody saw leads to a state that was never before.
    """
    lines: Counter[int] = Counter()
    unseen = 0
    found: list[State] = [frozenset({(0, unseen)})]
    for change in changes:
        if change.is_unseen:
            unseen, lines = unseen + 1, Counter()
            found.append(frozenset({(0, unseen)}))
            continue
        lines.update(change.added)
        lines.subtract(change.removed)
        found.append(frozenset({(0, unseen), *_uneven(lines)}))
    return found


def _uneven(lines: Mapping[int, int]) -> Iterable[tuple[int, int]]:
    return ((key, count) for key, count in lines.items() if count and key)


def returns(changes: Iterable[Turned]) -> list[range]:
    """Changes of one file, by index, that came to nothing: after the last of a range it is as before the first.

    The ranges do not overlap; a change that did nothing is none.
    """
    told = states(changes)
    since = {told[0]: 0}
    found = []
    for index, (before, after) in enumerate(pairwise(told)):
        if after == before:
            continue
        if after in since:
            found.append(range(since[after], index + 1))
            since = {}
        since[after] = index + 1
    return found
