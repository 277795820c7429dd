"""Sessions with what became of their spend."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokencoach.audit import fold
from tokencoach.audit.energy import energy_of
from tokencoach.audit.month import Allocated
from tokencoach.audit.report import SessionRow
from tokencoach.audit.word import said_of, word_on
from tokencoach.store.commit_rows import commit_names
from tokencoach.usage.words import Bucket

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tokencoach.audit.allocate import Ledger
    from tokencoach.audit.judgement import SessionJudgement
    from tokencoach.audit.period import Period
    from tokencoach.audit.report import Said
    from tokencoach.store.reader import Reader

SORTS = ("cost", "waste", "time")
_WASTED = (Bucket.NOT_LANDED, Bucket.REWORKED)
_KNOWN_ENOUGH = 0.6


def period_sessions(
    reader: Reader, period: Period, *, as_of_ms: int, repo: str | None = None, sort: str = "time"
) -> list[SessionRow]:
    """Sessions with at least one own request in the period, with figures for those requests only."""
    found = Allocated.of_period(reader, period, as_of_ms, repo)
    return in_order([session_row(found, session) for session in found.turns], sort)


def in_order(rows: Iterable[SessionRow], sort: str) -> list[SessionRow]:
    """Sessions by cost or waste, the dearest first, or by time, the newest first."""
    keys = {
        "cost": lambda row: (-row.cost_nano, -row.tokens, row.session_id),
        "waste": lambda row: (-wasted_nano(row), -wasted_tokens(row), row.session_id),
        "time": lambda row: (-row.started_at_ms, row.session_id),
    }
    return sorted(rows, key=keys[sort])


def session_row(found: Allocated, session: int) -> SessionRow:
    """One session's row."""
    judged = found.judged[session]
    ledger = found.ledger(session)
    spent = fold.buckets(ledger, fold.share_of(ledger))
    names = found.reader.models()
    edits = list(judged.edits())
    commits = sorted({line.life.commit_id for edit in edits for line in edit.lines if line.life is not None})
    facts = judged.facts
    energy = energy_of(ledger)
    repo = found.repos.get(facts.repo_id) if facts.repo_id is not None else None
    return SessionRow(
        row_id=session,
        session_id=facts.session_id,
        source=facts.source,
        repo=repo.path if repo is not None else None,
        folder=facts.folder,
        branch=facts.branch,
        title=facts.title,
        started_at_ms=ledger.first_ms,
        ended_at_ms=ledger.last_ms,
        turns=len(found.turns[session]),
        requests=ledger.requests,
        tokens=ledger.total.tokens,
        cost_nano=ledger.total.cost_nano,
        unpriced_requests=ledger.unpriced,
        models=tuple(names[model] for model, _ in ledger.models.most_common()),
        buckets=spent,
        waste=fold.waste(ledger),
        verdict=verdict_of(ledger, judged),
        confidence=confidence_of(judged),
        lines=fold.count_lines(edits, found.period.since_ms, found.period.until_ms),
        commits=tuple(commit_names(found.reader.connection, commits)),
        said=_said(found, session),
        energy_wh=energy.wh,
        energy_quality=energy.quality.value,
    )


def _said(found: Allocated, session: int) -> Said | None:
    word = word_on(found.words.get(session, ()))
    return None if word is None else said_of(word, machine_verdict(found, session))


def machine_verdict(found: Allocated, session: int) -> Bucket:
    """A session's verdict without the person's word."""
    return verdict_of(found.machine_ledger(session), found.machine[session])


def verdict_of(ledger: Ledger, judged: SessionJudgement) -> Bucket:
    """The bucket with most of the session's spend; unknown where less than 60 % of its lines are known."""
    weights: dict[Bucket, float] = {}
    for turn in judged.turns.values():
        for outcome, weight in turn.weights.items():
            weights[outcome.bucket] = weights.get(outcome.bucket, 0.0) + weight
    whole = sum(weights.values())
    is_ruled = judged.rulings.keys() >= set(judged.order)
    if whole and not is_ruled and 1 - weights.get(Bucket.UNKNOWN, 0.0) / whole < _KNOWN_ENOUGH:
        return Bucket.UNKNOWN
    sums = dict.fromkeys(Bucket, 0)
    for outcome, amount in ledger.by_outcome.items():
        sums[outcome.bucket] += amount.weighted
    return max(Bucket, key=lambda bucket: sums[bucket])


def confidence_of(judged: SessionJudgement) -> float:
    """Mean confidence of the session's line verdicts; without any line, that of reading as neutral."""
    weight = sum(sum(turn.weights.values()) for turn in judged.turns.values())
    if not weight:
        return 0.5
    return round(sum(turn.confidence for turn in judged.turns.values()) / weight, 4)


def wasted_nano(row: SessionRow) -> int:
    """Nano-dollars that ended in not_landed or reworked."""
    return sum(item.cost_nano for item in row.buckets if item.bucket in _WASTED)


def wasted_tokens(row: SessionRow) -> int:
    """Tokens that ended in not_landed or reworked."""
    return sum(item.tokens for item in row.buckets if item.bucket in _WASTED)
