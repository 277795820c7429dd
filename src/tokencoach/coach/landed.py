"""Commits that an assistant's lines landed in, with the sessions that wrote them and what they took."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.attribution.path_kinds import PathKind, path_kind
from tokencoach.audit.numbers import percent
from tokencoach.coach.evidence import end_of_path, quoted
from tokencoach.coach.finding import Evidence
from tokencoach.store.commit_rows import commit_shas
from tokencoach.usage.words import Bucket

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tokencoach.audit.judgement import JudgedEdit, JudgedLine
    from tokencoach.coach.material import Material, Trace

_LANDED: Final = (Bucket.SHIPPED, Bucket.REWORKED)
_RUN: Final = (PathKind.CODE, PathKind.TEST)


class LandedLine(NamedTuple):
    """An added line that landed, and where it was written."""

    trace: Trace
    judged: JudgedEdit
    line: JudgedLine


@dataclass(slots=True)
class LandedCommit:
    """The lines of code and tests that one commit brought and assistants wrote, the last at ``last_edit_ms``."""

    commit_id: int
    repo_id: int
    landed_ms: int
    last_edit_ms: int = 0
    lines: list[LandedLine] = field(default_factory=list)

    @property
    def traces(self) -> dict[int, Trace]:
        """The sessions that wrote them."""
        return {one.trace.facts.session: one.trace for one in self.lines}

    @property
    def reworked(self) -> int:
        """How many of them did not live for 14 days."""
        return sum(is_reworked(one) for one in self.lines)

    @property
    def main_path(self) -> str:
        """The file with the most of them."""
        files = Counter(one.judged.edit.repo_path or one.judged.edit.path for one in self.lines)
        return files.most_common(1)[0][0]


def is_reworked(one: LandedLine) -> bool:
    """Whether a line landed and was taken back within 14 days."""
    return one.line.verdict.bucket is Bucket.REWORKED


_ENOUGH: Final = 50
"""Landed lines from which on their share that was taken back is a rate."""


class TakenBack(NamedTuple):
    """What was taken back of some landed lines, held against others of the same period.

    ``part`` (0 to 1) is what of it goes beyond the others' rate; ``words`` say both rates. Where the others
    are too few to have a rate, all of it does, and ``words`` is empty.
    """

    part: float
    words: str


def taken_back(own: Sequence[LandedLine], others: Sequence[LandedLine], called: str) -> TakenBack:
    """How much more of some lines was taken back than of others, which ``called`` names."""
    if len(others) < _ENOUGH or not own:
        return TakenBack(1.0, "")
    rate, usual = (sum(map(is_reworked, some)) / len(some) for some in (own, others))
    words = f"{percent(rate)} of these were taken back, {percent(usual)} of {called}"
    return TakenBack(max(0.0, 1.0 - usual / rate) if rate else 0.0, words)


def told_cost(lost: TakenBack, would: str) -> str:
    """What the cost of lines that were taken back is, and its range, in words; ``would`` is what was left out."""
    said = f"{would} need not have seen each of them, so the lower end is 0"
    if not lost.words:
        return f"The cost is what those took that had to be replaced within 14 days; {said}."
    return (
        f"Counted is what those took that had to be replaced within 14 days, as far as it goes beyond the usual "
        f"({lost.words}). The upper end is all of it; {said}."
    )


def scaled(parts: dict[int, float], by: float) -> dict[int, float]:
    """Parts of requests, each taken so many times."""
    return {request: part * by for request, part in parts.items()}


def landed_commits(material: Material) -> list[LandedCommit]:
    """Every commit with landed lines of code of the period's sessions, the earliest first.

    Only production: elsewhere no line has landed by its verdict.
    """
    found: dict[int, LandedCommit] = {}
    for trace in material.traces:
        for judged in trace.judged.edits():
            repo = judged.edit.repo_id
            if repo is None or path_kind(judged.edit.repo_path or judged.edit.path) not in _RUN:
                continue
            for line in judged.lines:
                life, commit = line.life, line.landed_in
                if life is None or commit is None or line.is_removal or not line.weight:
                    continue
                if line.verdict.bucket in _LANDED:
                    # A line that died and came back has landed before.
                    known = found.setdefault(commit, LandedCommit(commit, repo, life.landed_ms))
                    known.landed_ms = min(known.landed_ms, life.landed_ms)
                    known.last_edit_ms = max(known.last_edit_ms, judged.edit.at_ms)
                    known.lines.append(LandedLine(trace, judged, line))
    return sorted(found.values(), key=lambda commit: (commit.landed_ms, commit.commit_id))


def told_commit(
    commit: LandedCommit, lines: list[LandedLine], words: str, cost: tuple[int, int], sha: str | None
) -> Evidence:
    """Evidence of some lines of a commit, at the session that wrote the last of them; ``cost`` as of ``Material.cost``."""
    last = max(lines, key=lambda one: one.judged.edit.at_ms)
    return Evidence(
        words=f"{words}: {quoted(end_of_path(commit.main_path))}",
        at_ms=commit.landed_ms,
        cost_nano=cost[0],
        tokens=cost[1],
        session=last.trace.facts.session,
        session_id=last.trace.facts.session_id,
        turn=last.judged.edit.turn,
        path=commit.main_path,
        commit=sha,
    )


def shas_of(material: Material, commits: list[LandedCommit]) -> dict[int, str]:
    """Names of commits by their rows."""
    return commit_shas(material.reader.connection, [commit.commit_id for commit in commits])


def parts_of(lines: list[LandedLine], takes: Callable[[LandedLine], bool]) -> dict[int, float]:
    """The part of each request that went into some landed lines: their share of what its turn wrote."""
    shares: defaultdict[tuple[int, int | None], float] = defaultdict(float)
    traces = {}
    for one in lines:
        if takes(one):
            session, turn = one.trace.facts.session, one.judged.edit.turn
            life = one.line.life
            shares[session, turn] += one.line.weight * (life.credit if life is not None else 1.0)
            traces[session] = one.trace
    parts: dict[int, float] = {}
    for session, trace in traces.items():
        keys = {id(own): key for key, own in trace.judged.turns.items()}
        for spent in trace.requests:
            source = trace.judged.followed(spent.step.turn)
            turn = keys.get(id(source))
            whole = sum(source.weights.values()) if source is not None else 0.0
            share = shares.get((session, turn), 0.0)
            if whole and share:
                parts[spent.step.request_id] = min(1.0, share / whole)
    return parts
