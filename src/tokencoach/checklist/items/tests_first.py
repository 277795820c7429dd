"""C9: tests run before code of an assistant is trusted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tokencoach.audit.numbers import percent
from tokencoach.checklist.asked import answer_of
from tokencoach.checklist.item import Item, Judgement, State, too_little
from tokencoach.checklist.parts import Part
from tokencoach.coach.finding import Threshold

if TYPE_CHECKING:
    from tokencoach.checklist.grounds import Grounds

TESTED: Final = Threshold("C9.tested", 0.70, "share", "some changes have nothing that a test could run")
DETECTOR: Final = "untested-commits"


def judge(grounds: Grounds) -> Judgement:
    """Commits on which tests passed after the last edit of what was committed."""
    found = answer_of(grounds, DETECTOR)
    if found.share is None:
        return too_little(found.words, "let the assistant run the tests before you commit")
    share, limit = 1 - found.share, grounds.limit(TESTED)
    state = State.MET if share >= limit else State.PARTLY if share >= limit / 2 else State.NOT_MET
    return Judgement(
        state,
        f"tests passed after the last AI edit before {percent(share)} of production commits; {found.words}",
        found.next or "nothing to do",
        value=share,
        target=limit,
        evidence=found.evidence,
    )


def tested(grounds: Grounds) -> tuple[Part, ...]:
    """Whether production commits were tested first, as a part of another item; empty where there are none."""
    if not grounds.production:
        return ()
    found = answer_of(grounds, DETECTOR)
    if found.share is None:
        return (Part(None, f"tests after the last AI edit ({found.words})"),)
    share, limit = 1 - found.share, grounds.limit(TESTED)
    return (
        Part(share >= limit, f"tests passed before {percent(share)} of commits ({percent(limit)} needed)"),
    )


ITEM: Final = Item(
    "C9",
    "Tests before trust",
    "Of commits in production with 10 generated lines or more whose log tells what was run, at least 70 % had a test "
    "command succeed after the last AI edit of their files and before the commit.",
    judge,
    (TESTED,),
    detector=DETECTOR,
)
