"""C11: small tasks go to a model on this computer first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tokencoach.checklist.item import Item, Judgement, too_little
from tokencoach.clock import DAY_MS
from tokencoach.coach.finding import Threshold
from tokencoach.store.trial_rows import newest_local_ms

if TYPE_CHECKING:
    from tokencoach.checklist.grounds import Grounds

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
            "to start: tokencoach power fit  says what this computer can run",
        )
    return too_little("small tasks are not told apart yet", "nothing to do yet")


ITEM: Final = Item(
    "C11",
    "Local first",
    "Of small tasks (a question, or at most 30 lines of one file, at most 5 calls) at least half ran on this "
    "computer; asked once a local model was used in the last 90 days.",
    judge,
    (LOCAL, CALLS, TASKS, SEEN),
)
