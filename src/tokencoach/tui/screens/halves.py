"""A window with two lines to fill in, of which one alone says nothing: a plan, a reason to leave something alone."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar, Generic, NamedTuple, TypeVar

from textual import on
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

if TYPE_CHECKING:
    from textual.app import ComposeResult

Answer = TypeVar("Answer")


class Half(NamedTuple):
    """A word before the line, what stands in it at first, and how many letters it takes."""

    word: str
    offered: str = ""
    longest: int = 200


class HalvesWindow(ModalScreen[Answer | None], Generic[Answer]):
    """Enter goes from the first half to the second and accepts there; escape changes nothing."""

    CSS_PATH = "halves.tcss"
    NAME: ClassVar[str]
    KEYS: ClassVar[str]
    MISSING: ClassVar[str]
    """What is said where a half is empty."""

    @abstractmethod
    def about(self) -> list[Content]:
        """What it is about, line by line."""

    @abstractmethod
    def halves(self) -> tuple[Half, Half]:
        """The two lines."""

    @abstractmethod
    def answer(self, first: str, second: str) -> Answer:
        """What both halves say together."""

    def compose(self) -> ComposeResult:
        """What it is about, the two halves."""
        with Vertical(id="halves") as window:
            window.border_title, window.border_subtitle = self.NAME, self.KEYS
            yield Static(Content("\n").join(self.about()), id="about")
            for name, half in zip(("first", "second"), self.halves(), strict=True):
                yield Static(half.word, classes="half")
                yield Input(
                    half.offered, id=name, compact=True, select_on_focus=False, max_length=half.longest
                )

    def on_mount(self) -> None:
        """Start with the first."""
        self.query_one("#first", Input).focus()

    @on(Input.Submitted, "#first")
    def go_on(self) -> None:
        """On to the second."""
        self.query_one("#second", Input).focus()

    @on(Input.Submitted, "#second")
    def accept(self) -> None:
        """Accept; a half alone is none."""
        first, second = (
            " ".join(self.query_one(name, Input).value.split()) for name in ("#first", "#second")
        )
        if first and second:
            self.dismiss(self.answer(first, second))
        else:
            self.notify(self.MISSING, severity="warning", markup=False)

    def action_close(self) -> None:
        """Leave everything as it is."""
        self.dismiss(None)
