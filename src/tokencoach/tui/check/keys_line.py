"""The last line of the question screen: the keys that work now, the most useful first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from tokencoach.tui.keys import Action, actions_of, key_name
from tokencoach.tui.widgets.bars import ClickLine

if TYPE_CHECKING:
    from tokencoach.tui.theme import Glyphs

_ALWAYS = ("question.why",)


class KeysLine(ClickLine):
    """Keys by what is asked; letters where nothing is typed, function keys where something is."""

    DEFAULT_CSS = "KeysLine { height: 1; background: $panel; dock: bottom; }"

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__(id="question-keys")
        self._glyphs = glyphs
        self._shown: list[tuple[str, Action]] = []

    def show(self, phase: str, *, is_typing: bool, can_abort: bool, may_retry: bool) -> None:
        """Show the keys of a phase."""
        by_id = {action.id: action for action in actions_of("question", "graded", "judged", "choice")}
        ids = {
            "question": ("choice.answer", "question.show", "question.skip", "question.abort", "question.bad"),
            "graded": ("graded.next", "question.abort", "question.bad"),
            "judged": ("judged.right", "judged.partly", "judged.wrong", "question.abort", "question.bad"),
        }[phase]
        wanted = [by_id[name] for name in (*ids, *_ALWAYS) if can_abort or name != "question.abort"]
        if may_retry and phase == "graded":
            wanted[0] = wanted[0]._replace(label="one more")
        self._shown = [(self._key(action, is_typing=is_typing), action) for action in wanted]
        self.refresh()

    def _key(self, action: Action, *, is_typing: bool) -> str:
        letter = {"question_mark": "?"}.get(last := action.keys.split(",")[-1], last)
        if action.scope != "question" or is_typing or len(letter) > 1:
            key = key_name(action)
            return self._glyphs.enter if key == "↵" else key
        return letter

    def render(self) -> Content:
        """As many keys as fit; a long label is cut before a key is lost."""
        shown = [(key, action.label, action) for key, action in self._shown]
        if self._width(shown) > self.size.width:
            shown = [(key, label.split(",")[0], action) for key, label, action in shown]
        while len(shown) > 1 and self._width(shown) > self.size.width:
            del shown[-2 if shown[-1][2].id in _ALWAYS and len(shown) > 2 else -1]
        words: list[tuple[Content, str]] = []
        for key, label, action in shown:
            target = "" if action.scope == "choice" else f"screen.{action.action}"
            words.append((Content.styled(f" {key}", "bold $tone-shipped"), target))
            words.append((Content.styled(f" {label} ", "$tone-muted"), target))
        return self._join(words)

    @staticmethod
    def _width(shown: list[tuple[str, str, Action]]) -> int:
        return sum(len(key) + len(label) + 3 for key, label, _ in shown)
