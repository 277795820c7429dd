"""A history: one repository and the logs of its sessions over nine weeks, from a seed and kinds of events."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from random import Random
from typing import TYPE_CHECKING, Literal, NamedTuple

from accuracy.author import Author
from accuracy.languages import LANGUAGES
from accuracy.model import ModelRepository
from accuracy.worker import Worker

if TYPE_CHECKING:
    from pathlib import Path

    from accuracy.author import Draft
    from accuracy.languages import Language
    from tokencoach.demo.session import Session
    from tokencoach.demo.stage import Stage

BEGIN = datetime(2026, 2, 2, 9, tzinfo=UTC)
SPAN_DAYS = 63
AS_OF = "2026-04-07"
DAY_MS = 86_400_000
AS_OF_MS = round(datetime(2026, 4, 8, tzinfo=UTC).timestamp() * 1000)
Generation = Literal["2.1", "1.0", "0.34", "0.169"]
GENERATIONS: tuple[Generation, ...] = ("2.1", "2.1", "1.0", "0.169", "0.169", "0.34")
Event = Callable[["Play"], Iterator[float]]


class Kind(NamedTuple):
    """A kind of event: a generator that yields the days until it goes on; it needs ``days`` in all.

    One that ``is_alone`` concerns the whole repository and is not mixed with others.
    """

    name: str
    act: Event
    days: float
    is_plain: bool
    is_alone: bool


class Play:
    """The stage of one history."""

    def __init__(self, stage: Stage, name: str, seed: str) -> None:
        self.stage = stage
        self.name = name
        self.dice = Random(seed)
        self.clock = stage.clock
        self.clock.go_to(BEGIN)
        self.begin_ms = self.clock.now_ms
        self.author = Author(self.dice, LANGUAGES)
        self.repo = ModelRepository(stage.repository(name))
        self.workers: list[Worker] = []
        self.links: list[tuple[str, str]] = []
        self.endings: list[Callable[[], None]] = []
        self.number = 0
        self._lay_foundation()

    def _lay_foundation(self) -> None:
        self.repo.human_write("README.md", [f"# {self.name}", "", "Read the handbook before you push."])
        for language in LANGUAGES:
            draft = self.author.module(language)
            self.repo.human_write(draft.path, draft.lines)
        self.repo.commit("Start of the project")

    def open(
        self,
        generation: Generation | None = None,
        where: ModelRepository | None = None,
        folder: Path | None = None,
        fixed: str | None = None,
    ) -> Worker:
        """Start a session of some assistant, one of four log generations."""
        repo = where or self.repo
        place = folder or repo.real
        chosen = generation or self.dice.choice(GENERATIONS)
        session: Session
        if chosen in ("2.1", "1.0"):
            session = self.stage.claude(place, generation="2.1" if chosen == "2.1" else "1.0")
        else:
            session = self.stage.codex(place, generation="0.34" if chosen == "0.34" else "0.169")
        session.context_tokens += self.dice.randrange(60_000)
        return self.join(Worker(session, repo, fixed))

    def join(self, worker: Worker) -> Worker:
        """Let a worker's session count."""
        self.workers.append(worker)
        return worker

    def ask(self, worker: Worker, words: str = "") -> None:
        """A prompt, and some looking around."""
        self.number += 1
        worker.session.prompt(words or f"Please do step {self.number} of the plan")
        for step in range(self.dice.randrange(1, 4)):
            worker.session.bash(f"git grep -n step{self.number}.{step}", f"{step} places")

    def build(self, worker: Worker, draft: Draft | None = None) -> Draft:
        """A turn in which a new file is written."""
        made = draft or self.author.module()
        self.ask(worker)
        worker.write(made.path, made.lines)
        worker.session.say("It is in place.")
        return made

    def old_file(self, parts: int = 4, language: Language | None = None) -> Draft:
        """A file that a person wrote and committed some time ago."""
        own = self.author.module(language, parts)
        self.repo.human_write(own.path, own.lines)
        self.land(own.path)
        # Sometimes a person commits and asks at once, sometimes hours go by.
        self.pause(0.005, self.dice.choice([0.02, 6.0]))
        return own

    def work(self, worker: Worker) -> Draft:
        """A turn of writing: a new file, or new parts in an old one."""
        if self.dice.random() < 0.6:
            return self.build(worker)
        own = self.old_file()
        self.ask(worker)
        self.extend(worker, own.path, own.language, self.dice.randrange(1, 4))
        return own

    def extend(self, worker: Worker, path: str, language: Language, parts: int = 1) -> None:
        """A new part at a blank line of a file."""
        at = self.gap(worker.repo, path)
        worker.replace(path, at, at, ["", *self.author.parts(language, parts)])

    def gap(self, repo: ModelRepository, path: str) -> int:
        """A place between the parts of a file."""
        lines = repo.work[path]
        return self.dice.choice([place for place, line in enumerate(lines) if not line.text] or [len(lines)])

    def pause(self, least: float = 0.05, most: float = 3.0) -> None:
        """Some hours go by."""
        self.clock.advance(hours=self.dice.uniform(least, most))

    def land(self, *paths: str) -> None:
        """Commit some files where we are."""
        self.pause()
        self.number += 1
        self.repo.commit(f"feat: step {self.number}", *paths)

    def settle_links(self, run: Callable[..., object]) -> None:
        """Tell the program where folders are now."""
        for old, new in self.links:
            run("repos", "link", old, new)

    def perform(self, kinds: list[Kind]) -> None:
        """Let the kinds happen, each from a day that leaves it time enough."""
        waiting: list[tuple[int, int, Iterator[float]]] = []
        for order, kind in enumerate(kinds):
            start = self.begin_ms + round(self.dice.uniform(0.5, SPAN_DAYS - 1 - kind.days) * DAY_MS)
            heapq.heappush(waiting, (start, order, kind.act(self)))
        while waiting:
            at_ms, order, going = heapq.heappop(waiting)
            self.clock.now_ms = max(self.clock.now_ms, at_ms)
            days = next(going, None)
            self.repo.verify()
            self.clock.advance(minutes=2)
            if days is not None:
                heapq.heappush(waiting, (self.clock.now_ms + round(days * DAY_MS), order, going))
        for ending in self.endings:
            ending()
