"""Which of a period's requests a model on this computer could have answered, as a range.

Nobody can know whether it would have answered well: what is told is what fits. *Surely small* is a turn
whose every prompt and answer fit the context, with at most five calls, no sub-agent, and no change or one
file of at most thirty lines; *at most* is every turn that fits the context and calls at most fifteen tools.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from tokencoach.coach.finding import Threshold
from tokencoach.coach.material import Spent
from tokencoach.power.models import Fit
from tokencoach.store.local_models import served_models

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tokencoach.coach.material import Material, Trace

FEW_CALLS: Final = Threshold(
    "local.few-calls", 5, "calls", "small models lose the thread in long loops of tools; five is a short one"
)
MANY_CALLS: Final = Threshold(
    "local.many-calls", 15, "calls", "beyond this a loop of tools is long for any model of these sizes"
)
LINES: Final = Threshold("local.lines", 30, "lines", "a change that one reads at one glance")


@dataclass(slots=True)
class _Task:
    """One turn: what it was sent, and what it did."""

    spent: list[Spent] = field(default_factory=list)
    calls: int = 0
    files: set[str] = field(default_factory=set)
    lines: int = 0

    @property
    def need(self) -> int:
        """The longest prompt with its answer, in tokens."""
        return max((one.counts.total for one in self.spent), default=0)

    @property
    def has_agents(self) -> bool:
        return any(one.step.agent is not None for one in self.spent)


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
    own = served_models(material.reader.connection)
    tasks = [task for trace in material.traces for task in _tasks(trace)]
    here = [task for task in tasks if all(one.step.model_id in own for one in task.spent)]
    elsewhere = [task for task in tasks if any(one.step.model_id not in own for one in task.spent)]
    taken = []
    for fit in fits:
        if fit.is_held:
            most = [task for task in elsewhere if _may(task, fit, material.limit(MANY_CALLS))]
            small = [task for task in most if _is_small(task, material)]
            taken.append(Taken(fit, _part(small), _part(most)))
    return LocalFit(_part(elsewhere), _part(here), tuple(taken))


def _tasks(trace: Trace) -> Iterator[_Task]:
    tasks: defaultdict[int | None, _Task] = defaultdict(_Task)
    for spent in trace.requests:
        tasks[spent.step.turn].spent.append(spent)
    for call in trace.calls:
        if call.turn in tasks:
            tasks[call.turn].calls += 1
    for judged in trace.edits():
        task = tasks.get(judged.edit.turn)
        if task is not None:
            task.files.add(judged.edit.path)
            task.lines += sum(1 for line in judged.lines if line.weight)
    return iter(tasks.values())


def _may(task: _Task, fit: Fit, calls: float) -> bool:
    return task.need <= fit.context and task.calls <= calls


def _is_small(task: _Task, material: Material) -> bool:
    is_short = task.calls <= material.limit(FEW_CALLS) and not task.has_agents
    return is_short and len(task.files) <= 1 and task.lines <= material.limit(LINES)


def _part(tasks: list[_Task]) -> Part:
    spent = [one for task in tasks for one in task.spent]
    return Part(
        turns=len(tasks),
        requests=len(spent),
        tokens=sum(one.counts.total for one in spent),
        cost_nano=sum(one.cost_nano or 0 for one in spent),
        output=sum(one.counts.output for one in spent),
    )
