"""The window that makes a habit an if-then plan, in the offered words or the person's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from tokencoach.tui.backend import PlanWords
from tokencoach.tui.keys import bindings
from tokencoach.tui.safe_text import clean

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from tokencoach.coach.finding import Finding
    from tokencoach.store.plan_rows import PlanRow

_LONGEST = 200


class PlanWindow(ModalScreen[PlanWords | None]):
    """If this, I do that. Enter goes on and accepts, escape changes nothing."""

    CSS_PATH = "plan.tcss"
    BINDINGS = bindings("plan")

    def __init__(self, finding: Finding, followed: PlanRow | None) -> None:
        super().__init__()
        self._finding, self._followed = finding, followed

    def compose(self) -> ComposeResult:
        """What it is against, what it takes the place of, the two halves."""
        with Vertical(id="plan") as window:
            window.border_title = "Your plan"
            window.border_subtitle = "↵ on, then accept   esc leave"
            yield Static(self._about(), id="about")
            yield Static("If", classes="half")
            yield Input(
                self._finding.condition, id="if", compact=True, select_on_focus=False, max_length=_LONGEST
            )
            yield Static("I", classes="half")
            yield Input(
                self._finding.action, id="then", compact=True, select_on_focus=False, max_length=_LONGEST
            )

    def _about(self) -> Content:
        parts = [Content.styled(clean(self._finding.title), "bold")]
        if self._followed is not None:
            stands = f"One plan at a time. This one gives way: {clean(self._followed.sentence)}"
            parts.append(Content.styled(stands, "$tone-alert"))
        parts.append(
            Content.styled("It is measured after two weeks, and once more at a month's end.", "$tone-muted")
        )
        return Content("\n").join(parts)

    def on_mount(self) -> None:
        """Start with the condition."""
        self.query_one("#if", Input).focus()

    @on(Input.Submitted, "#if")
    def go_on(self) -> None:
        """On to what to do then."""
        self.query_one("#then", Input).focus()

    @on(Input.Submitted, "#then")
    def accept(self) -> None:
        """Accept; half a plan is none."""
        said = PlanWords(*(" ".join(self.query_one(name, Input).value.split()) for name in ("#if", "#then")))
        if not all(said):
            self.notify("Both halves need a few words.", severity="warning", markup=False)
            return
        self.dismiss(said)

    def action_close(self) -> None:
        """Leave everything as it is."""
        self.dismiss(None)
