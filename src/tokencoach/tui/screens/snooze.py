"""The window that leaves an item of the checklist alone up to a day, for a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from textual.content import Content

from tokencoach.clock import DAY_MS, day_of, iso_utc
from tokencoach.tui.keys import bindings
from tokencoach.tui.safe_text import clean
from tokencoach.tui.screens.halves import Half, HalvesWindow

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from tokencoach.checklist.judge import Judged

_DAY = 10
_LONGEST = 300
_OFFERED_MS = 14 * DAY_MS


class Snoozed(NamedTuple):
    """The last day on which it is left alone, and why; without a day the word is taken back."""

    until: str
    because: str


class SnoozeWindow(HalvesWindow[Snoozed]):
    """Until when, and why: without a reason it would be a way of not looking."""

    BINDINGS = bindings("snooze")
    NAME = "Leave it alone"
    KEYS = "↵ on, then keep   F2 take back   esc leave"
    MISSING = "Name a day, and say why."

    def __init__(self, judged: Judged, now_ms: int, tz: ZoneInfo) -> None:
        super().__init__()
        self._judged = judged
        self._until = day_of(now_ms + _OFFERED_MS, tz).isoformat()

    def about(self) -> list[Content]:
        """The item, and how long it is left alone already."""
        item, snooze = self._judged.item, self._judged.snooze
        parts = [Content.styled(f"{item.id} {item.title}", "bold")]
        if snooze is not None:
            said = f"Left alone until {iso_utc(snooze.until_ms)[:10]}: {clean(snooze.because)}"
            parts.append(Content.styled(said, "$tone-alert"))
        return parts

    def halves(self) -> tuple[Half, Half]:
        """Two weeks from now, and a reason still to be said."""
        return Half("Until", self._until, _DAY), Half("because", longest=_LONGEST)

    def answer(self, first: str, second: str) -> Snoozed:
        """The day and the reason."""
        return Snoozed(first, second)

    def action_take_back(self) -> None:
        """Let the item speak again."""
        self.dismiss(Snoozed("", ""))
