"""Made checks: an inbox, a history."""

from __future__ import annotations

from tokencoach.comprehension.asking import Asking
from tokencoach.comprehension.diary import QuietDiary
from tokencoach.comprehension.overview import CheckOverview, Past, Recent, Waiting
from tokencoach.comprehension.sitting import Item, Sitting
from tokencoach.store.checked import Outcome
from tui.made_names import HOSTILE, HOUR_MS, NOW_MS
from tui.made_questions import EXHIBIT, Remembered, choice, grade, typed

PLACE = "/home/me/{}/.git"


def waiting(number: int) -> Waiting:
    """A check that waits."""
    project = ("web-app", "billing", "api")[number % 3]
    paths = ("src/web/retry.py::backoff", f"src/{HOSTILE}.py::again")[: 1 + number % 2]
    why = ("later", "no-terminal", "assistant", "")[number % 4]
    since = NOW_MS - (number + 1) * 26 * HOUR_MS
    return Waiting(f"w{number}", PLACE.format(project), since, 2 + number % 2, 24, paths, why)


def past(number: int) -> Past:
    """A check that was held, or was not."""
    project = ("web-app", "billing")[number % 2]
    at = NOW_MS - (number + 1) * 20 * HOUR_MS
    outcome = (Outcome.ASKED, Outcome.ASKED, Outcome.SKIPPED, Outcome.NOT_ASKED)[number % 4]
    asked = (3, 2, 0, 0)[number % 4]
    why = ("", "", "hotfix", "no-verify")[number % 4]
    right = (3, 1, 0, 0)[number % 4]
    shown = (0, 1, 0, 0)[number % 4]
    return Past(
        f"p{number}",
        PLACE.format(project),
        at,
        "pre-commit",
        outcome,
        why,
        asked,
        right,
        shown,
        f"{number:07x}a1b2c3",
    )


def overview(*, is_empty: bool = False) -> CheckOverview:
    """All of it."""
    if is_empty:
        return CheckOverview((), (), Recent(0, 0, 0, 0), ())
    return CheckOverview(tuple(map(waiting, range(3))), tuple(map(past, range(9))), Recent(6, 14, 11, 2), ())


def opened() -> tuple[Asking, Remembered]:
    """A check of two questions that waits no longer."""
    remembered = Remembered()
    diary = QuietDiary(remembered)
    sitting = Sitting([Item(typed(), EXHIBIT), Item(choice(), EXHIBIT)], grade, diary, now=lambda: 0.0)
    return Asking(
        sitting, diary, can_abort=False, place="web-app", because="You wanted to do this later."
    ), remembered
