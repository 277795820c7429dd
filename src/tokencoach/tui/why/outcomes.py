"""The figures of features and of the score, explained."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokencoach.tui import figures
from tokencoach.tui.screens.outcome_words import feature_inputs, score_inputs
from tokencoach.tui.why.explanation import FROM_BOTH, FROM_LINES, Explanation, Inputs, exact

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from tokencoach.audit.feature_report import FeatureItem
    from tokencoach.audit.report import PeriodAudit

FEATURES = Explanation(
    "Features that shipped",
    "A feature is what landed together: a pull request, a merged branch, a squash with a number, commits of one"
    " scope or issue within a week, else the commits up to a release or of one sitting. It counts where generated"
    " lines landed in it and at least half of them live or lived 14 days. Fixes, tests, docs and refactoring are"
    " useful, but no features. It takes the shares of all turns whose lines landed in it, in whatever month. A"
    " bug-suspect is a fix that deletes its lines within 90 days, or only adds beside them (then 40 % sure).",
    "messages, merges and tags in git (tables commit_note, release_tag); turns and edits in the logs.",
    (),
    "what landed, piece by piece",
)
SCORE = Explanation(
    "Efficiency score",
    "F (F - 0.5 B) / (H x R). F: features shipped and reviewed. B: bug-suspects in them. H: your time and the"
    " reviews, in hours, for each feature at least one per 400 added lines and 3 minutes. R: thousands of weighted"
    " tokens and watt hours, by the hundred. A above 0.1, B above 0.05, C above 0.01; below that there is no letter,"
    " for nearly every real month lies there. Your own past: which share of your features of the 90 days before"
    " scored less than the median one of this period. As printed it is"
    " (F - 0.5 B) / (H x (T + 1000 kWh)): it divides by every single token, so it is near 0 for everybody.",
    "the features; prompts, refusals and requests in the logs. It stays on this computer.",
    (),
    "what landed, piece by piece",
)
OF_FEATURES = {
    "features": "Features that shipped",
    "each": "What a feature took on average",
    "bug_suspects": "Bug-suspects",
    "reviewed": "Features that were reviewed",
}
OF_SCORE = {
    "score": "Efficiency score",
    "grade": "Grade of the score",
    "interval": "Interval of the score",
    "as_printed": "The score as printed",
}


def outcome_explained(figure: str, audit: PeriodAudit, unit: str, tz: ZoneInfo) -> Explanation | None:
    """A figure of the audit's two lines on outcomes."""
    if figure in OF_FEATURES and audit.features is not None:
        inputs = feature_inputs(audit.features, unit)
        return FEATURES._replace(title=OF_FEATURES[figure], inputs=inputs)
    if figure in OF_SCORE and audit.score is not None:
        return SCORE._replace(title=OF_SCORE[figure], inputs=score_inputs(audit.score, tz))
    return None


def item_explained(name: str, item: FeatureItem) -> Explanation | None:
    """A figure of one piece of work."""
    formulas = {
        "spend": ("Spend", "The shares of all turns whose lines landed in it, in whatever month.", FROM_BOTH),
        "lines": ("Lines", "Significant lines of assistants' edits that landed in its commits.", FROM_LINES),
        "bugs": (
            "Bug-suspects",
            "Fixes that point at its lines within 90 days, each by the share of its lines that are here.",
            FROM_LINES,
        ),
        "outcome": (
            "Outcome",
            "Your own word: used, not used or harmed; not said until you do.",
            "your word.",
        ),
    }
    if name not in formulas:
        return None
    title, formula, source = formulas[name]
    inputs: Inputs = (
        ("in all", exact(item.tokens, item.cost_nano)),
        ("in the turns that wrote it", f"{item.direct_tokens:,} tokens"),
        ("added lines alive", f"{item.lines_alive:,} of {item.lines_added:,}"),
        ("commits", figures.count(len(item.commits))),
        ("bug-suspects", f"{item.bugs:.2g}"),
    )
    return Explanation(f"{title} of {item.feature_id}", formula, source, inputs, "its sessions")
