"""Columns of the list of features, and the lines about the one under the cursor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from tokencoach.tui import figures
from tokencoach.tui.safe_text import clean
from tokencoach.tui.screens.audit_columns import amount, written
from tokencoach.tui.screens.session_columns import SHORT_COMMIT, place_name
from tokencoach.tui.widgets.columns import Cell, Column
from tokencoach.usage.words import Bucket

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from tokencoach.audit.feature_report import FeatureItem
    from tokencoach.tui.theme import Glyphs

_UNSAID = "unknown"
_TONES = {"used": "shipped", "not used": "muted", "harmed": "not-landed"}
_SEEN = {
    "gh": "on the forge",
    "check": "by a comprehension check",
    "local": "by reading before the commit",
    "trailer": "by a named reviewer",
    "merge": "by whoever merged it",
}


def feature_columns(tz: ZoneInfo, now_ms: int, glyphs: Glyphs, unit: str) -> tuple[Column[FeatureItem], ...]:
    """What it is, its kind, what it took, lines, review, bug-suspects, the person's word."""

    def kind(item: FeatureItem) -> Cell:
        if item.is_shipped:
            return Cell(str(item.kind), "shipped" if item.kind == "feature" else "muted")
        return Cell(f"{glyphs.looks[Bucket.REWORKED].glyph} undone", "reworked")

    def name(item: FeatureItem) -> Cell:
        number = f"{item.feature_id} " if item.number is not None else ""
        return Cell(f"{number}{item.title}", "strong")

    def review(item: FeatureItem) -> Cell:
        return Cell("yes", "") if item.reviewed_by else Cell("no", "alert")

    def bugs(item: FeatureItem) -> Cell:
        return Cell(f"{item.bugs:.1f}".removesuffix(".0"), "not-landed" if item.suspects else "muted")

    def outcome(item: FeatureItem) -> Cell:
        if item.outcome == _UNSAID:
            return Cell("not said", "muted")
        return Cell(item.outcome, _TONES.get(item.outcome, ""))

    return (
        Column(
            "landed",
            lambda item: Cell(figures.day_time(item.shipped_at_ms, tz, now_ms), "muted"),
            12,
            from_width=70,
            rank=lambda item: item.shipped_at_ms,
        ),
        Column(
            "project",
            lambda item: Cell(place_name(item.repo), "muted"),
            16,
            from_width=100,
            rank=lambda item: place_name(item.repo).casefold(),
            fits=True,
        ),
        Column("piece of work", name, weight=3),
        Column("kind", kind, 8, rank=lambda item: kind(item).text),
        Column(
            "spend",
            lambda item: Cell(written(item.tokens, item.cost_nano, unit)),
            7,
            is_right=True,
            figure="spend",
            rank=lambda item: amount(item.tokens, item.cost_nano, unit),
        ),
        Column(
            "lines",
            lambda item: Cell(figures.count(item.lines_added)),
            5,
            is_right=True,
            from_width=90,
            figure="lines",
            rank=lambda item: item.lines_added,
        ),
        Column("seen", review, 4, from_width=50),
        Column("bugs", bugs, 4, is_right=True, from_width=56, figure="bugs"),
        Column("outcome", outcome, 8, figure="outcome"),
    )


def about_feature(item: FeatureItem, unit: str, tz: ZoneInfo) -> list[Content]:
    """All that is known of one piece of work, in a few lines."""
    seen = ", ".join(_SEEN.get(source, source) for source in item.reviewed_by)
    lived = f"{figures.count(item.lines_alive)} of {figures.count(item.lines_added)} added lines alive"
    rows = [
        Content.styled(clean(f"{item.feature_id} {item.title}", 120), "bold"),
        Content.styled(
            f"{_counted(len(item.commits), 'commit')} {_shas(item)}, {_counted(len(item.session_rows), 'session')}; {lived}",
            "$tone-muted",
        ),
        Content.styled(
            f"{written(item.tokens, item.cost_nano, unit)}, {figures.tokens(item.direct_tokens)} of "
            f"{figures.tokens(item.tokens)} tokens in the turns that wrote it; your time {_time(item.human_ms)}",
            "$tone-muted",
        ),
        Content.styled(
            f"{f'reviewed {seen}' if seen else 'not reviewed'}{_measured(item)}",
            "$tone-muted" if item.reviewed_by else "$tone-alert",
        ),
    ]
    if item.energy_wh is not None:
        energy = f"{figures.energy(item.energy_wh, item.energy_quality)} of models on this computer"
        a_line = "" if item.wh_per_line is None else f", {item.wh_per_line * 3600:.3g} J a line that is alive"
        rows.append(Content.styled(f"{energy}{a_line}", "$tone-muted"))
    rows += [
        Content.styled(
            f"bug-suspect: {clean(suspect.commit)[:SHORT_COMMIT]} on {figures.day(suspect.at_ms, tz)} "
            f"{suspect.words}",
            "$tone-not-landed",
        )
        for suspect in item.suspects[:2]
    ]
    return rows


def _counted(number: int, noun: str) -> str:
    return f"{figures.count(number)} {noun}{'s' * (number != 1)}"


def _shas(item: FeatureItem) -> str:
    more = f" +{len(item.commits) - 1}" if len(item.commits) > 1 else ""
    return clean(item.commits[-1])[:SHORT_COMMIT] + more


def _time(length_ms: int) -> str:
    return figures.span(length_ms) if length_ms else figures.UNKNOWN


def _measured(item: FeatureItem) -> str:
    return "" if item.review_ms is None else f", {figures.span(item.review_ms)} measured"
