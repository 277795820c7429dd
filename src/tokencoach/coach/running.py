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
    edit_times,
    has_edited,
    is_committed,
    session_spending,
)
from tokencoach.store.threshold_rows import set_thresholds
from tokencoach.store.trace_rows import CallStep, call_steps, compaction_steps, request_steps
from tokencoach.usage.words import Phase

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

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

    ``edits`` is when files were changed in that hour; ``last`` the newest request of the main thread,
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
    edits: tuple[int, ...]
    last: Spent | None
    has_edited: bool
    is_committed: bool

    def cost(self, rows: Collection[int | None]) -> tuple[int, int]:
        """Nano-dollars and tokens of some requests."""
        found = [one for one in self.requests if one.step.request_id in rows]
        return sum(one.cost_nano or 0 for one in found), sum(one.counts.total for one in found)


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
    """Those of the sessions that move now."""
    connection = reader.connection
    repos, tags = repo_rows(connection), phase_tags(connection)
    for row, facts in session_facts(connection, sessions).items():
        if not now_ms - LIVE_MS <= facts.last_ms <= now_ms + _AHEAD_MS:
            continue
        since_ms, until_ms = facts.last_ms - _BACK_MS, facts.last_ms + 1
        requests = [
            priced(step, reader.rates()) for step in request_steps(connection, [row], since_ms, until_ms)
        ]
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
            edits=tuple(edit_times(connection, row, since_ms)),
            last=_last(reader, row, requests, since_ms),
            has_edited=has_edited(connection, row),
            is_committed=is_committed(connection, row),
        )


def _last(reader: Reader, session: int, requests: Sequence[Spent], since_ms: int) -> Spent | None:
    main = [one for one in requests if one.step.agent is None]
    if not main:
        return None
    newest = main[-1]
    later = compaction_steps(
        reader.connection, [session], max(since_ms, newest.step.at_ms), newest.step.at_ms + DAY_MS
    )
    return None if any(later) else newest
