"""What landed in each piece of work: its lines, its spend, and the sessions behind it."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tokencoach.attribution.path_kinds import PathKind
from tokencoach.audit.allocate import Amount

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tokencoach.audit.session_landing import CommitLanding, SessionLanding


@dataclass(slots=True)
class WorkLines:
    """Significant lines that landed in a work, with all that they took in whatever month."""

    added: int = 0
    removed: int = 0
    shipped: int = 0
    alive: int = 0
    spent: Amount = field(default_factory=Amount)
    direct_tokens: int = 0
    paths: Counter[PathKind] = field(default_factory=Counter)
    sessions: set[int] = field(default_factory=set)
    edits_ms: defaultdict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    """When lines of a commit were edited, by the commit's row."""

    @property
    def is_shipped(self) -> bool:
        """Whether at least half of it is there still, or lived 14 days."""
        return bool(self.added + self.removed) and self.shipped * 2 >= self.added + self.removed

    def add(self, session: int, landed: CommitLanding) -> None:
        """Take in what a session brought to one of the commits."""
        self.spent.add(Amount(landed.tokens, landed.cost_nano, landed.weighted, landed.energy_uj))
        self.direct_tokens += landed.direct_tokens
        self.sessions.add(session)
        self.added += landed.added
        self.removed += landed.removed
        self.shipped += landed.shipped
        self.alive += landed.alive
        for kind in PathKind:
            self.paths[kind] += getattr(landed, kind)
        self.edits_ms[landed.commit_id] += landed.edits_ms


def lines_of_works(
    landings: Mapping[int, SessionLanding], of_commit: Mapping[int, int]
) -> dict[int, WorkLines]:
    """What landed in all works that the sessions' lines landed in, by the work's number."""
    works: defaultdict[int, WorkLines] = defaultdict(WorkLines)
    for session, landing in landings.items():
        for landed in landing.commits:
            number = of_commit.get(landed.commit_id)
            if number is not None and landed.added + landed.removed:
                works[number].add(session, landed)
    return works
