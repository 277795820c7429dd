"""What an audit should say of each session, from the script's own books and the counting rules."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from accuracy.model import MAIN, ancestors
from tokencoach.usage.words import CallStatus

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from accuracy.marks import Line, Mark
    from accuracy.model import World
    from accuracy.worker import Worker
    from tokencoach.demo.truth import RequestTruth

DAY_MS = 86_400_000
SURVIVAL_MS = 14 * DAY_MS
ACTIVE_MS = 30 * DAY_MS
FAR_MS = 1 << 60
Shares = dict[str, float]

# List prices in dollars per million tokens: fresh input, cache read, write 5 min, write 1 h, output.
PRICES = {
    "claude-sonnet-4-5-20250929": (3.0, 0.3, 3.75, 6.0, 15.0),
    "gpt-5.1-codex": (1.25, 0.125, 0.0, 0.0, 10.0),
    "gpt-5": (1.25, 0.125, 0.0, 0.0, 10.0),
}


def cost_of(request: RequestTruth) -> float:
    """Dollars of a request at list prices."""
    return (
        sum(price * count for price, count in zip(PRICES[request.model], request.counts, strict=False)) / 1e6
    )


class Judge:
    """Judges the marks of one repository at an instant."""

    def __init__(self, world: World, as_of_ms: int) -> None:
        self.as_of_ms = as_of_ms
        self.ever_on_main = world.ever_on_main
        self.on_active_branch: set[Mark] = set()
        merged = set(ancestors(world.refs[MAIN]))
        for commit in world.refs.values():
            if commit not in merged and as_of_ms - commit.at_ms < ACTIVE_MS:
                self.on_active_branch |= _marks(line for part in commit.tree.values() for line in part)

    def weigh(self, mark: Mark) -> Shares:
        """A mark's weight by bucket: all 0 for the removal of what never stood on the default branch."""
        if mark.fixed is not None:
            return {mark.fixed: 1.0}
        if mark.is_removal and not mark.target <= self.ever_on_main:
            return {}
        bucket = self._bucket(mark)
        if bucket in ("shipped", "reworked") and mark.credit < 1.0:
            return {bucket: mark.credit, "not_landed": 1.0 - mark.credit}
        return {bucket: 1.0}

    def _bucket(self, mark: Mark) -> str:
        # A script that takes its time may go on after the day of the judgement.
        lives = [(life.landed_ms, life.died_ms) for life in mark.lives if life.landed_ms <= self.as_of_ms]
        if lives:
            ends = [(began_ms, min(died_ms or FAR_MS, self.as_of_ms)) for began_ms, died_ms in lives]
            longest = max(end_ms - began_ms for began_ms, end_ms in ends)
            is_alive = (lives[-1][1] or FAR_MS) > self.as_of_ms
            return "shipped" if is_alive or longest >= SURVIVAL_MS else "reworked"
        if self.as_of_ms - mark.at_ms < SURVIVAL_MS or mark in self.on_active_branch:
            return "pending"
        return "not_landed"


def _marks(lines: Iterable[Line]) -> set[Mark]:
    return {mark for line in lines for mark, _ in line.marks}


class Expected:
    """The cost of each session by bucket."""

    def __init__(self, workers: Iterable[Worker], requests: Iterable[RequestTruth], as_of_ms: int) -> None:
        self._weights: dict[tuple[str, int], Shares] = {}
        self._edit_turns: dict[str, list[int]] = defaultdict(list)
        self.by_session: dict[str, Shares] = {}
        worlds = {id(worker.repo.world): worker.repo.world for worker in workers}
        for world in worlds.values():
            self._weigh(world, as_of_ms)
        looped = {place for worker in workers for place in worker.looped}
        mine = {worker.session.session_id for worker in workers}
        for place, request in enumerate(requests):
            # What a script did after the day of the judgement is not there yet.
            if request.session_id in mine and request.at_ms <= as_of_ms:
                self._book(request, is_looped=place in looped)

    def _weigh(self, world: World, as_of_ms: int) -> None:
        judge = Judge(world, as_of_ms)
        for mark in world.marks:
            shares = judge.weigh(mark)
            if not shares:
                continue
            turn = self._weights.setdefault((mark.session_id, mark.turn), defaultdict(float))
            for bucket, weight in shares.items():
                turn[bucket] += weight
        for session, turn_number in sorted(self._weights):
            if turn_number not in self._edit_turns[session]:
                self._edit_turns[session].append(turn_number)

    def _book(self, request: RequestTruth, *, is_looped: bool) -> None:
        cost = cost_of(request)
        row = self.by_session.setdefault(request.session_id, defaultdict(float))
        if is_looped or request.status is not CallStatus.OK:
            row["not_landed"] += cost
            return
        shares = self.turn_shares(request.session_id, request.turn)
        whole = sum(shares.values())
        for bucket, weight in shares.items():
            row[bucket] += cost * weight / whole

    def turn_shares(self, session: str, turn: int) -> Mapping[str, float]:
        """Weights of a turn: its own, else the next edit turn's, else the last one's before it."""
        turns = self._edit_turns.get(session, [])
        later = [one for one in turns if one >= turn]
        if not turns:
            return {"neutral": 1.0}
        return self._weights[session, later[0] if later else turns[-1]]
