"""C7: commits say that an assistant took part."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tokencoach.audit.numbers import counted, percent
from tokencoach.checklist.commits import commit_evidence
from tokencoach.checklist.item import Item, Judgement, State, too_little
from tokencoach.coach.finding import Threshold
from tokencoach.store.landed_rows import disclosed_commits
from tokencoach.store.mark_rows import UNDISCLOSED, marked_with

if TYPE_CHECKING:
    from tokencoach.checklist.grounds import Grounds

DISCLOSED: Final = Threshold("C7.disclosed", 0.90, "share", "a habit has exceptions, a rule few")
COMMITS: Final = Threshold("C7.commits", 5, "commits", "fewer show no habit")


def judge(grounds: Grounds) -> Judgement:
    """Disclosed commits of those with at least ten generated lines, where the repository wants it."""
    if not grounds.settings.outside_evidence:
        return too_little(
            "trailers and notes are not read: outside_evidence = false",
            "set outside_evidence = true in the settings",
        )
    wanted = [
        commit
        for commit in grounds.weighty
        if marked_with(grounds.marks, commit.repo.roots, UNDISCLOSED) is None
    ]
    if len(wanted) < grounds.limit(COMMITS):
        return too_little(
            f"{counted(len(wanted), 'commit')} with 10 generated lines or more; it takes {grounds.limit(COMMITS):.0f}",
            "nothing to do yet",
        )
    said = disclosed_commits(grounds.reader.connection, [commit.commit_id for commit in wanted])
    share, limit = len(said) / len(wanted), grounds.limit(DISCLOSED)
    state = State.MET if share >= limit else State.NOT_MET if share < limit / 2 else State.PARTLY
    return Judgement(
        state,
        f"{len(said)} of {counted(len(wanted), 'commit')} with 10 generated lines or more say so ({percent(share)})",
        "let the assistant sign its commits (Co-Authored-By), or say so in yours (Assisted-by: TOOL)",
        value=share,
        target=limit,
        evidence=tuple(
            commit_evidence(commit, f"{commit.lines} generated lines, no word of it")
            for commit in wanted
            if commit.commit_id not in said
        ),
    )


ITEM: Final = Item(
    "C7",
    "Transparency",
    "At least 90 % of commits with 10 generated lines or more name the assistant in a trailer, a note or a trace "
    "record. What stands in a pull request's text only is not seen. A repository whose owners want no such word is "
    "left out: tokencoach repos disclosure PATH off.",
    judge,
    (DISCLOSED, COMMITS),
)
