"""Commits of an assistant's code that no test was run on."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.coach.evidence import dearest_first, sum_parts
from tokencoach.coach.finding import Basis, Detector, Evidence, Finding, Quiet, Rate, Threshold
from tokencoach.coach.landed import is_reworked, parts_of, scaled, shas_of, taken_back, told_commit, told_cost
from tokencoach.usage.words import CallStatus, ToolKind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from tokencoach.coach.landed import LandedCommit
    from tokencoach.coach.material import Material, Trace

ID: Final = "untested-commits"
LINES: Final = Threshold(
    "untested-commits.lines", 10, "lines", "below ten lines of code a look does what a test would do"
)
COMMITS: Final = Threshold("untested-commits.commits", 5, "commits", "fewer than five commits show no habit")
SHARE: Final = Threshold(
    "untested-commits.share",
    0.30,
    "share",
    "seven of ten tested is the checklist's mark for trust in tests (C9)",
)
_MINUTE_MS: Final = 60_000


class Judged(NamedTuple):
    """Commits by whether a test passed between the last edit and the commit; ``untold`` could not be judged.

    ``failed`` are rows of commits before which tests ran, and none of them passed.
    """

    tested: list[LandedCommit]
    untested: list[LandedCommit]
    failed: set[int]
    untold: int


def find(material: Material) -> Finding | Quiet:
    """Commits with at least ten lines of an assistant's code, and no test that passed after the last edit (C9)."""
    tested, untested, failed, untold = judged_commits(material)
    count = len(tested) + len(untested)
    if count < material.limit(COMMITS):
        why = f"{count} commits whose sessions tell what was run; it takes {material.limit(COMMITS):.0f}{_left(untold)}"
        return Quiet(ID, why, is_looked=False)
    rate = Rate(len(untested), count, "commits")
    if (rate.share or 0.0) <= material.limit(SHARE):
        red = f", {len(failed)} more in vain" if failed else ""
        why = (
            f"{len(tested)} of {count} commits of an assistant's code had tests pass after the last edit{red}"
        )
        return Quiet(ID, f"{why}{_left(untold)}", rate=rate)
    lost = taken_back(
        [one for commit in untested for one in commit.lines],
        [one for commit in tested for one in commit.lines],
        "tested ones",
    )
    whole: dict[int, float] = {}
    evidence = []
    shas = shas_of(material, untested)
    for commit in untested:
        own = parts_of(commit.lines, is_reworked)
        sum_parts(whole, own)
        ran = "tests failed, " if commit.commit_id in failed else ""
        evidence.append(_told(material, commit, ran, shas.get(commit.commit_id), own))
    parts = scaled(whole, lost.part)
    nano, tokens = material.cost(parts)
    return Finding(
        id=ID,
        title=f"{len(untested)} of {count} AI commits without a test that passed",
        cost_nano=nano,
        tokens=tokens,
        basis=Basis.ESTIMATED,
        low_nano=0,
        high_nano=material.cost(whole)[0],
        evidence=dearest_first(evidence),
        why=f"Commits with at least {material.limit(LINES):.0f} landed lines of code or tests of an assistant, and no "
        "test command that succeeded in any session of that repository between the last edit of them and the commit"
        f"{_vain(failed)}. Tests that you or a server ran are in no log. {told_cost(lost, 'a test')}{_left(untold)} "
        f"Share: {SHARE.because}.",
        next="Have the tests run as the last step before each commit: say so in the project's instructions.",
        condition="an assistant is about to commit",
        action="have it run the tests first and look at the result",
        rate=rate,
        parts=parts,
    )


def judged_commits(material: Material) -> Judged:
    """Commits large enough to judge, by whether a test passed on them in a session."""
    least = material.limit(LINES)
    commits = [commit for commit in material.landed if len(commit.lines) >= least]
    shown = _sources_with_shells(material.traces)
    passed = _runs(material.traces, (CallStatus.OK,))
    tried = _runs(material.traces, (CallStatus.OK, CallStatus.FAILED, CallStatus.INTERRUPTED))
    judged = Judged([], [], set(), 0)
    untold = 0
    for commit in commits:
        sessions = commit.traces
        repos = {commit.repo_id, *(trace.facts.repo_id for trace in sessions.values())}
        span = (commit.last_edit_ms, commit.landed_ms)
        is_tried = any(_is_between(tried.get(repo, ()), *span) for repo in repos)
        if any(_is_between(passed.get(repo, ()), *span) for repo in repos):
            judged.tested.append(commit)
        elif is_tried or all(_is_told(trace, shown) for trace in sessions.values()):
            judged.untested.append(commit)
            if is_tried:
                judged.failed.add(commit.commit_id)
        else:
            untold += 1
    return judged._replace(untold=untold)


def _runs(traces: Iterable[Trace], ends: Collection[str]) -> dict[int | None, list[int]]:
    """By repository, when tests were run that ended so, in time order."""
    runs: defaultdict[int | None, list[int]] = defaultdict(list)
    for trace in traces:
        for call in trace.calls:
            if call.kind is ToolKind.TEST and call.status in ends:
                runs[trace.facts.repo_id].append(call.at_ms)
    return {repo: sorted(times) for repo, times in runs.items()}


def _is_between(times: Sequence[int], first: int, last: int) -> bool:
    """Whether one of some instants, in their order, lies in a span."""
    at = bisect_left(times, first)
    return at < len(times) and times[at] <= last


def _sources_with_shells(traces: Iterable[Trace]) -> set[str]:
    """Sources whose logs show commands at all."""
    return {
        trace.facts.source
        for trace in traces
        for call in trace.calls
        if call.kind is not None and call.kind.is_shell
    }


def _is_told(trace: Trace, shown: set[str]) -> bool:
    """Whether a session's log says of every call what it did."""
    return trace.facts.source in shown and all(call.kind is not None for call in trace.calls)


def _left(untold: int) -> str:
    return f"; {untold} more whose sessions do not tell what was run are left out" if untold else ""


def _vain(failed: Collection[int]) -> str:
    return f" ({len(failed)} of them after tests that failed)" if failed else ""


def _told(
    material: Material, commit: LandedCommit, ran: str, sha: str | None, parts: dict[int, float]
) -> Evidence:
    took = material.cost(parts_of(commit.lines, lambda _: True))[1]
    minutes = (commit.landed_ms - commit.last_edit_ms) // _MINUTE_MS
    back = f", {commit.reworked} of them taken back" if commit.reworked else ""
    words = (
        f"{ran}{len(commit.lines)} lines{back}, landed {minutes:,} min after the last edit, {took:,} tokens"
    )
    return told_commit(commit, commit.lines, words, material.cost(parts), sha)


DETECTOR: Final = Detector(ID, find, (LINES, COMMITS, SHARE))
