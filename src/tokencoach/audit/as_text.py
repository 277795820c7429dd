"""The audit for people: plain text of at most 80 columns, and Markdown."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING

from tokencoach.attribution.reasons import REASONS
from tokencoach.audit.closing_words import closing_lines, closing_markdown
from tokencoach.audit.feature_text import markdown_lines, text_lines
from tokencoach.audit.numbers import count, many, money, percent
from tokencoach.usage.words import Bucket, Phase, WasteKind

if TYPE_CHECKING:
    from tokencoach.audit.report import BucketSpend, PeriodAudit, ProjectAudit, Spend

WORDS = {
    Bucket.SHIPPED: ("✓", "shipped"),
    Bucket.REWORKED: ("↺", "reworked"),
    Bucket.NOT_LANDED: ("✗", "not landed"),
    Bucket.PENDING: ("◐", "pending"),
    Bucket.NEUTRAL: ("·", "neutral"),
    Bucket.UNKNOWN: ("?", "unknown"),
}
KIND_WORDS = {
    WasteKind.REJECTED: "rejected by you or a policy",
    WasteKind.FAILED: "failed tool calls",
    WasteKind.OVERWRITTEN: "overwritten before a commit",
    WasteKind.LOOPED: "the same call again and again",
    WasteKind.UNCOMMITTED: "never committed",
    WasteKind.STRANDED: "stranded on an idle or deleted branch",
    WasteKind.REVERTED: "reverted within 14 days",
    WasteKind.REWORKED: "rewritten within 14 days",
}
_BAR = 60
_WIDTH = 80
_MOST_UNKNOWN = 0.4
_FILLS = {
    Bucket.SHIPPED: "█",
    Bucket.REWORKED: "▒",
    Bucket.NOT_LANDED: "░",
    Bucket.PENDING: "▪",
    Bucket.NEUTRAL: "·",
    Bucket.UNKNOWN: "?",
}


def amount(audit: PeriodAudit, tokens: int, cost_nano: int) -> str:
    """An amount in the unit that the audit's shares are of."""
    return money(cost_nano) if audit.share_of == "cost" else f"{count(tokens)} tokens"


def headline(audit: PeriodAudit) -> str:
    """The one sentence: what share became code that is still there."""
    shipped = audit.buckets[0]
    whole = amount(audit, audit.spend.counts.total, audit.spend.cost_nano)
    if not audit.spend.requests:
        return f"Nothing was spent in {audit.label}."
    if is_unsaid(shipped.share, 1 - audit.known_share):
        return f"What became of {whole} is not known. Known for {percent(audit.known_share)} of spend."
    return (
        f"{percent(shipped.share)} of {whole} became code that is still there. "
        f"Known for {percent(audit.known_share)} of spend."
    )


def is_unsaid(shipped: float, unknown: float) -> bool:
    """Whether nothing can be said of what shipped: no line was seen to, and most of the spend is not known."""
    return not shipped and unknown > _MOST_UNKNOWN


def shipped_words(project: ProjectAudit) -> str:
    """A project's shipped share; none for work that is not meant to ship, or where nothing can be said of it."""
    shares = {item.bucket: item.share for item in project.buckets}
    shipped = shares.get(Bucket.SHIPPED, 0.0)
    is_said = not is_unsaid(shipped, shares.get(Bucket.UNKNOWN, 0.0))
    return percent(shipped) if is_said and project.phase is Phase.PRODUCTION else "—"


def bar(buckets: tuple[BucketSpend, ...], width: int = _BAR) -> str:
    """One stacked bar; every bucket with spend gets at least one cell."""
    cells = [(item.bucket, max(1, round(item.share * width)) if item.share > 0 else 0) for item in buckets]
    drawn = "".join(_FILLS[bucket] * number for bucket, number in cells)
    return drawn[:width] if len(drawn) > width else drawn


def legend(buckets: tuple[BucketSpend, ...]) -> str:
    """Glyph, word and share of each bucket."""
    return " ".join(
        f"{WORDS[item.bucket][0]} {WORDS[item.bucket][1]} {percent(item.share).removesuffix(' %')}"
        for item in buckets
    )


def as_text(audit: PeriodAudit) -> str:
    """The audit as plain text."""
    lines = [
        f"{audit.label}   {audit.timezone}   {audit.algorithm}",
        "",
        headline(audit),
    ]
    if not audit.spend.requests and not audit.spend.unlogged_tokens and audit.closing is None:
        return "\n".join(lines)
    lines += [
        f"{bar(audit.buckets)}  % of {audit.share_of.replace('_', ' ')}",
        legend(audit.buckets),
        "",
    ]
    if audit.provisional_share:
        lines += [
            f"{percent(audit.provisional_share)} of the shipped lines landed less than 14 days ago: provisional",
            "",
        ]
    wasted = [item for item in audit.waste if item.tokens]
    if wasted:
        lines.append("Waste")
        lines += [
            f"  {KIND_WORDS[item.kind]:<40} {amount(audit, item.tokens, item.cost_nano):>14}"
            for item in sorted(wasted, key=lambda item: (-item.cost_nano, -item.tokens))
        ]
        lines.append("")
    if audit.projects:
        lines.append(f"{'Project':<30} {'phase':<12} {'spend':>14} {'shipped':>9}")
        for project in audit.projects:
            spent = amount(audit, project.tokens, project.cost_nano)
            name = " ".join(project.name.split())[:28]
            shipped = shipped_words(project)
            lines.append(f"  {name:<28} {project.phase:<12} {spent:>14} {shipped:>9}")
        lines.append("")
    if audit.unknown:
        lines.append("Unknown, and what you can do")
        lines += [
            line
            for item in audit.unknown
            for line in (
                f"  {REASONS.get(item.reason, item.reason):<40} {amount(audit, item.tokens, item.cost_nano):>14}",
                *([f"      next: {item.mend}"] if item.mend else []),
            )
        ]
        lines.append("")
    lines += [*closing_lines(audit), *_words(audit)]
    if audit.features is not None and audit.score is not None:
        lines += [*text_lines(audit.features, audit.score), ""]
    for sentence in (_line_sentence(audit), _reviewed(audit), *_notes(audit)):
        lines += wrap(sentence, _WIDTH, break_long_words=False, subsequent_indent="  ")
    return "\n".join(lines)


def _words(audit: PeriodAudit) -> list[str]:
    """What the machine's verdicts alone would say, where the person overruled some."""
    if not audit.overrules:
        return []
    number = f"{audit.overrules} verdict{'s' if audit.overrules != 1 else ''}"
    return [f"Your word on {number} is counted; without it: {legend(audit.machine)}", ""]


def _line_sentence(audit: PeriodAudit) -> str:
    said = audit.lines
    return (
        f"Lines: {count(said.generated)} generated, {count(said.landed)} landed, "
        f"{count(said.survived)} survived 14 days, "
        f"{count(said.reworked)} reworked, {count(said.pending)} pending, {count(said.not_landed)} not landed, "
        f"{count(said.unknown)} unknown"
    )


def _reviewed(audit: PeriodAudit) -> str:
    return f"Reviewed: {count(audit.lines.reviewed)} of {count(audit.lines.landed)} landed lines"


def _notes(audit: PeriodAudit) -> list[str]:
    notes = []
    unpriced = audit.spend.unpriced_requests
    if unpriced:
        notes.append(
            f"{many(unpriced, 'request')} without a known price: shares are of weighted tokens. "
            "tokencoach usage --by model names the models; their prices belong under [prices] in settings.toml."
        )
    if audit.spend.energy_wh is not None:
        notes.append(energy_sentence(audit.spend))
    if audit.spend.unlogged_tokens:
        notes.append(
            f"{count(audit.spend.unlogged_tokens)} more tokens were booked by the tools but not logged."
        )
    return notes


def energy_sentence(spend: Spend) -> str:
    """Energy of models that ran on this computer, with its badge, and the part that shipped where that is known."""
    share = spend.energy_shipped_share
    ended = "" if share is None else f", {percent(share)} of it in shipped code"
    return f"Local inference: {spend.energy_wh or 0.0:.1f} Wh {spend.energy_quality}{ended}."


def as_markdown(audit: PeriodAudit) -> str:
    """The audit as Markdown."""
    rows = [
        f"# {audit.label}",
        "",
        headline(audit),
        "",
        "| bucket | tokens | cost | share |",
        "|---|---:|---:|---:|",
    ]
    rows += [
        f"| {' '.join(WORDS[item.bucket])} | {item.tokens:,} | {money(item.cost_nano)} | {percent(item.share)} |"
        for item in audit.buckets
    ]
    rows += ["", "| waste | tokens | cost |", "|---|---:|---:|"]
    rows += [
        f"| {KIND_WORDS[item.kind]} | {item.tokens:,} | {money(item.cost_nano)} |" for item in audit.waste
    ]
    rows += ["", "| project | phase | cost | shipped |", "|---|---|---:|---:|"]
    rows += [
        f"| {cell(item.name)} | {item.phase} | {money(item.cost_nano)} | {shipped_words(item)} |"
        for item in audit.projects
    ]
    if audit.features is not None and audit.score is not None:
        rows += markdown_lines(audit.features, audit.score)
    rows += [
        "",
        f"{_line_sentence(audit)}. {_reviewed(audit)}.",
        *_notes(audit),
        *_words(audit),
        *closing_markdown(audit),
        "",
        f"Algorithm {audit.algorithm}, zone {audit.timezone}.",
    ]
    return "\n".join(rows)


def cell(text: str) -> str:
    """Any text as the content of one cell of a Markdown table."""
    return text.replace("|", "\\|").replace("\n", " ").replace("`", "'")
