"""What an assistant does over and over: equal calls with equal answers, and edits made, undone and made again."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from tokencoach.attribution.turns import LOOP_LENGTH, POLLING_TOOLS
from tokencoach.coach.evidence import end_of_path
from tokencoach.usage.words import CallStatus, ToolKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tokencoach.store.trace_rows import CallStep, ChangeStep, CompactionStep

_PATIENCE_MS: Final = 120_000
_SAID_AGAIN = frozenset({ToolKind.PLAN, ToolKind.ASK})
State = frozenset[tuple[int, int]]


class RepeatKind(StrEnum):
    """``CALL``: the same question with the same answer. ``EDIT``: a file that goes to and fro."""

    CALL = "call"
    EDIT = "edit"


class Repeat(NamedTuple):
    """One circle.

    ``what`` is the tool, with the file where it reads one, or the path of the file that goes to and fro:
    text of a log. ``times`` counts equal calls, or how often the same edit was made. ``calls`` are the keys of all of
    them; ``parts`` maps the requests behind all but the first to the part of each that was spent on them.
    """

    kind: RepeatKind
    what: str
    times: int
    first_ms: int
    last_ms: int
    turn: int | None
    agent: int | None
    calls: tuple[int, ...]
    parts: Mapping[int, float]


class Steps(Protocol):
    """What circles are looked for in: a session that is over, or one that still moves."""

    @property
    def calls(self) -> tuple[CallStep, ...]:
        """Tool calls in time order."""
        ...

    @property
    def changes(self) -> tuple[ChangeStep, ...]:
        """Changes of files in time order."""
        ...

    @property
    def compactions(self) -> tuple[CompactionStep, ...]:
        """Compactions in time order."""
        ...


def repeats(trace: Steps) -> list[Repeat]:
    """Every circle of a session, in the order in which they began.

    Narrower than the audit's *looped* (same tool and input three times in a turn, no file edited
    between): the answer must be the same as well, a file that a command wrote and a compaction begin
    anew, and a call that comes more than two minutes after the last answer waits for something. Wider
    in two ways: failed calls count (the audit books those as failed), and so do edits to and fro.
    """
    found = [*_equal_calls(trace), *_edits_to_and_fro(trace)]
    return sorted(found, key=lambda repeat: (repeat.first_ms, repeat.calls))


def _equal_calls(trace: Steps) -> Iterator[Repeat]:
    changed = [change.at_ms for change in trace.changes]
    folded = [compaction.at_ms for compaction in trace.compactions]
    changing = {change.call_key for change in trace.changes}
    runs: dict[tuple[object, ...], list[CallStep]] = defaultdict(list)
    done: list[list[CallStep]] = []
    for call in trace.calls:
        if call.key in changing or not _is_telling(call):
            continue
        # What was known at this moment: any file written or any context lost makes the call a new one.
        known = bisect_right(changed, call.at_ms), bisect_right(folded, call.at_ms)
        run = runs[call.turn, call.agent, call.tool, call.input_digest, call.output_digest, known]
        if run and call.at_ms - (run[-1].result_ms or run[-1].at_ms) > _PATIENCE_MS:
            done.append(run.copy())
            run.clear()
        run.append(call)
    siblings = _calls_of_requests(trace.calls)
    for run in (*done, *runs.values()):
        if len(run) >= LOOP_LENGTH:
            first, last = run[0], run[-1]
            keys = tuple(call.key for call in run)
            parts = _shares(run[1:], siblings)
            yield Repeat(
                RepeatKind.CALL,
                f"{first.tool} {end_of_path(first.path)}" if first.path else first.tool,
                len(run),
                first.at_ms,
                last.at_ms,
                first.turn,
                first.agent,
                keys,
                parts,
            )


def _is_telling(call: CallStep) -> bool:
    is_repeatable = bool(call.tool) and call.tool not in POLLING_TOOLS and call.kind not in _SAID_AGAIN
    is_known = bool(call.input_digest and call.output_digest)
    return is_repeatable and is_known and call.status != CallStatus.REJECTED


def _edits_to_and_fro(trace: Steps) -> Iterator[Repeat]:
    files: dict[tuple[int | None, str], list[ChangeStep]] = defaultdict(list)
    for change in trace.changes:
        files[change.turn, change.path].append(change)
    siblings = _calls_of_requests(trace.calls)
    by_key = {call.key: call for call in trace.calls}
    for (turn, path), changes in files.items():
        times, circle = _widest_circle(changes)
        if times < LOOP_LENGTH - 1:
            continue
        first, last = circle[0], circle[-1]
        keys = tuple(dict.fromkeys(change.call_key for change in circle))
        parts = _shares([by_key[key] for key in keys[1:] if key in by_key], siblings)
        yield Repeat(RepeatKind.EDIT, path, times, first.at_ms, last.at_ms, turn, first.agent, keys, parts)


def _widest_circle(changes: Sequence[ChangeStep]) -> tuple[int, list[ChangeStep]]:
    """How often the edit that was made most often was made from the same state, and all changes from its first on.

    A state is what the lines of the file gained and lost since the turn began. An edit that is made
    again from the same state was undone between.
    """
    made: dict[tuple[State, State], list[int]] = defaultdict(list)
    lines: Counter[int] = Counter()
    unseen = 0
    state: State = frozenset({(0, unseen)})
    for index, change in enumerate(changes):
        if change.kind.is_unseen:
            # Nobody knows what the file holds now; it is no state that was seen before.
            unseen, lines = unseen + 1, Counter()
            state = frozenset({(0, unseen)})
            continue
        lines.update(change.added)
        lines.subtract(change.removed)
        after = frozenset({(0, unseen), *((key, count) for key, count in lines.items() if count and key)})
        if after != state:
            made[state, after].append(index)
        state = after
    again = max(made.values(), key=lambda at: (len(at), at[-1] - at[0]), default=[])
    return (len(again), list(changes[again[0] : again[-1] + 1])) if again else (0, [])


def _calls_of_requests(calls: Sequence[CallStep]) -> Counter[int | None]:
    return Counter(call.request_id for call in calls)


def _shares(calls: Sequence[CallStep], siblings: Counter[int | None]) -> dict[int, float]:
    """The part of each request that some of its calls are."""
    mine = Counter(call.request_id for call in calls if call.request_id is not None)
    return {request: number / siblings[request] for request, number in mine.items()}
