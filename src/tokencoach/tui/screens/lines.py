"""One edit down to its lines: what became of each, why, how sure, and in which commit."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.content import Content
from textual.widgets import Static

from tokencoach.audit.as_text import KIND_WORDS
from tokencoach.tui import figures
from tokencoach.tui.backend import Pointed
from tokencoach.tui.keys import bindings
from tokencoach.tui.safe_text import clean
from tokencoach.tui.screens.session_columns import (
    SHORT_COMMIT,
    bucket_of_edit,
    line_columns,
    place_name,
    within,
)
from tokencoach.tui.screens.speaking import SpeakingPage
from tokencoach.tui.verdicts import tone_of, verdict_word, word_sentence
from tokencoach.tui.widgets.empty_state import EmptyState
from tokencoach.tui.widgets.ledger_list import LedgerList
from tokencoach.usage.words import CallStatus

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.widget import Widget

    from tokencoach.audit.report import EditDetail, LineFate, SessionDetail
    from tokencoach.tui.why.explanation import Explanation


_WITHOUT_LINES = {
    CallStatus.FAILED: "This edit failed: none of its lines was written.",
    CallStatus.REJECTED: "This edit was refused: none of its lines was written.",
    CallStatus.INTERRUPTED: "This edit was interrupted: none of its lines was written.",
}


class LinesPage(SpeakingPage["SessionDetail"]):
    """The lines of one edit; below them all that is known of the one under the cursor."""

    SCOPE = "lines"
    CAN_OPEN = False
    CSS_PATH = "lines.tcss"
    BINDINGS: ClassVar = bindings("lines")

    def __init__(
        self, crumbs: tuple[str, ...], detail: SessionDetail, turn_id: int, edit_id: int, mode: str
    ) -> None:
        super().__init__(crumbs, detail, mode)
        self.turn_id, self.edit_id = turn_id, edit_id
        self.row_id = detail.row.row_id
        self._span_begins: int | None = None

    @property
    def edit(self) -> EditDetail | None:
        """The edit, in the newest reading of its session."""
        turns = self.value.turns if self.value else ()
        edits = (edit for turn in turns if turn.turn_id == self.turn_id for edit in turn.edits)
        return next((edit for edit in edits if edit.edit_id == self.edit_id), None)

    def compose_page(self) -> Iterable[Widget]:
        """The file, its lines, the fate of one."""
        glyphs = self.coach.glyphs
        lines: LedgerList[LineFate] = LedgerList(
            line_columns(glyphs), lambda line: (line.is_removal, line.position), glyphs=glyphs, id="lines"
        )
        yield Static("", id="file")
        yield lines
        yield Static("", id="fate")

    def on_mount(self) -> None:
        """The list has the focus."""
        super().on_mount()
        self.query_one("#lines").focus()

    def fetch(self) -> SessionDetail:
        """The session again."""
        return self.coach.backend.session_detail(self.row_id)

    def show_value(self, value: SessionDetail) -> None:
        """Put the lines on the screen."""
        self.value = value
        edit, empty = self.edit, self.query_one(EmptyState)
        has_lines = bool(edit and edit.lines)
        self.query_one("#lines").display = has_lines
        self.query_one("#fate").display = has_lines
        if edit is None:
            empty.explain("This edit is no longer in the database.", "Go back to the turn.", "esc")
            return
        parts = [
            Content.styled(clean(within(edit.path, value.row.repo or value.row.folder)), "bold"),
            Content.styled(f"  +{edit.added} -{edit.removed}", "$tone-muted"),
        ]
        if edit.note:
            parts.append(Content.styled(f"  {clean(edit.note)}", "$tone-alert"))
        self.query_one("#file", Static).update(Content("").join(parts))
        self.query_one("#lines", LedgerList).set_rows(edit.lines)
        if has_lines:
            empty.hide()
        else:
            why = (
                _WITHOUT_LINES.get(edit.status or CallStatus.OK)
                or edit.note
                or "No line of this edit is known."
            )
            empty.explain(why, "Go back to the turn.", "esc")

    @on(LedgerList.Moved, "#lines")
    def show_fate(self, event: LedgerList.Moved) -> None:
        """All that is known of the line under the cursor."""
        line: LineFate | None = event.ledger.row
        if line is None:
            return
        why = word_sentence(line.said, self.coach.glyphs) or line.reason
        head = f"{verdict_word(line.bucket, self.coach.glyphs)}, {clean(why)}"
        if line.kind is not None:
            head += f" ({KIND_WORDS[line.kind]})"
        sure = f"sure {figures.percent(line.confidence)}" + (
            f", matched {clean(line.method)}" if line.method else ""
        )
        rows = [
            Content.styled(head, f"bold $tone-{tone_of(line.bucket)}"),
            Content.styled(f"{self._way(line)}; {sure}", "$tone-muted"),
            Content("" if line.text is None else clean(line.text.expandtabs(4).strip(), 1000)),
        ]
        self.query_one("#fate", Static).update(Content("\n").join(rows))

    def _way(self, line: LineFate) -> str:
        tz = self.coach.backend.tz
        parts = []
        if line.commit:
            when = f" {figures.day_time(line.landed_at_ms, tz).strip()}" if line.landed_at_ms else ""
            parts.append(f"in {clean(line.commit)[:SHORT_COMMIT]}{when}")
        if line.path:
            parts.append(f"now {clean(line.path)}{f':{line.line}' if line.line else ''}")
        if line.died_at_ms is not None:
            where = f" in {clean(line.died_in)[:SHORT_COMMIT]}" if line.died_in else ""
            parts.append(f"gone {figures.day_time(line.died_at_ms, tz).strip()}{where}")
        return ", ".join(parts) or "no commit holds it"

    def _place(self) -> tuple[str, int] | None:
        """The file and the line under the cursor as they are now, else as they were written."""
        line: LineFate | None = self.query_one("#lines", LedgerList).row
        edit, repo = self.edit, self.value.row.repo if self.value else None
        if edit is None:
            return None
        if line is not None and line.path and line.line and repo:
            return f"{repo.rstrip('/')}/{line.path}", line.line
        return edit.path, line.position + 1 if line is not None and not line.is_removal else 1

    def action_edit(self) -> None:
        """Open the file of the line under the cursor in the person's editor."""
        place, line = self._place(), self.query_one("#lines", LedgerList).row
        if place is not None:
            self.edit_file(*place, text=line.text if line is not None else None)

    def action_copy_place(self) -> None:
        """Copy the path and the number of the line under the cursor."""
        place = self._place()
        if place is not None:
            self.copy_text(f"{place[0]}:{place[1]}")

    def action_copy(self) -> None:
        """Copy the whole commit id of the line under the cursor."""
        line = self.query_one("#lines", LedgerList).row
        if line is None or not line.commit:
            self.notify("This line is in no commit.", severity="warning", markup=False)
            return
        self.copy_text(line.commit)

    def action_overrule(self) -> None:
        """Say what became of this edit."""
        edit = self.edit
        if edit is not None:
            about = Pointed(self.row_id, None, self.edit_id)
            self.ask_word(about, place_name(edit.path), bucket_of_edit(edit), edit.said)

    def action_begin_span(self) -> None:
        """The lines that V speaks of begin at the cursor."""
        line: LineFate | None = self.query_one("#lines", LedgerList).row
        if line is not None and not line.is_removal:
            self._span_begins = line.position
            self.notify("The span begins here. Go to its last line, then V.", markup=False)

    def action_overrule_lines(self) -> None:
        """Say what became of the line under the cursor, or of the span up to it."""
        line: LineFate | None = self.query_one("#lines", LedgerList).row
        if line is None or line.is_removal:
            self.notify("Only added lines can be overruled apart; v speaks of the whole edit.", markup=False)
            return
        begin = line.position if self._span_begins is None else self._span_begins
        first, last = sorted((begin, line.position))
        self._span_begins = None
        title = f"{last - first + 1} line{'s' if last > first else ''} of this edit"
        self.ask_word(Pointed(self.row_id, None, self.edit_id, (first, last)), title, line.bucket, line.said)

    def action_prompt(self) -> None:
        """The prompt that made these lines, from its log."""
        self.show_prompt(self.turn_id, "The prompt that made this line")

    def explained(self, figure: str) -> Explanation | None:
        """How a line gets its verdict, and what the edit's counts are."""
        from tokencoach.tui.why.sessions import edit_explained, line_explained  # noqa: PLC0415

        found = self.query_one("#lines", LedgerList).row_of(figure)
        if found is not None:
            return line_explained(found[1], found[0])
        edit = self.edit
        return None if edit is None else edit_explained(figure, edit)

    def open_figure(self, figure: str) -> None:
        """The prompt that made the line."""
        del figure
        self.action_prompt()

    def figures(self) -> dict[str, str]:
        """Lines in and out, and the numbers of the lines in sight."""
        edit = self.edit
        out = self.query_one("#lines", LedgerList).figures()
        return {"added": f"+{edit.added}", "removed": f"-{edit.removed}", **out} if edit else {}
