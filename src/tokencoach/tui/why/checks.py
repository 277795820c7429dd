"""The figures of the Check screen, explained."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokencoach.tui import figures
from tokencoach.tui.why.explanation import Explanation

if TYPE_CHECKING:
    from tokencoach.comprehension.overview import CheckOverview

_SOURCE = "your own answers, in this database only (tables cc_check, cc_question, cc_answer)."
_FORMULAS = {
    "waiting": (
        "Questions that wait",
        "Questions of checks that were put off, broken off, or could not be asked. One that was answered "
        "elsewhere since, or called bad, waits no more.",
    ),
    "answered": (
        "Answers of the last 30 days",
        "Questions that you answered, or had shown to you; the second try counts with the first.",
    ),
    "right": (
        "Right answers of the last 30 days",
        "What the machine found right at the first or second try. Where only you can judge, your own word.",
    ),
    "shown": (
        "Shown in the last 30 days",
        'Questions where you said "I do not know, show me": learned later, which is no failure.',
    ),
}


def check_explained(figure: str, overview: CheckOverview) -> Explanation:
    """A figure of the headline."""
    title, formula = _FORMULAS[figure]
    rows = (
        ("checks that wait", figures.count(len(overview.waiting))),
        ("checks in 30 days", figures.count(overview.recent.checks)),
    )
    return Explanation(title, formula, _SOURCE, rows)
