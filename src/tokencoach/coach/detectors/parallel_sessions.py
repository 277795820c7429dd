"""Two sessions that change the same file at the same time."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.audit.numbers import counted
from tokencoach.coach.evidence import add_parts, dearest_first, end_of_path, in_session
from tokencoach.coach.finding import Basis, Detector, Finding, Quiet, Rate, Threshold
from tokencoach.usage.words import Bucket, WasteKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tokencoach.audit.judgement import JudgedEdit, JudgedLine
    from tokencoach.coach.material import Material, Trace

ID: Final = "parallel-sessions"
SESSIONS: Final = Threshold(
    "parallel-sessions.sessions", 5, "sessions", "fewer than five sessions with edits show no habit"
)
NEAR: Final = Threshold(
    "parallel-sessions.minutes",
    15,
    "minutes",
    "a session that asked nothing for longer than this before and after was laid aside, not running",
)
_LOST: Final = (WasteKind.OVERWRITTEN, WasteKind.REWORKED, WasteKind.REVERTED)


class Clash(NamedTuple):
    """A file that one session changed before and after another one did, in the same folder.

    ``lost`` counts the first session's lines, written before the other's change, that did not last;
    ``parts`` is their share of the requests of their turns.
    """

    mine: Trace
    other: Trace
    path: str
    at_ms: int
    lost: int
    parts: dict[int, float]


def find(material: Material) -> Finding | Quiet:
    """Files that two sessions changed in turns, and what of it was written over or reworked."""
    known = [trace for trace in material.traces if any(edit.is_in_repository for edit in trace.edits())]
    if len(known) < material.limit(SESSIONS):
        why = f"{counted(len(known), 'session')} that changed files of a repository; it takes {material.limit(SESSIONS):.0f}"
        return Quiet(ID, why, is_looked=False)
    parts: dict[int, float] = {}
    evidence = []
    involved: set[int] = set()
    lost = 0
    for clash in clashes(known, round(material.limit(NEAR) * 60_000)):
        involved |= {clash.mine.facts.session, clash.other.facts.session}
        lost += clash.lost
        add_parts(parts, clash.parts)
        words = (
            f"{end_of_path(clash.path)} was changed by session {clash.other.facts.session_id[:8]} in between; "
            f"{counted(clash.lost, 'line')} did not last"
        )
        evidence.append(in_session(material, clash.mine, words, clash.at_ms, clash.parts, path=clash.path))
    rate = Rate(len(involved), len(known), "sessions")
    if not evidence:
        return Quiet(ID, f"no file was changed by two sessions in turns in {len(known)} sessions", rate=rate)
    if not lost:
        why = f"{len(involved)} of {len(known)} sessions changed a file another one was changing; nothing was lost"
        return Quiet(ID, why, rate=rate)
    nano, tokens = material.cost(parts)
    return Finding(
        id=ID,
        title=f"{len(involved)} sessions wrote over each other: {counted(lost, 'line')} lost",
        cost_nano=nano,
        tokens=tokens,
        basis=Basis.ESTIMATED,
        low_nano=0,
        high_nano=nano,
        evidence=dearest_first(evidence),
        why="A file that a session changed before and after another session changed it in the same folder, "
        f"with requests of its own at most {material.limit(NEAR):.0f} minutes before and after. Counted are "
        "the first one's lines from before that were overwritten, reworked or reverted, as their share of the lines of "
        "their turn; some of them would not have lasted anyway, hence the range from nothing.",
        next="Give parallel sessions different files, or a worktree each.",
        condition="I start a second session beside a running one",
        action="give it other files or a worktree of its own",
        rate=rate,
        parts=parts,
    )


def clashes(traces: Sequence[Trace], near_ms: int) -> Iterator[Clash]:
    """Every file that one session changed around another one's change while it was running."""
    files: dict[tuple[int | None, str], dict[int, list[JudgedEdit]]] = defaultdict(lambda: defaultdict(list))
    by_session = {trace.facts.session: trace for trace in traces}
    for trace in traces:
        for edit in trace.edits():
            if edit.is_in_repository:
                # The path in the working tree, not in the repository: worktrees do not overwrite each other.
                files[edit.edit.repo_id, edit.edit.path][trace.facts.session].append(edit)
    for (_, path), sessions in files.items():
        for session, edits in sessions.items():
            for other, others in sessions.items():
                mine = by_session[session]
                at_ms = None if session == other else _first_between(mine, edits, others, near_ms)
                if at_ms is not None:
                    lost, parts = _lost(mine, [edit for edit in edits if edit.edit.at_ms < at_ms])
                    yield Clash(mine, by_session[other], path, at_ms, lost, parts)


def _first_between(
    mine: Trace, edits: Sequence[JudgedEdit], others: Sequence[JudgedEdit], near_ms: int
) -> int | None:
    """When the others first changed a file between two changes of mine, with requests of mine close on both sides."""
    first, last = edits[0].edit.at_ms, edits[-1].edit.at_ms
    for other in others:
        at_ms = other.edit.at_ms
        if first < at_ms < last and _is_running(mine, at_ms, near_ms):
            return at_ms
    return None


def _is_running(trace: Trace, at_ms: int, near_ms: int) -> bool:
    times = [spent.step.at_ms for spent in trace.requests]
    place = bisect_right(times, at_ms)
    return 0 < place < len(times) and at_ms - times[place - 1] <= near_ms and times[place] - at_ms <= near_ms


def _lost(trace: Trace, edits: Sequence[JudgedEdit]) -> tuple[int, dict[int, float]]:
    gone: dict[int | None, int] = defaultdict(int)
    for edit in edits:
        gone[edit.edit.turn] += sum(_has_not_lasted(line) for line in edit.lines)
    parts = {}
    for turn, lines in gone.items():
        whole = sum(
            bool(line.weight) for edit in trace.edits() if edit.edit.turn == turn for line in edit.lines
        )
        for spent in trace.requests:
            if lines and spent.step.turn == turn:
                parts[spent.step.request_id] = lines / whole
    return sum(gone.values()), parts


def _has_not_lasted(line: JudgedLine) -> bool:
    verdict = line.verdict
    is_waste = verdict.bucket in (Bucket.NOT_LANDED, Bucket.REWORKED)
    return bool(line.weight) and is_waste and verdict.kind in _LOST


DETECTOR: Final = Detector(ID, find, (NEAR, SESSIONS))
