"""Items that stand on what a detector of the coach found in the month."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tokencoach.coach.finding import Quiet

if TYPE_CHECKING:
    from tokencoach.checklist.grounds import Grounds
    from tokencoach.coach.finding import Evidence


class Answer(NamedTuple):
    """A detector's rate: the part of what it looked at, its evidence and its next step; or why it could not look."""

    share: float | None
    words: str
    evidence: tuple[Evidence, ...] = ()
    next: str = ""


def answer_of(grounds: Grounds, detector: str) -> Answer:
    """What a detector says; ``share`` is None where it has too few data, or there is none of that name."""
    said = grounds.ask(detector)
    if said is None:
        return Answer(None, f"this version does not look for it ({detector})")
    if isinstance(said, Quiet):
        share = said.rate.share if said.is_looked and said.rate is not None else None
        return Answer(0.0 if share is None and said.is_looked else share, said.why)
    return Answer(said.rate.share, said.title, said.evidence, said.next)
