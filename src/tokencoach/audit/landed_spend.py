"""What landed commits took: a turn's shipped and reworked spend, split by the commits of its lines."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tokencoach.audit.allocate import Amount
from tokencoach.usage.tokens import split_exactly
from tokencoach.usage.words import Bucket

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tokencoach.audit.allocate import Ledger
    from tokencoach.audit.judgement import Outcome, SessionJudgement, TurnJudgement
    from tokencoach.audit.month import Allocated

LANDED = (Bucket.SHIPPED, Bucket.REWORKED)


@dataclass(slots=True)
class CommitSpend:
    """What one commit's generated lines took: in all, and in the turns that wrote them."""

    total: Amount = field(default_factory=Amount)
    direct: Amount = field(default_factory=Amount)


@dataclass(slots=True)
class LandedSpending:
    """Spend by the commit that it landed in. ``rest`` landed without a known commit."""

    commits: defaultdict[int, CommitSpend] = field(default_factory=lambda: defaultdict(CommitSpend))
    rest: Amount = field(default_factory=Amount)

    def add(self, judged: SessionJudgement, turns: Mapping[int | None, Ledger]) -> None:
        """Split all of a session that shipped or was reworked; nothing is lost and nothing doubled."""
        for turn, ledger in turns.items():
            source = judged.followed(turn)
            for outcome, amount in ledger.by_outcome.items():
                if outcome.bucket in LANDED:
                    self._split(outcome, amount, source, is_direct=source is judged.turns.get(turn))

    def _split(
        self, outcome: Outcome, amount: Amount, source: TurnJudgement | None, *, is_direct: bool
    ) -> None:
        weights = source.landed.get(outcome) if source is not None else None
        if not weights:
            self.rest.add(amount)
            return
        commits = sorted(weights)
        shares = [weights[commit] for commit in commits]
        columns = [
            split_exactly(whole, shares)
            for whole in (amount.tokens, amount.cost_nano, amount.weighted, amount.energy_uj)
        ]
        for commit, *parts in zip(commits, *columns, strict=True):
            part = Amount(*parts)
            self.commits[commit].total.add(part)
            if is_direct:
                self.commits[commit].direct.add(part)


def landed_spending(found: Allocated) -> LandedSpending:
    """The landed spend of every session's requests in the period."""
    spending = LandedSpending()
    for session, turns in found.turns.items():
        spending.add(found.judged[session], turns)
    return spending


def landed_shares(judged: SessionJudgement, turn: int | None) -> dict[int, float]:
    """The share of a turn that landed in each commit; what did not land is missing from 1."""
    source = judged.followed(turn)
    whole = sum(source.weights.values()) if source is not None else 0.0
    if source is None or not whole:
        return {}
    shares: defaultdict[int, float] = defaultdict(float)
    for outcome, weights in source.landed.items():
        if outcome.bucket in LANDED:
            for commit, weight in weights.items():
                shares[commit] += weight / whole
    return shares
