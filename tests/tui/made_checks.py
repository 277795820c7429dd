"""Made checks: an inbox, a history."""

from __future__ import annotations

from tokencoach.clock import DAY_MS
from tokencoach.comprehension.asking import Asking
from tokencoach.comprehension.debt import Debt, DebtArea
from tokencoach.comprehension.diary import QuietDiary
from tokencoach.comprehension.overview import CheckOverview, Past, Recent, Waiting
from tokencoach.comprehension.past import Told
from tokencoach.comprehension.sitting import Item, Sitting
from tokencoach.store.checks.records import Answer, Outcome
from tui.made_names import HOSTILE, HOUR_MS, NOW_MS
from tui.made_questions import EXHIBIT, Remembered, choice, grade, multiple, typed

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


def debts() -> tuple[Debt, ...]:
    """Two repositories with lines that wait for a reader."""
    areas = tuple(
        DebtArea(
            f"src/{name}", lines, (lines // 2, lines // 4, 0, lines - lines // 2 - lines // 4), NOW_MS - age
        )
        for name, lines, age in (("web", 412, 80 * DAY_MS), ("jobs/retry", 96, 20 * DAY_MS), ("", 7, DAY_MS))
    )
    return (
        Debt(PLACE.format("web-app"), "/home/me/web-app", 515, 120, 88, areas),
        Debt(PLACE.format("billing"), "/home/me/billing", 96, 0, 4, areas[1:2]),
    )


def overview(*, is_empty: bool = False) -> CheckOverview:
    """All of it."""
    if is_empty:
        return CheckOverview((), (), Recent(0, 0, 0, 0), ())
    return CheckOverview(
        tuple(map(waiting, range(3))), tuple(map(past, range(9))), Recent(6, 14, 11, 2), (), debts()
    )


def told() -> tuple[Told, ...]:
    """The questions of a check that is over: right at the second try, wrong, shown, not answered."""
    retry = typed().retry
    assert retry is not None
    right = Answer("p", "typed", "0.5", True, False, None, 2, 9000, NOW_MS)
    wrong = right._replace(answer=f"attempt {HOSTILE}", is_right=False, tries=1)
    shown = right._replace(answer="", is_right=None, is_shown=True, tries=1)
    return (Told(retry, right), Told(choice(), wrong), Told(typed(), shown), Told(multiple(), None))


def opened() -> tuple[Asking, Remembered]:
    """A check of two questions that waits no longer."""
    remembered = Remembered()
    diary = QuietDiary(remembered)
    sitting = Sitting([Item(typed(), EXHIBIT), Item(choice(), EXHIBIT)], grade, diary, now=lambda: 0.0)
    return Asking(
        sitting, diary, can_abort=False, place="web-app", because="You wanted to do this later."
    ), remembered
