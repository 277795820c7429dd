"""Sessions as one chunk shows them: the span of time, the folder, the branch."""

from __future__ import annotations

import msgspec

from tokencoach.usage.facts import SessionSeen


class Span(msgspec.Struct):
    """What is known of a session so far; the first folder and the last branch count."""

    first_ms: int
    last_ms: int
    cwd: str | None = None
    branch: str | None = None
    version: str | None = None
    title: str | None = None
    parent_session_id: str | None = None
    git_commit: str | None = None
    git_remote: str | None = None


class Spans:
    """The sessions that one chunk speaks of."""

    def __init__(self) -> None:
        self._by_id: dict[str, Span] = {}

    def touch(self, session_id: str, at_ms: int) -> Span:
        """The session's span, widened to an instant."""
        span = self._by_id.get(session_id)
        if span is None:
            span = self._by_id[session_id] = Span(at_ms, at_ms)
        elif at_ms > span.last_ms:
            span.last_ms = at_ms
        elif at_ms < span.first_ms:
            span.first_ms = at_ms
        return span

    def get(self, session_id: str) -> Span | None:
        """The session's span, where this chunk has touched it."""
        return self._by_id.get(session_id)

    def collect(self) -> list[SessionSeen]:
        """The sessions as facts."""
        return [SessionSeen(key, *msgspec.structs.astuple(span)) for key, span in self._by_id.items()]
