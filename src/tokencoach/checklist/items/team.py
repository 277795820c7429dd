"""T1 to T3: habits of a team that one person can keep."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tokencoach.audit.numbers import percent
from tokencoach.checklist.commits import commit_evidence
from tokencoach.checklist.item import Basis, Item, Judgement, State, Subject, too_little
from tokencoach.coach.finding import Threshold

if TYPE_CHECKING:
    from tokencoach.checklist.grounds import Grounds, LandedCommit

REVIEWED: Final = Threshold("T1.reviewed", 1.0, "share", "the habit is each change, not most of them")
MOSTLY: Final = Threshold("T1.partly", 0.5, "share", "half of them is a habit begun")
_HALF: Final = 0.5


def judge_review(grounds: Grounds) -> Judgement:
    """Commits in production with ten generated lines or more that somebody looked at."""
    commits = grounds.production
    if not commits:
        return too_little("no commit in production with 10 generated lines or more", "nothing to do yet")
    reviewed = grounds.features.reviewed_commits | grounds.seen_by_others
    unread = [commit for commit in commits if not _is_reviewed(commit, reviewed)]
    share = (len(commits) - len(unread)) / len(commits)
    state = State.NOT_MET
    if share >= grounds.limit(MOSTLY):
        state = State.MET if share >= grounds.limit(REVIEWED) else State.PARTLY
    return Judgement(
        state,
        f"{len(commits) - len(unread)} of {len(commits)} AI-written production changes were reviewed "
        f"({percent(share)})",
        "read before you commit, answer its check, or have it reviewed: Reviewed-by",
        value=share,
        target=grounds.limit(REVIEWED),
        evidence=tuple(
            commit_evidence(commit, f"{commit.lines} generated lines, no sign of a reader")
            for commit in unread
        ),
    )


def _is_reviewed(commit: LandedCommit, reviewed: frozenset[int]) -> bool:
    return commit.commit_id in reviewed or commit.understood > commit.lines * _HALF


T1: Final = Item(
    "T1",
    "Each AI-written production change was reviewed",
    "Every commit in production with 10 generated lines or more was looked at by a person: a reviewer's trailer, a "
    "merge by another person, a review on the forge, time between the last edit and the commit in which it can be "
    "read, or a check in which more than half of its lines were understood.",
    judge_review,
    (REVIEWED, MOSTLY),
    detector="unread-code",
)

PER_FEATURE: Final = Subject("", "your team looks at tokens per feature, not at tokens per person")


def judge_unit(grounds: Grounds) -> Judgement:
    """Only the person knows what their team looks at."""
    word = grounds.word("T3")
    if word is None:
        return too_little(
            "no log tells what your team looks at",
            'if it is so: tokencoach checklist tick T3 --because "..."; tokens per feature: tokencoach audit',
        )
    figures = grounds.features.figures
    own = f"; yours: {figures.tokens_per_feature:,} a feature" if figures.tokens_per_feature else ""
    return Judgement(
        State.MET,
        f"you say so: {word.because}{own}",
        "say it again when this word ends",
        basis=Basis.WORD,
        until_ms=word.until_ms,
    )


T3: Final = Item(
    "T3",
    "Tokens per feature is looked at, not per person",
    "Your own word, for 31 days at most: there can be no evidence of it on this computer.",
    judge_unit,
    (),
    (PER_FEATURE,),
)
