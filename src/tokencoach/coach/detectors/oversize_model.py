"""Small tasks given to a model that costs much more than the next cheaper one of its family."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.audit.numbers import counted, money, percent, undated
from tokencoach.coach.evidence import in_session
from tokencoach.coach.finding import Basis, Detector, Finding, Quiet, Rate, Threshold
from tokencoach.coach.interval import difference, signed_words
from tokencoach.coach.right_sizing.smaller import STEP, Saving, SmallerModels
from tokencoach.coach.right_sizing.survival import survival_of
from tokencoach.coach.tasks import SMALL_LINES, TaskKind
from tokencoach.usage.prices import cost_nano, rate_at
from tokencoach.usage.words import ToolKind

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

WORDS: Final = Threshold(
    "oversize-model.words", 40, "words", "who needs more words than that poses a problem, not a question"
)
ANSWER: Final = Threshold(
    "oversize-model.answer", 1500, "tokens", "an answer of more than about two pages was no small question"
)
_THOUGHT: Final = (ToolKind.DELEGATE, ToolKind.PLAN, ToolKind.ASK)
_AS_GOOD: Final = 0.1


class Oversize(NamedTuple):
    """A small task, and what the smaller model would have saved."""

    task: Task
    saving: Saving


def oversize_tasks(material: Material) -> tuple[list[Oversize], list[Task]]:
    """Small tasks that one size smaller would have cost less, the dearest first; and all priced small tasks.

    In a session that did larger work too the smaller model would have begun with an empty cache.
    """
    models = SmallerModels(material, material.limit(CHEAPER))
    small = [task for task in material.tasks if is_small(task, material) and task.model and task.is_priced]
    own = {task.turns for task in small}
    mixed = {task.trace.facts.session for task in material.tasks if task.turns not in own}
    found = []
    for task in small:
        is_switched = task.trace.facts.session in mixed
        saving = models.saving(task.requests, task.model or "", is_switched=is_switched)
        if saving is not None:
            found.append(Oversize(task, saving))
    found.sort(key=lambda one: (-one.task.cost_nano, one.task.at_ms))
    return found, small


def is_small(task: Task, material: Material) -> bool:
    """A small change or a short question with few calls, none of them to a sub-agent or about a plan."""
    if not task.is_small(int(material.limit(CALLS))) or any(call.kind in _THOUGHT for call in task.calls):
        return False
    if task.kind is TaskKind.QUESTION:
        output = sum(spent.counts.output for spent in task.requests)
        return (task.words or 0) <= material.limit(WORDS) and output <= material.limit(ANSWER)
    return True


def find(material: Material) -> Finding | Quiet:
    """Small tasks of dear models; what the same tokens cost one size smaller is saved at most.

    Source of the rule: the checklist's C12. To change the model within a session empties the cache: small
    tasks between larger ones count only where the smaller model would have been cheaper even so.
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
            f"{len(found)} of {len(small)} small tasks were cheaper one size down, less than {percent(limit)} of the cost",
            rate=rate,
        )
    parts = {request: part for one in found for request, part in one.saving.parts.items()}
    nano, tokens = material.cost(parts)
    named = undated(_usual(found))
    told, is_as_good = own_work(material, found, small)
    offer = f"Give such tasks to {named}." if is_as_good else f"Try {named} on the next five, and compare."
    return Finding(
        id=ID,
        title=f"{counted(len(found), 'small task')} ({money(spent)}) for a cheaper model",
        cost_nano=nano,
        tokens=tokens,
        basis=Basis.ESTIMATED,
        low_nano=0,
        high_nano=nano,
        evidence=tuple(_told(one, material) for one in found),
        why=f"Small: at most {SMALL_LINES} lines of one file changed, or a question of at most "
        f"{material.limit(WORDS):.0f} words with a short answer; at most {material.limit(CALLS):.0f} calls. Saved at "
        "most: price paid less the price of the same tokens on the dearest model of the family that costs at most "
        f"{percent(material.limit(CHEAPER))} of it; beside larger work in one session with an empty cache. {told} "
        f"Limit: {SHARE.because}.",
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
        return f"{said}; on {', '.join(map(undated, filter(None, dear)))} {theirs.words}.", False
    gap = difference(theirs.survived, own.survived)
    said += f"; on the dear one {theirs.words}; difference {signed_words(gap)}."
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
        saved[one.saving.smaller.name] += one.saving.nano
    return max(saved, key=lambda name: (saved[name], name))


def _told(one: Oversize, material: Material) -> Evidence:
    task = one.task
    did = (
        "nothing changed"
        if task.kind is TaskKind.QUESTION
        else f"{counted(task.changed, 'line')} of one file"
    )
    price = money(task.cost_nano - one.saving.nano)
    calls = counted(len(task.calls), "call")
    dear, cheap = undated(task.model or ""), undated(one.saving.smaller.name)
    words = f"{did}, {calls}: {money(task.cost_nano)} on {dear}, ~{price} on {cheap}"
    return in_session(material, task.trace, words, task.at_ms, one.saving.parts, turn=task.turns[0])


DETECTOR: Final = Detector(
    ID,
    find,
    (CALLS, WORDS, ANSWER, CHEAPER, TASKS, SHARE),
)
