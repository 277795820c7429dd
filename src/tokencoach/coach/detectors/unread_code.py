"""Code of an assistant that shipped without a sign that anybody read it."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from tokencoach.attribution.facts import Method
from tokencoach.audit.numbers import counted
from tokencoach.coach.evidence import sum_parts
from tokencoach.coach.finding import Basis, Detector, Evidence, Finding, Quiet, Rate, Threshold
from tokencoach.coach.landed import (
    LandedCommit,
    is_reworked,
    parts_of,
    scaled,
    shas_of,
    taken_back,
    told_commit,
    told_cost,
)
from tokencoach.store.checks.debt_rows import commits_seen_by_others
from tokencoach.store.checks.understood_rows import understood_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tokencoach.coach.landed import LandedLine
    from tokencoach.coach.material import Material

ID: Final = "unread-code"
LINES: Final = Threshold("unread-code.lines", 50, "lines", "fewer than fifty landed lines show no habit")
SHARE: Final = Threshold(
    "unread-code.share",
    0.20,
    "share",
    "four of five lines read is what a second reader of any change reaches",
)
NEAR: Final = Threshold(
    "unread-code.near", 3, "lines", "who changed a line has read those that a diff shows beside it"
)


def find(material: Material) -> Finding | Quiet:
    """Landed lines of code without a review, a check that was answered, or a change of the person beside them."""
    commits = material.landed
    lines = sum(len(commit.lines) for commit in commits)
    if lines < material.limit(LINES):
        return Quiet(
            ID, f"{lines} landed lines of code; it takes {material.limit(LINES):.0f}", is_looked=False
        )
    unread = unread_lines(material, commits)
    count = sum(len(some) for some in unread.values())
    rate = Rate(count, lines, "lines")
    if (rate.share or 0.0) <= material.limit(SHARE):
        return Quiet(ID, f"{lines - count:,} of {lines:,} landed lines carry a sign of a reader", rate=rate)
    own = [commit for commit in commits if commit.commit_id in unread]
    shas = shas_of(material, own)
    lost = taken_back(
        [one for some in unread.values() for one in some], _read(commits, unread), "those that were read"
    )
    whole: dict[int, float] = {}
    told = []
    for commit in own:
        some = unread[commit.commit_id]
        back = parts_of(some, is_reworked)
        sum_parts(whole, back)
        alive = sum(_is_alive(one, material.as_of_ms) for one in some)
        told.append((alive, _told(material, commit, some, alive, back, shas.get(commit.commit_id))))
    told.sort(key=lambda one: (-one[1].cost_nano, -one[0], one[1].at_ms))
    parts = scaled(whole, lost.part)
    nano, tokens = material.cost(parts)
    return Finding(
        id=ID,
        title=f"{count:,} of {lines:,} landed lines show no reader",
        cost_nano=nano,
        tokens=tokens,
        basis=Basis.ESTIMATED,
        low_nano=0,
        high_nano=material.cost(whole)[0],
        evidence=tuple(one for _, one in told),
        why="Landed lines of code and tests whose work has no review (forge, trailer, somebody else's merge, or time "
        "enough between the last edit and the commit), no answered question about their function, and no line that you "
        f"changed within {material.limit(NEAR):.0f} lines. {told_cost(lost, 'a reader')} "
        f"{_unasked(material)}Share: {SHARE.because}.",
        next=_next(told),
        condition="I am about to commit code that an assistant wrote",
        action="answer the three questions about it first",
        rate=rate,
        parts=parts,
    )


def _read(commits: Sequence[LandedCommit], unread: Mapping[int, list[LandedLine]]) -> list[LandedLine]:
    """The landed lines that carry a sign of a reader."""
    left = {commit: {id(one) for one in some} for commit, some in unread.items()}
    return [
        one for commit in commits for one in commit.lines if id(one) not in left.get(commit.commit_id, ())
    ]


def _is_alive(one: LandedLine, as_of_ms: int) -> bool:
    life = one.line.life
    return life is not None and (life.died_ms is None or life.died_ms > as_of_ms)


def _next(told: Sequence[tuple[int, Evidence]]) -> str:
    """The commit to begin with: the one of which most is still there."""
    alive, most = max(told, key=lambda one: one[0])
    if not alive or most.commit is None:
        return "Nothing of it is left to be read: answer the three questions before the next commit."
    return (
        f"Begin where most still stands, {counted(alive, 'line')} of commit {most.commit[:12]}: "
        f"tokencoach check --commit {most.commit[:12]} asks you three questions about it."
    )


def _unasked(material: Material) -> str:
    """Where pull requests landed and nobody was asked who reviewed them, that this is so."""
    numbered = any(item.number is not None for item in material.found.features.figures.items)
    if material.settings.review_from_gh or not numbered:
        return ""
    return (
        "Who reviewed a pull request was not asked: review_from_gh = true in the settings asks your own gh. "
    )


def unread_lines(material: Material, commits: Iterable[LandedCommit]) -> dict[int, list[LandedLine]]:
    """By commit, the lines that carry no sign of a reader."""
    connection = material.reader.connection
    seen = commits_seen_by_others(connection, material.as_of_ms)
    reviewed = material.found.features.reviewed_commits | seen
    understood = understood_lines(connection, material.as_of_ms)
    near = round(material.limit(NEAR))
    found = {}
    for commit in commits:
        if commit.commit_id in reviewed:
            continue
        touched = _touched(commit.lines, near)
        unread = [
            one
            for one in commit.lines
            if not _is_near(one, touched)
            and one.line.key
            not in understood.get((commit.repo_id, one.judged.edit.repo_path or ""), frozenset())
        ]
        if unread:
            found[commit.commit_id] = unread
    return found


def _touched(lines: Iterable[LandedLine], near: int) -> defaultdict[int, set[int]]:
    """By file, the numbers of lines beside those that the person changed."""
    found: defaultdict[int, set[int]] = defaultdict(set)
    for one in lines:
        life = one.line.life
        if life is not None and life.method == Method.HUMAN_MODIFIED:
            found[life.path_id].update(range(life.line - near, life.line + near + 1))
    return found


def _is_near(one: LandedLine, touched: defaultdict[int, set[int]]) -> bool:
    life = one.line.life
    return life is not None and life.path_id in touched and life.line in touched[life.path_id]


def _told(
    material: Material,
    commit: LandedCommit,
    some: list[LandedLine],
    alive: int,
    back: dict[int, float],
    sha: str | None,
) -> Evidence:
    gone = sum(is_reworked(one) for one in some)
    words = f"{len(some):,} of {len(commit.lines):,} lines unread, {alive:,} still there"
    words += f", {gone} taken back" if gone else ""
    return told_commit(commit, some, words, material.cost(back), sha)


DETECTOR: Final = Detector(ID, find, (LINES, SHARE, NEAR))
