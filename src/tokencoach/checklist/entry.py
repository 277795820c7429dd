"""A month as an entry of the person's private efficiency log: Markdown, for their own notes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokencoach.audit.as_text import as_markdown, cell
from tokencoach.checklist.as_text import value_words
from tokencoach.checklist.registry import ITEMS
from tokencoach.coach.as_text import STATE_WORDS, cost_words, habits_title, state_words
from tokencoach.coach.plans import PLANS_SHOWN
from tokencoach.store.item_rows import ItemState

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tokencoach.audit.report import PeriodAudit
    from tokencoach.checklist.judge import Checklist
    from tokencoach.coach.habits import Habits
    from tokencoach.coach.plans import Measured


def entry_markdown(
    audit: PeriodAudit,
    habits: Habits | None,
    plans: Sequence[Measured],
    states: Sequence[ItemState] = (),
) -> str:
    """The audit, its dearest habits, the newest plans and whether they held, the checklist's states."""
    parts = [as_markdown(audit), *_habits(habits), *_plans(plans), *_items(states)]
    return "\n".join(parts)


def _habits(habits: Habits | None) -> Iterator[str]:
    if habits is None or not habits.found:
        return
    yield from ("", f"## {habits_title(habits)}", "", "| habit | cost | next |", "|---|---:|---|")
    for finding in habits.found:
        yield f"| {cell(finding.title)} | {cell(cost_words(finding))} | {cell(finding.next)} |"


def _plans(plans: Sequence[Measured]) -> Iterator[str]:
    if not plans:
        return
    yield from ("", "## Plans", "")
    for one in plans[:PLANS_SHOWN]:
        state = state_words(one)
        ended = " Dropped." if one.plan.undone_ms is not None and state == STATE_WORDS[one.state] else ""
        yield f"- {cell(one.plan.sentence)} {state.capitalize()}: {cell(one.why)}.{ended}"


def _items(states: Sequence[ItemState]) -> Iterator[str]:
    if not states:
        return
    yield from ("", "## Checklist", "", "| item | state | value | target |", "|---|---|---:|---:|")
    known = {item.id: item for item in ITEMS}
    for one in states:
        item, state = known.get(one.item), one.state.replace("_", " ")
        title, unit = (one.item, "") if item is None else (f"{item.id} {item.title}", item.unit)
        value, target = (cell(value_words(number, unit)) for number in (one.value, one.target))
        yield f"| {cell(title)} | {state} | {value} | {target} |"


def states_of(checklist: Checklist) -> list[ItemState]:
    """How the items of a month stand."""
    return [ItemState(one.item.id, one.state, one.value, one.target) for one in checklist.items]
