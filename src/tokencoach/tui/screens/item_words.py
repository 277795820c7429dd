"""How an item of the checklist is written on screens: columns of the list, the lines about one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from tokencoach.checklist.as_text import MARKS, NOT_JUDGED, WORDS, mark_of, summary, value_words, word_lines
from tokencoach.checklist.item import State
from tokencoach.tui import figures
from tokencoach.tui.safe_text import clean
from tokencoach.tui.theme import UNICODE
from tokencoach.tui.widgets.columns import Cell, Column

if TYPE_CHECKING:
    from collections.abc import Iterable
    from zoneinfo import ZoneInfo

    from tokencoach.checklist.judge import Cell as MonthCell
    from tokencoach.checklist.judge import Judged
    from tokencoach.tui.theme import Glyphs

_TONES = {
    State.MET: "shipped",
    State.PARTLY: "reworked",
    State.NOT_MET: "not-landed",
    State.NOT_ENOUGH_DATA: "muted",
    State.SNOOZED: "muted",
}
_PLAIN = {"✓": "+", "◐": "o", "✗": "x", "☑": "w", NOT_JUDGED: "."}


def drawn(mark: str, glyphs: Glyphs) -> str:
    """A mark, or its plain twin on a terminal without such characters."""
    return mark if glyphs is UNICODE else _PLAIN.get(mark, mark)


def months_of(cells: Iterable[MonthCell], glyphs: Glyphs) -> str:
    """The last months as marks, the newest last."""
    marks = (NOT_JUDGED if cell.state is None else MARKS[cell.state] for cell in cells)
    return "".join(drawn(mark, glyphs) for mark in marks)


def value_of(judged: Judged) -> str:
    """The value of an item as it is drawn."""
    return value_words(judged.value, judged.item.unit)


def item_columns(glyphs: Glyphs) -> tuple[Column[Judged], ...]:
    """Which item, how it stands, its value, the last months, and why."""

    def state(row: Judged) -> Cell:
        return Cell(f"{drawn(mark_of(row), glyphs)} {WORDS[row.state]}", _TONES[row.state])

    return (
        Column("", lambda row: Cell(row.item.id, "muted"), 3),
        Column(
            "item",
            lambda row: Cell(row.item.title, "strong"),
            weight=12,
            rank=lambda row: row.item.title,
            fits=True,
        ),
        Column("stands", state, 14, rank=lambda row: state(row).text),
        Column(
            "value",
            lambda row: Cell(value_of(row)),
            12,
            is_right=True,
            from_width=76,
            figure="value",
            fits=True,
        ),
        Column("months", lambda row: Cell(months_of(row.trend, glyphs), "muted"), 6, from_width=56),
        Column("why", lambda row: Cell(summary(row), "muted"), weight=4, from_width=100),
    )


def about_item(row: Judged, tz: ZoneInfo) -> list[Content]:
    """The one next step, why it stands as it does, and until when a word holds."""
    parts = [
        Content.styled(f"Next: {clean(row.said.next, 300)}", "$tone-shipped"),
        Content(clean(summary(row), 600)),
    ]
    if row.said.until_ms is not None:
        parts.append(
            Content.styled(f"By your word until {figures.day(row.said.until_ms, tz)}.", "$tone-muted")
        )
    return parts


def rule_of(row: Judged, limits: dict[str, float]) -> list[Content]:
    """The rule, and its numbers with the reason of each."""
    parts = [Content.styled(row.item.rule, "$tone-muted")]
    for one in row.item.thresholds:
        own = limits.get(one.name)
        value = value_words(one.value if own is None else own, one.unit)
        whose = "" if own is None else f" (yours; we start with {value_words(one.value, one.unit)})"
        parts.append(Content.styled(f"{one.name} {value}{whose}: {one.because}", "$tone-muted"))
    if row.proposed is not None:
        name = row.item.thresholds[0].name
        said = f"Your own median is {row.proposed:g}: tokencoach checklist threshold {name} {row.proposed:g}"
        parts.append(Content.styled(said, "$tone-alert"))
    return parts


def words_for(row: Judged) -> list[Content]:
    """For what no evidence can exist, and how the person says that it holds."""
    lines = list(word_lines(row.item))
    if not lines:
        return []
    parts = [Content(""), Content.styled("No evidence can show this; your word stands for 31 days:", "bold")]
    for meaning, command in lines:
        parts += [Content(meaning), Content.styled(f"  {command}", "$tone-muted")]
    return parts
