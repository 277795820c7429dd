"""Evidence of a session, put together the same way by every detector."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokencoach.coach.finding import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tokencoach.coach.material import Material, Trace

_MOST_QUOTED = 60


def in_session(
    material: Material,
    trace: Trace,
    words: str,
    at_ms: int,
    parts: Mapping[int, float],
    *,
    turn: int | None = None,
    path: str | None = None,
) -> Evidence:
    """Something that happened in a session, at the price of parts of its requests."""
    nano, tokens = material.cost(parts)
    return Evidence(
        words=words,
        at_ms=at_ms,
        cost_nano=nano,
        tokens=tokens,
        session=trace.facts.session,
        session_id=trace.facts.session_id,
        turn=turn,
        path=path,
    )


def whole(trace: Trace) -> dict[int, float]:
    """All requests of a session, each in full."""
    return {spent.step.request_id: 1.0 for spent in trace.requests}


def dearest_first(evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """Evidence by cost, then tokens, then time."""
    return tuple(sorted(evidence, key=lambda one: (-one.cost_nano, -one.tokens, one.at_ms)))


def quoted(text: str) -> str:
    """The beginning of a log's text on one line: at most 60 characters of it."""
    line = " ".join(text.split())
    return line if len(line) <= _MOST_QUOTED else f"{line[: _MOST_QUOTED - 1]}…"


def add_parts(parts: dict[int, float], more: Mapping[int, float]) -> None:
    """Take the larger part where a request is in both: it was spent once."""
    for request, part in more.items():
        parts[request] = max(part, parts.get(request, 0.0))


def sum_parts(parts: dict[int, float], more: Mapping[int, float]) -> None:
    """Add parts of requests that were spent on different things."""
    for request, part in more.items():
        parts[request] = min(1.0, parts.get(request, 0.0) + part)


def end_of_path(path: str, parts: int = 2) -> str:
    """The last parts of a path of any system, on one line."""
    return quoted("/".join(path.replace("\\", "/").rstrip("/").split("/")[-parts:]))
