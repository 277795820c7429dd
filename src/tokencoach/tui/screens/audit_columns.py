"""Columns of the audit's two lists: projects, and where the rest went."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tokencoach.attribution.reasons import REASONS
from tokencoach.audit.as_text import KIND_WORDS, is_unsaid
from tokencoach.tui import figures
from tokencoach.tui.verdicts import bucket_of, share_of_bucket
from tokencoach.tui.widgets.columns import Cell, Column
from tokencoach.usage.words import Bucket, Phase, WasteKind

if TYPE_CHECKING:
    from tokencoach.audit.report import PeriodAudit, ProjectAudit
    from tokencoach.tui.theme import Glyphs

_SHORT = {
    WasteKind.REJECTED: "rejected",
    WasteKind.FAILED: "failed calls",
    WasteKind.OVERWRITTEN: "overwritten",
    WasteKind.LOOPED: "same call again",
    WasteKind.UNCOMMITTED: "never committed",
    WasteKind.STRANDED: "stranded branch",
    WasteKind.REVERTED: "reverted in 14 d",
    WasteKind.REWORKED: "rewritten in 14 d",
}
"""The kinds of waste where the column of a project's has 20 cells."""


class Leak(NamedTuple):
    """Spend that did not become code that is still there: a waste kind, or a reason for unknown."""

    name: str
    bucket: Bucket
    tokens: int
    cost_nano: int
    mend: str = ""


def leaks_of(audit: PeriodAudit, unit: str) -> tuple[Leak, ...]:
    """Waste kinds and unknown reasons with any spend, the dearest first."""
    found = [
        Leak(KIND_WORDS[waste.kind], bucket_of(waste.kind), waste.tokens, waste.cost_nano)
        for waste in audit.waste
        if waste.tokens
    ]
    found += [
        Leak(REASONS.get(lost.reason, lost.reason), Bucket.UNKNOWN, lost.tokens, lost.cost_nano, lost.mend)
        for lost in audit.unknown
        if lost.tokens
    ]
    return tuple(sorted(found, key=lambda leak: -amount(leak.tokens, leak.cost_nano, unit)))


def amount(token_count: int, cost_nano: int, unit: str) -> int:
    """The number a unit counts."""
    return token_count if unit == "tokens" else cost_nano


def written(token_count: int, cost_nano: int, unit: str) -> str:
    """A spend in a unit, as text."""
    return figures.tokens(token_count) if unit == "tokens" else figures.money(cost_nano)


def project_shipped(project: ProjectAudit, unit: str) -> str:
    """A project's shipped share; none for work that is not meant to ship, or where nothing can be said of it.

    No line was seen to ship: that is 0 % only where most of the spend is known.
    """
    return figures.percent(shipped_share(project, unit))


def shipped_share(project: ProjectAudit, unit: str) -> float | None:
    """What ``project_shipped`` writes, 0 to 1."""
    shipped = share_of_bucket(project.buckets, Bucket.SHIPPED, unit)
    unknown = share_of_bucket(project.buckets, Bucket.UNKNOWN, unit)
    is_said = project.phase is Phase.PRODUCTION and not is_unsaid(shipped or 0.0, unknown or 0.0)
    return shipped if is_said else None


def dearest_leak(project: ProjectAudit, unit: str) -> tuple[str, str]:
    """Name and amount of a project's largest waste."""
    if project.phase is not Phase.PRODUCTION:
        return f"neutral: {project.phase}", ""
    wastes = [waste for waste in project.waste if waste.tokens]
    if not wastes:
        return "", ""
    worst = max(wastes, key=lambda waste: amount(waste.tokens, waste.cost_nano, unit))
    return _SHORT[worst.kind], written(worst.tokens, worst.cost_nano, unit)


def project_columns(unit: str) -> tuple[Column[ProjectAudit], ...]:
    """Project, phase, spend, shipped share, dearest leak."""
    return (
        Column(
            "Project", lambda row: Cell(row.name, "strong"), weight=2, rank=lambda row: row.name.casefold()
        ),
        Column(
            "phase",
            lambda row: Cell(str(row.phase), "muted"),
            11,
            from_width=74,
            rank=lambda row: str(row.phase),
        ),
        Column(
            "spend",
            lambda row: Cell(written(row.tokens, row.cost_nano, unit)),
            7,
            is_right=True,
            figure="spend",
            rank=lambda row: amount(row.tokens, row.cost_nano, unit),
        ),
        Column(
            "shipped",
            lambda row: Cell(project_shipped(row, unit), "shipped"),
            7,
            is_right=True,
            figure="shipped",
            rank=lambda row: shipped_share(row, unit),
        ),
        Column(
            "dearest leak", lambda row: Cell(dearest_leak(row, unit)[0], "muted"), weight=3, from_width=44
        ),
        Column(
            "",
            lambda row: Cell(dearest_leak(row, unit)[1], "not-landed"),
            7,
            is_right=True,
            from_width=44,
            figure="leak",
        ),
    )


def leak_columns(unit: str, whole: int, glyphs: Glyphs) -> tuple[Column[Leak], ...]:
    """Kind, amount, its share of the ``whole`` spend, and what mends it where something does."""

    def name(leak: Leak) -> Cell:
        look = glyphs.looks[leak.bucket]
        return Cell(f"{look.glyph} {leak.name}", look.tone)

    def share(leak: Leak) -> Cell:
        part = amount(leak.tokens, leak.cost_nano, unit)
        return Cell(figures.percent(part / whole if whole else None), "muted")

    def then(leak: Leak) -> Cell:
        return Cell(leak.mend or "", "muted")

    return (
        Column(
            "Where the rest went", name, weight=12, rank=lambda leak: (str(leak.bucket), leak.name), fits=True
        ),
        Column(
            "spend",
            lambda leak: Cell(written(leak.tokens, leak.cost_nano, unit)),
            7,
            is_right=True,
            figure="spend",
            rank=lambda leak: amount(leak.tokens, leak.cost_nano, unit),
        ),
        Column("share", share, 5, is_right=True, figure="share"),
        Column("", then, from_width=60),
    )


def month_columns(unit: str, glyphs: Glyphs) -> tuple[Column[PeriodAudit], ...]:
    """Month, spend, and the shares that one compares with one's own past."""

    def share(bucket: Bucket) -> Column[PeriodAudit]:
        look = glyphs.looks[bucket]

        def said(audit: PeriodAudit) -> float | None:
            part = share_of_bucket(audit.buckets, bucket, unit)
            unknown = share_of_bucket(audit.buckets, Bucket.UNKNOWN, unit)
            return None if is_unsaid(part or 0.0, unknown or 0.0) else part

        return Column(
            f"{look.glyph} {look.word}",
            lambda audit: Cell(figures.percent(said(audit)), look.tone),
            12,
            is_right=True,
            figure=str(bucket),
            rank=said,
        )

    def spend(audit: PeriodAudit) -> Cell:
        return Cell(written(audit.spend.counts.total, audit.spend.cost_nano, unit))

    def known(audit: PeriodAudit) -> Cell:
        return Cell(figures.percent(audit.known_share), "muted")

    return (
        Column(
            "My months",
            lambda audit: Cell(figures.month_title(audit.month or ""), "strong"),
            16,
            rank=lambda audit: audit.month,
        ),
        Column(
            "spend",
            spend,
            8,
            is_right=True,
            figure="spend",
            rank=lambda audit: amount(audit.spend.counts.total, audit.spend.cost_nano, unit),
        ),
        share(Bucket.SHIPPED),
        share(Bucket.REWORKED),
        share(Bucket.NOT_LANDED),
        Column(
            "known for",
            known,
            9,
            is_right=True,
            from_width=72,
            figure="known",
            rank=lambda audit: audit.known_share,
        ),
    )
