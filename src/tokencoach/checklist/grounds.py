"""What items are judged on: a month and the one before it, findings, commits, words; each read once."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from tokencoach.attribution.lines import is_significant
from tokencoach.audit.judgement import is_present
from tokencoach.audit.period import month_period
from tokencoach.audit.phase import said_phase
from tokencoach.checklist.item import State
from tokencoach.coach.material import Material
from tokencoach.coach.registry import DETECTORS
from tokencoach.store.audit_rows import phase_tags, repo_rows
from tokencoach.store.checks.debt_rows import commits_seen_by_others
from tokencoach.store.checks.understood_rows import understood_lines
from tokencoach.store.item_rows import item_months
from tokencoach.store.landed_rows import landed_lines
from tokencoach.store.mark_rows import marks
from tokencoach.store.power.local_models import local_models
from tokencoach.store.repo_rows import KnownRepo, known_repos
from tokencoach.store.tick_rows import TICK, standing_ticks
from tokencoach.usage.words import Phase

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tokencoach.audit.features import FeatureReading
    from tokencoach.audit.period import Period
    from tokencoach.coach.finding import Finding, Quiet, Threshold
    from tokencoach.settings import Settings
    from tokencoach.sources.base import LogsHome
    from tokencoach.store.item_rows import ItemMonth
    from tokencoach.store.landed_rows import LandedLine
    from tokencoach.store.reader import Reader
    from tokencoach.store.tick_rows import TickRow


class Place(NamedTuple):
    """Where this computer's own facts are: the database, and the home whose assistants are looked at."""

    database: Path
    home: LogsHome


@dataclass(frozen=True, slots=True)
class LandedCommit:
    """A commit with generated lines, of those that count. ``understood`` of its lines were asked about rightly.

    ``session`` is the one that wrote its last line.
    """

    commit_id: int
    repo: KnownRepo
    sha: str
    at_ms: int
    subject: str
    lines: int
    understood: int
    session: int
    session_id: str
    phase: Phase


class Grounds:
    """A month as the items see it, with what existed at an instant."""

    def __init__(
        self, reader: Reader, period: Period, as_of_ms: int, settings: Settings, place: Place | None = None
    ) -> None:
        self.reader = reader
        self.period = period
        self.as_of_ms = as_of_ms
        self.settings = settings
        self._place = place

    @property
    def month(self) -> str:
        """The month, ``YYYY-MM``."""
        return self.period.month or ""

    @property
    def place(self) -> Place | None:
        """This computer, where the instant is now: how it was set up in the past is not known."""
        return self._place if is_present(self.as_of_ms) else None

    @cached_property
    def last_period(self) -> Period:
        """The month before."""
        day = self.period.first - timedelta(days=1)
        return month_period(day.isoformat()[:7], self.period.tz)

    @cached_property
    def material(self) -> Material:
        """The month's sessions."""
        return Material.of_period(self.reader, self.period, self.as_of_ms, self.settings)

    @cached_property
    def last(self) -> Material:
        """The sessions of the month before, judged as of the same instant."""
        return Material.of_period(self.reader, self.last_period, self.as_of_ms, self.settings)

    @cached_property
    def features(self) -> FeatureReading:
        """What landed in the month."""
        return self.material.found.features

    @cached_property
    def last_features(self) -> FeatureReading:
        """What landed in the month before."""
        return self.last.found.features

    @cached_property
    def seen_by_others(self) -> set[int]:
        """Rows of commits that a trailer, a merge or the forge says another person looked at."""
        return commits_seen_by_others(self.reader.connection, self.as_of_ms)

    def limit(self, threshold: Threshold) -> float:
        """The person's own number as of the instant, else the one we start with."""
        return self.material.limit(threshold)

    @cached_property
    def _found(self) -> dict[str, Finding | Quiet]:
        return {}

    def ask(self, detector: str) -> Finding | Quiet | None:
        """What a detector says of the month; None where this version has none of that name."""
        if detector not in self._found:
            known = next((one for one in DETECTORS if one.id == detector), None)
            if known is None:
                return None
            self._found[detector] = known.find(self.material)
        return self._found[detector]

    @cached_property
    def ticks(self) -> Mapping[tuple[str, str], TickRow]:
        """The person's words that stand at the instant."""
        return standing_ticks(self.reader.connection, self.as_of_ms)

    def word(self, item: str) -> TickRow | None:
        """The person's tick of an item or of something in it."""
        return self.ticks.get((item, TICK))

    @cached_property
    def kept(self) -> tuple[ItemMonth, ...]:
        """How items stood in months that are over, as they were seen; a damaged row was not seen."""
        rows = item_months(self.reader.connection, self.period.tz.key)
        return tuple(row for row in rows if row.state in _STATES)

    def before(self, item: str, months: int) -> list[float]:
        """Values of an item in up to so many months before this one, the newest last."""
        values = [
            row.value
            for row in self.kept
            if row.item == item and row.month < self.month and row.value is not None
        ]
        return values[-months:]

    @cached_property
    def repos(self) -> dict[int, KnownRepo]:
        """Every repository that logs name, by its row."""
        return {repo.repo_id: repo for repo in known_repos(self.reader.connection)}

    @cached_property
    def marks(self) -> dict[str, dict[str, int]]:
        """What the person marked repositories as, by their roots."""
        return marks(self.reader.connection)

    @cached_property
    def local_models(self) -> set[int]:
        """Rows of the models that ran on this computer."""
        return local_models(self.reader.connection)

    @cached_property
    def said_phases(self) -> dict[int, Phase]:
        """The phase of each repository of which somebody said one."""
        connection = self.reader.connection
        tags = phase_tags(connection)
        said = {row.repo_id: said_phase(row, tags) for row in repo_rows(connection).values()}
        return {repo: phase for repo, phase in said.items() if phase is not None}

    def phase(self, repo_id: int) -> Phase:
        """The phase of a repository as a whole; production where nobody said one."""
        return self.said_phases.get(repo_id, Phase.PRODUCTION)

    @cached_property
    def active_repos(self) -> list[KnownRepo]:
        """Repositories in which sessions of the month worked, the busiest first."""
        spent: defaultdict[int, int] = defaultdict(int)
        for trace in self.material.traces:
            if trace.facts.repo_id is not None:
                spent[trace.facts.repo_id] += trace.ledger.total.tokens
        return [
            self.repos[repo] for repo in sorted(spent, key=lambda repo: -spent[repo]) if repo in self.repos
        ]

    @cached_property
    def commits(self) -> tuple[LandedCommit, ...]:
        """Commits of the month with generated lines that count, the earliest first."""
        until = min(self.period.until_ms, self.as_of_ms + 1)
        understood = understood_lines(self.reader.connection, self.as_of_ms)
        lines: dict[int, list[LandedLine]] = defaultdict(list)
        for line in landed_lines(self.reader.connection, self.period.since_ms, until):
            if is_significant(line.key) and line.repo_id in self.repos:
                lines[line.commit_id].append(line)
        return tuple(
            LandedCommit(
                commit_id=commit,
                repo=self.repos[some[0].repo_id],
                sha=some[0].sha,
                at_ms=some[0].at_ms,
                subject=some[0].subject,
                lines=len(some),
                understood=sum(line.key in understood.get((line.repo_id, line.path), ()) for line in some),
                session=some[-1].session,
                session_id=some[-1].session_id,
                phase=self.phase(some[0].repo_id),
            )
            for commit, some in lines.items()
        )

    @cached_property
    def weighty(self) -> tuple[LandedCommit, ...]:
        """Landed commits with enough generated lines to speak of."""
        return tuple(commit for commit in self.commits if commit.lines >= WEIGHTY_LINES)

    @cached_property
    def production(self) -> tuple[LandedCommit, ...]:
        """Weighty commits in repositories whose phase is production."""
        return tuple(commit for commit in self.weighty if commit.phase is Phase.PRODUCTION)


_STATES = frozenset(State)
WEIGHTY_LINES = 10
"""Significant generated lines from which a commit counts: below it chance matches weigh too much."""
