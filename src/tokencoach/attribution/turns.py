"""Which turn a request belongs to, and which tool calls were rejected, failed or looped."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, NamedTuple

from tokencoach.attribution.loops import LOOP_LENGTH, equal_runs, returns
from tokencoach.usage.words import CallStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tokencoach.attribution.loops import Turned

    LinesOf = Callable[["Sequence[Change]"], Sequence[Turned]]

# Python takes five times as long to find a member of a class as a name of the module.
_OK, _REJECTED, _FAILED = CallStatus.OK.value, CallStatus.REJECTED.value, CallStatus.FAILED.value
_FAILURES = frozenset({_FAILED, CallStatus.INTERRUPTED.value})


class Prompt(NamedTuple):
    """A turn's beginning."""

    turn_id: int
    at_ms: int


class Agent(NamedTuple):
    """A sub-agent: its first moment, and the request whose call started it where that is known."""

    agent_id: int
    first_ms: int
    spawn_request_key: int | None


class Asked(NamedTuple):
    """A request, as far as its turn is concerned."""

    request_id: int
    key: int
    at_ms: int
    agent_id: int | None


class Call(NamedTuple):
    """A tool call of a session; calls are in time order. Digests are 0 where nobody knows what was asked or told."""

    key: int
    request_key: int
    agent: int | None
    at_ms: int
    tool: str
    kind: str | None
    input_digest: int
    output_digest: int
    is_edit: int
    is_shell: int
    status: str | None


class Change(NamedTuple):
    """A file that a call changed; changes are in time order. ``path`` names the file, however."""

    edit_id: int
    call_key: int
    at_ms: int
    turn: int | None
    path: object


class Cut(NamedTuple):
    """How many of a request's calls were rejected, failed or looped, of how many."""

    calls: int
    rejected: int
    failed: int
    looped: int


def turns_of_agents(
    prompts: Sequence[Prompt], agents: Sequence[Agent], requests: Sequence[Asked]
) -> dict[int, int | None]:
    """The turn that started each sub-agent: by the call that spawned it, else by its first moment."""
    by_key = {request.key: request for request in requests}
    turns: dict[int, int | None] = {}
    for agent in sorted(agents, key=lambda agent: (agent.first_ms, agent.agent_id)):
        spawn = by_key.get(agent.spawn_request_key) if agent.spawn_request_key is not None else None
        if spawn is None:
            turns[agent.agent_id] = turn_at(prompts, agent.first_ms)
        elif spawn.agent_id is not None and spawn.agent_id in turns:
            turns[agent.agent_id] = turns[spawn.agent_id]
        else:
            turns[agent.agent_id] = turn_at(prompts, spawn.at_ms)
    return turns


def turn_at(prompts: Sequence[Prompt], at_ms: int) -> int | None:
    """The turn that an instant falls into; None before the first prompt. Prompts are in time order."""
    index = bisect_right(prompts, at_ms, key=lambda prompt: prompt.at_ms)
    return prompts[index - 1].turn_id if index else None


def cut_requests(
    calls: Sequence[Call],
    turn_of_request: Mapping[int, int | None],
    changes: Sequence[Change],
    folded_ms: Sequence[int],
    lines_of: LinesOf,
) -> dict[int, Cut]:
    """Per request key: its calls that came to nothing. Requests without such a call are left out.

    A call is *rejected* by a person or a policy, *failed* where the tool itself erred (a command
    that ran and exited non-zero has not failed: a red test is information), *looped* where the same
    tool gets the same input and gives the same answer for at least the third time in a turn, with no
    file changed and no context folded (``folded_ms``) between; or where a turn's edits bring a file
    back to what it was for the third time. All but the first of such a run are looped.
    """
    looped = _called_again(calls, turn_of_request, changes, folded_ms) | _to_and_fro(changes, lines_of)
    tallies: dict[int, list[int]] = defaultdict(lambda: [0, 0, 0])
    for call in calls:
        if call.status == _REJECTED:
            tallies[call.request_key][0] += 1
        elif call.status != _OK and _has_failed(call):
            tallies[call.request_key][1] += 1
        elif call.key in looped:
            tallies[call.request_key][2] += 1
    tallies.pop(0, None)
    numbers = Counter([call.request_key for call in calls if call.request_key in tallies])
    return {key: Cut(numbers[key], *tally) for key, tally in tallies.items()}


def _has_failed(call: Call) -> bool:
    if call.status not in _FAILURES:
        return False
    return bool(call.is_edit) or (call.status == _FAILED and not call.is_shell)


def _called_again(
    calls: Sequence[Call],
    turn_of_request: Mapping[int, int | None],
    changes: Sequence[Change],
    folded_ms: Sequence[int],
) -> set[int]:
    """Keys of the calls that asked again for what they had been told."""
    changing = {change.call_key for change in changes}
    runs = equal_runs(
        [call for call in calls if not call.is_edit and call.key not in changing],
        lambda call: turn_of_request.get(call.request_key),
        [change.at_ms for change in changes],
        folded_ms,
    )
    return {call.key for run in runs for call in run[1:]}


def _to_and_fro(changes: Sequence[Change], lines_of: LinesOf) -> set[int]:
    """Keys of the calls that changed a file to and fro."""
    looped: set[int] = set()
    times = Counter([(change.turn, change.path) for change in changes])
    for place, count in times.items():
        # Each return takes an edit and another that undoes it.
        if count < 2 * LOOP_LENGTH:
            continue
        mine = [change for change in changes if (change.turn, change.path) == place]
        found = returns(lines_of(mine))
        if len(found) >= LOOP_LENGTH:
            circling = [index for circle in found for index in circle]
            looped |= {mine[index].call_key for index in circling[1:]}
    return looped
