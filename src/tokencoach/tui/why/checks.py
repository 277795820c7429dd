"""The figures of the Check screen, explained."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokencoach.tui import figures
from tokencoach.tui.why.explanation import Explanation

if TYPE_CHECKING:
    from tokencoach.comprehension.overview import CheckOverview

_SOURCE = "your own answers, in this database only (tables cc_check, cc_question, cc_answer),"
" and the landings of lines (table landing)."
_TITLES = {
    "waiting": "Questions that wait",
    "answered": "Answers of the last 30 days",
    "right": "Right answers of the last 30 days",
    "shown": "Shown in the last 30 days",
    "owed": "Lines that nobody understood or reviewed",
    "understood": "Lines that you understood",
    "reviewed": "Lines that somebody else reviewed",
}
_FORMULAS = {
    "waiting": "Questions of checks that were put off, broken off, or could not be asked. One that was answered"
    " elsewhere since, or called bad, waits no more.",
    "answered": "Questions that you answered, or had shown to you; the second try counts with the first.",
    "right": "What the machine found right at the first or second try. Where only you can judge, your own word.",
    "owed": "Lines of assistants that landed on the default branch and are alive, and that no right answer of"
    " yours and no reviewer covers. Lines of fewer than 6 letters or digits count nowhere.",
    "understood": "Surviving lines of assistants in functions about which you answered a question rightly.",
    "reviewed": "Surviving lines of assistants in commits that a trailer, a merge by somebody else or the forge"
    " says were reviewed.",
    "shown": 'Questions where you said "I do not know, show me": learned later, which is no failure.',
}


def check_explained(figure: str, overview: CheckOverview) -> Explanation:
    """A figure of the headline."""
    rows = (
        ("checks that wait", figures.count(len(overview.waiting))),
        ("checks in 30 days", figures.count(overview.recent.checks)),
    )
    return Explanation(_TITLES[figure], _FORMULAS[figure], _SOURCE, rows)
