"""C12, C16 and C19: habits that a detector of the coach measures, held against a limit."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

from tokencoach.audit.numbers import percent
from tokencoach.checklist.asked import answer_of
from tokencoach.checklist.item import Item, Judgement, State, too_little
from tokencoach.coach.finding import Threshold

if TYPE_CHECKING:
    from tokencoach.checklist.grounds import Grounds

OVERSIZE: Final = Threshold("C12.share", 0.20, "share", "a fifth leaves room for tasks that only look small")
SLOT_MACHINE: Final = Threshold(
    "C16.share", 0.10, "share", "one session in ten is a bad day, more is a way of working"
)
ABANDONED: Final = Threshold(
    "C19.share", 0.25, "share", "trying things costs; above a quarter it is the plan that lacks"
)
_CAUSES: Final = 3
_NOISE: Final = 0.02


def judge(grounds: Grounds, detector: str, limit: Threshold, what: str) -> Judgement:
    """A detector's rate held against a limit."""
    found = answer_of(grounds, detector)
    if found.share is None:
        return too_little(found.words, "nothing to do yet")
    most = grounds.limit(limit)
    is_kept = found.share <= most
    return Judgement(
        State.MET if is_kept else State.NOT_MET,
        f"{percent(found.share)} {what} ({percent(most)} at most): {found.words}",
        found.next or "nothing to do",
        value=found.share,
        target=most,
        evidence=found.evidence,
    )


def judge_abandoned(grounds: Grounds) -> Judgement:
    """How C19 stands: its share is held against the limit, and must not have risen since the month before."""
    said = judge(grounds, "abandoned-session", ABANDONED, "of cost went into abandoned sessions")
    causes = Counter(one.words.partition(":")[0] for one in said.evidence).most_common(_CAUSES)
    if causes:
        named = ", ".join(f"{cause} {times}" for cause, times in causes)
        said = replace(said, why=f"{said.why}: {named}")
    before = grounds.before("C19", 1)
    if said.state is not State.MET or not before or said.value is None or said.value <= before[0] + _NOISE:
        return said
    more = f"{said.why}; more than the month before ({percent(before[0])})"
    return replace(said, state=State.PARTLY, why=more)


C12: Final = Item(
    "C12",
    "Right-size the model",
    "Small tasks (a question, or at most 30 lines of one file, at most 5 calls) on a model with a cheaper one of its "
    "family below it take at most 20 % of cost.",
    partial(judge, detector="oversize-model", limit=OVERSIZE, what="of cost for small tasks on large models"),
    (OVERSIZE,),
    detector="oversize-model",
)
C16: Final = Item(
    "C16",
    "Don't debug by slot machine",
    'At most 10 % of sessions have three or more prompts in a row that only paste an error or say "fix it".',
    partial(judge, detector="slot-machine", limit=SLOT_MACHINE, what="of sessions"),
    (SLOT_MACHINE,),
    detector="slot-machine",
)
C19: Final = Item(
    "C19",
    "Stop losing sessions",
    "Sessions in which no line landed, no answer was accepted, and that nobody came back to within a day take at "
    "most 25 % of cost, and no more than the month before (two points apart are the same).",
    judge_abandoned,
    (ABANDONED,),
    detector="abandoned-session",
)
