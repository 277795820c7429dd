"""What can be done with the month that is shown: closed, written to a file."""

from __future__ import annotations

from textual import work

from tokencoach.tui.months import month_of
from tokencoach.tui.safe_text import clean
from tokencoach.tui.screens.audit_view import AuditView, write_document
from tokencoach.tui.screens.page import Page


class MonthActs(Page[AuditView]):
    """A page that shows the audit of ``month``."""

    month = ""

    def action_close_month(self) -> None:
        """Ask, then freeze the month."""
        from tokencoach.tui.screens.closing import CloseWindow  # noqa: PLC0415 - built when first used

        if self.value is None or self.month >= month_of(self.coach.backend.now_ms(), self.coach.backend.tz):
            self.notify("This month is not over.", severity="warning", markup=False)
            return

        def answer(is_wanted: bool | None) -> None:  # noqa: FBT001 - Textual calls it so
            if is_wanted:
                self.close_month(self.month)

        self.app.push_screen(CloseWindow(self.value.audit, self.coach.unit), answer)

    @work(exclusive=True, group="close")
    async def close_month(self, month: str) -> None:
        """Freeze a month and show it so."""
        try:
            done = await self.aside(self.coach.backend.close_month, month)
        except Exception as error:  # noqa: BLE001 - a locked database must not end the app
            why = clean(" ".join(str(error).split()), 300)
            self.notify(f"Not closed: {why}", severity="error", markup=False)
            return
        self.notify(done, markup=False)
        self.take(await self.aside(self.fetch))

    @work(exclusive=True, group="export")
    async def action_export(self) -> None:
        """Write the audit as Markdown beside where the program was started; never over a file."""
        if self.value is None:
            return
        try:
            audit = self.value.audit
            text = await self.aside(self.coach.backend.audit_markdown, audit)
            path = await self.aside(write_document, text, audit.month or self.month)
        except OSError as error:
            self.notify(f"Not written: {error.strerror or error}", severity="warning", markup=False)
            return
        self.notify(f"Written to {path}", markup=False)
