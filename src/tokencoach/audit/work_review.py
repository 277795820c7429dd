"""Who looked at a piece of work before it landed, as far as it was measured or is on record.

The best source wins: the forge, comprehension checks, the local span between the last edit of an
assistant and the commit. Trailers and merges by somebody else prove a review of unknown length.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tokencoach.attribution.time_spans import (
    REVIEW_CAP_MS,
    active_stretches,
    capped,
    review_floor_ms,
    union_ms,
)
from tokencoach.store.feature_rows import review_rows
from tokencoach.store.usage_rows import logged_times

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tokencoach.attribution.features import Work
    from tokencoach.audit.session_landing import SessionLanding
    from tokencoach.audit.work_lines import WorkLines
    from tokencoach.audit.works import Works
    from tokencoach.store.connect import Connection

TurnTimes = dict[int, "Sequence[tuple[int, int]]"]
"""When anything was logged and in which turn (0: none), by session, in time order."""
Turns = set[tuple[int, int]]
LOCAL = "local"
CHECK = "check"
_MEASURED = ("gh", CHECK)


@dataclass(frozen=True, slots=True)
class Review:
    """The stretches of the best source, and every source that proves a review; none: unreviewed."""

    stretches: tuple[tuple[int, int], ...] = ()
    sources: tuple[str, ...] = ()

    @property
    def is_of_every_line(self) -> bool:
        """Whether the whole of it was looked at; a check proves that for the functions it asked about alone."""
        return any(source != CHECK for source in self.sources)

    @property
    def length_ms(self) -> int | None:
        """Length of the stretches; None where nothing was measured."""
        return union_ms(self.stretches) if self.stretches else None


def reviews_of(
    connection: Connection,
    works: Works,
    numbers: Iterable[int],
    landed: tuple[Mapping[int, SessionLanding], Mapping[int, WorkLines]],
    as_of_ms: int,
) -> dict[int, Review]:
    """The review of some works."""
    landings, lines = landed
    wanted = sorted(number for number in numbers if number in lines)
    spans: defaultdict[int, defaultdict[str, list[tuple[int, int]]]] = defaultdict(lambda: defaultdict(list))
    for row in review_rows(connection, works.commits(wanted), as_of_ms):
        if row.source != "gh" or row.is_other:
            spans[works.of_commit[row.commit_id]][row.source].append((row.start_ms, row.end_ms))
    times = logged_times(connection, sorted({one for number in wanted for one in lines[number].sessions}))
    turns = _writing_turns(landings, works)
    every = set().union(*turns.values())
    return {
        number: _review(
            works.every[number], lines[number], spans.get(number, {}), times, every - turns.get(number, set())
        )
        for number in wanted
    }


def _writing_turns(landings: Mapping[int, SessionLanding], works: Works) -> dict[int, Turns]:
    """The turns that wrote lines of each work."""
    found: defaultdict[int, Turns] = defaultdict(set)
    for session, landing in landings.items():
        for turn, commit, _, is_direct in landing.shares:
            if is_direct and commit in works.of_commit:
                found[works.of_commit[commit]].add((session, turn or 0))
    return found


def _review(
    work: Work,
    lines: WorkLines,
    measured: Mapping[str, list[tuple[int, int]]],
    times: TurnTimes,
    elsewhere: Turns,
) -> Review:
    sources = [source for source in _MEASURED if source in measured]
    local = _local_stretches(work, lines, times, elsewhere)
    # More than an hour cannot be measured here, so no more is asked of the largest change.
    if union_ms(local) >= min(review_floor_ms(lines.added), REVIEW_CAP_MS):
        sources.append(LOCAL)
    landed = [commit for commit in work.commits if lines.edits_ms.get(commit.commit_id)]
    sources += [
        evidence
        for evidence in ("trailer", "merge")
        if landed and all(evidence in commit.seen_by for commit in landed)
    ]
    best = next((measured[source] for source in _MEASURED if source in measured), local)
    return Review(tuple(best), tuple(sources))


def _local_stretches(
    work: Work, lines: WorkLines, times: TurnTimes, elsewhere: Turns
) -> list[tuple[int, int]]:
    """From the last edit of an assistant to each commit, without pauses, at most an hour in all.

    A turn that wrote lines of another work only (``elsewhere``) is no reading of this one.
    """
    found: list[tuple[int, int]] = []
    for commit in work.commits:
        before = [at for at in lines.edits_ms.get(commit.commit_id, ()) if at <= commit.done_ms]
        if before:
            last = max(before)
            seen: set[int] = set()
            for session in lines.sessions:
                own = times.get(session, ())
                inside = own[bisect_left(own, (last, 0)) : bisect_left(own, (commit.done_ms, 0))]
                seen.update(at for at, turn in inside if (session, turn) not in elsewhere)
            found += active_stretches(sorted(seen), last, commit.done_ms)
    return capped(sorted(found))
