"""The code beside a question: changed lines marked, the asked line pointed at, recorded values beside it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding
from textual.color import Color
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tokencoach.tui.safe_text import clean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.binding import BindingType

    from tokencoach.comprehension.sitting import Exhibit
    from tokencoach.tui.theme import Glyphs

_TAB = 4
_BEFORE = 1
_LINE_NOTE = re.compile(r"^(?:at |on )?(?:line )?(\d{1,6})(?:\s*[:,→]\s*|\s+(?!of\b))(.+)$", re.DOTALL)
_BOLD = Style(bold=True)


def notes_by_line(trace: Iterable[str], exhibit: Exhibit) -> tuple[dict[int, str], list[str]]:
    """A trace parted into what belongs beside a line of the function, and the rest."""
    beside: dict[int, str] = {}
    rest: list[str] = []
    for text in trace:
        found = _LINE_NOTE.match(text)
        line = int(found[1]) if found else 0
        if found and exhibit.first <= line <= exhibit.last:
            # The line itself stands there already.
            is_line = line <= len(exhibit.lines) and found[2].strip() == exhibit.lines[line - 1].strip()
            note = "ran" if is_line else found[2]
            beside[line] = f"{beside[line]}; {note}" if line in beside else note
        else:
            rest.append(text)
    return beside, rest


class CodePane(ScrollView, can_focus=True):
    """A file, opened at the function that is asked about. Left and right move long lines."""

    DEFAULT_CSS = """
    CodePane {
        height: 1fr; overflow-x: hidden; scrollbar-size: 0 1;
        scrollbar-background: $background; scrollbar-color: $cursor-line; background: $background;
    }
    CodePane:focus { background: $surface; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "scroll_down", show=False),
        Binding("k", "scroll_up", show=False),
        Binding("right,l", "aside(8)", show=False),
        Binding("left,h", "aside(-8)", show=False),
    ]
    ALLOW_SELECT = False

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__(id="code")
        self._glyphs = glyphs
        self._exhibit: Exhibit | None = None
        self._asked: frozenset[int] = frozenset()
        self._notes: dict[int, str] = {}
        self._aside = 0
        self._styles: dict[str, Style] = {}

    def show(self, exhibit: Exhibit, asked: Iterable[int]) -> None:
        """Show a file with some lines pointed at."""
        is_same = self._exhibit is not None and exhibit.lines is self._exhibit.lines
        self._exhibit, self._asked, self._notes = exhibit, frozenset(asked), {}
        self._aside = 0
        self.virtual_size = Size(self.size.width, len(exhibit.lines))
        self.go_to_function(animate=is_same)
        self.refresh()

    def annotate(self, notes: dict[int, str]) -> None:
        """Put words beside lines, and the first of them in sight."""
        self._notes = notes
        if notes:
            self._bring_in_sight(max(notes))
            # Where not all fit, the first one counts: from there it is read on.
            if max(notes) - min(notes) >= max(self.size.height, 1):
                self._bring_in_sight(min(notes))
        self.refresh()

    def go_to_function(self, *, animate: bool = False) -> None:
        """The function's head at the top, unless the asked line would then be out of sight."""
        if self._exhibit is None:
            return
        head = max(self._exhibit.first - 1 - _BEFORE, 0)
        self.scroll_to(y=head, animate=animate, immediate=True, force=True)
        if self._asked:
            self._bring_in_sight(min(self._asked), head)

    def _bring_in_sight(self, line: int, top: int | None = None) -> None:
        top = round(self.scroll_offset.y) if top is None else top
        height = max(self.size.height, 1)
        if not top <= line - 1 < top + height:
            self.scroll_to(y=max(line - 1 - height // 2, 0), animate=False, immediate=True, force=True)

    def on_resize(self) -> None:
        """Another size shows the function again from its head."""
        if self._exhibit is not None:
            self.virtual_size = Size(self.size.width, len(self._exhibit.lines))
            self.go_to_function()

    def action_aside(self, cells: int) -> None:
        """Move the code sideways; the line numbers stay."""
        self._aside = max(self._aside + cells, 0)
        self.refresh()

    def notify_style_update(self) -> None:
        """Another theme has other colours."""
        self._styles.clear()
        super().notify_style_update()

    def render_line(self, y: int) -> Strip:
        """One line of the file: its mark, its number, its text, what was recorded there."""
        width = self.scrollable_content_region.width
        number = y + 1 + round(self.scroll_offset.y)
        exhibit = self._exhibit
        if exhibit is None or not 1 <= number <= len(exhibit.lines):
            return Strip.blank(width, self.rich_style)
        is_asked = number in self._asked
        base = self.rich_style + self._paper("cursor-line") + _BOLD if is_asked else self.rich_style
        mark, tone = self._mark(number)
        digits = max(len(str(exhibit.last)), 3)
        is_outside = not exhibit.first <= number <= exhibit.last
        ink = base + self._ink("muted") if is_outside else base
        segments = [
            Segment(mark, base + self._ink(tone)),
            Segment(f"{number:>{digits}} ", base + self._ink("muted")),
        ]
        room = max(width - sum(cell_len(segment.text) for segment in segments), 1)
        text, note = self._text(exhibit.lines[number - 1], number, room)
        segments.append(Segment(text, ink))
        if note:
            segments.append(Segment(note, base + self._ink("alert") + _BOLD))
        return Strip(segments).adjust_cell_length(width, base)

    def _mark(self, number: int) -> tuple[str, str]:
        exhibit = self._exhibit
        pointer = self._glyphs.cursor if number in self._asked else " "
        if exhibit is not None and number in exhibit.ai:
            return f"{pointer}{self._glyphs.full} ", "shipped"
        if exhibit is not None and number in exhibit.changed:
            return f"{pointer}+ ", "pending"
        return f"{pointer}  ", "strong"

    def _text(self, line: str, number: int, room: int) -> tuple[str, str]:
        """The code and the note beside it, so that the note keeps at least half of the line."""
        safe = clean(line.expandtabs(_TAB))[self._aside :]
        note = self._notes.get(number, "")
        if not note:
            return (safe, "") if cell_len(safe) <= room else (self._cut(safe, room), "")
        note = f"  {self._glyphs.beside} {clean(note)}"
        note = note if cell_len(note) <= room // 2 else self._cut(note, max(room - cell_len(safe), room // 2))
        left = max(room - cell_len(note), 1)
        return (safe if cell_len(safe) <= left else self._cut(safe, left)), note

    def _cut(self, text: str, room: int) -> str:
        if cell_len(text) <= room:
            return text
        return set_cell_size(text, max(room - len(self._glyphs.ellipsis), 0)) + self._glyphs.ellipsis

    def _ink(self, tone: str) -> Style:
        return self._style(f"tone-{tone}", is_ink=True)

    def _paper(self, name: str) -> Style:
        return self._style(name, is_ink=False)

    def _style(self, name: str, *, is_ink: bool) -> Style:
        style = self._styles.get(name)
        if style is None:
            color = Color.parse(self.app.theme_variables[name]).rich_color
            style = self._styles[name] = Style(color=color) if is_ink else Style(bgcolor=color)
        return style
