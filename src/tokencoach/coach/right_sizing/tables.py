"""Right-sizing by outcome: what survived of the person's own tasks, by model, prompt and context."""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.audit.numbers import percent
from tokencoach.coach.right_sizing.claim import Claim, cheaper_models, claim_of
from tokencoach.coach.right_sizing.survival import Survival, survival_of
from tokencoach.coach.right_sizing.useful_output import Output, outputs_of
from tokencoach.coach.tasks import MATURE_MS, Task, TaskKind
from tokencoach.usage.words import Phase

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from tokencoach.coach.material import Material

_WORDS: Final = (20, 80)
_CONTEXT: Final = (50_000, 100_000)


class Cell(NamedTuple):
    """Tasks of one kind that have one thing in common (a model, a size of prompt).

    ``cost_nano`` and ``tokens`` are medians per task; the cost is None unless every task has a price.
    ``resumed`` is how many needed a follow-up.
    """

    name: str
    tasks: int
    resumed: int
    cost_nano: int | None
    tokens: int
    survival: Survival


class KindTable(NamedTuple):
    """All tasks of one kind, split three ways."""

    kind: TaskKind
    tasks: int
    by_model: tuple[Cell, ...]
    by_words: tuple[Cell, ...]
    by_context: tuple[Cell, ...]


class RightSize(NamedTuple):
    """``left_out`` says why tasks are in no table: experiments, several models, changes not told, too young."""

    tasks: int
    left_out: dict[str, int]
    kinds: tuple[KindTable, ...]
    outputs: tuple[Output, ...]
    claims: tuple[Claim, ...]


def right_size(material: Material) -> RightSize:
    """All tables of a period. Tasks younger than 14 days are in none: their end is not known."""
    left_out: Counter[str] = Counter()
    tasks = []
    for task in material.tasks:
        reason = _left_out(task, material.as_of_ms)
        if reason:
            left_out[reason] += 1
        else:
            tasks.append(task)
    kinds = tuple(_kind_table(kind, tasks, material.as_of_ms) for kind in TaskKind)
    return RightSize(
        len(material.tasks),
        dict(left_out),
        tuple(table for table in kinds if table.tasks),
        outputs_of(material, tasks),
        _claims(material, tasks),
    )


def _left_out(task: Task, as_of_ms: int) -> str | None:
    if as_of_ms - task.at_ms < MATURE_MS:
        return "younger than 14 days"
    if task.trace.phase is not Phase.PRODUCTION:
        return "exploration or prototype"
    if task.kind is None:
        return "change not told by the log"
    return "several models" if task.model is None else None


def _kind_table(kind: TaskKind, tasks: Sequence[Task], as_of_ms: int) -> KindTable:
    own = [task for task in tasks if task.kind is kind]
    named = [task for task in own if task.words is not None]
    return KindTable(
        kind,
        len(own),
        _cells(own, lambda task: task.model or "", as_of_ms),
        _banded(named, lambda task: task.words or 0, _WORDS, "words", as_of_ms),
        _banded(own, lambda task: task.context, _CONTEXT, "tokens", as_of_ms),
    )


def _cells(tasks: Iterable[Task], name_of: Callable[[Task], str], as_of_ms: int) -> tuple[Cell, ...]:
    """One cell a name, the one with most tasks first."""
    groups: defaultdict[str, list[Task]] = defaultdict(list)
    for task in tasks:
        groups[name_of(task)].append(task)
    cells = [
        Cell(
            name,
            len(group),
            sum(len(task.turns) > 1 for task in group),
            round(statistics.median(task.cost_nano for task in group))
            if all(it.is_priced for it in group)
            else None,
            round(statistics.median(task.tokens for task in group)),
            survival_of(group, as_of_ms),
        )
        for name, group in groups.items()
    ]
    return tuple(sorted(cells, key=lambda cell: (-cell.tasks, cell.name)))


def _banded(
    tasks: Sequence[Task], size_of: Callable[[Task], int], edges: tuple[int, int], unit: str, as_of_ms: int
) -> tuple[Cell, ...]:
    """One cell a size, the smallest first."""
    rising = sorted(tasks, key=size_of)
    order = dict.fromkeys(_band(size_of(task), edges, unit) for task in rising)
    cells = {
        cell.name: cell for cell in _cells(rising, lambda task: _band(size_of(task), edges, unit), as_of_ms)
    }
    return tuple(cells[name] for name in order)


def _band(size: int, edges: tuple[int, int], unit: str) -> str:
    low, high = edges
    if size <= low:
        return f"at most {low:,} {unit}"
    return f"{low:,} to {high:,} {unit}" if size <= high else f"over {high:,} {unit}"


def _claims(material: Material, tasks: Sequence[Task]) -> tuple[Claim, ...]:
    """The manifesto's two claims; a person's own medians part short from long."""
    edits = [task for task in tasks if task.kind is not TaskKind.QUESTION]
    cheap = cheaper_models(material, edits)
    typed = [task for task in edits if task.words is not None]
    words = statistics.median([task.words or 0 for task in typed]) if typed else 0
    context = statistics.median([task.context for task in edits]) if edits else 0
    return (
        claim_of(
            "smaller models do as well",
            f"models at most {percent(cheap.step)} of the price of {cheap.dearest}"
            if cheap.dearest
            else "no price known",
            [task for task in edits if task.model in cheap.priced],
            lambda task: task.model in cheap.names,
            material.as_of_ms,
        ),
        claim_of(
            "shorter prompts do as well",
            f"prompts of at most {words:.0f} words, your median",
            typed,
            lambda task: (task.words or 0) <= words,
            material.as_of_ms,
        ),
        claim_of(
            "a shorter context does as well",
            f"at most {context:,.0f} tokens of context, your median",
            edits,
            lambda task: task.context <= context,
            material.as_of_ms,
        ),
    )
