"""Windows that explain: what stands behind a figure, and what the keys do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tokencoach.tui.keys import EVERYWHERE, LIST, actions_of, bindings, key_name

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from tokencoach.tui.explanations import Explanation


class ExplainWindow(ModalScreen[None]):
    """A box in the middle; esc, q and enter close it."""

    CSS_PATH = "why.tcss"
    BINDINGS = bindings("window")
    HEADING = ""

    def compose(self) -> ComposeResult:
        """The box."""
        with VerticalScroll(id="window") as window:
            window.border_title = self.HEADING
            window.border_subtitle = "esc closes"
            yield Static(self.body())

    def on_mount(self) -> None:
        """Let the arrows scroll."""
        self.query_one(VerticalScroll).focus()

    def action_close(self) -> None:
        """Go back to the page."""
        self.dismiss()

    def body(self) -> Content:
        """What the window says."""
        raise NotImplementedError


class WhyWindow(ExplainWindow):
    """Formula, inputs and source of one figure."""

    HEADING = "Why this number"

    def __init__(self, explanation: Explanation) -> None:
        super().__init__()
        self.explanation = explanation

    def body(self) -> Content:
        """Title, formula, inputs, source."""
        why = self.explanation
        parts = [Content.styled(why.title, "bold"), Content(f"\n\n{why.formula}\n")]
        for name, value in why.inputs:
            parts.append(Content.styled(f"\n  {name:<28}", "$tone-muted"))
            parts.append(Content.styled(value, "bold"))
        parts.append(
            Content.styled(
                f"\n\nSource: {why.source}" if why.inputs else f"\nSource: {why.source}", "$tone-muted"
            )
        )
        return Content("").join(parts)


class KeysWindow(ExplainWindow):
    """Every key of a page, from the table."""

    HEADING = "Keys"

    def __init__(self, scope: str, *, has_list: bool) -> None:
        super().__init__()
        self._scopes = [scope, LIST, EVERYWHERE] if has_list else [scope, EVERYWHERE]

    def body(self) -> Content:
        """One line a key, the page's own first."""
        parts: list[Content] = []
        for scope in self._scopes:
            parts.append(Content.styled(f"{'' if not parts else chr(10)}{scope}\n", "$tone-muted"))
            for action in actions_of(scope):
                parts.append(Content.styled(f"  {key_name(action):<8}", "bold $tone-shipped"))
                parts.append(Content(f"{action.help}\n"))
        return Content("").join(parts)
