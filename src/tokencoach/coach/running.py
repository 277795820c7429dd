"""What is known of a session that moves now, in a few milliseconds: no line of it is judged."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.audit.phase import phase_of
from tokencoach.clock import DAY_MS
from tokencoach.coach.material import Spent, priced
from tokencoach.store.audit_rows import phase_tags, repo_rows, session_facts
from tokencoach.store.live_rows import (
    committed_sessions,
    has_edited,
    is_committed,
    session_spending,
)
from tokencoach.store.threshold_rows import set_thresholds
from tokencoach.store.trace_rows import (
    CallStep,
    ChangeStep,
    CompactionStep,
    call_steps,
    change_steps,
    compaction_steps,
    request_steps,
)
from tokencoach.usage.words import Phase

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tokencoach.coach.finding import Threshold
    from tokencoach.store.reader import Reader

LIVE_MS: Final = 30 * 60_000
"""A session that has not moved for half an hour is no current one."""
_BACK_MS: Final = 60 * 60_000
_MEDIAN_OVER_MS: Final = 90 * DAY_MS
# A log's clock may run a little ahead of ours.
_AHEAD_MS: Final = 60_000


@dataclass(frozen=True, slots=True)
class Running:
    """A session that moves. ``calls`` and ``requests`` are those of the last hour, in time order.

    So are ``changes`` of files; ``last`` is the newest request of the main thread,
    None where the context was compacted since. Sums are of the whole session.
    """

    session: int
    session_id: str
    phase: Phase
    span_ms: int
    cost_nano: int
    tokens: int
    unpriced: int
    calls: tuple[CallStep, ...]
    requests: tuple[Spent, ...]
    changes: tuple[ChangeStep, ...]
    compactions: tuple[CompactionStep, ...]
    last: Spent | None
    has_edited: bool
    is_committed: bool

    def cost(self, parts: Mapping[int, float]) -> tuple[int, int]:
        """Nano-dollars and tokens that parts of requests come to."""
        nano = tokens = 0.0
        for one in self.requests:
            part = parts.get(one.step.request_id, 0.0)
            nano += part * (one.cost_nano or 0)
            tokens += part * one.counts.total
        return round(nano), round(tokens)


class Person(NamedTuple):
    """What is usual for this person: their limits; the median cost and span of sessions with a committed line."""

    limits: Mapping[str, float]
    median_nano: float
    median_ms: float
    median_of: int

    def limit(self, threshold: Threshold) -> float:
        """The person's own number, else the one we start with."""
        return self.limits.get(threshold.name, threshold.value)


def usual(reader: Reader, now_ms: int) -> Person:
    """What is usual for this person, of the last 90 days."""
    found = committed_sessions(reader.connection, now_ms - _MEDIAN_OVER_MS)
    costs = [one.cost_nano for one in found if one.cost_nano]
    return Person(
        set_thresholds(reader.connection),
        median(costs) if costs else 0.0,
        median(one.span_ms for one in found) if found else 0.0,
        len(found),
    )


def running_sessions(reader: Reader, sessions: Sequence[int], now_ms: int) -> Iterator[Running]:
    """What is known of the sessions that move now."""
    connection = reader.connection
    repos, tags = repo_rows(connection), phase_tags(connection)
    for row, facts in session_facts(connection, sessions).items():
        if not now_ms - LIVE_MS <= facts.last_ms <= now_ms + _AHEAD_MS:
            continue
        since_ms, until_ms = facts.last_ms - _BACK_MS, facts.last_ms + 1
        requests = [
            priced(step, reader.rates()) for step in request_steps(connection, [row], since_ms, until_ms)
        ]
        compactions = tuple(compaction_steps(connection, [row], since_ms, until_ms))
        sums = session_spending(connection, row)
        repo = repos.get(facts.repo_id) if facts.repo_id is not None else None
        yield Running(
            session=row,
            session_id=facts.session_id,
            phase=phase_of(facts.session_id, facts.branch, facts.folder, None, repo, tags),
            span_ms=facts.last_ms - facts.first_ms,
            cost_nano=sums.cost_nano,
            tokens=sums.tokens,
            unpriced=sums.unpriced,
            calls=tuple(call_steps(connection, [row], since_ms, until_ms)),
            requests=tuple(requests),
            changes=tuple(change_steps(connection, [row], since_ms, until_ms)),
            compactions=compactions,
            last=_last(requests, compactions),
            has_edited=has_edited(connection, row),
            is_committed=is_committed(connection, row),
        )


def _last(requests: Sequence[Spent], compactions: Sequence[CompactionStep]) -> Spent | None:
    """The newest request of the main thread, unless the context was compacted after it."""
    main = [one for one in requests if one.step.agent is None]
    if not main or any(one.at_ms >= main[-1].step.at_ms for one in compactions):
        return None
    return main[-1]
