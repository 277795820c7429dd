"""C5: context is kept small, and nothing is sent twice or for nothing."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING, Final

from tokencoach.audit.numbers import counted, percent
from tokencoach.checklist.asked import answer_of
from tokencoach.checklist.item import Item, Judgement, too_little
from tokencoach.checklist.parts import Part, sentence, state_of
from tokencoach.coach.finding import Evidence, Threshold

if TYPE_CHECKING:
    from tokencoach.checklist.asked import Answer
    from tokencoach.checklist.grounds import Grounds
    from tokencoach.coach.material import Trace

PEAK: Final = Threshold("C5.peak", 0.60, "share", "answers get worse long before the window is full")
MANY: Final = Threshold(
    "C5.compactions", 2, "times", "a session that was compacted three times was three sessions"
)
COMPACTED: Final = Threshold(
    "C5.compacted", 0.10, "share", "one long session in ten is an exception, not a habit"
)
READS: Final = Threshold(
    "C5.reads", 0.15, "share", "a file is rightly read again after something else was tried"
)
STANDING: Final = Threshold(
    "C5.standing", 0.05, "share", "instructions and tool lists that are sent every time"
)
CARRIED: Final = Threshold(
    "C5.carried",
    0.10,
    "share",
    "a dollar of ten for what is done already is an exception, more is a way of working",
)
SESSIONS: Final = Threshold("C5.sessions", 5, "sessions", "fewer show no habit")
_FRESH: Final = "start a fresh session when a piece of work has landed"


def judge(grounds: Grounds) -> Judgement:
    """Five limits: the median peak, compactions, files read again unchanged, standing instructions, finished work."""
    known = [(trace, peak) for trace in grounds.material.traces if (peak := _peak(trace)) is not None]
    if len(known) < grounds.limit(SESSIONS):
        return too_little(
            f"{counted(len(known), 'session')} whose model's window is known; it takes {grounds.limit(SESSIONS):.0f}",
            "nothing to do yet",
        )
    middle, limit = median(peak for _, peak in known), grounds.limit(PEAK)
    crowded = [trace for trace, _ in known if len(trace.compactions) > grounds.limit(MANY)]
    reads, standing = answer_of(grounds, "duplicate-reads"), answer_of(grounds, "standing")
    finished = answer_of(grounds, "carried-work")
    parts = (
        Part(middle <= limit, f"median peak {percent(middle)} of the window ({percent(limit)} at most)"),
        Part(
            len(crowded) / len(known) <= grounds.limit(COMPACTED),
            f"{len(crowded)} of {counted(len(known), 'session')} compacted more than {grounds.limit(MANY):.0f} times",
        ),
        _share(reads, grounds.limit(READS), "files read again unchanged", "of what was read"),
        _share(standing, grounds.limit(STANDING), "standing instructions", "of input"),
        *_finished(finished, grounds.limit(CARRIED)),
    )
    over = sorted((one for one in known if one[1] > limit), key=lambda one: -one[1])
    return Judgement(
        state_of(parts),
        sentence(parts),
        _step(parts, reads, standing),
        value=middle,
        target=limit,
        evidence=(
            *(_told(trace, peak) for trace, peak in over),
            *(_compacted(trace) for trace in crowded),
            *reads.evidence,
            *standing.evidence,
            *finished.evidence,
        ),
    )


def _step(parts: tuple[Part, ...], reads: Answer, standing: Answer) -> str:
    steps = {2: reads.next, 3: standing.next}
    missed = next((place for place, part in enumerate(parts) if part.holds is False), None)
    if missed is not None:
        return steps.get(missed) or _FRESH
    is_known = all(part.holds is not None for part in parts)
    return "nothing to do" if is_known else "nothing to do: the rest is not known yet"


def _finished(found: Answer, most: float) -> tuple[Part, ...]:
    """Finished work that was carried into another task; no part where too few sessions tell."""
    if found.share is None:
        return ()
    said = f"~{percent(found.share)} of spend for finished work carried on ({percent(most)} at most)"
    return (Part(found.share <= most, said),)


def _share(found: Answer, most: float, what: str, of: str) -> Part:
    if found.share is None:
        return Part(None, f"{what} ({found.words})")
    return Part(found.share <= most, f"{what} {percent(found.share)} {of} ({percent(most)} at most)")


def _peak(trace: Trace) -> float | None:
    return max((spent.fill for spent in trace.main if spent.fill is not None), default=None)


def _told(trace: Trace, peak: float) -> Evidence:
    return _of(trace, f"peak {percent(peak)} of the window")


def _compacted(trace: Trace) -> Evidence:
    return _of(trace, f"compacted {len(trace.compactions)} times")


def _of(trace: Trace, words: str) -> Evidence:
    total = trace.ledger.total
    return Evidence(
        words,
        trace.facts.first_ms,
        total.cost_nano,
        total.tokens,
        trace.facts.session,
        trace.facts.session_id,
    )


ITEM: Final = Item(
    "C5",
    "Don't waste context",
    "The median session's peak is at most 60 % of its model's window; at most 10 % of sessions were compacted more "
    "than twice; files read again unchanged are at most 15 % of what was read; standing instructions and tool lists "
    "at most 5 % of input; finished work that a session carried into another task at most 10 % of the spend.",
    judge,
    (PEAK, MANY, COMPACTED, READS, STANDING, CARRIED, SESSIONS),
    detector="full-context",
)
