"""Sessions in several folders of one repository that each pay for the same beginning."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.audit.numbers import count
from tokencoach.coach.cache_losses import cache_life_ms, writes_cache
from tokencoach.coach.evidence import dearest_first, end_of_path, in_session
from tokencoach.coach.finding import Basis, Detector, Finding, Quiet, Rate, Threshold

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tokencoach.coach.material import Material, Spent, Trace

ID: Final = "worktree-cache"
COMPARED: Final = Threshold(
    "worktree-cache.compared",
    3,
    "sessions",
    "what a warm beginning reads is the median of your own; of fewer than three there is none",
)
TOKENS: Final = Threshold(
    "worktree-cache.tokens", 5_000, "tokens", "less than this is the folder's own name and state"
)
SESSIONS: Final = Threshold(
    "worktree-cache.sessions", 5, "sessions", "fewer than five sessions show no habit"
)


class Start(NamedTuple):
    """A session's first request while the cache of another session of the repository was alive.

    ``is_same`` tells whether that one worked in the same folder; ``other`` is its folder.
    """

    trace: Trace
    first: Spent
    is_same: bool
    other: str


def find(material: Material) -> Finding | Quiet:
    """What beginnings in another folder read less from the cache than your beginnings in the same one do."""
    known = [trace for trace in material.traces if is_comparable(trace)]
    if len(known) < material.limit(SESSIONS):
        why = f"{len(known)} sessions in a repository whose log shows cache writes; it takes {material.limit(SESSIONS):.0f}"
        return Quiet(ID, why, is_looked=False)
    starts = list(warm_starts(known))
    warm = [start.first.counts.cache_read for start in starts if start.is_same]
    moved = [start for start in starts if not start.is_same]
    if not moved:
        why = f"none of {len(known)} sessions began while another was warm in another folder only"
        return Quiet(ID, why, rate=Rate(0, len(starts), "sessions"))
    if len(warm) < material.limit(COMPARED):
        why = f"{len(warm)} sessions began warm in the folder of the last one; it takes {COMPARED.value:.0f} to compare"
        return Quiet(ID, why, is_looked=False)
    usual, least = median(warm), material.limit(TOKENS)
    parts: dict[int, float] = {}
    evidence = []
    high = 0
    for start in moved:
        missed = min(usual - start.first.counts.cache_read, _sent(start.first))
        if missed < least:
            continue
        part = {start.first.step.request_id: _dearer(start.first, missed)}
        parts |= part
        high += material.cost({start.first.step.request_id: _dearer(start.first, _sent(start.first))})[0]
        words = (
            f"{count(round(missed))} tokens written anew in {end_of_path(start.trace.facts.folder or '')}, "
            f"warm in {end_of_path(start.other)}"
        )
        evidence.append(in_session(material, start.trace, words, start.first.step.at_ms, part))
    rate = Rate(len(evidence), len(starts), "sessions")
    if not evidence:
        return Quiet(ID, f"{len(moved)} sessions began in another folder and read as much as ever", rate=rate)
    nano, tokens = material.cost(parts)
    return Finding(
        id=ID,
        title=f"{len(evidence)} sessions in another folder of a repository wrote their beginning anew",
        cost_nano=nano,
        tokens=tokens,
        basis=Basis.ESTIMATED,
        low_nano=0,
        high_nano=high,
        evidence=dearest_first(evidence),
        why="First requests while a session of the same repository and model was within its cache's life, in another "
        f"folder: what they read less than the median of your {len(warm)} first requests in the same folder "
        f"({count(round(usual))} tokens), at the price of writing less that of reading. The upper end is all that "
        "they wrote.",
        next="Keep short tasks in one folder, one after the other; worktrees pay for long tasks that run side by side.",
        condition="a task will take less than an hour",
        action="do it in the folder of the last session instead of a new worktree",
        rate=rate,
        parts=parts,
    )


def is_comparable(trace: Trace) -> bool:
    """Whether a session worked in a known repository and its log shows what was written to a cache."""
    return bool(trace.main) and trace.facts.repo_id is not None and writes_cache(trace)


def warm_starts(traces: Sequence[Trace]) -> Iterator[Start]:
    """First requests of sessions that began while another session of their repository had a living cache."""
    writing = [
        trace for trace in traces if trace.main and trace.facts.repo_id is not None and writes_cache(trace)
    ]
    for trace in writing:
        first = trace.main[0]
        near = [
            (other, last)
            for other in traces
            if other is not trace and other.facts.repo_id == trace.facts.repo_id
            for last in [_last_before(other, first)]
            if last is not None and first.step.at_ms - last.step.at_ms <= cache_life_ms(last)
        ]
        if near:
            folders = {other.facts.folder for other, _ in near}
            newest = max(near, key=lambda pair: pair[1].step.at_ms)[0]
            yield Start(trace, first, trace.facts.folder in folders, newest.facts.folder or "")


def _last_before(trace: Trace, first: Spent) -> Spent | None:
    """The newest request of the same model before another session's first."""
    if trace.facts.first_ms > first.step.at_ms:
        return None
    earlier = (
        one
        for one in reversed(trace.main)
        if one.step.at_ms < first.step.at_ms and one.step.model_id == first.step.model_id
    )
    return next(earlier, None)


def _sent(first: Spent) -> int:
    return first.counts.cache_write_5m + first.counts.cache_write_1h


def _dearer(first: Spent, tokens: float) -> float:
    counts, rates = first.counts, first.rates
    written = _sent(first)
    if not written:
        return 0.0
    price = counts.cache_write_5m * rates.cache_write_5m + counts.cache_write_1h * rates.cache_write_1h
    return first.part(tokens * (price / written - rates.cache_read))


DETECTOR: Final = Detector(
    ID, "sessions in several worktrees that each write the same beginning", find, (COMPARED, TOKENS, SESSIONS)
)
