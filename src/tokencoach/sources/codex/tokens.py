"""Requests of Codex: from its two ways of logging usage, each response once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tokencoach.sources.codex.records import Payload, TokenUsage
from tokencoach.usage.facts import RequestSeen

if TYPE_CHECKING:
    from tokencoach.sources.codex.state import State

#: The model of rollouts too old to name one.
ASSUMED_MODEL: Final = "gpt-5"


def from_record(payload: Payload, state: State, at_ms: int) -> RequestSeen | None:
    """The request of a ``token_usage_record``, or ``None`` where it is counted already.

    From the first such record on, ``token_count`` events of the file repeat what the records
    say. The event of that first response may have come before its record.
    """
    usage = payload.usage
    if usage is None or not payload.response_id:
        return None
    is_first = not state.has_usage_records
    state.has_usage_records = True
    numbers = _numbers(usage)
    # Both ways tell of one response back to back, in an order that no version promises.
    if is_first and numbers == state.last_usage:
        return None
    state.last_usage = numbers
    return _request(f"c:{payload.response_id}", usage, state, at_ms)


def from_event(payload: Payload, state: State, at_ms: int) -> RequestSeen | None:
    """The request of a ``token_count`` event, or ``None`` where it brings nothing new.

    The event repeats with unchanged totals, and without any (rate limits only). Its key holds
    the oldest ancestor and the cumulative numbers, which a fork that repeats its parent's
    events repeats as they were.
    """
    info = payload.info
    if info is None:
        return None
    total, last = info.total_token_usage, info.last_token_usage
    if total is None and last is None:
        return None
    numbers = _numbers(total) if total is not None else _plus(state.total, _numbers(last or TokenUsage()))
    if numbers == state.total:
        return None
    before, state.total = state.total, numbers
    usage = last if last is not None else _difference(numbers, before)
    # The totals go on being followed, for a rollout may be continued by an older version.
    if state.has_usage_records or not any(_numbers(usage)):
        return None
    state.last_usage = _numbers(usage)
    key = ":".join(["t", state.root_id or state.thread_id, *map(str, numbers)])
    return _request(key, usage, state, at_ms)


def _request(key: str, usage: TokenUsage, state: State, at_ms: int) -> RequestSeen:
    whole = usage.input_tokens or 0
    # Damaged numbers must not make fresh input negative.
    cached = min(whole, usage.cached_input_tokens or 0)
    written = min(whole - cached, usage.cache_write_input_tokens or 0)
    output = usage.output_tokens or 0
    return RequestSeen(
        key=key,
        session_id=state.session_id,
        at_ms=at_ms,
        model=state.model or ASSUMED_MODEL,
        input=whole - cached - written,
        cache_read=cached,
        cache_write_5m=written,
        cache_write_1h=0,
        output=output,
        reasoning=min(output, usage.reasoning_output_tokens or 0),
        agent=state.thread_id if state.is_agent else None,
        is_sidechain=state.is_agent,
        is_assumed_model=state.model is None,
    )


def _numbers(usage: TokenUsage) -> tuple[int, ...]:
    return (
        usage.input_tokens or 0,
        usage.cached_input_tokens or 0,
        usage.cache_write_input_tokens or 0,
        usage.output_tokens or 0,
        usage.reasoning_output_tokens or 0,
    )


def _plus(old: tuple[int, ...], new: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(a + b for a, b in zip(old or (0,) * len(new), new, strict=True))


def _difference(now: tuple[int, ...], before: tuple[int, ...]) -> TokenUsage:
    """What was added since; totals that shrank began anew."""
    if before and all(new >= old for new, old in zip(now, before, strict=True)):
        now = tuple(new - old for new, old in zip(now, before, strict=True))
    return TokenUsage(*now)
