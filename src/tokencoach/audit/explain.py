"""A session opened: turns, edits, lines, and the reason of each verdict."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from tokencoach.attribution.lines import is_significant
from tokencoach.attribution.reasons import REASONS
from tokencoach.audit import fold
from tokencoach.audit.allocate import Ledger
from tokencoach.audit.energy import energy_of
from tokencoach.audit.month import Allocated
from tokencoach.audit.period import span_period
from tokencoach.audit.report import EditDetail, LineFate, SessionDetail, TurnDetail
from tokencoach.audit.sessions import session_row
from tokencoach.audit.word import REASON as YOUR_WORD
from tokencoach.audit.word import said_of, word_on, word_on_edit, word_on_line
from tokencoach.errors import NothingToReadError
from tokencoach.store.commit_rows import added_texts, commit_shas, path_names
from tokencoach.store.session_rows import failed_edits, find_session, session_span, turn_prompts
from tokencoach.usage.words import Bucket, CallStatus

if TYPE_CHECKING:
    from collections.abc import Mapping
    from zoneinfo import ZoneInfo

    from tokencoach.audit.judgement import JudgedEdit, JudgedLine, Outcome, SessionJudgement, TurnJudgement
    from tokencoach.audit.report import Said
    from tokencoach.store.audit_rows import EditRow
    from tokencoach.store.reader import Reader
    from tokencoach.store.word_rows import Word


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
        NothingToReadError: it has no request of its own, or had none at that instant.
    """
    first_ms, last_ms = session_span(reader.connection, session)
    found = Allocated.of_sessions(
        reader, [session], span_period(None, None, tz, max(last_ms, as_of_ms)), as_of_ms
    )
    if session not in found.judged:
        raise NothingToReadError(
            "the session has no request of its own by then: it began later, or repeats what another asked",
            "tokencoach sessions  lists those that have",
        )
    judged = found.judged[session]
    words = found.words.get(session, [])
    names = _Names(reader, list(judged.edits()))
    prompts = turn_prompts(reader.connection, session)
    failed = failed_edits(reader.connection, session)
    numbers: dict[int | None, int] = {
        turn: number for number, turn in enumerate((row.turn for row in prompts), 1)
    }
    by_turn = {row.turn: row for row in prompts}
    turns = []
    seen = set(found.turns[session]) | {turn for turn in judged.turns if judged.turns[turn].edits}
    for turn in sorted(seen, key=lambda turn: numbers.get(turn, 0) if turn is not None else 0):
        ledger = found.turns[session].get(turn, Ledger())
        prompt = by_turn.get(turn) if turn is not None else None
        own = judged.turns.get(turn)
        edits = [_edit(edit, names, words) for edit in own.edits] if own is not None else []
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
        word = word_on(words, turn, is_turn=True)
        standing = word or word_on(words)
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
                reason=_followed(judged, turn, outcome, numbers) + _reason(outcome, standing, own),
                confidence=1.0
                if turn in judged.rulings
                else _confidence(own.confidence if own else 0.0, sum(own.weights.values()) if own else 0.0),
                edits=tuple(edits),
                said=None if word is None else said_of(word, _machine_turn(found, session, turn)),
                log=prompt.path if prompt is not None else None,
                at_byte=prompt.offset if prompt is not None else None,
                energy_wh=energy_of(ledger).wh,
                energy_quality=energy_of(ledger).quality.value,
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


def _machine_turn(found: Allocated, session: int, turn: int | None) -> Bucket:
    ledger = found.machine_turns(session).get(turn, Ledger())
    return _largest(ledger, found.machine[session].shares(turn)).bucket


def _followed(
    judged: SessionJudgement, turn: int | None, outcome: Outcome, numbers: Mapping[int | None, int]
) -> str:
    """Why a turn that wrote no line has the verdict of another's lines; empty where it has its own."""
    found = judged.followed(turn)
    if found is None or found is judged.turns.get(turn) or outcome not in found.weights:
        return ""
    of = next((numbers[other] for other, own in judged.turns.items() if own is found and other in numbers), 0)
    return f"wrote no line, goes with turn {of}: "


def _reason(outcome: Outcome, word: Word | None, turn: TurnJudgement | None) -> str:
    if outcome.reason == YOUR_WORD and word is not None:
        return f"your word: {word.because}"
    return _with_evidence(REASONS.get(outcome.reason, outcome.reason), _said_of(turn))


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


def _edit(judged: JudgedEdit, names: _Names, words: list[Word]) -> EditDetail:
    edit = judged.edit
    text = names.texts.get(edit.edit_id)
    lines = tuple(_line(line, text, names, _word_on(words, edit, line)) for line in judged.lines)
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
        _said_on(judged, words),
    )


def _said_on(judged: JudgedEdit, words: list[Word]) -> Said | None:
    word = word_on_edit(words, judged.edit.edit_id)
    if word is None:
        return None
    tally = Counter((line.machine or line.verdict).bucket for line in judged.lines if line.weight)
    return said_of(word, tally.most_common(1)[0][0] if tally else None)


def _word_on(words: list[Word], edit: EditRow, line: JudgedLine) -> Word | None:
    """The word that decides a line: on its span, its edit, its turn, its session."""
    if not words or line.machine is None:
        return None
    own = None if line.is_removal else word_on_line(words, edit.edit_id, line.position)
    return (
        own or word_on_edit(words, edit.edit_id) or word_on(words, edit.turn, is_turn=True) or word_on(words)
    )


def _line(line: JudgedLine, text: list[str] | None, names: _Names, word: Word | None) -> LineFate:
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
        reason=f"your word: {word.because}"
        if word
        else _with_evidence(REASONS.get(line.verdict.reason, line.verdict.reason), line.said),
        confidence=line.verdict.confidence,
        commit=names.commits.get(life.commit_id) if life else None,
        path=names.paths.get(life.path_id) if life else None,
        line=life.line if life else None,
        landed_at_ms=life.landed_ms if life else None,
        died_at_ms=life.died_ms if life else None,
        died_in=names.commits.get(life.death_commit_id) if life and life.death_commit_id else None,
        method=life.method if life else None,
        evidence=line.said,
        said=said_of(word, line.machine.bucket) if word and line.machine else None,
    )


def resolve_session(reader: Reader, session_id: str) -> int:
    """Database row of a session by its id or an unambiguous beginning of it.

    Raises:
        UsageError: none or several match.
    """
    return find_session(reader.connection, session_id)
