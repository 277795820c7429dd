"""Seeded random histories: two repositories, both assistants, everything that can happen to an edit."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from histories.scene import BEGIN, code
from tokencoach.demo.stage import Stage

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tokencoach.demo.repository import Repository
    from tokencoach.demo.session import Session

STEPS = 8


class ChanceHistory:
    """An engineer who works at random; ``watch`` is called after every step."""

    def __init__(self, folder: Path, seed: int, watch: Callable[[Stage], None] | None = None) -> None:
        self.dice = random.Random(f"chance/{seed}")
        self.stage = Stage(folder, BEGIN, seed)
        self.count = 0
        repositories = [self.stage.repository(name) for name in ("bakery", "harbour")]
        for repo in repositories:
            repo.human_write("start.py", code(repo.name, 5))
            repo.commit("Start")
        for _ in range(STEPS):
            self.step(self.dice.choice(repositories))
            if watch is not None:
                watch(self.stage)

    def step(self, repo: Repository) -> None:
        """One session, then something happens to its work."""
        self.stage.clock.advance(days=self.dice.uniform(0.2, 4))
        kind = self.dice.choice(["2.1", "1.0", "0.34", "0.169"])
        session: Session
        if kind in {"2.1", "1.0"}:
            session = self.stage.claude(repo, generation="2.1" if kind == "2.1" else "1.0")
        else:
            session = self.stage.codex(repo, generation="0.34" if kind == "0.34" else "0.169")
        for _ in range(self.dice.randrange(1, 4)):
            self.turn(session)
        if self.dice.random() < 0.3:
            session = session.fork()
            self.turn(session)
        self.stage.clock.advance(hours=self.dice.uniform(0.1, 30))
        self.dice.choice([self.commit, self.commit, self.squash, self.leave, self.undo])(repo)

    def turn(self, session: Session) -> None:
        """A prompt and some of what may follow."""
        self.count += 1
        topic = f"topic{self.count}"
        session.prompt(f"Do number {self.count}")
        session.read("start.py")
        match self.dice.randrange(5):
            case 0:
                session.say("It is so.")
            case 1:
                session.reject_write(f"{topic}.py", code(topic, 4))
                session.bash("make", "broken", exit_code=2)
            case 2:
                session.write("start.py", code(topic, self.dice.randrange(1, 20)))
            case _:
                session.write(f"{topic}.py", code(topic, self.dice.randrange(1, 30)))
                session.edit(f"{topic}.py", "sample=0", "sample=None")

    def commit(self, repo: Repository) -> None:
        """Everything is committed."""
        repo.commit(f"Work {self.count}")

    def squash(self, repo: Repository) -> None:
        """Everything goes through a branch."""
        repo.branch(f"branch{self.count}")
        repo.commit("On a branch")
        repo.checkout("main")
        repo.squash(f"branch{self.count}", f"Land it (#{self.count})")

    def leave(self, repo: Repository) -> None:
        """Everything is thrown away."""
        repo.git("reset", "--quiet", "--hard")
        repo.git("clean", "--quiet", "-fd")

    def undo(self, repo: Repository) -> None:
        """Everything is committed and reverted a day later."""
        if not repo.git("status", "--porcelain"):
            return
        done = repo.commit(f"Work {self.count}")
        self.stage.clock.advance(days=1)
        repo.revert(done)
