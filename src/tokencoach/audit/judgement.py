"""Verdicts of a session's lines, and what its turns weigh because of them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from tokencoach.attribution.facts import UNSEEN_KEY
from tokencoach.attribution.lines import is_significant
from tokencoach.attribution.respaced import respaced
from tokencoach.attribution.verdict import PROTOTYPE_MS, SURVIVAL_MS, Life, Sighting, Verdict, judge_line
from tokencoach.audit.hearing import Hearing
from tokencoach.audit.phase import phase_of, phase_of_branch
from tokencoach.clock import now_ms
from tokencoach.store.audit_rows import (
    SessionFacts,
    edits_of,
    evidence_of,
    phase_tags,
    repo_rows,
    session_facts,
    turns_of,
    untold_edits,
)
from tokencoach.store.power.served_rows import sessionless
from tokencoach.usage.words import Bucket, EditKind, Phase, WasteKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tokencoach.store.audit_rows import EditRow, Evidence, LineRef, RepoRow
    from tokencoach.store.reader import Reader


_MOMENT_MS = 600_000
_APPLIED = frozenset({EditKind.SHELL_DIFF, EditKind.SHELL_PROGRAM, EditKind.SHELL_SWEEP})


class Outcome(NamedTuple):
    """Where weight goes: a bucket, the waste kind in it, and why."""

    bucket: Bucket
    kind: WasteKind | None
    reason: str


NO_EDIT = Outcome(Bucket.NEUTRAL, None, "no_edit")
NO_LINE = Outcome(Bucket.UNKNOWN, None, "no_significant_line")
_NO_CHANGE = Outcome(Bucket.NEUTRAL, None, "no_change")
_LANDED = (Bucket.SHIPPED, Bucket.REWORKED)
SHELL_WRITTEN = Outcome(Bucket.UNKNOWN, None, "shell_written")
FOREIGN_TOOL = Outcome(Bucket.UNKNOWN, None, "foreign_tool")
NO_SESSION = Outcome(Bucket.UNKNOWN, None, "no_session")
LOG_TRUNCATED = Outcome(Bucket.UNKNOWN, None, "log_truncated")
AMBIGUOUS = Outcome(Bucket.UNKNOWN, None, "ambiguous")
_YOUNG = Outcome(Bucket.PENDING, None, "young")
_OVERWRITTEN = Outcome(Bucket.NOT_LANDED, WasteKind.OVERWRITTEN, "overwritten")

_PLACES = {
    "outside": Verdict(Bucket.NEUTRAL, None, "outside_repository", 0.95),
    "gone": Verdict(Bucket.UNKNOWN, None, "repo_gone", 0.0),
    "no_repository": Verdict(Bucket.UNKNOWN, None, "no_repository", 0.0),
    "new": Verdict(Bucket.UNKNOWN, None, "not_read_yet", 0.0),
}
_IGNORED = Verdict(Bucket.NEUTRAL, None, "ignored", 0.9)
_BY_PHASE = Verdict(Bucket.NEUTRAL, None, "phase", 0.95)
_EXPIRED = Verdict(Bucket.NEUTRAL, None, "expired_prototype", 0.95)
_IN_WORKTREE = Verdict(Bucket.PENDING, None, "in_worktree", 0.9)
_STOOD = Verdict(Bucket.UNKNOWN, None, "stood_before", 0.0)
_MISSING = Verdict(Bucket.UNKNOWN, None, "objects_missing", 0.0)
_BY_STATE = {
    "unreadable": Verdict(Bucket.UNKNOWN, None, "unreadable", 0.0),
    "missing": _PLACES["gone"],
    # Placed by its files, but git never spoke: there may be no git program.
    "new": _PLACES["new"],
}


class JudgedLine(NamedTuple):
    """One line of an edit and its verdict. ``weight`` is its share of the turn, 0 where it counts nowhere.

    ``landed_in`` is the row of the commit that first brought it to the default branch, ``said`` is
    outside evidence in words, where there is some.
    """

    position: int
    is_removal: bool
    key: int
    verdict: Verdict
    weight: float
    life: Life | None
    landed_in: int | None = None
    said: str | None = None
    machine: Verdict | None = None
    """The verdict that the person's word stands before."""


class JudgedEdit(NamedTuple):
    """An edit with all its nonblank lines judged.

    A file of a repository that is gone since counts as one of a repository: its lines are unknown.
    """

    edit: EditRow
    is_in_repository: bool
    lines: list[JudgedLine]


@dataclass(slots=True)
class TurnJudgement:
    """What a turn's own edits weigh. ``landed`` says which commits the weight of an outcome landed in."""

    weights: defaultdict[Outcome, float] = field(default_factory=lambda: defaultdict(float))
    landed: defaultdict[Outcome, defaultdict[int, float]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(float))
    )
    confidence: float = 0.0
    edits: list[JudgedEdit] = field(default_factory=list)


@dataclass(slots=True)
class SessionJudgement:
    """A session's turns, and what turns without lines of their own follow."""

    facts: SessionFacts
    phase: Phase
    turns: dict[int | None, TurnJudgement]
    order: list[int | None]
    has_edits: bool
    rulings: dict[int | None, Outcome] = field(default_factory=dict)
    """Turns that the person's own word decides whole."""
    untold: Outcome | None = None
    """What a session counts as where it wrote and nothing tells what."""

    def shares(self, turn: int | None) -> Mapping[Outcome, float]:
        """Weights of a turn: its own, else the next edit turn's, else the last one's before it."""
        if turn in self.rulings:
            return {self.rulings[turn]: 1.0}
        found = self.followed(turn)
        if found is not None:
            return found.weights
        return {self.untold or (NO_LINE if self.has_edits else NO_EDIT): 1.0}

    def followed(self, turn: int | None) -> TurnJudgement | None:
        """The turn whose lines a turn's spend goes with: itself where it has lines; None where none has."""
        if turn in self.rulings:
            return self.turns.get(turn)
        own = self.turns.get(turn)
        if own is not None and own.weights:
            return own
        at = self.order.index(turn) if turn in self.order else 0
        for other in [*self.order[at:], *reversed(self.order[:at])]:
            found = self.turns.get(other)
            if found is not None and found.weights:
                return found
        return None

    def edits(self) -> Iterator[JudgedEdit]:
        """Every judged edit of the session."""
        for turn in self.turns.values():
            yield from turn.edits


def is_present(as_of_ms: int) -> bool:
    """Whether an as-of is now: what is asked for now takes a moment until it is judged."""
    return as_of_ms >= now_ms() - _MOMENT_MS


def judge_sessions(reader: Reader, sessions: Sequence[int], as_of_ms: int) -> dict[int, SessionJudgement]:
    """Judge every line of some sessions with what existed at ``as_of_ms``."""
    connection = reader.connection
    facts = session_facts(connection, sessions)
    turns = turns_of(connection, sessions)
    repos, tags = repo_rows(connection), phase_tags(connection)
    edits = [edit for edit in edits_of(connection, sessions) if edit.at_ms <= as_of_ms]
    evidence = evidence_of(connection, [edit.edit_id for edit in edits])
    hearing = Hearing(connection, (lives[0] for lives in evidence.lives.values()), sessions)
    applied = {_written(edit) for edit in edits if edit.kind in _APPLIED and _counts(edit, evidence)}
    is_now = is_present(as_of_ms)
    judged: dict[int, SessionJudgement] = {}
    for session, said in facts.items():
        repo = repos.get(said.repo_id) if said.repo_id is not None else None
        phase = phase_of(said.session_id, said.branch, said.folder, None, repo, tags)
        order: list[int | None] = [None, *(turn for turn, _ in turns.get(session, ()))]
        judged[session] = SessionJudgement(said, phase, defaultdict(TurnJudgement), order, has_edits=False)
    for edit in edits:
        own = judged[edit.session]
        repo = repos.get(edit.repo_id) if edit.repo_id is not None else None
        phase = phase_of(own.facts.session_id, edit.branch, edit.folder or own.facts.folder, edit, repo, tags)
        if edit.kind.is_shell and not _counts(edit, evidence):
            is_hidden = edit.kind is not EditKind.SHELL_DIFF
            if is_hidden and edit.place == "repository" and phase is Phase.PRODUCTION:
                own.untold = own.untold or (SHELL_WRITTEN if as_of_ms - edit.at_ms >= SURVIVAL_MS else _YOUNG)
            continue
        own.has_edits = True
        if edit.place == "outside" and _written(edit) in applied:
            # The file of a diff or a script is no work beside what that made.
            continue
        if _is_untold(edit):
            own.untold = FOREIGN_TOOL
        lines = judge_edit(edit, repo, phase, evidence, as_of_ms, is_now=is_now)
        is_void = edit.place == "repository" and not any(line.weight for line in lines.lines)
        if is_void and any(map(is_significant, edit.added)):
            own.untold = own.untold or _NO_CHANGE
        add_edit(own.turns[edit.turn], _heard(lines, evidence, hearing, own.facts))
    without = [session for session, own in judged.items() if not own.has_edits]
    for session in untold_edits(connection, without):
        judged[session].untold = LOG_TRUNCATED
    for session in sessionless(connection, without):
        judged[session].untold = NO_SESSION
    return judged


def _written(edit: EditRow) -> tuple[int, int | None, int]:
    """What an edit shares with those of the diff that it wrote to a file."""
    return edit.session, edit.turn, edit.at_ms


def _is_untold(edit: EditRow) -> bool:
    """Whether the log names the file only; an empty file, written whole, is told."""
    is_whole = edit.kind.is_unseen or edit.kind.is_whole
    return not (edit.added or edit.removed or is_whole) and edit.place in ("repository", "ignored")


def _counts(edit: EditRow, evidence: Evidence) -> bool:
    """Whether a shell command's change is an edit at all: one of the project, of which a line is known."""
    if edit.place in ("outside", "no_repository", "excluded"):
        return False
    if edit.kind is EditKind.SHELL_DIFF:
        return any(_is_seen((edit.edit_id, 0, position), evidence) for position in range(len(edit.added)))
    return bool(edit.added) or any(_is_seen((edit.edit_id, side, 0), evidence) for side in (0, 1))


def _is_seen(line: LineRef, evidence: Evidence) -> bool:
    return line in evidence.lives or line in evidence.sightings


def judge_edit(
    edit: EditRow, repo: RepoRow | None, phase: Phase, evidence: Evidence, as_of_ms: int, *, is_now: bool
) -> JudgedEdit:
    """Judge an edit's lines. What stands uncommitted is looked at only where as-of is now."""
    fixed = _standing(edit, repo, phase)
    is_counted = edit.place != "excluded"
    landed_ms = _first_landing(edit, evidence, as_of_ms)
    lines = []
    told = [_told(edit, evidence, is_removal=is_removal) for is_removal in (False, True)]
    same = respaced(told[0], told[1], edit.repo_path or "")
    for is_removal in (False, True):
        keys = _keys(edit, evidence, is_removal=is_removal)
        kept = same.removed if is_removal else same.added
        for position, key in enumerate(keys):
            if not key:
                continue
            ref = (edit.edit_id, int(is_removal), position)
            lives = evidence.lives.get(ref, [])
            if ref in evidence.void or position in kept:
                continue
            verdict = fixed
            if verdict is None:
                overwritten = evidence.overwritten.get(ref, landed_ms)
                verdict = judge_line(
                    edit.at_ms, lives, evidence.sightings.get(ref, ()), overwritten, as_of_ms
                )
                if edit.branch is None and _is_tried_out(verdict, evidence.sightings.get(ref, ()), as_of_ms):
                    verdict = _BY_PHASE
                elif edit.place == "ignored" and not lives and not evidence.sightings.get(ref):
                    verdict = _IGNORED
                elif verdict.bucket is Bucket.NOT_LANDED:
                    verdict = _not_landed(edit, ref, repo, evidence, verdict, is_now=is_now)
            weight = 1.0 if is_counted and is_significant(key) else 0.0
            current = [life for life in lives if life.landed_ms <= as_of_ms]
            is_old = as_of_ms - edit.at_ms >= PROTOTYPE_MS
            if verdict is _BY_PHASE and is_old and not current and phase is not Phase.EXPLORATION:
                verdict = _EXPIRED
            lines.append(
                JudgedLine(
                    position,
                    is_removal,
                    key,
                    verdict,
                    weight,
                    current[-1] if current else None,
                    landed_in=current[0].commit_id if current else None,
                )
            )
    is_told = edit.place in ("repository", "gone") or any(
        line.verdict is not _IGNORED for line in lines if edit.place == "ignored"
    )
    return JudgedEdit(edit, is_told, lines)


def _told(edit: EditRow, evidence: Evidence, *, is_removal: bool) -> Sequence[int]:
    """The keys of an edit's lines, nought for those that are void."""
    keys = edit.removed if is_removal else edit.added
    side = int(is_removal)
    return [
        0 if (edit.edit_id, side, position) in evidence.void else key for position, key in enumerate(keys)
    ]


def _heard(judged: JudgedEdit, evidence: Evidence, hearing: Hearing, facts: SessionFacts) -> JudgedEdit:
    """The edit with the confidence of its landed lines as outside evidence leaves it."""
    edit = judged.edit.edit_id
    for index, line in enumerate(judged.lines):
        if line.life is None or line.verdict.bucket not in _LANDED:
            continue
        # Later lives begin in other commits; evidence speaks of the one that brought the line.
        first = evidence.lives[edit, int(line.is_removal), line.position][0]
        weighed = None if line.is_removal else hearing.on(first, facts)
        if weighed is not None:
            verdict = line.verdict._replace(confidence=weighed.confidence)
            judged.lines[index] = line._replace(verdict=verdict, said=weighed.said)
    return judged


def _keys(edit: EditRow, evidence: Evidence, *, is_removal: bool) -> Sequence[int]:
    """The edit's lines; of a command that shows none, those that a commit of any branch is credited to it."""
    if not edit.kind.is_unseen:
        return edit.removed if is_removal else edit.added
    count = 0
    while _is_seen((edit.edit_id, int(is_removal), count), evidence):
        count += 1
    return [UNSEEN_KEY] * count


def _is_tried_out(verdict: Verdict, sightings: Sequence[Sighting], as_of_ms: int) -> bool:
    """Whether a line that never landed was committed to a prototype's branch only, where the log names none."""
    refs = {sighting.ref for sighting in sightings if sighting.committed_ms <= as_of_ms}
    return (
        verdict.bucket in (Bucket.PENDING, Bucket.NOT_LANDED)
        and bool(refs)
        and all(phase_of_branch(ref) is not Phase.PRODUCTION for ref in refs)
    )


def _not_landed(
    edit: EditRow, ref: LineRef, repo: RepoRow | None, evidence: Evidence, verdict: Verdict, *, is_now: bool
) -> Verdict:
    """A line that git does not show: it may still lie in the working tree, or git may not be able to tell."""
    if is_now and ref in evidence.in_worktree:
        return _IN_WORKTREE
    if repo is None or edit.repo_path is None:
        return verdict
    if ref in evidence.stood and verdict.kind is not WasteKind.OVERWRITTEN:
        return _STOOD
    unread_ms = evidence.unreadable.get((repo.repo_id, edit.repo_path))
    if repo.is_torn or (unread_ms is not None and unread_ms >= edit.at_ms):
        return _MISSING
    return verdict


def _standing(edit: EditRow, repo: RepoRow | None, phase: Phase) -> Verdict | None:
    """A verdict that holds for all lines of an edit, whatever git says of them."""
    if phase is not Phase.PRODUCTION and edit.place in ("repository", "outside", "no_repository", "ignored"):
        return _BY_PHASE
    fixed = _PLACES.get(edit.place)
    if fixed is not None:
        return fixed
    return _BY_STATE.get(repo.state) if repo is not None else None


def _first_landing(edit: EditRow, evidence: Evidence, as_of_ms: int) -> int | None:
    """When the first line of the edit landed: its other lines were replaced before that commit."""
    first = None
    for position in range(len(edit.added)):
        for life in evidence.lives.get((edit.edit_id, 0, position), ()):
            if life.landed_ms <= as_of_ms and (first is None or life.landed_ms < first):
                first = life.landed_ms
    return first


def add_edit(turn: TurnJudgement, judged: JudgedEdit) -> None:
    """Add what a judged edit's lines weigh to its turn."""
    turn.edits.append(judged)
    for line in judged.lines:
        if not line.weight:
            continue
        verdict = line.verdict
        outcome = Outcome(verdict.bucket, verdict.kind, verdict.reason)
        credit = line.life.credit if line.life is not None and line.machine is None else 1.0
        turn.weights[outcome] += line.weight * credit
        if line.landed_in is not None:
            turn.landed[outcome][line.landed_in] += line.weight * credit
        if credit < 1.0:
            is_shared = line.life is not None and line.life.is_shared
            turn.weights[AMBIGUOUS if is_shared else _OVERWRITTEN] += line.weight * (1.0 - credit)
        turn.confidence += line.weight * verdict.confidence
