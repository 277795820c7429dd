"""One stacked bar of the six buckets, with words, glyphs and amounts under it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from tokencoach.tui import figures
from tokencoach.usage.tokens import split_exactly
from tokencoach.usage.words import Bucket

if TYPE_CHECKING:
    from textual import events
    from textual.geometry import Size

    from tokencoach.audit.report import BucketSpend
    from tokencoach.tui.theme import Glyphs

ORDER = tuple(Bucket)
_WORD = 26


def shares(buckets: tuple[BucketSpend, ...], unit: str) -> dict[Bucket, float]:
    """Share of each bucket in a unit: by ``tokens`` of the raw tokens, else as the audit says."""
    if unit != "tokens":
        return {spend.bucket: spend.share for spend in buckets}
    whole = sum(spend.tokens for spend in buckets)
    return {spend.bucket: spend.tokens / whole if whole else 0.0 for spend in buckets}


def _across(width: int) -> int:
    """How many words stand beside each other."""
    return 3 if width >= 3 * _WORD else 2 if width >= 2 * _WORD else 1


class VerdictBar(Widget, can_focus=True):
    """The six buckets of a spend. Left and right choose one, enter opens what is behind it."""

    DEFAULT_CSS = """
    VerdictBar { height: auto; padding: 0 1; }
    VerdictBar:focus { background: $cursor-dim; }
    """
    BINDINGS: ClassVar = [
        Binding("left,h", "choose(-1)", "bucket before", show=False),
        Binding("right,l", "choose(1)", "bucket after", show=False),
        Binding("enter", "open", "open", show=False),
    ]
    chosen: reactive[int] = reactive(0)
    """Which of the six buckets is chosen."""

    class Opened(Message):
        """The sessions behind a bucket were asked for."""

        def __init__(self, bucket: Bucket) -> None:
            self.bucket = bucket
            super().__init__()

    def __init__(self, glyphs: Glyphs, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._glyphs = glyphs
        self._buckets: tuple[BucketSpend, ...] = ()
        self._unit = "cost"

    def show(self, buckets: tuple[BucketSpend, ...], unit: str) -> None:
        """Show these buckets in a unit."""
        if (buckets, unit) != (self._buckets, self._unit):
            self._buckets, self._unit = buckets, unit
            self.refresh()

    @property
    def bucket(self) -> Bucket:
        """The chosen bucket."""
        return ORDER[self.chosen]

    def figures(self) -> dict[str, str]:
        """What the legend shows: share and amount of each bucket."""
        out: dict[str, str] = {}
        share = shares(self._buckets, self._unit)
        for spend in self._buckets:
            out[f"{spend.bucket}.share"] = figures.percent(share[spend.bucket])
            out[f"{spend.bucket}.amount"] = self._amount(spend)
        return out

    def _amount(self, spend: BucketSpend) -> str:
        return figures.tokens(spend.tokens) if self._unit == "tokens" else figures.money(spend.cost_nano)

    def action_choose(self, step: int) -> None:
        """Choose the next bucket, or the one before."""
        self.chosen = (self.chosen + step) % len(ORDER)

    def action_open(self) -> None:
        """Ask for the sessions behind the chosen bucket."""
        self.post_message(self.Opened(self.bucket))

    def on_click(self, event: events.Click) -> None:
        """Choose the bucket whose word was clicked; a second click opens it."""
        across = _across(self.content_size.width)
        index = event.x // max(self.size.width // across, 1) + across * (event.y - 1)
        if event.y >= 1 and index < len(ORDER):
            if index == self.chosen and event.chain > 1:
                self.action_open()
            self.chosen = index

    def get_content_height(self, _container: Size, _viewport: Size, width: int) -> int:
        """One line for the bar, and as many as the words need."""
        return 1 + len(ORDER) // _across(width)

    def render(self) -> Content:
        """The bar and two lines of words."""
        width = self.content_size.width
        if not self._buckets or width < 1:
            return Content("")
        return Content("\n").join([self._bar(width), *self._legend(width)])

    def _bar(self, width: int) -> Content:
        share = shares(self._buckets, self._unit)
        weights = [share.get(bucket, 0.0) for bucket in ORDER]
        if not any(weights):
            return Content.styled(self._glyphs.part * width, "$tone-muted")
        cells = split_exactly(width, weights)
        parts = []
        for bucket, length in zip(ORDER, cells, strict=True):
            look = self._glyphs.looks[bucket]
            parts.append(Content.styled(look.bar * length, f"$tone-{look.tone}"))
        return Content("").join(parts)

    def _legend(self, width: int) -> list[Content]:
        across = _across(width)
        return [
            Content("").join(
                [self._word(bucket, width // across) for bucket in ORDER[start : start + across]]
            )
            for start in range(0, len(ORDER), across)
        ]

    def _word(self, bucket: Bucket, width: int) -> Content:
        look = self._glyphs.looks[bucket]
        spend = next((spend for spend in self._buckets if spend.bucket is bucket), None)
        share = figures.percent(shares(self._buckets, self._unit).get(bucket))
        amount = self._amount(spend) if spend else figures.UNKNOWN
        words = f"{look.glyph} {look.word:<10}{share:>5}{amount:>8}"[: width - 1]
        is_chosen = self.has_focus and bucket is self.bucket
        style = f"$tone-{look.tone}{' bold reverse' if is_chosen else ''}"
        return Content("").join([Content.styled(words, style), Content(" " * (width - len(words)))])

    def watch_has_focus(self, _has_focus: bool) -> None:  # noqa: FBT001 - Textual calls it so
        """The chosen bucket is marked only while the bar has the focus."""
        self.refresh()
