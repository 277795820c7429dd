"""The figures of the Check screen, explained."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokencoach.tui import figures
from tokencoach.tui.why.explanation import Explanation

if TYPE_CHECKING:
    from tokencoach.comprehension.overview import CheckOverview

_SOURCE = "your own answers, in this database only (tables cc_check, cc_question, cc_answer)."
_TITLES = {
    "waiting": "Questions that wait",
    "answered": "Answers of the last 30 days",
    "right": "Right answers of the last 30 days",
    "shown": "Shown in the last 30 days",
}
_FORMULAS = {
    "waiting": "Questions of checks that were put off, broken off, or could not be asked. One that was answered"
    " elsewhere since, or called bad, waits no more.",
    "answered": "Questions that you answered, or had shown to you; the second try counts with the first.",
    "right": "What the machine found right at the first or second try. Where only you can judge, your own word.",
    "shown": 'Questions where you said "I do not know, show me": learned later, which is no failure.',
}


def check_explained(figure: str, overview: CheckOverview) -> Explanation:
    """A figure of the headline."""
    rows = (
        ("checks that wait", figures.count(len(overview.waiting))),
        ("checks in 30 days", figures.count(overview.recent.checks)),
    )
    return Explanation(_TITLES[figure], _FORMULAS[figure], _SOURCE, rows)
