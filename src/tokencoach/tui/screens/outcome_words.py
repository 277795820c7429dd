"""The audit's two lines on outcomes: features and the score, and what they were made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from tokencoach.audit.feature_report import LITTLE
from tokencoach.audit.feature_text import (
    as_printed_figure,
    as_printed_words,
    figure,
    past_words,
    suspects_words,
)
from tokencoach.tui import figures

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from tokencoach.audit.feature_report import FeatureFigures, ScoreCard
    from tokencoach.audit.report import PeriodAudit
    from tokencoach.tui.theme import Glyphs

OUTCOMES = frozenset(
    {"features", "each", "bug_suspects", "reviewed", "score", "grade", "interval", "as_printed"}
)
"""The figures of both lines."""
_SHORT_HEAPS = {"trillion": "tn", "billion": "bn", "million": "mn", "thousand": "k"}
Inputs = tuple[tuple[str, str], ...]


def each(found: FeatureFigures, unit: str) -> str:
    """What a feature took on average."""
    if unit == "tokens":
        return (
            figures.UNKNOWN if found.tokens_per_feature is None else figures.tokens(found.tokens_per_feature)
        )
    spent = found.cost_nano_per_feature
    return figures.UNKNOWN if spent is None else figures.money(spent)


def feature_line(found: FeatureFigures, unit: str, glyphs: Glyphs) -> Content:
    """Features, what each took, bug-suspects, and how many nobody is known to have reviewed."""
    if not found.shipped:
        other = len(found.items)
        also = f"; {figures.count(other)} other pieces of work landed" if other else ""
        return Content.styled(f"No feature shipped with generated lines{also}", "$tone-muted")
    words = figure_words(found, unit)
    plain = f" {glyphs.separator} ".join((words["features"], words["each"], words["bug_suspects"]))
    unseen = found.shipped - found.reviewed
    return Content("").join(
        [
            Content(f"{plain} {glyphs.separator} "),
            Content.styled(words["reviewed"], "$tone-alert" if unseen else ""),
        ]
    )


def figure_words(found: FeatureFigures, unit: str) -> dict[str, str]:
    """The figures of the line, as they are drawn; none where no feature shipped."""
    if not found.shipped:
        return {}
    return {
        "features": f"{figures.count(found.shipped)} feature{'s' * (found.shipped != 1)} shipped",
        "each": f"{each(found, unit)}{' tokens' * (unit == 'tokens')} each",
        "bug_suspects": suspects_words(found.bug_suspects),
        "reviewed": f"{figures.count(found.reviewed)} of {figures.count(found.shipped)} reviewed",
    }


def score_line(card: ScoreCard, tz: ZoneInfo, glyphs: Glyphs, width: int) -> Content:
    """Score and interval, the own past, and the figure as printed in as many words as fit; or what is lacking."""
    if card.value is None:
        step = f". Next: {card.step}" if card.step else ""
        why = (card.why or "").removeprefix(LITTLE)
        return Content("").join(
            [
                Content.styled(f"Score {glyphs.dash}  ", "bold"),
                Content.styled(f"{why}{step}", "$tone-muted"),
            ]
        )
    words = score_words(card, tz)
    line = Content("").join(
        [
            Content.styled(f"Score {words['score']}  {words.get('grade', '')}".rstrip(), "bold"),
            Content.styled(f"  ({words['interval']})", ""),
        ]
    )
    raws, left = _raw_words(card), width - line.cell_length
    own = _fitting(_past_words(card), left - min(map(len, raws), default=0))
    raw = _fitting(raws, left - len(own))
    return Content("").join([line, Content(own), Content.styled(raw, "$tone-muted")])


def _fitting(words: tuple[str, ...], width: int) -> str:
    """The longest of some ways to say a thing that has room."""
    return next((one for one in words if len(one) <= width), "")


def _past_words(card: ScoreCard) -> tuple[str, ...]:
    """What is said of the own past, the longest first."""
    if card.percentile is None:
        return ()
    share = figures.percent(card.percentile)
    return (
        f"  ahead of {share} of your features of the 90 days before",
        f"  ahead of {share} of your last 90 days",
        f"  own past {share}",
    )


def _raw_words(card: ScoreCard) -> tuple[str, ...]:
    """What is said of the formula as printed, the longest first."""
    if card.as_printed is None:
        return ()
    shown, heap = as_printed_figure(card.as_printed)
    words = as_printed_words(card.as_printed)
    return (
        f"  as printed: {words}",
        f"  raw {words.replace(' features', '')}",
        f"  raw {shown}/h/{heap} tokens",
        f"  raw {shown}/h/{_SHORT_HEAPS[heap]} tokens",
    )


def score_words(card: ScoreCard, tz: ZoneInfo) -> dict[str, str]:
    """The figures of the line, as they are drawn; none where there is no score."""
    if card.value is None:
        return {}
    span = f"{figure(card.interval[0])} to {figure(card.interval[1])}"
    if card.provisional_until_ms is not None:
        span += f", provisional until {figures.day_time(card.provisional_until_ms, tz).strip()[:-6]}"
    words = {"score": figure(card.value), "interval": span}
    if card.letter is not None:
        words["grade"] = card.letter
    if card.as_printed is not None:
        words["as_printed"] = as_printed_figure(card.as_printed)[0]
    return words


def outcome_figures(audit: PeriodAudit, unit: str, tz: ZoneInfo) -> dict[str, str]:
    """The figures of both lines."""
    found = figure_words(audit.features, unit) if audit.features is not None else {}
    return found | (score_words(audit.score, tz) if audit.score is not None else {})


def feature_inputs(found: FeatureFigures, unit: str) -> Inputs:
    """What the line on features was made of."""
    review = figures.UNKNOWN if found.review_hours is None else f"{found.review_hours:.2f} h measured"
    rows = [(name.replace("_", " "), value) for name, value in figure_words(found, unit).items()]
    rows += [
        (
            f"landed in {part.what}",
            f"{figures.exact_money(part.cost_nano)}, {figures.count(part.tokens)} tokens",
        )
        for part in found.landed
    ]
    return (*rows, ("review", review))


def score_inputs(card: ScoreCard, tz: ZoneInfo) -> Inputs:
    """What the score was made of."""
    hours = figures.UNKNOWN if card.hours is None else f"{card.hours:.2f}"
    rows = [
        ("F, shipped and reviewed", figures.count(card.features)),
        ("B, bug-suspects", f"{card.bugs:g}"),
        ("H, hours with reviews", hours),
        ("R, resource units", f"{card.resource_units:.2f}"),
    ]
    rows += [(name, value) for name, value in score_words(card, tz).items() if name != "as_printed"]
    if card.as_printed is not None:
        rows.append(("as printed", f"{card.as_printed:.0e}, or {as_printed_words(card.as_printed)}"))
    if card.value is not None:
        rows.append(("own past", past_words(card)))
    if card.why is not None:
        rows += [("no score", card.why), ("next", card.step or "")]
    return (*rows, ("unit constant", card.unit))
