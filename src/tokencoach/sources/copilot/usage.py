"""Tokens of Copilot: told per request by new versions, summed up at the end by older ones."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from tokencoach.sources.fields import count, record, text
from tokencoach.sources.file_tools import CallAt
from tokencoach.usage.facts import RequestSeen

UNKNOWN: Final = "unknown"
_HOUR: Final = 3600
_NAMES: Final = ("inputTokens", "cacheReadTokens", "cacheWriteTokens", "outputTokens", "reasoningTokens")


_MOST_ANSWERS: Final = 512


class Answer(msgspec.Struct, array_like=True):
    """An answer of which only the output is known so far."""

    key: str
    at_ms: int
    output: int
    agent: str | None = None


class Booked(msgspec.Struct, array_like=True):
    """Tokens of a model booked since the tool last began to sum, by ``_NAMES``.

    ``answers`` are those that the next sums tell the input of.
    """

    told: list[int] = msgspec.field(default_factory=lambda: [0] * len(_NAMES))
    spoken: int = 0
    answers: list[Answer] = msgspec.field(default_factory=list)


def from_record(usage: dict[str, Any], at: CallAt, booked: dict[str, Booked]) -> RequestSeen | None:
    """The request of a ``session.usage_record``."""
    model = text(usage.get("model"))
    counts = [count(usage.get(name)) for name in _NAMES]
    if model is None or not any(counts):
        return None
    sums = booked.setdefault(model, Booked())
    sums.told = [old + new for old, new in zip(sums.told, counts, strict=True)]
    return _request(at, model, counts, is_for_an_hour=count(usage.get("cacheTtlSeconds")) >= _HOUR)


def from_tool(usage: dict[str, Any], at: CallAt, booked: dict[str, Booked]) -> RequestSeen | None:
    """The request that a tool made of a model of its own, as of one that draws."""
    own = text(usage.get("requestId"))
    return from_record(usage, at.keyed(f"{at.session_id}:{own}"), booked) if own else None


def from_message(told: Any, model: str, at: CallAt, booked: dict[str, Booked]) -> RequestSeen | None:
    """The request of an answer in versions that tell its output alone."""
    output = count(told)
    if not output:
        return None
    sums = booked.setdefault(model, Booked())
    sums.spoken += output
    sums.answers = [*sums.answers, Answer(at.key, at.at_ms, output, at.agent)][-_MOST_ANSWERS:]
    return _request(at, model, [0, 0, 0, output, 0])


def named(unnamed: list[Answer], model: str, booked: dict[str, Booked], session_id: str) -> list[RequestSeen]:
    """Requests of answers that did not say which model gave them, once that is known."""
    nameless, known = booked.pop(UNKNOWN, Booked()), booked.setdefault(model, Booked())
    known.spoken += nameless.spoken
    known.told = [old + more for old, more in zip(known.told, nameless.told, strict=True)]
    known.answers = [*nameless.answers, *known.answers][-_MOST_ANSWERS:]
    return [
        _request(CallAt(one.key, session_id, one.at_ms, agent=one.agent), model, [0, 0, 0, one.output, 0])
        for one in unnamed
    ]


def remainders(
    metrics: dict[str, Any], at: CallAt, booked: dict[str, Booked], *, is_told: bool
) -> list[RequestSeen]:
    """What the sums at a session's end hold beyond the requests told one by one.

    Of a model whose answers told their output alone it is spread evenly over them; else it is one request.
    The sums go on over resumes, and begin anew with a compaction.
    """
    found = []
    for model, value in metrics.items():
        sums = [count(record(record(value).get("usage")).get(name)) for name in _NAMES]
        known = booked.setdefault(model, Booked())
        already = list(known.told)
        if not is_told:
            already[3] += known.spoken
        rest = [max(0, whole - part) for whole, part in zip(sums, already, strict=True)]
        if any(rest[:4]):
            known.told = [old + more for old, more in zip(known.told, rest, strict=True)]
            lone = Answer(f"{at.key}:{model}", at.at_ms, 0, at.agent)
            found += _spread(rest, known.answers or [lone], model, at.session_id)
        known.answers = []
    return found


def _spread(rest: list[int], answers: list[Answer], model: str, session_id: str) -> list[RequestSeen]:
    found = []
    for place, answer in enumerate(answers):
        share = [tokens * (place + 1) // len(answers) - tokens * place // len(answers) for tokens in rest]
        share[3] += answer.output
        at = CallAt(answer.key, session_id, answer.at_ms, agent=answer.agent)
        found.append(_request(at, model, share))
    return found


def _request(at: CallAt, model: str, counts: list[int], *, is_for_an_hour: bool = False) -> RequestSeen:
    whole, read, written, output, reasoning = counts
    # Input holds what was read from and written to the cache.
    read = min(whole, read)
    written = min(whole - read, written)
    kept = (0, written) if is_for_an_hour else (written, 0)
    return RequestSeen(
        *(at.key, at.session_id, at.at_ms, model, whole - read - written, read, *kept, output),
        min(reasoning, output),
        agent=at.agent,
        is_sidechain=at.agent is not None,
    )


def most_spoken(metrics: dict[str, Any]) -> str | None:
    """The model that the sums at a session's end say spoke most."""
    spoken = {
        model: count(record(record(value).get("usage")).get(_NAMES[3])) for model, value in metrics.items()
    }
    return max(spoken, key=lambda model: spoken[model], default=None)
