"""One piece of work: the sessions that its lines came from."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.content import Content
from textual.widgets import Static

from tokencoach.tui.keys import bindings
from tokencoach.tui.safe_text import clean
from tokencoach.tui.screens.feature_columns import about_feature
from tokencoach.tui.screens.page import Page
from tokencoach.tui.screens.session_columns import SHORT_COMMIT, session_columns
from tokencoach.tui.widgets.ledger_list import LedgerList

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.widget import Widget

    from tokencoach.audit.feature_report import FeatureItem
    from tokencoach.audit.report import SessionRow
    from tokencoach.tui.why.explanation import Explanation

Rows = tuple["SessionRow", ...]


class FeaturePage(Page[Rows]):
    """What is known of it, and its sessions."""

    SCOPE = "feature"
    CSS_PATH = "features.tcss"
    BINDINGS: ClassVar = bindings("feature")

    def __init__(self, crumbs: tuple[str, ...], item: FeatureItem, mode: str) -> None:
        super().__init__(crumbs, mode=mode)
        self.item = item

    def compose_page(self) -> Iterable[Widget]:
        """A summary, its commits, its sessions."""
        backend, coach = self.coach.backend, self.coach
        ledger: LedgerList[SessionRow] = LedgerList(
            session_columns(backend.tz, backend.now_ms(), coach.glyphs, coach.unit),
            lambda row: row.row_id,
            glyphs=coach.glyphs,
            id="sessions",
        )
        yield Static("", id="about")
        yield ledger

    def on_mount(self) -> None:
        """The list has the focus."""
        super().on_mount()
        self.query_one("#sessions").focus()

    def fetch(self) -> Rows:
        """The rows of its sessions."""
        return tuple(self.coach.backend.session_rows(self.item.session_rows[:200]))

    def show_value(self, value: Rows) -> None:
        """Put it on the screen."""
        backend, unit = self.coach.backend, self.coach.unit
        rows = about_feature(self.item, unit, backend.tz)
        shas = "  ".join(clean(sha)[:SHORT_COMMIT] for sha in self.item.commits[:6])
        rows.append(Content.styled(f"commits {shas}", "$tone-muted"))
        self.query_one("#about", Static).update(Content("\n").join(rows))
        ledger = self.query_one("#sessions", LedgerList)
        ledger.set_columns(session_columns(backend.tz, backend.now_ms(), self.coach.glyphs, unit))
        ledger.set_rows(value)

    @on(LedgerList.Opened, "#sessions")
    def open_session(self, event: LedgerList.Opened) -> None:
        """The session under the cursor."""
        row: SessionRow | None = event.ledger.row
        if row is not None:
            from tokencoach.tui.screens.session import SessionPage  # noqa: PLC0415 - built when first shown

            self.app.push_screen(SessionPage.opened_from(self, row))

    def action_copy(self) -> None:
        """Copy the whole id of its last commit."""
        sha = clean(self.item.commits[-1])
        self.app.copy_to_clipboard(sha)
        self.notify(f"Copied {sha[:SHORT_COMMIT]}", markup=False)

    def explained(self, figure: str) -> Explanation | None:
        """What stands behind a figure of a session."""
        from tokencoach.tui.why.sessions import session_explained  # noqa: PLC0415 - when first asked for

        found = self.query_one("#sessions", LedgerList).row_of(figure)
        return None if found is None else session_explained(found[1], found[0], self.coach.unit)

    def open_figure(self, figure: str) -> None:
        """The session under the cursor."""
        del figure
        self.query_one("#sessions", LedgerList).action_open()

    def figures(self) -> dict[str, str]:
        """The numbers of the lines in sight."""
        return self.query_one("#sessions", LedgerList).figures()
