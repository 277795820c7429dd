"""A ledger into the values that are shown: buckets, waste kinds, unknown reasons, line counts."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping  # noqa: TC003 - a named tuple looks at them
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.attribution.reasons import MENDS, REASONS
from tokencoach.audit.allocate import WEIGHT_UNIT, Amount
from tokencoach.audit.energy import NO_ENERGY
from tokencoach.audit.report import BucketSpend, LineCounts, Spend, UnknownSpend, WasteSpend
from tokencoach.usage.words import Bucket, WasteKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tokencoach.audit.allocate import Ledger
    from tokencoach.audit.energy import EnergySpent
    from tokencoach.audit.judgement import JudgedEdit


_TIE = 0.5


def share_of(ledger: Ledger) -> str:
    """What shares are shares of: cost where every request is priced, else weighted tokens.

    Models that ran on this computer cost nothing: of their spend alone the tokens are weighed too.
    """
    is_free = ledger.requests and not ledger.total.cost_nano
    return "weighted_tokens" if ledger.unpriced or is_free else "cost"


def buckets(ledger: Ledger, measure: str) -> tuple[BucketSpend, ...]:
    """All six buckets in their fixed order; shares add up to 1, or are all 0 without spend."""
    sums: dict[Bucket, Amount] = {bucket: Amount() for bucket in Bucket}
    for outcome, amount in ledger.by_outcome.items():
        sums[outcome.bucket].add(amount)
    whole = _measured(ledger.total, measure)
    return tuple(
        BucketSpend(
            bucket, amount.tokens, amount.cost_nano, _measured(amount, measure) / whole if whole else 0.0
        )
        for bucket, amount in sums.items()
    )


def _measured(amount: Amount, measure: str) -> int:
    return amount.cost_nano if measure == "cost" else amount.weighted


def waste(ledger: Ledger) -> tuple[WasteSpend, ...]:
    """Waste kinds in their fixed order; they partition not_landed and reworked."""
    sums = {kind: Amount() for kind in WasteKind}
    for outcome, amount in ledger.by_outcome.items():
        if outcome.kind is not None:
            sums[outcome.kind].add(amount)
    return tuple(WasteSpend(kind, amount.tokens, amount.cost_nano) for kind, amount in sums.items())


def unknown(ledger: Ledger) -> tuple[UnknownSpend, ...]:
    """Why spend is unknown, the largest first, each with what the person can do."""
    sums: defaultdict[str, Amount] = defaultdict(Amount)
    for outcome, amount in ledger.by_outcome.items():
        if outcome.bucket is Bucket.UNKNOWN:
            sums[outcome.reason].add(amount)
    rows = sorted(sums.items(), key=lambda item: (-item[1].cost_nano, -item[1].tokens, item[0]))
    return tuple(
        UnknownSpend(reason, MENDS.get(reason, REASONS.get(reason, "")), amount.tokens, amount.cost_nano)
        for reason, amount in rows
    )


def known_share(spent: tuple[BucketSpend, ...]) -> float:
    """1 less the share that is unknown."""
    return 1.0 - next(item.share for item in spent if item.bucket is Bucket.UNKNOWN)


def spend(
    ledger: Ledger,
    unlogged_tokens: int = 0,
    human_minutes: int | None = None,
    energy: EnergySpent = NO_ENERGY,
) -> Spend:
    """All spend of a ledger."""
    return Spend(
        ledger.requests,
        ledger.counts,
        round(ledger.total.weighted / WEIGHT_UNIT),
        ledger.total.cost_nano,
        ledger.unpriced,
        unlogged_tokens,
        human_minutes,
        energy.wh,
        energy.quality.value,
        energy.shipped_share,
    )


class Reviewed(NamedTuple):
    """Rows of commits that were reviewed, and keys of lines that were understood, by repository and path."""

    commits: Collection[int] = ()
    lines: Mapping[tuple[int, str], Collection[int]] = MappingProxyType({})


UNREVIEWED: Final = Reviewed()


def _landed(credit: float) -> float:
    """A line that the person changed has landed; of one that two sessions wrote, each has half."""
    return 1.0 if credit > _TIE else credit


def count_lines(
    edits: Iterable[JudgedEdit], since_ms: int, until_ms: int, reviewed: Reviewed = UNREVIEWED
) -> LineCounts:
    """Significant generated lines of repository files, of edits made in a span.

    They are counted as git shows them: the person's word moves spend, not lines.
    """
    tally: Counter[str] = Counter()
    landed = 0.0
    for judged in edits:
        if not judged.is_in_repository or not since_ms <= judged.edit.at_ms < until_ms:
            continue
        understood = reviewed.lines.get((judged.edit.repo_id or 0, judged.edit.repo_path or ""), frozenset())
        for line in judged.lines:
            if line.is_removal or not line.weight:
                continue
            tally["generated"] += 1
            if line.life is not None:
                landed += _landed(line.life.credit)
                tally["reviewed"] += line.landed_in in reviewed.commits or line.key in understood
            verdict = line.machine or line.verdict
            name = str(verdict.bucket)
            if name == Bucket.SHIPPED:
                name = "provisional" if verdict.is_provisional else "survived"
            tally[name] += 1
    return LineCounts(
        tally["generated"],
        round(landed),
        tally["survived"],
        tally[Bucket.REWORKED],
        tally[Bucket.PENDING],
        tally[Bucket.NOT_LANDED],
        tally[Bucket.UNKNOWN],
        tally["reviewed"],
    )
