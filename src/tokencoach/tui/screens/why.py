"""Windows that explain: what stands behind a figure, and what the keys do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual import on
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tokencoach.tui.keys import EVERYWHERE, LIST, actions_of, bindings, key_name
from tokencoach.tui.safe_text import clean
from tokencoach.tui.widgets.columns import Cell, Column
from tokencoach.tui.widgets.ledger_list import LedgerList

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult

    from tokencoach.tui.screens.page import Explained
    from tokencoach.tui.theme import Glyphs
    from tokencoach.tui.why.explanation import Explanation

_FIGURES = 6
"""Lines of the list of figures; the explanation needs the rest of the window."""
_NARROWEST: Final = 22
_WIDEST: Final = 44


class ExplainWindow(ModalScreen[None]):
    """A box in the middle; esc, q and enter close it."""

    CSS_PATH = "why.tcss"
    BINDINGS = bindings("window")
    HEADING = ""

    def compose(self) -> ComposeResult:
        """The box."""
        with VerticalScroll(id="window") as window:
            window.border_title = self.HEADING
            window.border_subtitle = "esc closes"
            yield Static(self.body())

    def on_mount(self) -> None:
        """Let the arrows scroll."""
        self.query_one(VerticalScroll).focus()

    def action_close(self) -> None:
        """Go back to the page."""
        self.dismiss()

    def body(self) -> Content:
        """What the window says."""
        raise NotImplementedError


class WhyWindow(ModalScreen[str | None]):
    """The figures of a page, and formula, inputs and source of the one under the cursor.

    Enter answers its name: the page then goes down to what it is made of.
    """

    CSS_PATH = "why.tcss"
    BINDINGS = bindings("figures")

    def __init__(self, found: Sequence[Explained], focused: str, glyphs: Glyphs) -> None:
        super().__init__()
        self._found, self._focused, self._glyphs = found, focused, glyphs

    def compose(self) -> ComposeResult:
        """The list above, the explanation below."""
        ledger: LedgerList[Explained] = LedgerList(
            (
                Column("figure", lambda one: Cell(one.why.title, "strong"), weight=1),
                Column("reads", lambda one: Cell(one.shown), 18, is_right=True),
            ),
            lambda one: one.name,
            glyphs=self._glyphs,
            id="asked",
        )
        with Vertical(id="why") as window:
            window.border_title = "Why this number"
            yield ledger
            with VerticalScroll(id="because"):
                yield Static("")

    def on_mount(self) -> None:
        """Start at the figure that had the focus."""
        ledger = self.query_one(LedgerList)
        ledger.styles.height = min(len(self._found), _FIGURES) + 1
        ledger.set_rows(tuple(self._found))
        begins = (
            at for at, one in enumerate(self._found) if self._focused and one.name.startswith(self._focused)
        )
        ledger.cursor = next(begins, 0)
        ledger.focus()

    @on(LedgerList.Moved)
    def show(self, event: LedgerList.Moved) -> None:
        """Explain the figure under the cursor."""
        one: Explained | None = event.ledger.row
        if one is not None:
            window = self.query_one("#why", Vertical)
            down = f"↵ {one.why.opens}   " if one.why.opens else ""
            window.border_subtitle = f"{down}y copy   tab scroll   esc closes"
            self.query_one("#because Static", Static).update(body(one.why))
            self.query_one("#because", VerticalScroll).scroll_home(animate=False)

    @on(LedgerList.Opened)
    def go_down(self, event: LedgerList.Opened) -> None:
        """To what the figure is made of."""
        one: Explained | None = event.ledger.row
        if one is not None and one.why.opens:
            self.dismiss(one.name)

    def action_copy(self) -> None:
        """Copy the figure under the cursor with all that is said of it."""
        one: Explained | None = self.query_one(LedgerList).row
        if one is not None:
            title = clean(one.why.title)
            self.app.copy_to_clipboard(f"{title}: {clean(one.shown)}\n\n{body(one.why).plain}\n")
            self.notify(f"Copied: {title}", markup=False)

    def action_close(self) -> None:
        """Go back to the page."""
        self.dismiss(None)


def body(why: Explanation) -> Content:
    """Formula, inputs, source."""
    parts = [Content(clean_lines(why.formula))]
    if why.inputs:
        parts.append(Content("\n"))
    room = min(max((len(clean(name)) for name, _ in why.inputs), default=0), _WIDEST)
    for name, value in why.inputs:
        parts.append(Content.styled(f"\n  {clean(name):<{max(room, _NARROWEST)}}  ", "$tone-muted"))
        parts.append(Content.styled(clean(value), "bold"))
    parts.append(Content.styled(f"\n\nSource: {clean(why.source)}", "$tone-muted"))
    return Content("").join(parts)


def clean_lines(text: str) -> str:
    """A text of several lines, each made safe."""
    return "\n".join(clean(line) for line in text.split("\n"))


class KeysWindow(ExplainWindow):
    """Every key of a page, from the table."""

    HEADING = "Keys"

    def __init__(self, scope: str, *, has_list: bool) -> None:
        super().__init__()
        self._scopes = [scope, LIST, EVERYWHERE] if has_list else [scope, EVERYWHERE]

    def body(self) -> Content:
        """One line a key, the page's own first."""
        parts: list[Content] = []
        for scope in filter(actions_of, self._scopes):
            parts.append(Content.styled(f"{'' if not parts else chr(10)}{scope}\n", "$tone-muted"))
            for action in actions_of(scope):
                parts.append(Content.styled(f"  {key_name(action):<8}", "bold $tone-shipped"))
                parts.append(Content(f"{action.help}\n"))
        return Content("").join(parts)
