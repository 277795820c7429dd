"""What really happened in an acted history, written down while it is acted."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo

from tokencoach.usage.tokens import TokenCounts
from tokencoach.usage.words import CallStatus


@dataclass(frozen=True, slots=True)
class RequestTruth:
    """One model call that was billed. ``turn`` counts the session's prompts from 1.

    ``status`` is what became of the change that the response asked for.
    """

    session_id: str
    source: str
    model: str
    at_ms: int
    counts: TokenCounts
    turn: int
    status: CallStatus = CallStatus.OK

    @property
    def tokens(self) -> int:
        """All tokens of the call."""
        return self.counts.total


@dataclass(frozen=True, slots=True)
class LineTruth:
    """One significant line that was written into a repository's working tree.

    ``writer`` is the source's name, or ``human``; ``session_id`` and ``turn`` are None for a human.
    """

    repository: str
    path: str
    text: str
    writer: str
    at_ms: int
    session_id: str | None = None
    turn: int | None = None


@dataclass(frozen=True, slots=True)
class Act:
    """What one act of an assistant caused: its request, and the lines it wrote and took away."""

    request: RequestTruth
    lines: tuple[LineTruth, ...] = ()
    removed: tuple[str, ...] = ()

    @property
    def tokens(self) -> int:
        """All tokens of the act's request."""
        return self.request.tokens


@dataclass(slots=True)
class UsageTruth:
    """Requests and tokens of one row of a usage table."""

    requests: int = 0
    counts: TokenCounts = field(default_factory=TokenCounts)


@dataclass(slots=True)
class Truth:
    """Everything that was billed and written so far."""

    requests: list[RequestTruth] = field(default_factory=list)
    lines: list[LineTruth] = field(default_factory=list)
    prompts: int = 0

    @property
    def tokens(self) -> int:
        """All tokens of all requests."""
        return sum(request.tokens for request in self.requests)

    def by_day_and_model(self, zone: tzinfo = UTC) -> dict[tuple[str, str], UsageTruth]:
        """Usage per day (``YYYY-MM-DD`` of the zone) and model."""
        rows: dict[tuple[str, str], UsageTruth] = defaultdict(UsageTruth)
        # The day is that of the request, never of its session's beginning.
        for request in self.requests:
            day = datetime.fromtimestamp(request.at_ms / 1000, zone).date().isoformat()
            _book(rows[day, request.model], request)
        return dict(rows)

    def by_session(self) -> dict[str, UsageTruth]:
        """Usage per session."""
        rows: dict[str, UsageTruth] = defaultdict(UsageTruth)
        for request in self.requests:
            _book(rows[request.session_id], request)
        return dict(rows)


def _book(row: UsageTruth, request: RequestTruth) -> None:
    row.requests += 1
    row.counts = row.counts.plus(request.counts)
