"""Small tasks given to a model that costs much more than the next cheaper one of its family."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.audit.numbers import money
from tokencoach.coach.evidence import in_session
from tokencoach.coach.finding import Basis, Detector, Finding, Quiet, Rate, Threshold
from tokencoach.coach.interval import difference
from tokencoach.coach.smaller import STEP, Smaller, SmallerModels
from tokencoach.coach.survival import survival_of
from tokencoach.coach.tasks import SMALL_LINES, TaskKind
from tokencoach.usage.prices import cost_nano, rate_at

if TYPE_CHECKING:
    from tokencoach.coach.finding import Evidence
    from tokencoach.coach.material import Material
    from tokencoach.coach.tasks import Task

ID: Final = "oversize-model"
CALLS: Final = Threshold(
    "oversize-model.calls", 5, "calls", "a task of more than five calls is one the model had to think about"
)
CHEAPER: Final = Threshold(
    "oversize-model.step", STEP, "share", "models whose prices lie closer together than that are of one size"
)
TASKS: Final = Threshold("oversize-model.tasks", 10, "tasks", "fewer than ten small tasks show no habit")
SHARE: Final = Threshold(
    "oversize-model.share",
    0.05,
    "share",
    "below a twentieth of the spend it changes nothing which model does the small tasks",
)

_AS_GOOD: Final = 0.1


class Oversize(NamedTuple):
    """A small task, what of its price the smaller model would have saved, and that model."""

    task: Task
    parts: dict[int, float]
    saved_nano: int
    smaller: Smaller


def oversize_tasks(material: Material) -> tuple[list[Oversize], list[Task]]:
    """Small tasks on a model with a smaller one below it, the dearest first; and all priced small tasks."""
    models = SmallerModels(material, material.limit(CHEAPER))
    most = int(material.limit(CALLS))
    small = [task for task in material.tasks if task.is_small(most) and task.model and task.is_priced]
    found = []
    for task in small:
        parts, smaller = models.cost(task.requests, task.model or "")
        if smaller is not None:
            found.append(Oversize(task, parts, material.cost(parts)[0], smaller))
    found.sort(key=lambda one: (-one.task.cost_nano, one.task.at_ms))
    return found, small


def find(material: Material) -> Finding | Quiet:
    """Small tasks of dear models; what the same tokens cost one size smaller is saved at most.

    Source of the rule: the checklist's C12. A small task changes at most thirty lines of one file,
    or nothing, with at most five calls.
    """
    found, small = oversize_tasks(material)
    least = material.limit(TASKS)
    if len(small) < least:
        return Quiet(ID, f"{len(small)} small tasks with a price; it takes {least:.0f}", is_looked=False)
    spent = sum(one.task.cost_nano for one in found)
    rate = Rate(spent / 1e9, material.total.total.cost_nano / 1e9, "dollars")
    limit = material.limit(SHARE)
    if (rate.share or 0.0) < limit:
        return Quiet(
            ID,
            f"{len(found)} of {len(small)} small tasks on dear models, less than {limit:.0%} of the cost",
            rate=rate,
        )
    parts = {request: part for one in found for request, part in one.parts.items()}
    nano, tokens = material.cost(parts)
    named = _usual(found)
    told, is_as_good = own_work(material, found, small)
    offer = f"Give such tasks to {named}." if is_as_good else f"Try {named} on the next five, and compare."
    return Finding(
        id=ID,
        title=f"{len(found)} small tasks ({money(spent)}) on a model with a cheaper one of its family below it",
        cost_nano=nano,
        tokens=tokens,
        basis=Basis.ESTIMATED,
        low_nano=0,
        high_nano=nano,
        evidence=tuple(_told(one, material) for one in found),
        why=f"Small: nothing or at most {SMALL_LINES} lines of one file changed, at most {material.limit(CALLS):.0f} "
        f"calls. Saved at most: price paid less the price of the same tokens on the dearest model of the family that "
        f"costs at most {material.limit(CHEAPER):.0%} of it. {told} Limit: {SHARE.because}.",
        next=offer,
        condition="a task is a question or a small change of one file",
        action=f"choose {named} before I ask",
        rate=rate,
        parts=parts,
    )


def own_work(material: Material, found: list[Oversize], small: list[Task]) -> tuple[str, bool]:
    """What became of the person's own small edits on smaller models, in words; and whether as much survived."""
    dear = {one.task.model for one in found[:1]}
    cheap = smaller_models(material, found[0])
    edits = [task for task in small if task.kind is TaskKind.SMALL_EDIT]
    own = survival_of((task for task in edits if task.model in cheap), material.as_of_ms)
    theirs = survival_of((task for task in edits if task.model in dear), material.as_of_ms)
    if own.survived is None:
        return f"How well smaller models do this for you is not known: {own.words}.", False
    said = f"Of your own small edits on smaller models, lines alive after 14 days: {own.words}"
    if theirs.survived is None:
        return f"{said}; on {', '.join(filter(None, dear))} {theirs.words}.", False
    gap = difference(theirs.survived, own.survived)
    said += (
        f"; on the dear one {theirs.words}; difference {gap.value:+.0%} ({gap.low:+.0%} to {gap.high:+.0%})."
    )
    return said, gap.low <= 0 and gap.value < _AS_GOOD


def smaller_models(material: Material, one: Oversize) -> set[str]:
    """The person's models that cost at most the step's share of what the task's model costs."""
    spent = max(one.task.requests, key=lambda spent: spent.cost_nano or 0)
    most = material.limit(CHEAPER) * (spent.cost_nano or 0)
    rates = material.reader.rates()
    cheap = set()
    for row, name in {
        (its.step.model_id, its.step.model) for task in material.tasks for its in task.requests
    }:
        rate = rate_at(rates.get(row, ()), spent.step.at_ms)
        if rate is not None and cost_nano(rate, spent.counts) <= most:
            cheap.add(name)
    return cheap


def _usual(found: list[Oversize]) -> str:
    """The smaller model with which most would have been saved."""
    saved: defaultdict[str, int] = defaultdict(int)
    for one in found:
        saved[one.smaller.name] += one.saved_nano
    return max(saved, key=lambda name: (saved[name], name))


def _told(one: Oversize, material: Material) -> Evidence:
    task = one.task
    did = "nothing changed" if task.kind is TaskKind.QUESTION else f"{task.changed} lines of one file"
    price = money(task.cost_nano - one.saved_nano)
    words = (
        f"{did}, {task.calls} calls: {money(task.cost_nano)} on {task.model}, ~{price} on {one.smaller.name}"
    )
    return in_session(material, task.trace, words, task.at_ms, one.parts, turn=task.turns[0])


DETECTOR: Final = Detector(
    ID, "small tasks given to a model larger than they need", find, (CALLS, CHEAPER, TASKS, SHARE)
)
