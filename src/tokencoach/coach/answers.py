"""What the answers of tools weigh in tokens, and what carrying them to the end of a context costs.

No log counts the tokens of an answer. The requests do: what a prompt grew by since the last one of its
thread is what was answered between, split by the lengths of the answers. It never counts more than a
quarter of an answer's bytes.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tokencoach.coach.material import Spent, Trace
    from tokencoach.store.trace_rows import CallStep

BYTES_A_TOKEN: Final = 4
_SHRUNK: Final = 0.7


class Answer(NamedTuple):
    """A tool's answer: about ``tokens``, at most ``most``, and the requests that carried it, the first writing it."""

    call: CallStep
    tokens: float
    most: float
    carriers: Sequence[Spent]


def answers(trace: Trace) -> list[Answer]:
    """The answers of a session whose weight can be told, in the order of their calls."""
    threads: defaultdict[int | None, list[Spent]] = defaultdict(list)
    for spent in trace.requests:
        threads[spent.step.agent].append(spent)
    places = {
        spent.step.request_id: (agent, place)
        for agent, thread in threads.items()
        for place, spent in enumerate(thread)
    }
    ends = {agent: _ends(thread) for agent, thread in threads.items()}
    asked: defaultdict[int, list[CallStep]] = defaultdict(list)
    for call in trace.calls:
        if call.request_id in places and call.output_bytes:
            asked[call.request_id].append(call)
    found = []
    for request, calls in asked.items():
        agent, place = places[request]
        carriers = threads[agent][place + 1 : ends[agent][place]]
        if carriers:
            found += _weighed(threads[agent][place], calls, carriers)
    return sorted(found, key=lambda answer: (answer.call.at_ms, answer.call.key))


def _ends(thread: Sequence[Spent]) -> list[int]:
    """For each request of a thread, the place of the first after it whose context is made anew."""
    contexts = [spent.context for spent in thread]
    ends = [len(thread)] * len(thread)
    for place in range(len(thread) - 2, -1, -1):
        is_anew = contexts[place + 1] < _SHRUNK * contexts[place]
        ends[place] = place + 1 if is_anew else ends[place + 1]
    return ends


def _weighed(asking: Spent, calls: Sequence[CallStep], carriers: Sequence[Spent]) -> list[Answer]:
    said = asking.counts.output - asking.counts.reasoning
    grown = max(0, carriers[0].context - asking.context - said)
    whole = sum(call.output_bytes for call in calls)
    found = []
    for call in calls:
        most = call.output_bytes / BYTES_A_TOKEN
        found.append(Answer(call, min(most, grown * call.output_bytes / whole), most, carriers))
    return found


def carrying(pieces: Iterable[tuple[Answer, float]], *, is_once: bool = False) -> dict[int, float]:
    """The parts of requests that some tokens of answers took: written by the first, read by all others."""
    weights: defaultdict[int, float] = defaultdict(float)
    by_request: dict[int, Spent] = {}
    for answer, tokens in pieces:
        for place, spent in enumerate(answer.carriers[:1] if is_once else answer.carriers):
            by_request[spent.step.request_id] = spent
            weights[spent.step.request_id] += tokens * _price(spent, is_first=not place)
    return {request: by_request[request].part(weight) for request, weight in weights.items()}


def _price(spent: Spent, *, is_first: bool) -> int:
    """What a token of an answer costs in a request, in its own rates."""
    counts, rates = spent.counts, spent.rates
    if not is_first and counts.cache_read:
        return rates.cache_read
    if counts.cache_write_1h > counts.cache_write_5m:
        return rates.cache_write_1h
    return rates.cache_write_5m if counts.cache_write_5m else rates.input
