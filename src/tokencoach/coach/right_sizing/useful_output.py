"""Useful output: lines that survived, per dollar, per watt-hour and per million tokens, by model."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from tokencoach.audit.energy import UJ_A_WH
from tokencoach.coach.right_sizing.survival import LEAST_TASKS
from tokencoach.coach.tasks import Task, TaskKind, fate_of
from tokencoach.store.power.rows import request_joules

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tokencoach.coach.material import Material


class Output(NamedTuple):
    """What one model's editing tasks came to. ``lines`` are significant lines alive after 14 days.

    ``cost_nano`` is None where a request has no price; ``wh`` where the energy of a request is not known.
    ``open_lines`` have no known end: they are in no rate, and neither is their share of what the tasks
    took, ``known_share`` being that of the others. Below ``LEAST_TASKS`` tasks there is no rate.
    """

    model: str
    tasks: int
    lines: float
    open_lines: int
    known_share: float
    tokens: int
    cost_nano: int | None
    wh: float | None

    @property
    def is_told(self) -> bool:
        """Whether there are enough tasks, and lines of known end, for a rate."""
        return self.tasks >= LEAST_TASKS and self.known_share > 0

    @property
    def per_dollar(self) -> float | None:
        """Lines per dollar; None where it cost none, or where that is not known."""
        return self._per(None if self.cost_nano is None else self.cost_nano / 1e9)

    @property
    def per_wh(self) -> float | None:
        """Lines per watt-hour."""
        return self._per(self.wh)

    @property
    def per_million_tokens(self) -> float | None:
        """Lines per million tokens of all classes."""
        return self._per(self.tokens / 1e6)

    def _per(self, spent: float | None) -> float | None:
        return self.lines / (spent * self.known_share) if spent and self.is_told else None


def outputs_of(material: Material, tasks: Sequence[Task]) -> tuple[Output, ...]:
    """One row a model, the one with most surviving lines first; questions are in none."""
    groups: defaultdict[str, list[Task]] = defaultdict(list)
    for task in tasks:
        if task.kind is not TaskKind.QUESTION and task.model is not None:
            groups[task.model].append(task)
    until = min(material.period.until_ms, material.as_of_ms + 1)
    joules = {
        request: energy
        for request, (energy, _) in request_joules(
            material.reader.connection, material.period.since_ms, until
        ).items()
    }
    found = [_output(model, group, joules, material.as_of_ms) for model, group in groups.items()]
    return tuple(sorted(found, key=lambda one: (-one.lines, -one.tasks, one.model)))


def _output(model: str, tasks: Sequence[Task], joules: dict[int, int], as_of_ms: int) -> Output:
    fates = fate_of((edit for task in tasks for edit in task.edits), as_of_ms)
    requests = [spent for task in tasks for spent in task.requests]
    is_priced = all(spent.cost_nano is not None for spent in requests)
    energies = [joules.get(spent.step.request_id) for spent in requests]
    known = [energy for energy in energies if energy is not None]
    return Output(
        model,
        len(tasks),
        fates.survived,
        fates.open,
        fates.judged / (fates.judged + fates.open) if fates.judged else 0.0,
        sum(spent.counts.total for spent in requests),
        sum(spent.cost_nano or 0 for spent in requests) if is_priced else None,
        sum(known) / UJ_A_WH if known and len(known) == len(energies) else None,
    )
