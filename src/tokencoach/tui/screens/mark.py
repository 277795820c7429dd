"""The window where a session, its branch or its folder is marked as exploration, prototype or production."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from textual import on
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tokencoach.tui.keys import bindings
from tokencoach.tui.widgets.columns import Cell, Column
from tokencoach.tui.widgets.ledger_list import LedgerList
from tokencoach.usage.words import Phase

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult

    from tokencoach.tui.backend import Markable
    from tokencoach.tui.theme import Glyphs

_WORDS = {"session": "this session", "branch": "the branch", "path": "the folder"}


class Marked(NamedTuple):
    """What was marked; without a phase the newest mark is taken back."""

    kind: str
    name: str
    phase: Phase | None


class MarkWindow(ModalScreen[Marked | None]):
    """One line for each thing that can be marked, and each phase. Escape changes nothing."""

    CSS_PATH = "word.tcss"
    BINDINGS = bindings("word")

    def __init__(self, markables: Sequence[Markable], title: str | None, glyphs: Glyphs) -> None:
        super().__init__()
        self._title = title
        self._markables = markables
        self._glyphs = glyphs

    def compose(self) -> ComposeResult:
        """A sentence and the list."""
        choices: LedgerList[Marked] = LedgerList(
            self._columns(), lambda choice: choice, glyphs=self._glyphs, id="marks"
        )
        with Vertical(id="word") as window:
            window.border_title = "Mark the phase"
            window.border_subtitle = "↵ mark   u take back   esc leave"
            yield Static(Content("Exploration and prototype work is neutral: it is never waste."))
            yield choices

    def _columns(self) -> tuple[Column[Marked], ...]:
        return (
            Column("what", lambda choice: Cell(_WORDS[choice.kind]), 12),
            Column("", self._named, weight=1),
            Column("is", lambda choice: Cell(str(choice.phase), "strong"), 11),
            Column("", lambda choice: Cell("marked" if self._is_marked(choice) else "", "shipped"), 6),
        )

    def _named(self, choice: Marked) -> Cell:
        """A session's own id says nothing to a person."""
        if choice.kind == "session" and self._title:
            return Cell(self._title, "muted")
        return Cell(choice.name, "muted", is_path=True)

    def _is_marked(self, choice: Marked) -> bool:
        return any(
            item.kind == choice.kind and item.phase is not None and item.phase == choice.phase
            for item in self._markables
        )

    def on_mount(self) -> None:
        """The list has the focus."""
        ledger = self.query_one(LedgerList)
        ledger.set_rows(
            tuple(Marked(item.kind, item.name, phase) for item in self._markables for phase in Phase)
        )
        ledger.focus()

    @on(LedgerList.Opened)
    def mark(self, event: LedgerList.Opened) -> None:
        """Mark it so."""
        self.dismiss(event.ledger.row)

    def action_take_back(self) -> None:
        """Take the newest mark of what the line is about back."""
        choice: Marked | None = self.query_one(LedgerList).row
        if choice is None or not any(
            item.kind == choice.kind and item.phase is not None for item in self._markables
        ):
            self.notify("It is not marked.", severity="warning", markup=False)
        else:
            self.dismiss(choice._replace(phase=None))

    def action_close(self) -> None:
        """Change nothing."""
        self.dismiss(None)
