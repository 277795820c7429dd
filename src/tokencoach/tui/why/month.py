"""The figures of a month's audit, explained."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokencoach.audit.closing_words import way
from tokencoach.clock import iso_utc
from tokencoach.tui import figures
from tokencoach.tui.verdicts import share_of_bucket
from tokencoach.tui.why.explanation import (
    FROM_BOTH,
    FROM_REQUESTS,
    MEANING,
    SHARE,
    Explanation,
    Inputs,
    bucket_inputs,
    exact,
    lines_explained,
    quotient,
    share_filled,
    waste_inputs,
)
from tokencoach.usage.words import Bucket

if TYPE_CHECKING:
    from tokencoach.audit.report import PeriodAudit, ProjectAudit
    from tokencoach.tui.screens.audit_columns import Leak
    from tokencoach.tui.screens.audit_words import Comparison
    from tokencoach.tui.screens.restated import RestatedRow

_SESSIONS = "the sessions behind it"


def month_explained(figure: str, audit: PeriodAudit, comparison: Comparison, unit: str) -> Explanation | None:
    """A figure of the headline or of the bar."""
    name, _, detail = figure.partition(".")
    if name == "lines":
        return lines_explained(detail, audit.lines, figures.month_title(audit.label))
    if name in set(Bucket):
        return _bucket(Bucket(name), detail, audit, unit)
    if name == "headline":
        said = _bucket(Bucket.SHIPPED, "share", audit, unit)
        return said._replace(title="Share of the spend that became code that is still there")
    if name in ("month_before", "median"):
        return _compared(name, comparison)
    explain = _OF_MONTH.get(name)
    return None if explain is None else explain(audit)


def _whole(audit: PeriodAudit) -> Explanation:
    formula = "The sum over all requests of the month: tokens of each class times the price of that class."
    return Explanation(
        "Spend of the month", formula, FROM_REQUESTS, _spend(audit), "all sessions of the month"
    )


def _known(audit: PeriodAudit) -> Explanation:
    unknown = next((item.share for item in audit.buckets if item.bucket is Bucket.UNKNOWN), 0.0)
    reasons = tuple((item.reason.replace("_", " "), item.mend) for item in audit.unknown)
    formula = f"1 - the share of unknown = 1 - {figures.exact_percent(unknown)} = {figures.exact_percent(audit.known_share)}"
    return Explanation("For how much of the spend the end is known", formula, FROM_BOTH, reasons, _SESSIONS)


def _provisional(audit: PeriodAudit) -> Explanation:
    formula = (
        "Shipped lines that landed less than 14 days before the audit / all shipped lines: they may die yet."
    )
    inputs = (
        ("share", f"{figures.exact_percent(audit.provisional_share)}"),
        ("as of", iso_utc(audit.as_of_ms)),
    )
    return Explanation("Provisional", formula, FROM_BOTH, inputs)


def _unpriced(audit: PeriodAudit) -> Explanation:
    formula = (
        "Requests of models that neither the price table nor your settings know; shares are of weighted tokens.\n"
        "tokencoach usage --by model names them; their prices belong under [prices] in settings.toml."
    )
    spend = audit.spend
    inputs = (("requests", f"{figures.count(spend.unpriced_requests)} of {figures.count(spend.requests)}"),)
    return Explanation("Requests without a price", formula, FROM_REQUESTS, inputs)


_OF_MONTH = {"spend": _whole, "known_share": _known, "provisional": _provisional, "unpriced": _unpriced}


def _spend(audit: PeriodAudit) -> Inputs:
    spend, counts = audit.spend, audit.spend.counts
    classes = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output")
    return (
        ("requests", figures.count(spend.requests)),
        *((name.replace("_", " "), f"{getattr(counts, name):,} tokens") for name in classes),
        ("in all", exact(counts.total, spend.cost_nano)),
    )


def _bucket(bucket: Bucket, detail: str, audit: PeriodAudit, unit: str) -> Explanation:
    one = next(spend for spend in audit.buckets if spend.bucket is bucket)
    word = str(bucket).replace("_", " ")
    kinds = [waste for waste in audit.waste if _belongs(str(waste.kind), bucket)]
    inputs: Inputs = (("this bucket", exact(one.tokens, one.cost_nano)), *waste_inputs(kinds))
    inputs += (
        ("all spend", exact(audit.spend.counts.total, audit.spend.cost_nano)),
        *_machine(audit, bucket),
    )
    inputs += (("algorithm", audit.algorithm), *_frozen(audit))
    if detail == "share":
        formula = f"{SHARE}\n{share_filled(audit.buckets, bucket, unit, audit.share_of)}\n\n{MEANING[bucket]}"
        return Explanation(f"Share {word}", formula, FROM_BOTH, inputs, _SESSIONS)
    formula = (
        f"The spend that ended here. All six buckets add up to all spend, to the token.\n\n{MEANING[bucket]}"
    )
    return Explanation(f"Spend {word}", formula, FROM_BOTH, inputs, _SESSIONS)


def _belongs(kind: str, bucket: Bucket) -> bool:
    if kind in ("reverted", "reworked"):
        return bucket is Bucket.REWORKED
    return bucket is Bucket.NOT_LANDED


def _machine(audit: PeriodAudit, bucket: Bucket) -> Inputs:
    """The machine's own figure, where the person's word is counted."""
    if not audit.overrules:
        return ()
    one = next((spend for spend in audit.machine if spend.bucket is bucket), None)
    number = figures.count(audit.overrules)
    without = "" if one is None else f"{figures.exact_percent(one.share)}, {exact(one.tokens, one.cost_nano)}"
    return (("verdicts you overruled", number), ("the machine alone", without))


def _frozen(audit: PeriodAudit) -> Inputs:
    if audit.closing is None:
        return ()
    newest = audit.closing.versions[-1]
    return (("closed", iso_utc(newest.closed_ms)), ("inputs digest", newest.inputs_digest[:16]))


def _compared(name: str, comparison: Comparison) -> Explanation:
    if name == "median":
        formula = f"The median of the shipped shares of the {comparison.months} months before this one that are known."
        inputs: Inputs = (("median", figures.percent(comparison.typical)),)
    else:
        formula = "The shipped share of the month before this one, counted in the same way."
        inputs = (("month before", figures.percent(comparison.last)),)
    return Explanation("Compared with your own past", formula, FROM_BOTH, inputs)


def project_explained(name: str, project: ProjectAudit, unit: str) -> Explanation | None:
    """A figure of a project's line."""
    inputs: Inputs = (("phase", str(project.phase)), ("in all", exact(project.tokens, project.cost_nano)))
    inputs += bucket_inputs(project.buckets)
    if name == "shipped":
        formula = f"{SHARE}\n{share_filled(project.buckets, Bucket.SHIPPED, unit)}"
        formula += "\n\nExploration and prototypes are not meant to ship: no share is shown for them."
        return Explanation(f"Shipped share of {project.name}", formula, FROM_BOTH, inputs, _SESSIONS)
    if name == "leak":
        formula = "The largest of its waste kinds."
        return Explanation(
            f"Dearest leak of {project.name}", formula, FROM_BOTH, waste_inputs(project.waste), _SESSIONS
        )
    formula = "The sum over the requests of sessions whose working folder lies in the repository."
    return Explanation(f"Spend of {project.name}", formula, FROM_REQUESTS, inputs, _SESSIONS)


def leak_explained(name: str, leak: Leak, audit: PeriodAudit, unit: str) -> Explanation:
    """A figure of where the rest went."""
    part = leak.tokens if unit == "tokens" else leak.cost_nano
    whole = audit.spend.counts.total if unit == "tokens" else audit.spend.cost_nano
    inputs: Inputs = (
        ("bucket", str(leak.bucket).replace("_", " ")),
        ("this", exact(leak.tokens, leak.cost_nano)),
        ("all spend", exact(audit.spend.counts.total, audit.spend.cost_nano)),
    )
    if leak.mend:
        inputs += (("what mends it", leak.mend),)
    formula = (
        f"Its spend / all spend\n{quotient(part, whole, unit)}"
        if name == "share"
        else "The spend that ended so."
    )
    formula += "\n\nThe kinds add up to what was reworked or never landed; the reasons to what is unknown."
    return Explanation(
        f"{'Share' if name == 'share' else 'Spend'}: {leak.name}", formula, FROM_BOTH, inputs, _SESSIONS
    )


def past_explained(name: str, audit: PeriodAudit, unit: str) -> Explanation | None:
    """A figure of another month's line."""
    title = figures.month_title(audit.month or audit.label)
    inputs: Inputs = (("in all", exact(audit.spend.counts.total, audit.spend.cost_nano)),)
    inputs += bucket_inputs(audit.buckets)
    if name in set(Bucket):
        bucket = Bucket(name)
        filled = share_filled(audit.buckets, bucket, unit, audit.share_of)
        word = name.replace("_", " ")
        shown = figures.percent(share_of_bucket(audit.buckets, bucket, unit))
        formula = f"{SHARE}\n{filled}"
        return Explanation(f"{title}: {word} {shown}", formula, FROM_BOTH, inputs, "that month")
    if name == "known":
        formula = f"1 - the share of unknown = {figures.exact_percent(audit.known_share)}"
        return Explanation(f"{title}: known share", formula, FROM_BOTH, inputs, "that month")
    formula = "The sum over all requests of that month."
    return Explanation(f"{title}: spend", formula, FROM_REQUESTS, inputs, "that month")


def restated_explained(row: RestatedRow) -> Explanation:
    """What evidence of later moved in a closed month."""
    inputs: Inputs = (
        ("from, to", way(row.move)),
        ("moved", exact(row.move.tokens, row.move.cost_nano)),
        ("first seen", iso_utc(row.seen_ms)),
        ("sessions", figures.count(len(row.sessions))),
    )
    formula = (
        "The month as judged now less the month as it was closed, turn by turn; what several causes moved is told"
        " apart, and all of it adds up to the difference exactly. The frozen figures stay."
    )
    return Explanation(
        f"Restated: {row.why}", formula, "the frozen month (table month_close) and now.", inputs, _SESSIONS
    )
