"""The line where a word is typed that some row of a list holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual.binding import Binding
from textual.widgets import Input

if TYPE_CHECKING:
    from tokencoach.tui.widgets.ledger_list import LedgerList


class FindLine(Input):
    """The list's cursor follows what is typed; enter stays there, escape goes back to where it was."""

    DEFAULT_CSS = """
    FindLine, FindLine:focus {
        dock: bottom; height: 1; border: none; padding: 0 1; margin-bottom: 1; background: $panel;
    }
    FindLine.-none { color: $tone-alert; }
    """
    BINDINGS: ClassVar = [
        Binding("escape", "leave", "back", show=False),
        Binding("down", "step(1)", "next", show=False),
        Binding("up", "step(-1)", "before", show=False),
    ]

    def __init__(self, ledger: LedgerList[Any]) -> None:
        super().__init__(
            placeholder="go to the line that holds…  down: the next, enter: stay",
            compact=True,
            max_length=200,
        )
        self._ledger, self._began = ledger, ledger.cursor

    def on_input_changed(self, event: Input.Changed) -> None:
        """Go to the first row from where the search began."""
        event.stop()
        self._go(self._began)

    def action_step(self, step: int) -> None:
        """The next row that holds it, or the one before."""
        self._go(self._ledger.cursor + step, step)

    def _go(self, start: int, step: int = 1) -> None:
        is_found = not self.value.strip() or self._ledger.find(self.value.strip(), start, step)
        self.set_class(not is_found, "-none")

    async def on_input_submitted(self, event: Input.Submitted) -> None:
        """Stay, and go on in the list."""
        event.stop()
        await self._end()

    async def action_leave(self) -> None:
        """Go back to where the search began."""
        self._ledger.cursor = self._began
        await self._end()

    async def _end(self) -> None:
        self._ledger.focus()
        await self.remove()
