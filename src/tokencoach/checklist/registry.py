"""Every item, in the order in which they are shown: the engineer's own four first, the team's last."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tokencoach.checklist.items import (
    asking_first,
    budgets,
    cache,
    context,
    energy,
    habits,
    last_month,
    leaderboards,
    local_first,
    local_trial,
    measured,
    own_data,
    phases,
    survival,
    team,
    tests_first,
    toolkit,
    transparency,
    understanding,
)
from tokencoach.errors import UsageError

if TYPE_CHECKING:
    from tokencoach.checklist.item import Item

ITEMS: Final[tuple[Item, ...]] = (
    last_month.ITEM,
    local_trial.ITEM,
    toolkit.C3,
    leaderboards.C4,
    context.ITEM,
    cache.ITEM,
    transparency.ITEM,
    understanding.ITEM,
    tests_first.ITEM,
    survival.ITEM,
    local_first.ITEM,
    habits.C12,
    toolkit.C13,
    measured.ITEM,
    asking_first.ITEM,
    habits.C16,
    phases.ITEM,
    energy.ITEM,
    habits.C19,
    own_data.ITEM,
    team.T1,
    budgets.T2,
    team.T3,
    leaderboards.T4,
)


def item_of(name: str) -> Item:
    """The item with an id, in capitals or not.

    Raises:
        UsageError: there is none.
    """
    found = next((item for item in ITEMS if item.id == name.strip().upper()), None)
    if found is None:
        raise UsageError(f"no item {name!r}", f"known: {', '.join(item.id for item in ITEMS)}")
    return found
