"""From lines to spend: requests of failed calls are cut out, the rest of a turn follows its lines.

All amounts are integers split by largest remainder, so that buckets add up to the ingested
tokens and nano-dollars exactly.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from tokencoach.audit.judgement import Outcome
from tokencoach.store.days import DayMap
from tokencoach.usage.prices import cost_nano, rate_at
from tokencoach.usage.tokens import TokenCounts, split_exactly
from tokencoach.usage.words import Bucket, WasteKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from zoneinfo import ZoneInfo

    from tokencoach.audit.judgement import SessionJudgement
    from tokencoach.store.audit_rows import RequestRow
    from tokencoach.store.power.rows import RequestJoules
    from tokencoach.store.rollup import RatesById

REJECTED = Outcome(Bucket.NOT_LANDED, WasteKind.REJECTED, "rejected")
FAILED = Outcome(Bucket.NOT_LANDED, WasteKind.FAILED, "failed")
LOOPED = Outcome(Bucket.NOT_LANDED, WasteKind.LOOPED, "looped")

# Billing classes relative to fresh input, in twentieths: read 0.1, write 5 min 1.25, 1 h 2, output 5.
WEIGHT_UNIT = 20
_WEIGHTS = (20, 2, 25, 40, 100)
_MEASURES = ("tokens", "cost_nano", "weighted", "energy_uj")
NO_JOULES: Final[Mapping[int, RequestJoules]] = MappingProxyType({})


@dataclass(slots=True)
class Amount:
    """Tokens, nano-dollars, weighted tokens (in twentieths), and microjoules where they were measured."""

    tokens: int = 0
    cost_nano: int = 0
    weighted: int = 0
    energy_uj: int = 0

    def add(self, other: Amount) -> None:
        """Add another amount to this one."""
        self.tokens += other.tokens
        self.cost_nano += other.cost_nano
        self.weighted += other.weighted
        self.energy_uj += other.energy_uj


@dataclass(slots=True)
class Ledger:
    """Spend of some requests: in all, and by where it ended."""

    requests: int = 0
    unpriced: int = 0
    counts: TokenCounts = field(default_factory=TokenCounts)
    total: Amount = field(default_factory=Amount)
    by_outcome: defaultdict[Outcome, Amount] = field(default_factory=lambda: defaultdict(Amount))
    models: Counter[int] = field(default_factory=Counter)
    first_ms: int = 0
    last_ms: int = 0
    qualities: set[str] = field(default_factory=set)
    """Badges of the energy of those requests whose energy is known."""

    def add(self, other: Ledger) -> None:
        """Add another ledger to this one."""
        self.first_ms = min(self.first_ms, other.first_ms) if self.requests else other.first_ms
        self.last_ms = max(self.last_ms, other.last_ms)
        self.requests += other.requests
        self.unpriced += other.unpriced
        self.counts = self.counts.plus(other.counts)
        self.total.add(other.total)
        self.models.update(other.models)
        self.qualities |= other.qualities
        for outcome, amount in other.by_outcome.items():
            self.by_outcome[outcome].add(amount)


def allocate_turns(
    rows: Iterable[RequestRow],
    judgement: SessionJudgement,
    rates: RatesById,
    tz: ZoneInfo,
    energies: Mapping[int, RequestJoules] = NO_JOULES,
) -> dict[int | None, Ledger]:
    """A session's requests, turn by turn, spread over outcomes.

    A turn is split day by day, so that days add up to months and months to years exactly.
    """
    days = DayMap(tz)
    parts: dict[tuple[int | None, int], list[RequestRow]] = defaultdict(list)
    for row in rows:
        parts[row.turn, days.day(row.at_ms)].append(row)
    turns: dict[int | None, Ledger] = defaultdict(Ledger)
    for (turn, _), group in parts.items():
        turns[turn].add(_allocate_part(group, judgement, turn, rates, energies))
    return dict(turns)


def _allocate_part(
    rows: list[RequestRow],
    judgement: SessionJudgement,
    turn: int | None,
    rates: RatesById,
    energies: Mapping[int, RequestJoules],
) -> Ledger:
    ledger = Ledger()
    pool = Amount()
    is_ruled = turn in judgement.rulings
    for row in rows:
        counts = TokenCounts(*row[5:11])
        amount = _amount(row, counts, rates, ledger)
        if row.request_id in energies:
            amount.energy_uj, badges = energies[row.request_id]
            ledger.qualities |= badges
        _count(ledger, row, counts, amount)
        if row.calls and not is_ruled:
            pool.add(_cut(row, amount, ledger))
        else:
            pool.add(amount)
    if pool.tokens or pool.cost_nano or pool.weighted or pool.energy_uj:
        shares = judgement.shares(turn)
        outcomes = sorted(shares, key=_order)
        _spread(pool, outcomes, [shares[outcome] for outcome in outcomes], ledger)
    return ledger


def _order(outcome: Outcome) -> tuple[str, str, str]:
    return outcome.bucket, outcome.kind or "", outcome.reason


def _amount(row: RequestRow, counts: TokenCounts, rates: RatesById, ledger: Ledger) -> Amount:
    rate = rate_at(rates.get(row.model, ()), row.at_ms)
    if rate is None:
        ledger.unpriced += 1
    weighted = sum(weight * count for weight, count in zip(_WEIGHTS, counts[:5], strict=True))
    return Amount(counts.total, 0 if rate is None else cost_nano(rate, counts), weighted)


def _count(ledger: Ledger, row: RequestRow, counts: TokenCounts, amount: Amount) -> None:
    ledger.first_ms = row.at_ms if not ledger.requests else min(ledger.first_ms, row.at_ms)
    ledger.last_ms = max(ledger.last_ms, row.at_ms)
    ledger.requests += 1
    ledger.counts = ledger.counts.plus(counts)
    ledger.total.add(amount)
    ledger.models[row.model] += 1


def _cut(row: RequestRow, amount: Amount, ledger: Ledger) -> Amount:
    """Book the share of a request's calls that came to nothing; what is left goes back to its turn."""
    kept = row.calls - row.rejected - row.failed - row.looped
    parts = (row.rejected, row.failed, row.looped, kept)
    rest = Amount()
    for name in _MEASURES:
        split = split_exactly(getattr(amount, name), parts)
        for outcome, part in zip((REJECTED, FAILED, LOOPED), split, strict=False):
            if part:
                target = ledger.by_outcome[outcome]
                setattr(target, name, getattr(target, name) + part)
        setattr(rest, name, split[3])
    return rest


def _spread(pool: Amount, outcomes: list[Outcome], weights: list[float], ledger: Ledger) -> None:
    for name in _MEASURES:
        for outcome, part in zip(outcomes, split_exactly(getattr(pool, name), weights), strict=True):
            if part:
                target = ledger.by_outcome[outcome]
                setattr(target, name, getattr(target, name) + part)
