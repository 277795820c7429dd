"""Sessions in several folders of one repository that each pay for the same beginning."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from operator import itemgetter
from statistics import median
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.audit.numbers import count, counted
from tokencoach.coach.cache_losses import LONG_LIFE_MS, cache_life_ms, writes_cache
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
    "a folder's own cold beginnings happen anyway: only the medians of three of each kind tell them apart",
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
    if min(len(warm), len(moved)) < material.limit(COMPARED):
        why = (
            f"{len(warm)} sessions began warm in the folder of the last one, {len(moved)} in another; it takes "
            f"{material.limit(COMPARED):.0f} of each to compare"
        )
        return Quiet(ID, why, is_looked=False)
    usual, least = median(warm), material.limit(TOKENS)
    if usual - median(start.first.counts.cache_read for start in moved) < least:
        why = f"{len(moved)} sessions began in another folder, and most of them read as much as ever"
        return Quiet(ID, why, rate=Rate(0, len(starts), "sessions"))
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
    nano, tokens = material.cost(parts)
    return Finding(
        id=ID,
        title=f"{counted(len(evidence), 'session')} in another folder began without cache",
        cost_nano=nano,
        tokens=tokens,
        basis=Basis.ESTIMATED,
        low_nano=0,
        high_nano=high,
        evidence=dearest_first(evidence),
        why="Where the median of first requests in another folder is below that in the same one: first requests while "
        "a session of the same repository and model was within its cache's life, in another folder. What they read "
        f"less than the median of your {len(warm)} first requests in the same folder ({count(round(usual))} tokens), "
        "at the price of writing less that of reading. The upper end is all that they wrote.",
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
    asked: dict[tuple[int | None, str, int], list[tuple[int, int, Spent]]] = defaultdict(list)
    for place, trace in enumerate(traces):
        whose = _whose(trace)
        for spent in trace.main:
            asked[*whose, spent.step.model_id].append((spent.step.at_ms, place, spent))
    for requests in asked.values():
        requests.sort(key=itemgetter(0, 1))
    for place, trace in enumerate(traces):
        first = trace.main[0]
        near = list(_alive(asked[*_whose(trace), first.step.model_id], place, first.step.at_ms))
        if near:
            folders = [traces[other].facts.folder for other in near]
            yield Start(trace, first, trace.facts.folder in folders, folders[0] or "")


def _whose(trace: Trace) -> tuple[int | None, str]:
    """The repository, and the home folder that it was worked on in: another one's is on another computer."""
    parts = (trace.facts.folder or "").replace("\\", "/").split("/")
    home = next((at for at, part in enumerate(parts[:3]) if part.lower() in ("users", "home")), None)
    return trace.facts.repo_id, "" if home is None else "/".join(parts[: home + 2])


def _alive(requests: Sequence[tuple[int, int, Spent]], place: int, at_ms: int) -> Iterator[int]:
    """Other sessions with a request whose cache still lives at an instant, the newest first."""
    for index in range(bisect_left(requests, at_ms, key=itemgetter(0)) - 1, -1, -1):
        asked_ms, other, spent = requests[index]
        if at_ms - asked_ms > LONG_LIFE_MS:
            return
        if other != place and at_ms - asked_ms <= cache_life_ms(spent):
            yield other


def _sent(first: Spent) -> int:
    return first.counts.cache_write_5m + first.counts.cache_write_1h


def _dearer(first: Spent, tokens: float) -> float:
    counts, rates = first.counts, first.rates
    written = _sent(first)
    if not written:
        return 0.0
    price = counts.cache_write_5m * rates.cache_write_5m + counts.cache_write_1h * rates.cache_write_1h
    return first.part(tokens * (price / written - rates.cache_read))


DETECTOR: Final = Detector(ID, find, (COMPARED, TOKENS, SESSIONS))
