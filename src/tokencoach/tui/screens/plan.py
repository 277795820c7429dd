"""The window that makes a habit an if-then plan, in the offered words or the person's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from tokencoach.tui.backend import PlanWords
from tokencoach.tui.keys import bindings
from tokencoach.tui.safe_text import clean
from tokencoach.tui.screens.halves import Half, HalvesWindow

if TYPE_CHECKING:
    from tokencoach.coach.finding import Finding
    from tokencoach.store.plan_rows import PlanRow


class PlanWindow(HalvesWindow[PlanWords]):
    """If this, I do that."""

    BINDINGS = bindings("plan")
    NAME = "Your plan"
    KEYS = "↵ on, then accept   esc leave"
    MISSING = "Both halves need a few words."

    def __init__(self, finding: Finding, followed: PlanRow | None) -> None:
        super().__init__()
        self._finding, self._followed = finding, followed

    def about(self) -> list[Content]:
        """The habit, what the plan takes the place of, when it is measured."""
        parts = [Content.styled(clean(self._finding.title), "bold")]
        if self._followed is not None:
            stands = f"One plan at a time. This one gives way: {clean(self._followed.sentence)}"
            parts.append(Content.styled(stands, "$tone-alert"))
        when = "It is measured after two weeks, and once more at a month's end."
        return [*parts, Content.styled(when, "$tone-muted")]

    def halves(self) -> tuple[Half, Half]:
        """The condition and the action that the finding offers."""
        return Half("If", self._finding.condition), Half("I", self._finding.action)

    def answer(self, first: str, second: str) -> PlanWords:
        """The plan in the person's words."""
        return PlanWords(first, second)
