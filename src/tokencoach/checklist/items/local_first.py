"""C11: small tasks go to a model on this computer first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tokencoach.audit.numbers import counted, percent
from tokencoach.checklist.item import Item, Judgement, State, too_little
from tokencoach.clock import DAY_MS
from tokencoach.coach.finding import Evidence, Threshold
from tokencoach.store.trial_rows import newest_local_ms

if TYPE_CHECKING:
    from tokencoach.checklist.grounds import Grounds
    from tokencoach.coach.tasks import Task

LOCAL: Final = Threshold("C11.local", 0.50, "share", "half is a habit; not every small task is simple")
CALLS: Final = Threshold("C11.calls", 5, "calls", "small models lose the thread in long loops of tools")
TASKS: Final = Threshold("C11.tasks", 10, "tasks", "fewer show no habit")
SEEN: Final = Threshold("C11.seen", 90, "days", "a runtime that was not used for a quarter is not at hand")


def judge(grounds: Grounds) -> Judgement:
    """Small tasks whose every request a model on this computer answered."""
    newest = newest_local_ms(grounds.reader.connection, grounds.local_models, grounds.as_of_ms)
    days = round(grounds.limit(SEEN))
    if newest is None or grounds.as_of_ms - newest > days * DAY_MS:
        return too_little(
            f"no model ran on this computer in {days} days, as far as the logs tell",
            "to start: tokencoach power machine  says what this computer can run",
        )
    small = [task for task in grounds.material.tasks if task.is_small(round(grounds.limit(CALLS)))]
    if len(small) < grounds.limit(TASKS):
        return too_little(
            f"{counted(len(small), 'small task')}; it takes {grounds.limit(TASKS):.0f}", "nothing to do yet"
        )
    cloud = [task for task in small if not _is_local(grounds, task)]
    share, limit = (len(small) - len(cloud)) / len(small), grounds.limit(LOCAL)
    return Judgement(
        State.MET if share >= limit else State.PARTLY if share >= limit / 2 else State.NOT_MET,
        f"{len(small) - len(cloud)} of {counted(len(small), 'small task')} ran on this computer ({percent(share)})",
        "give the next question, or the next change of one file, to your local model",
        value=share,
        target=limit,
        evidence=tuple(_told(task) for task in sorted(cloud, key=lambda task: (-task.cost_nano, task.at_ms))),
    )


def _is_local(grounds: Grounds, task: Task) -> bool:
    return all(spent.step.model_id in grounds.local_models for spent in task.requests)


def _told(task: Task) -> Evidence:
    did = "a question" if not task.edits else f"{task.changed} lines of one file"
    return Evidence(
        f"{did}, {counted(len(task.calls), 'call')}, {task.model or 'several models'}",
        task.at_ms,
        task.cost_nano,
        task.tokens,
        task.trace.facts.session,
        task.trace.facts.session_id,
        task.turns[0],
    )


ITEM: Final = Item(
    "C11",
    "Local first",
    "Of small tasks (a question, or at most 30 lines of one file, at most 5 calls) at least half ran on this "
    "computer; asked once a local model was used in the last 90 days.",
    judge,
    (LOCAL, CALLS, TASKS, SEEN),
)
