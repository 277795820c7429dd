"""The window that asks once before a month is frozen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tokencoach.audit.close import ENOUGH_UNKNOWN
from tokencoach.tui import figures
from tokencoach.tui.keys import bindings
from tokencoach.tui.verdicts import share_of_bucket
from tokencoach.usage.words import Bucket

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from tokencoach.audit.report import PeriodAudit


class CloseWindow(ModalScreen[bool]):
    """What freezing the month means, and what is not known yet; enter closes it."""

    CSS_PATH = "word.tcss"
    BINDINGS = bindings("closing")

    def __init__(self, audit: PeriodAudit, unit: str) -> None:
        super().__init__()
        self._audit, self._unit = audit, unit

    def compose(self) -> ComposeResult:
        """A few sentences."""
        with Vertical(id="word") as window:
            window.border_title = f"Close {figures.month_title(self._audit.label)}"
            window.border_subtitle = "↵ close the month   esc leave"
            yield Static(Content("\n\n").join(map(Content, self._sentences())))

    def _sentences(self) -> list[str]:
        audit = self._audit
        said = [
            "The figures of this month are frozen as they read now, with the version of the algorithm.",
            "What is seen later stands beside them as a restatement, with its cause.",
        ]
        if audit.closing is not None:
            said.append(
                f"It is closed already. What has changed since is taken in as version"
                f" {audit.closing.versions[-1].version + 1}; every version is kept."
            )
        pending = share_of_bucket(audit.buckets, Bucket.PENDING, self._unit)
        if pending:
            said.append(
                f"{figures.percent(pending)} is still pending and will be restated as it lands or not."
            )
        unknown = 1 - audit.known_share
        if unknown > ENOUGH_UNKNOWN:
            mend = next((item.mend for item in audit.unknown), "")
            said.append(f"Careful: {figures.percent(unknown)} is unknown. {mend}")
        return said

    def action_accept(self) -> None:
        """Close the month."""
        self.dismiss(True)

    def action_close(self) -> None:
        """Leave it open."""
        self.dismiss(False)
