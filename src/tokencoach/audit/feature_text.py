"""Features and the score in words: the same sentences in text, Markdown and on the screen."""

from __future__ import annotations

from math import floor, log10
from typing import TYPE_CHECKING

from tokencoach.audit.numbers import count, money, percent
from tokencoach.clock import iso_utc
from tokencoach.usage.words import WorkKind

if TYPE_CHECKING:
    from tokencoach.audit.feature_report import FeatureFigures, FeatureItem, ScoreCard

FORMULA = "F (F - 0.5 B) / (H x R)"
AS_PRINTED = "(F - 0.5 B) / (H x (T + 1000 kWh))"
NEAR_ZERO = "it divides by every single token, so it is near 0 for everybody"
NO_LETTER = "below C, the lowest mark, lies nearly every real month: compare it with your own past"
_HEAPS = ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"), (1e3, "thousand"))
_ROWS = 12
_NAME = 34
_SMALLEST = 1e-6


def features_sentence(figures: FeatureFigures) -> str:
    """How many features, what each took, what was found wrong, how many were reviewed."""
    if not figures.shipped:
        useful = sum(item.kind is not WorkKind.FEATURE for item in figures.items)
        return "No feature shipped with generated lines" + (
            f"; {useful} other pieces of work did" if useful else ""
        )
    parts = [f"{figures.shipped} feature{'s' * (figures.shipped != 1)} shipped"]
    parts.append(f"{count(figures.tokens_per_feature or 0)} tokens each")
    parts.append(suspects_words(figures.bug_suspects))
    unseen = figures.shipped - figures.reviewed
    parts.append(f"{unseen} unreviewed" if unseen else "all reviewed")
    return " · ".join(parts)


def suspects_words(number: float) -> str:
    """``2 bug-suspects``, with a part of one where its lines are not all here."""
    shown = f"{number:.0f}" if number == int(number) else f"{number:.1f}"
    return f"{shown} bug-suspect{'s' * (number != 1)}"


def score_sentence(card: ScoreCard) -> str:
    """Value, interval and the letter, where there is one; or what is lacking."""
    if card.value is None:
        return f"Score: {card.why}"
    span = f"{figure(card.interval[0])} to {figure(card.interval[1])}"
    if card.provisional_until_ms is not None:
        span += f", provisional until {iso_utc(card.provisional_until_ms)[:10]}"
    letter = f"{card.letter}  " if card.letter else ""
    return f"Score {figure(card.value)}  {letter}({span})"


def past_words(card: ScoreCard) -> str:
    """Where the period's features stand among the person's own, or that there are too few of those."""
    if card.percentile is None:
        return "fewer than 3 features shipped and reviewed in the 90 days before"
    return f"ahead of {percent(card.percentile)} of your features of the 90 days before"


def figure(value: float) -> str:
    """Two significant digits, and no power of ten for a person to read."""
    if 0 < abs(value) < _SMALLEST:
        return f"<{_SMALLEST:f}"
    if 0 < abs(value) < 1:
        return f"{value:.{1 - floor(log10(abs(value)))}f}".rstrip("0").rstrip(".")
    return f"{value:.2g}" if abs(value) < 100 else f"{value:.0f}"


def as_printed_figure(value: float) -> tuple[str, str]:
    """The formula as printed for so many tokens that its figure can be read: ``("0.4", "billion")``."""
    size, heap = next((one for one in reversed(_HEAPS) if abs(value) * one[0] >= 0.1), _HEAPS[0])
    return figure(value * size), heap


def as_printed_words(value: float) -> str:
    """What that figure counts: features without their bug-suspects, by the hour, by so many tokens."""
    shown, heap = as_printed_figure(value)
    return f"{shown} features per hour and {heap} tokens"


def review_words(item: FeatureItem) -> str:
    """Who looked at a piece of work, or that nobody is known to have."""
    return ", ".join(item.reviewed_by) or "unreviewed"


def text_lines(figures: FeatureFigures, card: ScoreCard) -> list[str]:
    """The part of the text audit, without a line at its end."""
    lines = [features_sentence(figures)]
    if figures.items:
        lines.append(f"  {'piece of work':<{_NAME}} {'kind':<8} {'tokens':>8}  {'review':<10} outcome")
    for item in figures.items[:_ROWS]:
        name = " ".join(f"{item.feature_id} {item.title}".split())
        shown = name if len(name) <= _NAME else name[: _NAME - 1] + "…"
        kind = item.kind if item.is_shipped else "undone"
        words = [
            f"  {shown:<{_NAME}} {kind:<8} {count(item.tokens):>8}  {review_words(item)[:10]:<10} {item.outcome}"
        ]
        if item.energy_wh is not None:
            a_line = (
                "" if item.wh_per_line is None else f", {item.wh_per_line * 3600:.3g} J a line that is alive"
            )
            words.append(
                f"      {item.energy_wh:.3g} Wh {item.energy_quality} of models on this computer{a_line}"
            )
        words += [f"      bug-suspect: {suspect.commit[:9]} {suspect.words}" for suspect in item.suspects]
        lines += words
    if len(figures.items) > _ROWS:
        lines.append(f"  … {len(figures.items) - _ROWS} more: --json")
    lines.append(score_sentence(card))
    if card.value is not None:
        lines.append(f"  own past: {past_words(card)}")
    if card.value is not None and card.as_printed is not None:
        lines.append(f"  as printed: {as_printed_words(card.as_printed)};")
        lines.append(f"    {NEAR_ZERO}")
    if card.step is not None:
        lines.append(f"  next: {card.step}")
    if any(item.outcome == "unknown" for item in figures.items):
        lines.append("Say what became of one: tokencoach audit --outcome ID used|not-used|harmed")
    return lines


def markdown_lines(figures: FeatureFigures, card: ScoreCard) -> list[str]:
    """The part of the Markdown audit."""
    lines = ["", features_sentence(figures) + ".", ""]
    if figures.items:
        lines += [
            "| piece of work | kind | tokens | cost | review | bug-suspects | outcome |",
            "|---|---|---:|---:|---|---:|---|",
        ]
    for item in figures.items:
        name = " ".join(f"{item.feature_id} {item.title}".split()).replace("|", "\\|").replace("`", "'")
        kind = item.kind if item.is_shipped else f"{item.kind}, undone"
        lines.append(
            f"| {name} | {kind} | {item.tokens:,} | {money(item.cost_nano)} | {review_words(item)} "
            f"| {item.bugs:.2g} | {item.outcome} |"
        )
    raw = (
        f"; as printed, {as_printed_words(card.as_printed)}"
        if card.value and card.as_printed is not None
        else ""
    )
    past = f"; {past_words(card)}" if card.value is not None else ""
    return [*lines, "", f"{score_sentence(card)}{past}{raw}."]
