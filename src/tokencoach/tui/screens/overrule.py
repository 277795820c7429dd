"""The window where the person says what became of something, and why; the machine's verdict beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from textual import on
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from tokencoach.tui.keys import bindings
from tokencoach.tui.safe_text import clean
from tokencoach.tui.verdicts import tone_of, verdict_word
from tokencoach.tui.widgets.columns import Cell, Column
from tokencoach.tui.widgets.ledger_list import LedgerList
from tokencoach.usage.words import Bucket

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from tokencoach.audit.report import Said
    from tokencoach.tui.theme import Glyphs

_MEANT = {
    Bucket.SHIPPED: "it is in use, wherever it lives",
    Bucket.REWORKED: "it shipped, and was soon done again",
    Bucket.NOT_LANDED: "it came to nothing",
    Bucket.PENDING: "it may still land",
    Bucket.NEUTRAL: "it was never meant to land",
    Bucket.UNKNOWN: "nobody can tell",
}
_LONGEST = 500


class Spoken(NamedTuple):
    """What was said; without a bucket the word is taken back."""

    bucket: Bucket | None
    because: str = ""


class OverruleWindow(ModalScreen[Spoken | None]):
    """Choose a bucket, say why. Escape changes nothing."""

    CSS_PATH = "word.tcss"
    BINDINGS = bindings("word")

    def __init__(self, title: str, machine: Bucket, said: Said | None, glyphs: Glyphs) -> None:
        super().__init__()
        self._title, self._machine, self._said = title, machine, said
        self._glyphs = glyphs

    def compose(self) -> ComposeResult:
        """What it is about, the six buckets, the reason."""
        buckets: LedgerList[Bucket] = LedgerList(
            self._columns(), lambda bucket: bucket, glyphs=self._glyphs, id="buckets"
        )
        with Vertical(id="word") as window:
            window.border_title = "Your word"
            window.border_subtitle = "↵ choose, then say why   u take back   esc leave"
            yield Static(self._about(), id="about")
            yield buckets
            yield Input(
                self._said.because if self._said else "",
                placeholder="because… (shown wherever your word stands)",
                compact=True,
                max_length=_LONGEST,
            )

    def _columns(self) -> tuple[Column[Bucket], ...]:
        return (
            Column(
                "what became of it",
                lambda bucket: Cell(verdict_word(bucket, self._glyphs), tone_of(bucket)),
                17,
            ),
            Column("that is", lambda bucket: Cell(_MEANT[bucket], "muted"), weight=1),
        )

    def _about(self) -> Content:
        parts = [
            Content.styled(clean(self._title), "bold"),
            Content("\nmachine: "),
            Content.styled(verdict_word(self._machine, self._glyphs), f"$tone-{tone_of(self._machine)}"),
        ]
        if self._said is not None:
            word = f"{verdict_word(self._said.bucket, self._glyphs)}, {clean(self._said.because)}"
            parts += [
                Content("\nyour word: "),
                Content.styled(word, f"bold $tone-{tone_of(self._said.bucket)}"),
            ]
        return Content("").join(parts)

    def on_mount(self) -> None:
        """Start on what was said before, else on the machine's verdict."""
        ledger = self.query_one(LedgerList)
        ledger.set_rows(tuple(Bucket))
        ledger.cursor = list(Bucket).index(self._said.bucket if self._said else self._machine)
        ledger.focus()

    @on(LedgerList.Opened)
    def choose(self) -> None:
        """On to the reason."""
        self.query_one(Input).focus()

    @on(Input.Submitted)
    def say(self, event: Input.Submitted) -> None:
        """Say it; a word without a reason is of no use next year."""
        because = " ".join(event.value.split())
        bucket = self.query_one(LedgerList).row
        if not because:
            self.notify("Say why: you will want to know next year.", severity="warning", markup=False)
        elif bucket is not None:
            self.dismiss(Spoken(bucket, because))

    def action_take_back(self) -> None:
        """Let the machine's verdict stand again."""
        if self._said is None:
            self.notify("Nothing was said here.", severity="warning", markup=False)
        else:
            self.dismiss(Spoken(None))

    def action_close(self) -> None:
        """From the reason back to the buckets; from there away, and nothing is changed."""
        if isinstance(self.focused, Input):
            self.query_one(LedgerList).focus()
        else:
            self.dismiss(None)
