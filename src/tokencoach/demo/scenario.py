"""The seeded demonstration: about three months of one engineer's work, up to a given moment."""

from __future__ import annotations

import heapq
import shutil
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from tokencoach.demo import costly, habits
from tokencoach.demo.engineer import Engineer
from tokencoach.demo.stage import Stage
from tokencoach.demo.templates import GO, PYTHON, TYPESCRIPT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tokencoach.demo.habits import Habit
    from tokencoach.demo.truth import Truth

SPAN_DAYS = 92
SETTLED_DAYS = 45
RECENT_DAYS = 9
LATELY_DAYS = 15
EXPLORATION_PROJECT = "ranking-lab"
VANISHED_PROJECT = "old-gateway"
PRODUCTION_PROJECTS = ("ledger-api", "storefront", "fleet-agent")
PROJECTS = {
    "ledger-api": PYTHON,
    "storefront": TYPESCRIPT,
    "fleet-agent": GO,
    EXPLORATION_PROJECT: PYTHON,
}
# How often each habit shows; the shares that an audit finds follow from what is acted.
ANY_TIME: tuple[tuple[Habit, int], ...] = (
    (habits.ships_at_once, 7),
    (habits.ships_through_a_merge, 4),
    (habits.ships_through_a_squash, 4),
    (habits.ships_after_a_fork, 2),
    (habits.refuses_an_edit, 3),
    (habits.meets_errors, 3),
    (habits.goes_in_circles, 2),
    (habits.changes_its_mind, 3),
    (habits.is_reworked, 4),
    (habits.is_reverted, 2),
    (habits.asks_questions, 3),
    (habits.lets_the_shell_write, 2),
)
# Dealt to each of two months, so that the coach can speak of both and say what changed.
COSTLY: tuple[tuple[Habit, int], ...] = (
    (costly.debugs_by_asking_again, 2),
    (costly.walks_away, 2),
    (costly.compacts_again_and_again, 1),
    (costly.asks_the_largest_model, 3),
    (costly.lets_two_write_one_file, 1),
    (costly.sends_it_again_in_a_storm, 1),
    (costly.commits_untested, 4),
    (costly.reads_it_all_again, 3),
)
EARLY_IN_THE_MONTH = 12
# The month on the first screen is the present one: it must have something to tell as well.
LATELY: tuple[tuple[Habit, int], ...] = (
    (habits.refuses_an_edit, 1),
    (habits.meets_errors, 1),
    (habits.goes_in_circles, 1),
    (habits.changes_its_mind, 1),
    (habits.is_reworked, 2),
    (habits.is_reverted, 1),
    (habits.is_thrown_away, 1),
)
LONG_AGO: tuple[tuple[Habit, int], ...] = ((habits.is_left_on_a_branch, 3), (habits.is_thrown_away, 3))
JUST_NOW: tuple[tuple[Habit, int], ...] = ((habits.is_left_on_a_branch, 2), (habits.ships_at_once, 2))
DECKS = (
    (ANY_TIME, RECENT_DAYS, SPAN_DAYS - 3),
    (LATELY, LATELY_DAYS, LATELY_DAYS + 5),
    (LONG_AGO, SETTLED_DAYS, SPAN_DAYS - 3),
    (JUST_NOW, 1, RECENT_DAYS),
)


class DemoHome(NamedTuple):
    """A home folder with logs, the repositories that still exist, and what really happened."""

    home: Path
    repositories: tuple[Path, ...]
    truth: Truth


class _Event(NamedTuple):
    at_ms: int
    order: int
    happen: Callable[[], None]


class Demonstration:
    """Acts the demonstration: pieces of work are dealt over the days, follow-ups come when due."""

    def __init__(self, folder: Path, seed: int, now_ms: int) -> None:
        self.now_ms = now_ms
        self.start_ms = now_ms - SPAN_DAYS * 86_400_000
        self.dice = Random(f"demonstration/{seed}")  # noqa: S311 - repeatable on purpose, no secret
        self.stage = Stage(folder, datetime.fromtimestamp(self.start_ms / 1000, UTC), seed)
        self.engineers = {name: self._engineer(name) for name in (*PROJECTS, VANISHED_PROJECT)}
        self._events: list[_Event] = []
        self._order = 0

    def _engineer(self, name: str) -> Engineer:
        repo = self.stage.repository(name, f"git@git.example.invalid:robin/{name}.git")
        return Engineer(self.stage, repo, PROJECTS.get(name, PYTHON), Random(self.dice.random()))  # noqa: S311

    def act(self) -> None:
        """Play everything in the order of time."""
        for engineer in self.engineers.values():
            engineer.lay_foundation()
        self._deal()
        while self._events:
            event = heapq.heappop(self._events)
            # A long session may run into the next event: time never goes back between commits.
            self.stage.clock.now_ms = max(self.stage.clock.now_ms, event.at_ms)
            event.happen()

    def _deal(self) -> None:
        for name in PRODUCTION_PROJECTS:
            self._plan(self.engineers[name], habits.asks_questions, self._workday(3, SETTLED_DAYS))
        for deck, least_days, most_days in DECKS:
            for habit, count in deck:
                for _ in range(count):
                    self._plan(self._anyone(), habit, self._workday(least_days, most_days))
        for span in costly_spans(self.now_ms):
            for habit, count in COSTLY:
                for _ in range(count):
                    self._plan(self._anyone(), habit, self._workday(*span))
        for _ in range(6):
            lab = self.engineers[EXPLORATION_PROJECT]
            self._plan(lab, habits.explores, self._workday(5, SPAN_DAYS - 3))
        for least_days in (LATELY_DAYS, SETTLED_DAYS):
            moment = self._workday(least_days, least_days + 5)
            self._plan(self.engineers[VANISHED_PROJECT], habits.ships_at_once, moment)
        self._schedule(self._workday(LATELY_DAYS - 4, LATELY_DAYS - 2), self._vanish)
        self._plan(self.engineers["ledger-api"], habits.ships_at_once, self.now_ms - 3 * 3_600_000)
        # Last of all in their projects, since any later commit there would take them along.
        self._plan(self.engineers["ledger-api"], habits.is_about_to_be_committed, self.now_ms - 2_400_000)
        self._plan(self.engineers["storefront"], habits.is_left_lying, self.now_ms - 900_000)

    def _anyone(self) -> Engineer:
        return self.engineers[self.dice.choice(("ledger-api", *PRODUCTION_PROJECTS))]

    def _workday(self, least_days: float, most_days: float) -> int:
        """A moment of a working day between so many days ago."""
        while True:
            days = self.dice.uniform(least_days, most_days)
            day = datetime.fromtimestamp(self.now_ms / 1000, UTC) - timedelta(days=days)
            # Most weekends are free.
            if day.weekday() < 5 or self.dice.random() < 0.1:
                moment = day.replace(hour=self.dice.randrange(8, 17), minute=self.dice.randrange(60))
                return round(moment.timestamp() * 1000)

    def _plan(self, engineer: Engineer, habit: Habit, at_ms: int) -> None:
        def happen() -> None:
            for days, follow_up in habit(engineer):
                self._schedule(self.stage.clock.now_ms + round(days * 86_400_000), follow_up)

        self._schedule(at_ms, happen)

    def _schedule(self, at_ms: int, happen: Callable[[], None]) -> None:
        # A follow-up that would come after now has not happened yet.
        if at_ms >= self.now_ms:
            return
        self._order += 1
        heapq.heappush(self._events, _Event(at_ms, self._order, happen))

    def _vanish(self) -> None:
        """A project's folder is deleted; its sessions stay in the logs."""
        shutil.rmtree(self.engineers.pop(VANISHED_PROJECT).repo.folder)


def costly_spans(now_ms: int) -> list[tuple[float, float]]:
    """Two months as days ago, from and to: this one and the last; early in a month the two before it."""
    today = datetime.fromtimestamp(now_ms / 1000, UTC)
    spans: list[tuple[float, float]] = [(1.5, today.day - 1.05)] if today.day >= EARLY_IN_THE_MONTH else []
    first = today.replace(day=1)
    while len(spans) < 2:
        last = first - timedelta(days=1)
        first = last.replace(day=1)
        spans.append(((today - last).days + 0.1, float((today - first).days)))
    return spans


def make_demo(folder: Path, seed: int, now_ms: int) -> DemoHome:
    """Make a home of logs and real repositories in an empty folder; ``now_ms`` (UTC) is where it ends."""
    play = Demonstration(folder, seed, now_ms)
    play.act()
    kept = tuple(engineer.repo.folder for engineer in play.engineers.values())
    return DemoHome(play.stage.home, kept, play.stage.truth)
