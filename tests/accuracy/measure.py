"""Acts histories, lets the real program judge them, and scores what it says."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from accuracy import (
    kinds_after,
    kinds_before,
    kinds_branches,
    kinds_busy,
    kinds_merges,
    kinds_places,
    kinds_scripts,
    kinds_sessions,
    kinds_shell,
    kinds_small,
)
from accuracy.expected import Expected
from accuracy.kinds import KINDS
from accuracy.play import AS_OF, AS_OF_MS, BEGIN, Play
from accuracy.score import Score, said_of
from histories.program import Program
from tokencoach.demo.stage import Stage

if TYPE_CHECKING:
    from pathlib import Path

MODULES = (
    kinds_after,
    kinds_before,
    kinds_branches,
    kinds_busy,
    kinds_merges,
    kinds_places,
    kinds_scripts,
    kinds_sessions,
    kinds_shell,
    kinds_small,
)
PLAIN, HARD = "plain", "hard"
NOISE = 2
REPEATS = 4
LONG = 20
HARD_HISTORIES = 3


def recipes(seed: int, repeats: int = REPEATS) -> dict[str, list[str]]:
    """The histories of a seed: each kind with some plain noise, plain ones alone, hard ones mixed."""
    dice = Random(f"recipes/{seed}")
    plain = [name for name, kind in KINDS.items() if kind.is_plain]
    every = sorted(KINDS)
    found = {
        name: [name] * (1 if KINDS[name].is_alone else repeats) + dice.choices(plain, k=NOISE)
        for name in every
    }
    every = [name for name in every if not KINDS[name].is_alone]
    found[PLAIN] = dice.choices(plain, k=LONG)
    for number in range(1, HARD_HISTORIES + 1):
        found[f"{HARD} {number}"] = [*dice.sample(every, LONG), *dice.choices(plain, k=NOISE)]
    return found


class Measurement:
    """The histories of a seed in one home, each in a repository of its own."""

    def __init__(self, folder: Path, seed: int, names: tuple[str, ...] = (), repeats: int = REPEATS) -> None:
        self.stage = Stage(folder, BEGIN, seed)
        self.plays: dict[str, Play] = {}
        for name, kinds in recipes(seed, repeats).items():
            if names and name not in names:
                continue
            play = Play(self.stage, name.replace("_", "-").replace(" ", "-"), f"{seed}/{name}")
            play.perform([KINDS[one] for one in kinds])
            self.plays[name] = play
        self.program = Program(self.stage.home, folder / "state", now="2026-04-08T06:00:00Z")

    def scores(self) -> dict[str, Score]:
        """A score for each history."""
        self.program.ingest()
        for play in self.plays.values():
            play.settle_links(self.program.run)
        said = self.program.sessions(as_of=AS_OF)
        found = {}
        for name, play in self.plays.items():
            expected = Expected(play.workers, self.stage.truth.requests, AS_OF_MS)
            score = Score()
            for session_id, shares in expected.by_session.items():
                row = said.get(session_id)
                score.add(session_id, shares, said_of(row) if row else {})
            found[name] = score
        return found
