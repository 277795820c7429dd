"""Which turn a request belongs to, and which tool calls were rejected, failed or looped."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, NamedTuple

from tokencoach.usage.words import CallStatus

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LOOP_LENGTH = 3

POLLING_TOOLS = frozenset(
    {"BashOutput", "TaskOutput", "AgentOutputTool", "write_stdin", "wait", "TodoWrite", "update_plan"}
)
"""Asking again how a background job is doing is their purpose, not a loop."""
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
    """A tool call of a session; calls are in time order."""

    request_key: int
    agent_id: int | None
    tool: str
    input_digest: int
    is_edit: int
    is_shell: int
    status: str | None


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


def cut_requests(calls: Sequence[Call], turn_of_request: Mapping[int, int | None]) -> dict[int, Cut]:
    """Per request key: its calls that came to nothing. Requests without such a call are left out.

    A call is *rejected* by a person or a policy, *failed* where the tool itself erred (a command
    that ran and exited non-zero has not failed: a red test is information), *looped* where the same
    tool gets the same input for at least the third time in a turn with no file changed between; all
    but the first of such a run are looped.
    """
    looped = _looped(calls, turn_of_request)
    tallies: dict[int, list[int]] = defaultdict(lambda: [0, 0, 0])
    for index, call in enumerate(calls):
        if call.status == _REJECTED:
            tallies[call.request_key][0] += 1
        elif call.status != _OK and _has_failed(call):
            tallies[call.request_key][1] += 1
        elif index in looped:
            tallies[call.request_key][2] += 1
    tallies.pop(0, None)
    numbers = Counter([call.request_key for call in calls if call.request_key in tallies])
    return {key: Cut(numbers[key], *tally) for key, tally in tallies.items()}


def _has_failed(call: Call) -> bool:
    if call.status not in _FAILURES:
        return False
    return bool(call.is_edit) or (call.status == _FAILED and not call.is_shell)


def _looped(calls: Sequence[Call], turn_of_request: Mapping[int, int | None]) -> set[int]:
    runs: dict[tuple[object, ...], list[int]] = defaultdict(list)
    images: Counter[object] = Counter()
    looped: set[int] = set()
    times = Counter([call.input_digest for call in calls])
    for index, call in enumerate(calls):
        if call.is_edit:
            if call.status == _OK:
                images[turn_of_request.get(call.request_key)] += 1
            continue
        if times[call.input_digest] < LOOP_LENGTH or not call.input_digest:
            continue
        if not call.tool or call.tool in POLLING_TOOLS:
            continue
        turn = turn_of_request.get(call.request_key)
        run = runs[turn, call.agent_id, call.tool, call.input_digest, images[turn]]
        run.append(index)
        if len(run) >= LOOP_LENGTH:
            looped.update(run[1:])
    return looped
