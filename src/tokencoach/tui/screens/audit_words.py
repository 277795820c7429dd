"""The sentences of the audit's headline, and the comparison with one's own past months."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from textual.content import Content

from tokencoach.tui import figures
from tokencoach.tui.verdicts import lines_sentence, share_of_bucket
from tokencoach.usage.words import Bucket

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tokencoach.audit.report import PeriodAudit
    from tokencoach.tui.backend import Backend

_MONTHS_COMPARED = 6


class Comparison(NamedTuple):
    """Shipped shares of months before; None where a month is not known yet."""

    last: float | None = None
    typical: float | None = None
    months: int = 0


def compare(backend: Backend, months: Sequence[str], month: str) -> Comparison:
    """The month before and the median of up to six, from what is known without computing."""
    before = [other for other in months if other < month][-_MONTHS_COMPARED:]
    shares: dict[str, float] = {}
    for other in before:
        audit = backend.cached_audit(other)
        share = None if audit is None else share_of_bucket(audit.buckets, Bucket.SHIPPED, "cost")
        if share is not None:
            shares[other] = share
    last = shares.get(before[-1]) if before else None
    typical = median(shares.values()) if len(shares) > 1 else None
    return Comparison(last, typical, len(shares))


def _shipped(audit: PeriodAudit, unit: str) -> str:
    return figures.percent(share_of_bucket(audit.buckets, Bucket.SHIPPED, unit))


def headline_figure(audit: PeriodAudit, unit: str) -> str:
    """The shipped share in large type."""
    return _shipped(audit, unit).replace(" ", "")


def spend_words(audit: PeriodAudit, unit: str) -> str:
    """The whole spend in a unit; in tokens too where requests without a price would be left out."""
    if unit == "tokens" or audit.share_of != "cost":
        return f"{figures.tokens(audit.spend.counts.total)} tokens"
    return figures.money(audit.spend.cost_nano)


def headline_lines(audit: PeriodAudit, comparison: Comparison, unit: str) -> list[Content]:
    """What the figure is of, what it was before, and how far it is known."""
    known = f"known for {figures.percent(audit.known_share)}"
    return [
        Content("").join(
            [
                Content.styled(f"of {spend_words(audit, unit)} became code that is still there.", "bold"),
                Content.styled(f"  {known}", "$tone-muted"),
            ]
        ),
        Content.styled(_before(comparison) + _caveat(audit, unit), "$tone-muted"),
        Content.styled(f"{lines_sentence(audit.lines)}.", "$tone-muted"),
    ]


def _caveat(audit: PeriodAudit, unit: str) -> str:
    if unit == "cost" and audit.share_of != "cost":
        unpriced = figures.count(audit.spend.unpriced_requests)
        return f"{unpriced} requests have no price; shares are of weighted tokens."
    if audit.provisional_share > 0:
        return f"{figures.percent(audit.provisional_share)} of that landed in the last 14 days."
    return ""


def _before(comparison: Comparison) -> str:
    parts = []
    if comparison.last is not None:
        parts.append(f"Month before {figures.percent(comparison.last)}")
    if comparison.typical is not None:
        parts.append(f"median of {comparison.months} months {figures.percent(comparison.typical)}")
    return f"{', '.join(parts)}. " if parts else ""


def audit_figures(audit: PeriodAudit, comparison: Comparison, unit: str) -> dict[str, str]:
    """The figures of the headline's sentences, as they are drawn."""
    out = {
        "spend": spend_words(audit, unit),
        "known_share": figures.percent(audit.known_share),
        "lines.generated": figures.count(audit.lines.generated),
        "lines.landed": figures.count(audit.lines.landed),
        "lines.survived": figures.count(audit.lines.survived),
    }
    if comparison.last is not None:
        out["month_before"] = figures.percent(comparison.last)
    if comparison.typical is not None:
        out["median"] = figures.percent(comparison.typical)
    return out
