"""A session opened: turns, edits, lines, and the reason of each verdict."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from tokencoach.attribution.lines import is_significant
from tokencoach.attribution.verdict import REASONS
from tokencoach.audit import fold
from tokencoach.audit.allocate import Ledger
from tokencoach.audit.month import Allocated
from tokencoach.audit.period import span_period
from tokencoach.audit.report import EditDetail, LineFate, SessionDetail, TurnDetail
from tokencoach.audit.sessions import session_row
from tokencoach.store.commit_rows import added_texts, commit_shas, path_names
from tokencoach.store.session_rows import failed_edits, find_session, session_span, turn_prompts
from tokencoach.usage.words import Bucket, CallStatus

if TYPE_CHECKING:
    from collections.abc import Mapping
    from zoneinfo import ZoneInfo

    from tokencoach.audit.judgement import JudgedEdit, JudgedLine, Outcome, TurnJudgement
    from tokencoach.store.reader import Reader


class _Names:
    """Names that line details show, read at once for a whole session."""

    def __init__(self, reader: Reader, edits: list[JudgedEdit]) -> None:
        lives = [line.life for edit in edits for line in edit.lines if line.life is not None]
        commits = {life.commit_id for life in lives} | {
            life.death_commit_id for life in lives if life.death_commit_id is not None
        }
        self.commits = commit_shas(reader.connection, sorted(commits))
        self.paths = path_names(reader.connection, sorted({life.path_id for life in lives}))
        self.texts = added_texts(reader.connection, [edit.edit.edit_id for edit in edits])


def session_detail(reader: Reader, session: int, tz: ZoneInfo, *, as_of_ms: int) -> SessionDetail:
    """All of a session, by its database row.

    Raises:
        UsageError: there is no such session.
    """
    first_ms, last_ms = session_span(reader.connection, session)
    found = Allocated.of_sessions(
        reader, [session], span_period(None, None, tz, max(last_ms, as_of_ms)), as_of_ms
    )
    judged = found.judged[session]
    names = _Names(reader, list(judged.edits()))
    prompts = turn_prompts(reader.connection, session)
    failed = failed_edits(reader.connection, session)
    numbers = {turn: number for number, turn in enumerate((row.turn for row in prompts), 1)}
    by_turn = {row.turn: row for row in prompts}
    turns = []
    seen = set(found.turns[session]) | {turn for turn in judged.turns if judged.turns[turn].edits}
    for turn in sorted(seen, key=lambda turn: numbers.get(turn, 0) if turn is not None else 0):
        ledger = found.turns[session].get(turn, Ledger())
        prompt = by_turn.get(turn) if turn is not None else None
        own = judged.turns.get(turn)
        edits = [_edit(edit, names) for edit in own.edits] if own is not None else []
        edits += [
            EditDetail(
                row.edit_id, row.path, row.at_ms, row.status, row.added, row.removed, {}, (), (), row.note
            )
            for row in failed
            if row.turn == turn
        ]
        edits.sort(key=lambda edit: (edit.at_ms, edit.edit_id))
        measure = fold.share_of(ledger)
        outcome = _largest(ledger, judged.shares(turn))
        turns.append(
            TurnDetail(
                turn_id=turn or 0,
                turn=numbers.get(turn, 0) if turn is not None else 0,
                started_at_ms=prompt.at_ms if prompt is not None else first_ms,
                prompt=prompt.text if prompt is not None else None,
                requests=ledger.requests,
                tokens=ledger.total.tokens,
                cost_nano=ledger.total.cost_nano,
                buckets=fold.buckets(ledger, measure),
                waste=fold.waste(ledger),
                verdict=outcome.bucket,
                reason=_with_evidence(REASONS.get(outcome.reason, outcome.reason), _said_of(own)),
                confidence=_confidence(
                    own.confidence if own else 0.0, sum(own.weights.values()) if own else 0.0
                ),
                edits=tuple(edits),
            )
        )
    return SessionDetail(session_row(found, session), tuple(turns))


def _largest(ledger: Ledger, shares: Mapping[Outcome, float]) -> Outcome:
    """The outcome of the bucket with most of the turn's spend; of a turn without spend, of its lines."""
    weights = {outcome: float(amount.weighted) for outcome, amount in ledger.by_outcome.items()}
    if not any(weights.values()):
        weights = dict(shares)
    sums = dict.fromkeys(Bucket, 0.0)
    for outcome, weight in weights.items():
        sums[outcome.bucket] += weight
    largest = max(Bucket, key=lambda bucket: sums[bucket])
    inside = [outcome for outcome in weights if outcome.bucket is largest]
    return max(inside, key=lambda outcome: (weights[outcome], outcome.reason))


def _confidence(total: float, weight: float) -> float:
    return round(total / weight, 4) if weight else 0.5


def _said_of(turn: TurnJudgement | None) -> str | None:
    """The evidence on most of a turn's lines that count, with the number of those that it speaks of."""
    lines = [line for edit in turn.edits for line in edit.lines if line.weight] if turn is not None else []
    tally = Counter(line.said for line in lines if line.said is not None)
    if not tally:
        return None
    # Equal numbers are told in the order of the words, so that the answer stays the same.
    said, number = min(tally.items(), key=lambda item: (-item[1], item[0]))
    return said if number == len(lines) else f"{said} ({number} of {len(lines)} lines)"


def _with_evidence(reason: str, said: str | None) -> str:
    return f"{reason}; {said}" if said else reason


def _edit(judged: JudgedEdit, names: _Names) -> EditDetail:
    edit = judged.edit
    text = names.texts.get(edit.edit_id)
    lines = tuple(_line(line, text, names) for line in judged.lines)
    tally = Counter(line.bucket for line in lines if line.is_significant)
    commits = dict.fromkeys(line.commit for line in lines if line.commit is not None)
    return EditDetail(
        edit.edit_id,
        edit.repo_path or edit.path,
        edit.at_ms,
        CallStatus.OK,
        sum(1 for key in edit.added if key),
        sum(1 for key in edit.removed if key),
        dict(tally),
        tuple(commits),
        lines,
        None if edit.place == "repository" else edit.place,
    )


def _line(line: JudgedLine, text: list[str] | None, names: _Names) -> LineFate:
    life = line.life
    shown = (
        text[line.position]
        if text is not None and not line.is_removal and line.position < len(text)
        else None
    )
    return LineFate(
        position=line.position,
        is_removal=line.is_removal,
        is_significant=is_significant(line.key),
        text=shown,
        bucket=line.verdict.bucket,
        kind=line.verdict.kind,
        reason=_with_evidence(REASONS.get(line.verdict.reason, line.verdict.reason), line.said),
        confidence=line.verdict.confidence,
        commit=names.commits.get(life.commit_id) if life else None,
        path=names.paths.get(life.path_id) if life else None,
        line=life.line if life else None,
        landed_at_ms=life.landed_ms if life else None,
        died_at_ms=life.died_ms if life else None,
        died_in=names.commits.get(life.death_commit_id) if life and life.death_commit_id else None,
        method=life.method if life else None,
        evidence=line.said,
    )


def resolve_session(reader: Reader, session_id: str) -> int:
    """Database row of a session by its id or an unambiguous beginning of it.

    Raises:
        UsageError: none or several match.
    """
    return find_session(reader.connection, session_id)
