"""What the pages of the checklist share: a plan against an item, and leaving it alone for a while."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Generic, TypeVar

from textual import work

from tokencoach.tui.safe_text import clean
from tokencoach.tui.screens.evidence import EvidencePage

if TYPE_CHECKING:
    from tokencoach.checklist.judge import Judged
    from tokencoach.tui.screens.snooze import Snoozed

Value = TypeVar("Value")


class WordingPage(EvidencePage[Value], Generic[Value]):
    """A page on which the person says something of the item under the cursor."""

    month: str

    @property
    @abstractmethod
    def row(self) -> Judged | None:
        """The item that is meant."""

    def action_snooze(self) -> None:
        """Open the window that leaves an item alone."""
        if self.row is None:
            return
        from tokencoach.tui.screens.snooze import SnoozeWindow  # noqa: PLC0415 - built when first used

        judged = self.row

        def answer(said: Snoozed | None) -> None:
            if said is not None:
                self.keep_snooze(judged.item.id, said)

        backend = self.coach.backend
        self.app.push_screen(SnoozeWindow(judged, backend.now_ms(), backend.tz), answer)

    @work(exclusive=True, group="word")
    async def keep_snooze(self, item: str, said: Snoozed) -> None:
        """Write or take back a word, and judge again."""
        backend = self.coach.backend
        try:
            if said.until:
                await self.aside(backend.snooze_item, item, said.until, said.because)
                done = f"{item} is left alone until {said.until}."
            else:
                was = await self.aside(backend.take_item_word_back, item)
                done = f"{item}: taken back." if was else f"No word of yours stands on {item}."
        except Exception as error:  # noqa: BLE001 - a locked database must not end the app
            self.not_kept(error)
            return
        self.notify(done, markup=False)
        self.reload()

    @work(exclusive=True, group="plan")
    async def action_plan(self) -> None:
        """Make a plan of the finding behind the item; without one, say the next step."""
        judged = self.row
        if judged is None:
            return
        backend = self.coach.backend
        found = (
            await self.aside(backend.item_finding, judged.item.detector, self.month)
            if judged.item.detector
            else None
        )
        if found is None:
            self.notify(
                f"No habit to plan against was found. Next: {clean(judged.said.next, 200)}", markup=False
            )
            return
        await self.offer_plan(found)
