"""Where a conversation's cache was lost: what was written once more, and what nobody ever read."""

from __future__ import annotations

from collections import Counter, defaultdict
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tokencoach.coach.material import Spent, Trace

SHORT_LIFE_MS: Final = 300_000
LONG_LIFE_MS: Final = 3_600_000
# A provider's cache holds whole blocks: a prefix may be read a little short of what was written.
_BLOCK: Final = 2_048


class Cause(StrEnum):
    """Why a cache was of no use; the words complete "because"."""

    EXPIRED = "nothing was asked for longer than the cache lives"
    MODEL = "the model was changed"
    PREFIX = "not even the beginning of the conversation was found in the cache"
    MIDDLE = "the beginning was found in the cache, and the conversation behind it was sent anew"
    ENDED = "no request followed that could read it"


class CacheLoss(NamedTuple):
    """``tokens`` of a request that its cache did not serve.

    Where they were written a second time, ``part`` is what that cost more than reading them would have
    cost; where nobody read them (``Cause.ENDED``), what writing cost more than sending them plainly.
    """

    cause: Cause
    spent: Spent
    tokens: int
    gap_ms: int
    part: float


def writes_cache(trace: Trace) -> bool:
    """Whether the log shows what was written to a cache."""
    return any(_written(spent) for spent in trace.requests)


def cache_life_ms(spent: Spent) -> int:
    """How long what a request wrote is kept without being read."""
    return LONG_LIFE_MS if spent.counts.cache_write_1h else SHORT_LIFE_MS


def cache_losses(trace: Trace, least: int) -> Iterator[CacheLoss]:
    """Losses of at least so many tokens, in each conversation of a session (sub-agents have their own).

    A session that goes on with another one's conversation is held against the cache which that one left.
    """
    threads: dict[int | None, list[Spent]] = defaultdict(list)
    for spent in trace.requests:
        threads[spent.step.agent].append(spent)
    folded = [compaction.at_ms for compaction in trace.compactions]
    for agent, requests in threads.items():
        is_main = agent is None
        origin = _origin(trace.inherited, requests[0]) if is_main else None
        for loss in _losses(requests, folded if is_main else [], origin, trace.read_on):
            if loss.tokens >= least:
                yield loss


def _origin(inherited: Spent | None, first: Spent) -> Spent | None:
    """What a session goes on from; None where its own first request is no part of that conversation."""
    return None if inherited is None or _is_aside(inherited, first) else inherited


def _losses(
    requests: Sequence[Spent], folded: Sequence[int], origin: Spent | None, read_on: Mapping[int, int]
) -> Iterator[CacheLoss]:
    last: dict[int, Spent] = {} if origin is None else {origin.step.model_id: origin}
    before = origin
    told: Counter[int] = Counter()
    if origin is not None:
        # What nobody read of it is a loss of its own session.
        told[origin.step.request_id] = _written(origin)
    for spent in requests:
        if before is not None and any(before.step.at_ms <= at < spent.step.at_ms for at in folded):
            last.clear()
            before = None
        if before is not None and _is_aside(before, spent):
            continue
        same = last.get(spent.step.model_id)
        if same is not None:
            # Of a beginning that is not as it was, nothing can be read: tools and rules are its first words.
            is_kept = spent.counts.cache_read > _BLOCK
            yield from _against(same, spent, Cause.MIDDLE if is_kept else Cause.PREFIX, told)
        elif before is not None:
            yield from _against(before, spent, Cause.MODEL, told)
        last[spent.step.model_id] = before = spent
    for spent in last.values():
        read = read_on.get(spent.step.request_id, 0)
        unread = spent.counts.cache_read + _written(spent) - read
        yield _unread(spent, min(_written(spent), unread) if unread > _BLOCK else 0, told)


def _is_aside(before: Spent, spent: Spent) -> bool:
    """Whether a request is no part of the conversation: a title, a summary of a page, a short question."""
    is_cached = _written(spent) or spent.counts.cache_read
    return not is_cached or 2 * spent.context < before.context


def _against(before: Spent, spent: Spent, cause: Cause, told: Counter[int]) -> Iterator[CacheLoss]:
    """What of a request's cache the next one of the conversation did not find."""
    lost = before.counts.cache_read + _written(before) - spent.counts.cache_read
    if lost <= _BLOCK:
        return
    gap = spent.step.at_ms - before.step.at_ms
    tokens = min(lost, _written(spent) + spent.counts.input)
    told[spent.step.request_id] = tokens
    if cause is not Cause.MODEL and gap > cache_life_ms(before):
        cause = Cause.EXPIRED
    rates = spent.rates
    dearer = spent.write_price - rates.cache_read
    yield CacheLoss(cause, spent, tokens, gap, spent.part(tokens * dearer))
    if cause is not Cause.MODEL:
        yield _unread(before, min(lost, _written(before)), told)


def _unread(spent: Spent, tokens: int, told: Counter[int]) -> CacheLoss:
    """What nobody read, without what was told of the request already."""
    request, rates = spent.step.request_id, spent.rates
    tokens = max(0, min(tokens, _written(spent) - told[request]))
    told[request] += tokens
    premium = max(0.0, spent.write_price - rates.input)
    return CacheLoss(Cause.ENDED, spent, tokens, 0, spent.part(tokens * premium))


def _written(spent: Spent) -> int:
    return spent.counts.cache_write_5m + spent.counts.cache_write_1h
