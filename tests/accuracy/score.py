"""How much of the cost the program puts where it belongs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from accuracy.expected import Shares

BUCKETS = ("shipped", "reworked", "not_landed", "pending", "neutral", "unknown")
SUMS = ("cost", "said", "wrong", "said_shipped", "true_shipped", "both_shipped", "unknown")


@dataclass(frozen=True, slots=True)
class Miss:
    """A session with a part of its cost in the wrong bucket."""

    session_id: str
    cost: float
    share: float
    expected: Shares
    said: Shares


@dataclass(slots=True)
class Score:
    """Sums over sessions, in dollars."""

    cost: float = 0.0
    said: float = 0.0
    wrong: float = 0.0
    said_shipped: float = 0.0
    true_shipped: float = 0.0
    both_shipped: float = 0.0
    unknown: float = 0.0
    misses: list[Miss] = field(default_factory=list)

    def add(self, session_id: str, expected: Shares, said: Shares) -> None:
        """Book a session: dollars by bucket as they are and as they were said to be."""
        cost = sum(expected.values())
        wrong = 0.5 * sum(abs(said.get(name, 0.0) - expected.get(name, 0.0)) for name in BUCKETS)
        self.cost += cost
        self.said += sum(said.values())
        self.wrong += wrong
        ours, theirs = said.get("shipped", 0.0), expected.get("shipped", 0.0)
        self.said_shipped += ours
        self.true_shipped += theirs
        self.both_shipped += min(ours, theirs)
        self.unknown += said.get("unknown", 0.0)
        if wrong > 0.005 * cost:
            self.misses.append(Miss(session_id, cost, wrong / cost, dict(expected), dict(said)))

    def merge(self, other: Score) -> None:
        """Add another history's sums."""
        for name in SUMS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.misses += other.misses

    @property
    def right(self) -> float:
        """The share of the cost in the right bucket."""
        return 1 - self.wrong / self.cost if self.cost else 1.0

    @property
    def precision(self) -> float:
        """Of what is said to be shipped, the share that is."""
        return self.both_shipped / self.said_shipped if self.said_shipped else 1.0

    @property
    def recall(self) -> float:
        """Of what shipped, the share that is said to be."""
        return self.both_shipped / self.true_shipped if self.true_shipped else 1.0

    @property
    def unknown_share(self) -> float:
        """The share of the cost that is called unknown."""
        return self.unknown / self.cost if self.cost else 0.0


def said_of(row: dict[str, Any]) -> Shares:
    """A session's dollars by bucket, as the program prints them."""
    return {entry["bucket"]: entry["cost_usd"] for entry in row["buckets"]}
