"""The checklist as lines of text: a line an item; and one item with all that is behind it."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Final

from tokencoach.audit.numbers import count, money, percent
from tokencoach.checklist.item import Basis, State
from tokencoach.clock import day_of, iso_utc
from tokencoach.paths import shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tokencoach.checklist.item import Item
    from tokencoach.checklist.judge import Cell, Checklist, Judged
    from tokencoach.coach.finding import Evidence
    from tokencoach.store.threshold_rows import ThresholdWord

MARKS: Final = {
    State.MET: "✓",
    State.PARTLY: "◐",
    State.NOT_MET: "✗",
    State.NOT_ENOUGH_DATA: "?",
    State.SNOOZED: "z",
}
WORDS: Final = {
    State.MET: "met",
    State.PARTLY: "partly",
    State.NOT_MET: "not met",
    State.NOT_ENOUGH_DATA: "too few data",
    State.SNOOZED: "snoozed",
}
BY_WORD: Final = "☑"
NOT_JUDGED: Final = "·"
_WIDTH: Final = 80
_EVIDENCE_SHOWN: Final = 20


def mark_of(judged: Judged) -> str:
    """The mark of a state; what is met by the person's word has another one than what evidence shows."""
    if judged.state is State.MET and judged.said.basis is Basis.WORD:
        return BY_WORD
    return MARKS[judged.state]


def trend_cells(cells: Sequence[Cell]) -> str:
    """Six months as six marks, the newest last."""
    return "".join(NOT_JUDGED if cell.state is None else MARKS[cell.state] for cell in cells)


def value_words(value: float | None, unit: str) -> str:
    """A value for people; a dash where there is none."""
    if value is None:
        return "—"
    return percent(value) if unit == "share" else f"{value:.3g} {unit}".strip()


def list_lines(said: Checklist) -> Iterator[str]:
    """A heading and each item: how it stands, then why, whole.

    Its text may hold paths and words of logs: print it through ``cli.output``.
    """
    day = day_of(min(said.as_of_ms, said.period.until_ms - 1), said.period.tz).day
    over = ", as it was seen" if said.is_over else f", day {day}"
    yield f"{said.period.label}{over}"
    for one in said.items:
        state = f"{mark_of(one)} {WORDS[one.state]}"
        yield f"{one.item.id:<3} {one.item.title:<48} {state:<15}{trend_cells(one.trend)}"
        yield from textwrap.wrap(summary(one), _WIDTH, initial_indent=" " * 6, subsequent_indent=" " * 6)


def summary(one: Judged) -> str:
    """Why an item stands as it does, in one line."""
    if one.snooze is not None and one.state is State.SNOOZED:
        return (
            f"until {iso_utc(one.snooze.until_ms)[:10]}: {one.snooze.because} (else {WORDS[one.said.state]})"
        )
    if one.seen is not None and one.seen.state != one.said.state:
        return (
            f"as seen on {iso_utc(one.seen.judged_ms)[:10]}; as of the month's end it reads: {one.said.why}"
        )
    return " ".join(one.said.why.split())


def word_lines(item: Item) -> Iterator[tuple[str, str]]:
    """What of an item no evidence can show, so that the person's word may stand for it, and how it is said."""
    for subject in item.subjects:
        of = f" --gate {subject.name}" if subject.name else ""
        where = " --repo PATH" if subject.is_of_repository else ""
        yield subject.meaning, f"tokencoach checklist tick {item.id}{of}{where} --because WHY"


def item_lines(
    one: Judged, limits: Mapping[str, float], words: Sequence[ThresholdWord] = ()
) -> Iterator[str]:
    """One item: how it stands, why, its rule and numbers, its evidence, its months, and the next step."""
    yield f"{one.item.id}  {one.item.title}   {mark_of(one)} {WORDS[one.state]}"
    yield from _wrapped("why", summary(one))
    yield from _wrapped("next", one.said.next)
    if one.said.until_ms is not None:
        yield f"  by your word until {iso_utc(one.said.until_ms)[:10]}"
    yield from _wrapped("rule", one.item.rule)
    for threshold in one.item.thresholds:
        yield from _threshold(one, threshold.name, limits, words)
    for meaning, command in word_lines(one.item):
        yield from _wrapped("your word may stand for", f"{meaning}: {command}")
    yield from _evidence(one.said.evidence)
    cells = ", ".join(
        f"{cell.month} {NOT_JUDGED if cell.state is None else WORDS[cell.state]}"
        + (f" {value_words(cell.value, one.item.unit)}" if cell.value is not None else "")
        for cell in one.trend
    )
    yield from _wrapped("months", cells)


def _threshold(
    one: Judged, name: str, limits: Mapping[str, float], words: Sequence[ThresholdWord]
) -> Iterator[str]:
    threshold = next(item for item in one.item.thresholds if item.name == name)
    own = limits.get(name)
    value = threshold.value if own is None else own
    own_words = [word for word in words if word.name == name and word.undone_ms is None]
    because = own_words[-1].because if own is not None and own_words else threshold.because
    whose = (
        f" (yours; we start with {value_words(threshold.value, threshold.unit)})" if own is not None else ""
    )
    yield from _wrapped(name, f"{value_words(value, threshold.unit)}{whose}: {because}")
    if one.proposed is not None and name == one.item.thresholds[0].name:
        yield (
            f"      your own median is {one.proposed:g}: tokencoach checklist threshold {name} {one.proposed:g} "
            '--because "my median"'
        )


def _evidence(rows: Sequence[Evidence]) -> Iterator[str]:
    for row in rows[:_EVIDENCE_SHOWN]:
        where = (row.commit or row.session_id or "")[:8]
        cost = money(row.cost_nano) if row.cost_nano else f"{count(row.tokens)} tokens" if row.tokens else ""
        words = " ".join(row.words.split())
        place = f"  {shown(row.path)}" if row.path and not where else ""
        yield f"  {iso_utc(row.at_ms)[:16]}  {where:<8}  {cost:>12}  {words}{place}"
    if len(rows) > _EVIDENCE_SHOWN:
        yield f"  and {len(rows) - _EVIDENCE_SHOWN} more: --json lists all"


def _wrapped(label: str, text: str) -> list[str]:
    return textwrap.wrap(
        " ".join(text.split()),
        _WIDTH,
        initial_indent=f"  {label}: ",
        subsequent_indent=" " * 6,
        break_long_words=False,
        break_on_hyphens=False,
    )
