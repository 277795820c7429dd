"""The lines at the edges of every page: where I am, how fresh it is, what the keys do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.content import Content
from textual.widget import Widget

from tokencoach.tui.keys import EVERYWHERE, LIST, Action, actions_of, footer_actions, key_name
from tokencoach.tui.safe_text import clean

if TYPE_CHECKING:
    from textual import events

    from tokencoach.tui.theme import Glyphs

_CRUMB_CELLS = 34


class ClickLine(Widget):
    """One line of words, some of which do something when clicked."""

    def __init__(self, *, id: str) -> None:  # noqa: A002 - Textual's own name for it
        super().__init__(id=id)
        self._targets: list[tuple[int, str]] = []

    def _join(self, words: list[tuple[Content, str]]) -> Content:
        """The line; notes where each word ends and what it does."""
        self._targets, end = [], 0
        for content, action in words:
            end += content.cell_length
            self._targets.append((end, action))
        return Content("").join([content for content, _ in words])

    async def on_click(self, event: events.Click) -> None:
        """Do what the clicked word says."""
        place = event.get_content_offset(self)
        action = next((action for end, action in self._targets if place is not None and place.x < end), "")
        if action:
            await self.run_action(action)


class NavBar(ClickLine):
    """The screens by number; the one that is shown stands out. Says DEMO where the data is made up."""

    DEFAULT_CSS = "NavBar { height: 1; background: $panel; }"

    def __init__(self, mode: str, *, is_demo: bool) -> None:
        super().__init__(id="nav")
        self._mode = mode
        self._is_demo = is_demo

    def render(self) -> Content:
        """One line."""
        width = self.size.width
        badge = " DEMO " if self._is_demo else ""
        words: list[tuple[Content, str]] = []
        for action in actions_of(EVERYWHERE):
            if action.id.startswith("go."):
                style = "bold reverse" if action.id == f"go.{self._mode}" else "$tone-muted"
                words.append((Content.styled(f" {action.keys} {action.label} ", style), action.action))
        brand = Content.styled(" tokencoach ", "bold $tone-shipped")
        room = width - sum(content.cell_length for content, _ in words) - len(badge)
        line = self._join([(brand, ""), *words] if room >= brand.cell_length else words)
        if badge:
            gap = max(width - line.cell_length - len(badge), 1)
            line = Content("").join(
                [line, Content(" " * gap), Content.styled(badge, "bold reverse $tone-alert")]
            )
        return line


class ContextLine(ClickLine):
    """The breadcrumb at the left, each level of which opens at a click; the freshness at the right."""

    DEFAULT_CSS = "ContextLine { height: 1; background: $surface; padding: 0 1; }"

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__(id="context")
        self._glyphs = glyphs
        self._crumbs: tuple[str, ...] = ()
        self._note = ""
        self._due = ""
        self._freshness = Content("")

    def show(self, crumbs: tuple[str, ...], note: str = "") -> None:
        """Show a breadcrumb and a note after it."""
        if (crumbs, note) != (self._crumbs, self._note):
            self._crumbs, self._note = crumbs, note
            self.refresh()

    def show_due(self, due: str) -> None:
        """Show what the person is reminded of, in the place of the note."""
        if due != self._due:
            self._due = due
            self.refresh()

    def show_freshness(self, freshness: Content) -> None:
        """Show how old the data may be."""
        if freshness != self._freshness:
            self._freshness = freshness
            self.refresh()

    @property
    def text(self) -> str:
        """The breadcrumb as it is drawn, without regard to the width."""
        return f" {self._glyphs.crumb} ".join(self._crumbs)

    def render(self) -> Content:
        """One line; where it is too narrow the first crumbs give way."""
        width = self.content_size.width
        right = self._freshness
        room = max(width - right.cell_length - 2, 8)
        left = self._join(self._levels(room))
        for note, style in ((clean(self._due), "bold $tone-alert"), (clean(self._note), "$tone-muted")):
            if note and left.cell_length + cell_len(note) + 2 <= room:
                left = Content("").join([left, Content.styled(f"  {note}", style)])
        left = left.truncate(room, ellipsis=True)
        gap = max(width - left.cell_length - right.cell_length, 1)
        return Content("").join([left, Content(" " * gap), right])

    def _levels(self, room: int) -> list[tuple[Content, str]]:
        """The crumbs that fit, each with what a click on it does; the last, where one is, whole if there is room."""
        whole = [clean(crumb) for crumb in self._crumbs]
        short = [
            c if cell_len(c) <= _CRUMB_CELLS else c[: _CRUMB_CELLS - 1] + self._glyphs.ellipsis for c in whole
        ]
        joiner, last, first = f" {self._glyphs.crumb} ", len(short) - 1, 0
        lead = len(self._glyphs.ellipsis) + len(joiner)
        while last - first > 1 and cell_len(joiner.join(short[first:])) + (lead if first else 0) > room:
            first += 1
        if first == 0 and last == 1 and cell_len(joiner.join(short)) > room:
            first = 1
        beside = sum(cell_len(crumb) + len(joiner) for crumb in short[first:last]) + (lead if first else 0)
        if whole and beside + cell_len(whole[last]) <= room:
            short[last] = whole[last]
        words: list[tuple[Content, str]] = []
        if first:
            up = f"app.go_up({first - 1})"
            words = [(Content.styled(self._glyphs.ellipsis, "bold"), up), (Content(joiner), "")]
        for level in range(first, last + 1):
            action = f"app.go_up({level})" if level < last else ""
            words.append((Content.styled(short[level], "bold"), action))
            if level < last:
                words.append((Content.styled(joiner, "bold"), ""))
        return words


class KeyBar(ClickLine):
    """What the keys do here, the most useful first; ``?`` is the last to be dropped."""

    DEFAULT_CSS = "KeyBar { height: 1; background: $panel; dock: bottom; }"

    def __init__(self, scope: str, *, hidden: set[str], glyphs: Glyphs) -> None:
        super().__init__(id="keys")
        shown = footer_actions((EVERYWHERE, scope, LIST))
        self._actions = [action for action in shown if action.id not in hidden]
        self._enter = glyphs.enter
        self._only: str | None = None
        self._idle: set[str] = set()

    def leave_out(self, idle: set[str]) -> None:
        """Do not offer some actions, by their ids: there is nothing now for them to act on."""
        if idle != self._idle:
            self._idle = idle
            self.refresh()

    def show_only(self, key: str | None) -> None:
        """Where there is nothing to act on: the keys that work everywhere, and this one. None: all keys again."""
        if key != self._only:
            self._only = key
            self.refresh()

    def render(self) -> Content:
        """As many keys as fit."""
        shown = [action for action in self._actions if self._works(action)]
        while shown and sum(len(self._words(action)) + 3 for action in shown) > self.size.width:
            least = max((a for a in shown if a.id != "app.why"), key=lambda a: a.rank, default=shown[-1])
            shown.remove(least)
        words: list[tuple[Content, str]] = []
        for action in shown:
            key, label = self._words(action).split(" ", 1)
            words.append((Content.styled(f" {key}", "bold $tone-shipped"), self._target(action)))
            words.append((Content.styled(f" {label} ", "$tone-muted"), self._target(action)))
        return self._join(words)

    def _works(self, action: Action) -> bool:
        if self._only is None:
            return action.id not in self._idle
        return action.scope == EVERYWHERE or key_name(action) == self._only

    def _words(self, action: Action) -> str:
        key = key_name(action)
        return f"{self._enter if key == '↵' else key} {action.label}"

    def _target(self, action: Action) -> str:
        if action.scope == EVERYWHERE:
            return action.action
        return f"screen.{action.action}" if action.scope != LIST else "app.press_enter"
