"""What an assistant does over and over: equal calls with equal answers, and edits made, undone and made again."""

from __future__ import annotations

from collections import Counter, defaultdict
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from tokencoach.attribution.loops import LOOP_LENGTH, Turned, equal_runs, states
from tokencoach.coach.evidence import end_of_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tokencoach.attribution.loops import State
    from tokencoach.store.trace_rows import CallStep, ChangeStep, CompactionStep

_PATIENCE_MS: Final = 120_000


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

    The rule is the audit's for *looped*, with two differences: a call that comes more than two minutes
    after the last answer waits for something and is not told of; failed calls (which the audit books as
    failed) and an edit that is made for the second time from the same state are.
    """
    found = [*_equal_calls(trace), *_edits_to_and_fro(trace)]
    return sorted(found, key=lambda repeat: (repeat.first_ms, repeat.calls))


def _equal_calls(trace: Steps) -> Iterator[Repeat]:
    changing = {change.call_key for change in trace.changes}
    runs = equal_runs(
        (call for call in trace.calls if call.key not in changing),
        lambda call: call.turn,
        [change.at_ms for change in trace.changes],
        [compaction.at_ms for compaction in trace.compactions],
        _waits,
    )
    siblings = _calls_of_requests(trace.calls) if runs else Counter()
    for run in runs:
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


def _waits(last: CallStep, call: CallStep) -> bool:
    return call.at_ms - (last.result_ms or last.at_ms) > _PATIENCE_MS


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

    An edit that is made again from the same state was undone between.
    """
    made: dict[tuple[State, State], list[int]] = defaultdict(list)
    told = states(Turned(change.kind.is_unseen, change.added, change.removed) for change in changes)
    for index, (before, after) in enumerate(pairwise(told)):
        if after != before and not changes[index].kind.is_unseen:
            made[before, after].append(index)
    again = max(made.values(), key=lambda at: (len(at), at[-1] - at[0]), default=[])
    return (len(again), list(changes[again[0] : again[-1] + 1])) if again else (0, [])


def _calls_of_requests(calls: Sequence[CallStep]) -> Counter[int | None]:
    return Counter(call.request_id for call in calls)


def _shares(calls: Sequence[CallStep], siblings: Counter[int | None]) -> dict[int, float]:
    """The part of each request that some of its calls are."""
    mine = Counter(call.request_id for call in calls if call.request_id is not None)
    return {request: number / siblings[request] for request, number in mine.items()}
