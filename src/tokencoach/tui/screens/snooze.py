"""The window that leaves an item of the checklist alone up to a day, for a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from textual import on
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from tokencoach.clock import DAY_MS, day_of, iso_utc
from tokencoach.tui.keys import bindings
from tokencoach.tui.safe_text import clean

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from textual.app import ComposeResult

    from tokencoach.checklist.judge import Judged

_LONGEST = 300
_OFFERED_MS = 14 * DAY_MS


class Snoozed(NamedTuple):
    """The last day on which it is left alone, and why; without a day the word is taken back."""

    until: str
    because: str


class SnoozeWindow(ModalScreen[Snoozed | None]):
    """Until when, and why. Escape changes nothing."""

    CSS_PATH = "plan.tcss"
    BINDINGS = bindings("snooze")

    def __init__(self, judged: Judged, now_ms: int, tz: ZoneInfo) -> None:
        super().__init__()
        self._judged = judged
        self._until = day_of(now_ms + _OFFERED_MS, tz).isoformat()

    def compose(self) -> ComposeResult:
        """What it is about, the day, the reason."""
        with Vertical(id="plan") as window:
            window.border_title = "Leave it alone"
            window.border_subtitle = "↵ on, then keep   F2 take back   esc leave"
            yield Static(self._about(), id="about")
            yield Static("Until", classes="half")
            yield Input(self._until, id="if", compact=True, select_on_focus=False, max_length=10)
            yield Static("because", classes="half")
            yield Input("", id="then", compact=True, max_length=_LONGEST)

    def _about(self) -> Content:
        item, snooze = self._judged.item, self._judged.snooze
        parts = [Content.styled(f"{item.id} {item.title}", "bold")]
        if snooze is not None:
            said = f"Left alone until {iso_utc(snooze.until_ms)[:10]}: {clean(snooze.because)}"
            parts.append(Content.styled(said, "$tone-alert"))
        return Content("\n").join(parts)

    def on_mount(self) -> None:
        """Start with the day."""
        self.query_one("#if", Input).focus()

    @on(Input.Submitted, "#if")
    def go_on(self) -> None:
        """On to the reason."""
        self.query_one("#then", Input).focus()

    @on(Input.Submitted, "#then")
    def keep(self) -> None:
        """Keep it; without a reason it would be a way of not looking."""
        until, because = (" ".join(self.query_one(name, Input).value.split()) for name in ("#if", "#then"))
        if not because or not until:
            self.notify("Name a day, and say why.", severity="warning", markup=False)
            return
        self.dismiss(Snoozed(until, because))

    def action_take_back(self) -> None:
        """Let the item speak again."""
        self.dismiss(Snoozed("", ""))

    def action_close(self) -> None:
        """Leave everything as it is."""
        self.dismiss(None)
