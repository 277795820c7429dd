"""Which of a period's requests a model on this computer could have answered, as a range.

Nobody can know whether it would have answered well: what is told is what fits. *Surely small* is a small
task (``coach.tasks``) whose every prompt and answer fit the context, with at most five calls and no
sub-agent; *at most* is every task that fits the context and calls at most fifteen tools.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tokencoach.coach.finding import Threshold
from tokencoach.power.models import Fit
from tokencoach.store.power.local_models import local_models

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tokencoach.coach.material import Material, Spent
    from tokencoach.coach.tasks import Task

FEW_CALLS: Final = Threshold(
    "local.few-calls", 5, "calls", "small models lose the thread in long loops of tools; five is a short one"
)
MANY_CALLS: Final = Threshold(
    "local.many-calls", 15, "calls", "beyond this a loop of tools is long for any model of these sizes"
)


@dataclass(frozen=True, slots=True)
class Part:
    """Turns and what they came to: requests, tokens, nano-dollars, and tokens of their answers."""

    turns: int = 0
    requests: int = 0
    tokens: int = 0
    cost_nano: int = 0
    output: int = 0


@dataclass(frozen=True, slots=True)
class Taken:
    """What a class of models could have taken of all turns that were answered elsewhere."""

    fit: Fit
    small: Part
    most: Part


@dataclass(frozen=True, slots=True)
class LocalFit:
    """``elsewhere`` is what was answered on other computers, ``here`` what this one answered already."""

    elsewhere: Part
    here: Part
    taken: tuple[Taken, ...]


def local_fit(material: Material, fits: Iterable[Fit]) -> LocalFit:
    """The range for each class of models that this computer holds."""
    own = local_models(material.reader.connection)
    every = [spent for trace in material.traces for spent in trace.requests]
    elsewhere = [
        task for task in material.tasks if any(spent.step.model_id not in own for spent in task.requests)
    ]
    taken = []
    for fit in fits:
        if fit.is_held:
            most = [task for task in elsewhere if _may(task, fit, material.limit(MANY_CALLS))]
            small = [task for task in most if _is_surely_small(task, material)]
            taken.append(Taken(fit, _of_tasks(small), _of_tasks(most)))
    return LocalFit(
        _part([spent for spent in every if spent.step.model_id not in own]),
        _part([spent for spent in every if spent.step.model_id in own]),
        tuple(taken),
    )


def _may(task: Task, fit: Fit, calls: float) -> bool:
    longest = max((spent.counts.total for spent in task.requests), default=0)
    return longest <= fit.context and len(task.calls) <= calls


def _is_surely_small(task: Task, material: Material) -> bool:
    has_agents = any(spent.step.agent is not None for spent in task.requests)
    return not has_agents and task.is_small(round(material.limit(FEW_CALLS)))


def _of_tasks(tasks: Sequence[Task]) -> Part:
    return _part([spent for task in tasks for spent in task.requests])


def _part(requests: Sequence[Spent]) -> Part:
    return Part(
        turns=len({(spent.step.session, spent.step.turn) for spent in requests}),
        requests=len(requests),
        tokens=sum(spent.counts.total for spent in requests),
        cost_nano=sum(spent.cost_nano or 0 for spent in requests),
        output=sum(spent.counts.output for spent in requests),
    )
