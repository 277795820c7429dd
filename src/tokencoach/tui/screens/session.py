"""One session: its turns, what each cost, and what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.containers import Container
from textual.content import Content
from textual.widgets import Static

from tokencoach.tui import figures
from tokencoach.tui.backend import Pointed
from tokencoach.tui.keys import bindings
from tokencoach.tui.safe_text import clean, lines_of
from tokencoach.tui.screens.session_columns import (
    bucket_of_edit,
    edit_columns,
    model_name,
    place_name,
    session_crumb,
    spend_of,
    turn_columns,
)
from tokencoach.tui.screens.session_files import FileFate, file_columns, files_of
from tokencoach.tui.screens.speaking import SpeakingPage
from tokencoach.tui.screens.wasteful import worst_turn
from tokencoach.tui.verdicts import (
    lines_sentence,
    shares_by_bucket,
    shares_sentence,
    tone_of,
    verdict_word,
    word_sentence,
)
from tokencoach.tui.widgets.empty_state import EmptyState
from tokencoach.tui.widgets.ledger_list import LedgerList

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.widget import Widget

    from tokencoach.audit.report import EditDetail, SessionDetail, SessionRow, TurnDetail
    from tokencoach.tui.screens.page import Page
    from tokencoach.tui.why.explanation import Explanation


_PROMPT_LINES = 6
_ABOVE_EDITS = 10
_BELOW = ("edits", "files")


class SessionPage(SpeakingPage["SessionDetail"]):
    """The turns; below them, or beside, the edits of the turn under the cursor."""

    SCOPE = "session"
    CSS_PATH = "session.tcss"
    BINDINGS: ClassVar = bindings("session")

    def __init__(
        self,
        crumbs: tuple[str, ...],
        row: SessionRow,
        mode: str,
        at_turn: int | None = None,
        *,
        is_for_waste: bool = False,
    ) -> None:
        super().__init__(crumbs, mode=mode)
        self.row = row
        self._at_turn = at_turn
        self._is_for_waste = is_for_waste

    @classmethod
    def opened_from(
        cls, page: Page[Any], row: SessionRow, at_turn: int | None = None, *, is_for_waste: bool = False
    ) -> SessionPage:
        """The page of a session that a list of another page holds.

        The cursor stands on a turn's row if named, on the turn that wasted most where that is sought.
        """
        crumbs = (*page.crumbs, session_crumb(row, page.coach.backend.tz))
        return cls(crumbs, row, page.mode, at_turn, is_for_waste=is_for_waste)

    def compose_page(self) -> Iterable[Widget]:
        """A summary, the turns, the edits of one."""
        glyphs, unit = self.coach.glyphs, self.coach.unit
        turns: LedgerList[TurnDetail] = LedgerList(
            turn_columns(glyphs, unit), lambda turn: turn.turn_id, glyphs=glyphs, id="turns"
        )
        edits: LedgerList[EditDetail] = LedgerList(
            edit_columns(glyphs, self.row.repo or self.row.folder),
            lambda edit: edit.edit_id,
            glyphs=glyphs,
            id="edits",
        )
        yield Static("", id="summary")
        files: LedgerList[FileFate] = LedgerList(
            file_columns(glyphs, self.row.repo or self.row.folder),
            lambda file: file.path,
            glyphs=glyphs,
            id="files",
        )
        yield Container(turns, Container(Static("", id="prompt"), edits, id="turn"), id="lists")
        yield files

    def on_mount(self) -> None:
        """What the list already knew stands at once."""
        self._summarise(self.row)
        super().on_mount()
        self.query_one("#turns").focus()

    def fetch(self) -> SessionDetail:
        """The session, opened."""
        return self.coach.backend.session_detail(self.row.row_id)

    def _summarise(self, row: SessionRow) -> None:
        glyphs, unit = self.coach.glyphs, self.coach.unit
        models = ", ".join(map(model_name, row.models))
        gap = f" {glyphs.separator} "
        first = gap.join(
            clean(part)
            for part in (
                spend_of(row, unit),
                row.title or self._first_prompt() or row.session_id,
                row.source,
                models,
                figures.energy(row.energy_wh, row.energy_quality),
                figures.span(row.ended_at_ms - row.started_at_ms),
                place_name(row.repo or row.folder),
                row.branch or "",
            )
            if part
        )
        said = clean(word_sentence(row.said, glyphs))
        second = f"{shares_sentence(row.buckets, glyphs, unit)}    {said or lines_sentence(row.lines)}"
        self.query_one("#summary", Static).update(
            Content("\n").join([Content.styled(first, "bold"), Content.styled(second, "$tone-muted")])
        )

    def _first_prompt(self) -> str:
        turns = self.value.turns if self.value else ()
        prompt = next((turn.prompt for turn in turns if turn.prompt), "")
        return (lines_of(prompt, 1) or [""])[0]

    def show_value(self, value: SessionDetail) -> None:
        """Put the turns on the screen."""
        self.row = value.row
        self._summarise(value.row)
        turns = self.query_one("#turns", LedgerList)
        turns.set_columns(turn_columns(self.coach.glyphs, self.coach.unit))
        turns.set_rows(value.turns)
        if self._is_for_waste:
            self._at_turn, self._is_for_waste = worst_turn(value.turns), False
        places = (at for at, turn in enumerate(value.turns) if turn.turn_id == self._at_turn)
        turns.cursor, self._at_turn = next(places, turns.cursor), None
        found = files_of(value.turns)
        files = self.query_one("#files", LedgerList)
        files.set_rows(found)
        files.set_class(not found, "-none")
        lists = self.query_one("#lists")
        most_edits = max((len(turn.edits) for turn in value.turns), default=0)
        lists.styles.max_height = max(len(value.turns), most_edits + _ABOVE_EDITS) + 2 if found else None
        lists.display = bool(value.turns)
        empty = self.query_one(EmptyState)
        if value.turns:
            empty.hide()
        else:
            empty.explain("No turn of this session is left to show.", "Go back to the list.", "esc")

    @on(LedgerList.Moved, "#turns")
    def show_turn(self, event: LedgerList.Moved) -> None:
        """The edits of the turn under the cursor."""
        turn: TurnDetail | None = event.ledger.row
        if turn is None:
            return
        glyphs = self.coach.glyphs
        prompt = lines_of(
            turn.prompt or "", _PROMPT_LINES if self.has_class("-tall") or not turn.edits else 1
        )
        why = word_sentence(turn.said, glyphs) or turn.reason
        words = f"{verdict_word(turn.verdict, glyphs)}, {clean(why)}" if why else ""
        if turn.energy_wh is not None:
            words += f"  {figures.energy(turn.energy_wh, turn.energy_quality)}"
        head = Content.styled(f"turn {turn.turn}  {words}", f"$tone-{tone_of(turn.verdict)}")
        body = Content.styled("\n".join(prompt), "$tone-muted")
        self.query_one("#prompt", Static).update(Content("\n").join([head, body]))
        edits = self.query_one("#edits", LedgerList)
        edits.set_rows(turn.edits)
        edits.display = bool(turn.edits)
        self.query_one("#prompt").set_class(not turn.edits, "-alone")

    @on(LedgerList.Opened, "#turns")
    def open_turn(self, event: LedgerList.Opened) -> None:
        """The turn, on its own page."""
        turn: TurnDetail | None = event.ledger.row
        if turn is not None and self.value is not None:
            from tokencoach.tui.screens.turn import TurnPage  # noqa: PLC0415 - built when first shown

            crumbs = (*self.crumbs, f"turn {turn.turn}")
            self.app.push_screen(TurnPage(crumbs, self.value, turn.turn_id, mode=self.mode))

    @on(LedgerList.Opened, "#edits")
    def open_edit(self, event: LedgerList.Opened) -> None:
        """The lines of an edit."""
        self._open_lines(self.query_one("#turns", LedgerList).row, event.ledger.row)

    @on(LedgerList.Opened, "#files")
    def open_file(self, event: LedgerList.Opened) -> None:
        """The lines of the newest edit of a file."""
        row: FileFate | None = event.ledger.row
        if row is not None:
            self._open_lines(row.turn, row.edit)

    def _open_lines(self, turn: TurnDetail | None, edit: EditDetail | None) -> None:
        if edit is not None and turn is not None and self.value is not None:
            from tokencoach.tui.screens.lines import LinesPage  # noqa: PLC0415

            crumbs = (*self.crumbs, f"turn {turn.turn}", place_name(edit.path))
            self.app.push_screen(LinesPage(crumbs, self.value, turn.turn_id, edit.edit_id, mode=self.mode))

    def action_overrule(self) -> None:
        """Say what became of the turn under the cursor, or of the edit where the edits have the focus."""
        turn: TurnDetail | None = self.query_one("#turns", LedgerList).row
        edits = self.query_one("#edits", LedgerList)
        edit: EditDetail | None = edits.row if edits.has_focus else None
        if turn is None:
            return
        if edit is not None:
            about = Pointed(self.row.row_id, None, edit.edit_id)
            self.ask_word(about, place_name(edit.path), bucket_of_edit(edit), edit.said)
        else:
            self.ask_word(
                Pointed(self.row.row_id, turn.turn_id), f"turn {turn.turn}", turn.verdict, turn.said
            )

    def action_edit(self) -> None:
        """Open the file of the edit under the cursor in the person's editor."""
        edit: EditDetail | None = self.query_one("#edits", LedgerList).row
        if edit is not None:
            self.edit_file(edit.path, 1)

    def action_overrule_all(self) -> None:
        """Say what became of the whole session."""
        title = self.row.title or self._first_prompt() or self.row.session_id
        self.ask_word(
            Pointed(self.row.row_id), f"session “{clean(title, 60)}”", self.row.verdict, self.row.said
        )

    def action_mark(self) -> None:
        """Mark the session, its branch or its folder."""
        self.ask_phase(self.row.row_id, self.row.title or self._first_prompt())

    def action_prompt(self) -> None:
        """The prompt of the turn under the cursor, from its log."""
        turn: TurnDetail | None = self.query_one("#turns", LedgerList).row
        if turn is not None:
            self.show_prompt(turn.turn_id, f"Prompt of turn {turn.turn}")

    def explained(self, figure: str) -> Explanation | None:
        """What stands behind a figure of the summary, of a turn or of an edit."""
        from tokencoach.tui.why.sessions import (  # noqa: PLC0415
            edit_explained,
            file_explained,
            session_explained,
            turn_explained,
        )

        found = self.query_one("#turns", LedgerList).row_of(figure)
        if found is not None:
            return turn_explained(found[1], found[0], self.coach.unit)
        edit = self.query_one("#edits", LedgerList).row_of(figure)
        if edit is not None:
            return edit_explained(edit[1], edit[0])
        file = self.query_one("#files", LedgerList).row_of(figure)
        if file is not None:
            return file_explained(file[1], file[0].path, file[0].buckets)
        return session_explained(figure, self.row, self.coach.unit)

    def open_figure(self, figure: str) -> None:
        """The turn or the edit under the cursor."""
        name = figure.partition(".")[0]
        self.query_one(f"#{name if name in _BELOW else 'turns'}", LedgerList).action_open()

    def figures(self) -> dict[str, str]:
        """The numbers of the summary and of the turns in sight."""
        row, unit = self.row, self.coach.unit
        out = {"spend": spend_of(row, unit)}
        out.update(shares_by_bucket(row.buckets, unit))
        for ledger in self.query(LedgerList):
            out.update(ledger.figures())
        if row.lines.generated and row.said is None:
            out["lines.generated"] = figures.count(row.lines.generated)
            out["lines.landed"] = figures.count(row.lines.landed)
            out["lines.survived"] = figures.count(row.lines.survived)
        return out
