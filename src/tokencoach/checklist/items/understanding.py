"""C8: code that an assistant wrote is asked about before it is trusted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tokencoach.audit.numbers import counted, percent
from tokencoach.checklist.commits import commit_evidence
from tokencoach.checklist.item import Item, Judgement, too_little
from tokencoach.checklist.parts import Part, sentence, state_of
from tokencoach.coach.finding import Threshold
from tokencoach.comprehension.debt import debts
from tokencoach.store.checks.records import Outcome
from tokencoach.store.landed_rows import checked_places, checks_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tokencoach.checklist.grounds import Grounds, LandedCommit
    from tokencoach.store.landed_rows import CheckOf

ASKED: Final = Threshold("C8.asked", 0.80, "share", "a habit has exceptions, a gate few")
RIGHT: Final = Threshold("C8.right", 0.70, "share", "below this the questions are guessed, not answered")
SKIPPED: Final = Threshold("C8.skipped", 0.20, "share", "one in five is haste; more is a habit of skipping")
COMMITS: Final = Threshold("C8.commits", 5, "commits", "fewer show no habit")


def judge(grounds: Grounds) -> Judgement:
    """Asked of what could be asked, right or learned of what was answered, skipped, and the debt."""
    checks = checks_of(
        grounds.reader.connection, [commit.sha for commit in grounds.production], grounds.as_of_ms
    )
    places = checked_places(grounds.reader.connection)
    # Where checks are noted, a commit without one had no function that can be asked about.
    askable = [
        commit
        for commit in grounds.production
        if commit.sha in checks or commit.repo.common_dir not in places
    ]
    if len(askable) < grounds.limit(COMMITS):
        return too_little(
            f"{counted(len(askable), 'commit')} in production with 10 generated lines or more; "
            f"it takes {grounds.limit(COMMITS):.0f}",
            "nothing to do yet",
        )
    asked = _with(askable, checks, Outcome.ASKED)
    skipped = _with(askable, checks, Outcome.SKIPPED)
    parts = (
        _share_part("asked about", len(asked), len(askable), grounds.limit(ASKED)),
        _answers(asked, checks, grounds.limit(RIGHT)),
        _skips(len(skipped), len(asked) + len(skipped), grounds.limit(SKIPPED)),
        _debt(grounds),
    )
    return Judgement(
        state_of(parts),
        sentence(parts),
        "tokencoach hook install  asks before each commit"
        if not checks
        else "answer what waits: key 4, then c",
        value=len(asked) / len(askable),
        target=grounds.limit(ASKED),
        evidence=tuple(
            commit_evidence(commit, _not_asked(checks.get(commit.sha), commit))
            for commit in askable
            if commit not in asked
        ),
    )


def _with(commits: list[LandedCommit], checks: Mapping[str, CheckOf], outcome: Outcome) -> list[LandedCommit]:
    return [commit for commit in commits if commit.sha in checks and checks[commit.sha].outcome is outcome]


def _share_part(what: str, count: int, of: int, least: float) -> Part:
    share = count / of
    return Part(share >= least, f"{what} {count} of {of} commits ({percent(share)}, {percent(least)} needed)")


def _answers(asked: list[LandedCommit], checks: Mapping[str, CheckOf], least: float) -> Part:
    answered = sum(checks[commit.sha].answered for commit in asked)
    if not answered:
        return Part(None, "what was understood (no answer yet)")
    good = sum(checks[commit.sha].understood + checks[commit.sha].shown for commit in asked)
    return Part(good / answered >= least, f"{good} of {answered} answers right or learned")


def _skips(skipped: int, of: int, most: float) -> Part:
    if not of:
        return Part(None, "skips (no check yet)")
    return Part(skipped / of <= most, f"{skipped} of {of} checks skipped")


def _debt(grounds: Grounds) -> Part:
    """Whether the lines that nobody read are as many as at the month's beginning, or fewer."""
    connection = grounds.reader.connection
    now = sum(debt.owed for debt in debts(connection, grounds.as_of_ms))
    then = sum(debt.owed for debt in debts(connection, grounds.period.since_ms - 1))
    moved = "grew" if now > then else "did not grow"
    return Part(now <= then, f"unread AI lines {moved} ({then:,} to {now:,})")


def _not_asked(check: CheckOf | None, commit: LandedCommit) -> str:
    how = "never asked" if check is None else f"{check.outcome.value.replace('_', ' ')} ({check.why})"
    return f"{commit.lines} generated lines, {how}"


ITEM: Final = Item(
    "C8",
    "Don't trust blindly",
    "Of commits in production with 10 generated lines or more about which a question can be asked, at least 80 % were asked "
    "about, at least 70 % of the answers were right or learned, at most 20 % of checks were skipped, and the lines "
    "that nobody understood or reviewed did not become more.",
    judge,
    (ASKED, RIGHT, SKIPPED, COMMITS),
    detector="unread-code",
)
