"""The sentences of the audit's headline, and the comparison with one's own past months."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from textual.content import Content

from tokencoach.audit.as_text import is_unsaid
from tokencoach.tui import figures
from tokencoach.tui.months import step_month
from tokencoach.tui.verdicts import lines_sentence, share_of_bucket
from tokencoach.usage.words import Bucket

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tokencoach.audit.report import PeriodAudit

_MONTHS_COMPARED = 6
_KNOWN_ENOUGH = 0.6
"""Below this known share the headline is a guess, and looks like one."""


class Comparison(NamedTuple):
    """Shipped shares of months before; None where a month is not known yet."""

    last: float | None = None
    typical: float | None = None
    months: int = 0


def median(shares: list[float]) -> float:
    """The middle one, or the mean of the middle two. The library's own costs the first screen 3 ms."""
    ordered = sorted(shares)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def months_before(months: Sequence[str], month: str) -> list[str]:
    """Up to six months with requests before a month, oldest first."""
    return [other for other in months if other < month][-_MONTHS_COMPARED:]


def month_to_look_at(months: Sequence[str], month: str, now: str) -> tuple[str, str]:
    """The next step where a month is empty, and its key: to the nearest month before that is not."""
    step, key = (-1, "[") if any(other < month for other in months) else (1, "]")
    return f"Look at {figures.month_title(step_month(month, step, months, now))}.", key


def months_beside(months: Sequence[str], month: str, now: str) -> str:
    """The months that the two keys lead to, with their keys; the year where it is another."""
    parts = []
    for key, step in (("[", -1), ("]", 1)):
        other = step_month(month, step, months, now)
        if other != month:
            title = figures.month_title(other)
            parts.append(f"{key} {title.split()[0] if other[:4] == month[:4] else title}")
    return "  ".join(parts)


def bucket_named(figure: str) -> Bucket | None:
    """The bucket whose sessions a figure opens; None for those of all."""
    other = {"headline": Bucket.SHIPPED, "known_share": Bucket.UNKNOWN}
    return Bucket(figure) if figure in set(Bucket) else other.get(figure)


def compare(audits: Mapping[str, PeriodAudit], months: Sequence[str], month: str) -> Comparison:
    """The month before and the median of up to six, of those that are known."""
    before = months_before(months, month)
    shares = {
        other: share_of_bucket(audits[other].buckets, Bucket.SHIPPED, "cost")
        for other in before
        if other in audits and headline_figure(audits[other], "cost") != figures.UNKNOWN
    }
    known = [share for share in shares.values() if share is not None]
    last = shares.get(before[-1]) if before else None
    return Comparison(last, median(known) if len(known) > 1 else None, len(known))


def _shipped(audit: PeriodAudit, unit: str) -> str:
    return figures.percent(share_of_bucket(audit.buckets, Bucket.SHIPPED, unit))


def headline_figure(audit: PeriodAudit, unit: str) -> str:
    """The shipped share in large type; none where nothing can be said of it."""
    shipped = share_of_bucket(audit.buckets, Bucket.SHIPPED, unit)
    if is_unsaid(shipped or 0.0, 1 - audit.known_share):
        return figures.UNKNOWN
    return _shipped(audit, unit).replace(" ", "")


def spend_words(audit: PeriodAudit, unit: str) -> str:
    """The whole spend in a unit; in tokens too where requests without a price would be left out."""
    if unit == "tokens" or audit.share_of != "cost":
        return f"{figures.tokens(audit.spend.counts.total)} tokens"
    return figures.money(audit.spend.cost_nano)


def short_headline(audit: PeriodAudit, unit: str) -> Content:
    """The headline's first line where the whole one is too long: how far it is known never goes."""
    return Content.assemble(
        (f"of {spend_words(audit, unit)} is code that lives.", "bold"),
        f"  known for {figures.percent(audit.known_share)}",
    )


def headline_lines(audit: PeriodAudit, comparison: Comparison, unit: str) -> list[Content]:
    """What the figure is of, what it was before, and how far it is known."""
    is_weak = audit.known_share < _KNOWN_ENOUGH
    spent = spend_words(audit, unit)
    is_said = headline_figure(audit, unit) != figures.UNKNOWN
    became = (
        f"of {spent} became code that is still there."
        if is_said
        else f"Too little is known of what became of {spent}."
    )
    first = Content("").join(
        [
            Content.styled(became, "bold"),
            Content("  "),
            Content.styled(
                f"known for {figures.percent(audit.known_share)}",
                "bold $tone-alert" if is_weak else "$tone-muted",
            ),
        ]
    )
    second = _step(audit, unit) or _before(comparison) + _caveat(audit, unit)
    rest = [second, f"{lines_sentence(audit.lines)}."]
    return [first, *(Content.styled(line, "$tone-muted") for line in rest if line)]


def _step(audit: PeriodAudit, unit: str) -> str:
    """What makes a month known of which nothing can be said; none where something can."""
    if not audit.unknown or headline_figure(audit, unit) != figures.UNKNOWN:
        return ""
    return f"Next: {max(audit.unknown, key=lambda lost: lost.tokens).mend}"


def _caveat(audit: PeriodAudit, unit: str) -> str:
    if unit == "cost" and audit.share_of != "cost":
        unpriced = audit.spend.unpriced_requests
        why = f"{figures.many(unpriced, 'request')} without a price" if unpriced else "No request cost money"
        return f"{why}; shares are of weighted tokens."
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
    if audit.lines.reworked:
        out["lines.reworked"] = figures.count(audit.lines.reworked)
    if _step(audit, unit):
        return out
    if unit == "cost" and audit.share_of != "cost":
        out["unpriced"] = figures.count(audit.spend.unpriced_requests)
    elif audit.provisional_share > 0:
        out["provisional"] = figures.percent(audit.provisional_share)
    if comparison.last is not None:
        out["month_before"] = figures.percent(comparison.last)
    if comparison.typical is not None:
        out["median"] = figures.percent(comparison.typical)
    return out
