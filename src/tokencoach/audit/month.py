"""The audit of a period: where the spend of its requests ended."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING

from tokencoach.attribution.verdict import ALGORITHM
from tokencoach.audit import fold
from tokencoach.audit.allocate import NO_JOULES, Ledger, allocate_turns
from tokencoach.audit.energy import energy_spent
from tokencoach.audit.features import read_features
from tokencoach.audit.human import human_minutes
from tokencoach.audit.judgement import judge_sessions
from tokencoach.audit.project_names import project_names
from tokencoach.audit.report import PeriodAudit, ProjectAudit
from tokencoach.audit.score import score
from tokencoach.audit.word import ruled
from tokencoach.store.audit_rows import repo_rows, requests_between, requests_of
from tokencoach.store.checks.understood_rows import understood_lines
from tokencoach.store.power.rows import request_joules
from tokencoach.store.usage_rows import months_with_requests, unlogged_tokens
from tokencoach.store.word_rows import words_until
from tokencoach.usage.words import Bucket, Phase

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from zoneinfo import ZoneInfo

    from tokencoach.audit.features import FeatureReading
    from tokencoach.audit.judgement import SessionJudgement
    from tokencoach.audit.period import Period
    from tokencoach.store.audit_rows import RepoRow, RequestRow
    from tokencoach.store.reader import Reader
    from tokencoach.store.word_rows import Word


class Allocated:
    """Every session of a period with its judgement and its spend in the period, turn by turn."""

    def __init__(
        self,
        reader: Reader,
        period: Period,
        as_of_ms: int,
        requests: Iterable[RequestRow],
        repo: str | None = None,
        machine: Mapping[int, SessionJudgement] | None = None,
    ) -> None:
        self.reader = reader
        self.repo = repo
        self.period = period
        self.as_of_ms = as_of_ms
        self.repos: dict[int, RepoRow] = repo_rows(reader.connection)
        rows: dict[int, list[RequestRow]] = defaultdict(list)
        for row in requests:
            rows[row.session].append(row)
        known = {session: machine[session] for session in rows if session in machine} if machine else {}
        unknown = [session for session in rows if session not in known]
        self.machine: dict[int, SessionJudgement] = known | judge_sessions(reader, unknown, as_of_ms)
        self.words: dict[int, list[Word]] = words_until(reader.connection, as_of_ms)
        self.judged: dict[int, SessionJudgement] = {
            session: ruled(said, self.words[session]) if session in self.words else said
            for session, said in self.machine.items()
        }
        if repo is not None:
            rows = defaultdict(
                list, {key: value for key, value in rows.items() if self.is_in(self.judged[key], repo)}
            )
        self._rows = rows
        instants = [row.at_ms for group in rows.values() for row in (group[0], group[-1])]
        self._joules = (
            request_joules(reader.connection, min(instants), max(instants)) if instants else NO_JOULES
        )
        self.turns = {
            session: allocate_turns(group, self.judged[session], reader.rates(), period.tz, self._joules)
            for session, group in rows.items()
        }

    @classmethod
    def of_period(cls, reader: Reader, period: Period, as_of_ms: int, repo: str | None = None) -> Allocated:
        """Every session with a request in the period that existed at ``as_of_ms``."""
        until = min(period.until_ms, as_of_ms)
        return cls(
            reader, period, as_of_ms, requests_between(reader.connection, period.since_ms, until), repo
        )

    @classmethod
    def of_sessions(cls, reader: Reader, sessions: Sequence[int], period: Period, as_of_ms: int) -> Allocated:
        """Some sessions with all their requests up to ``as_of_ms``."""
        rows = (row for row in requests_of(reader.connection, sessions) if row.at_ms <= as_of_ms)
        return cls(reader, period, as_of_ms, rows)

    def widened(self, sessions: Collection[int]) -> Allocated:
        """Some sessions with all their requests; those that were judged are not judged again."""
        rows = requests_of(self.reader.connection, sorted(sessions))
        existing = (row for row in rows if row.at_ms <= self.as_of_ms)
        return Allocated(self.reader, self.period, self.as_of_ms, existing, machine=self.machine)

    def is_in(self, session: SessionJudgement, repo: str) -> bool:
        """Whether a session worked in the repository at a path."""
        return self.project(session) == repo

    def project(self, session: SessionJudgement) -> str:
        """The repository that a session worked in, else its folder, else nothing known."""
        facts = session.facts
        if facts.repo_id is not None and facts.repo_id in self.repos:
            return self.repos[facts.repo_id].path
        return facts.folder or ""

    def ledger(self, session: int) -> Ledger:
        """A session's spend in the period."""
        return _sum(self.turns[session])

    @cached_property
    def features(self) -> FeatureReading:
        """What landed in the period, read once."""
        return read_features(self)

    @cached_property
    def whole(self) -> Ledger:
        """All spend of the period."""
        return _sum_of(self.ledger(session) for session in self.turns)

    def machine_turns(self, session: int) -> dict[int | None, Ledger]:
        """A session's spend turn by turn as it would be without the person's word."""
        if session not in self.words:
            return self.turns[session]
        rates, zone = self.reader.rates(), self.period.tz
        return allocate_turns(self._rows[session], self.machine[session], rates, zone, self._joules)

    def machine_ledger(self, session: int) -> Ledger:
        """A session's spend in the period as it would be without the person's word."""
        return _sum(self.machine_turns(session))


def _sum(turns: Mapping[int | None, Ledger]) -> Ledger:
    return _sum_of(turns.values())


def _sum_of(ledgers: Iterable[Ledger]) -> Ledger:
    whole = Ledger()
    for ledger in ledgers:
        whole.add(ledger)
    return whole


def audit_period(reader: Reader, period: Period, *, as_of_ms: int) -> PeriodAudit:
    """Audit a period with what existed at ``as_of_ms``."""
    return audit_of(Allocated.of_period(reader, period, as_of_ms))


def audit_of(found: Allocated) -> PeriodAudit:
    """Audit the sessions that were read for a period."""
    reader, period, as_of_ms = found.reader, found.period, found.as_of_ms
    whole, machine = found.whole, Ledger()
    projects: dict[str, Ledger] = defaultdict(Ledger)
    members: dict[str, list[int]] = defaultdict(list)
    for session in found.turns:
        ledger = found.ledger(session)
        name = found.project(found.judged[session])
        machine.add(found.machine_ledger(session))
        projects[name].add(ledger)
        members[name].append(session)
    measure = fold.share_of(whole)
    spent = fold.buckets(whole, measure)
    until = min(period.until_ms, as_of_ms + 1)
    energy = energy_spent(reader.connection, (period.since_ms, until), whole, with_unknown=found.repo is None)
    every = [edit for session in found.turns for edit in found.judged[session].edits()]
    minutes = human_minutes(reader.connection, list(found.turns), period.since_ms, until)
    unlogged = unlogged_tokens(reader.connection, list(found.turns))
    spending = fold.spend(whole, unlogged, minutes, energy)
    reading = found.features
    known = fold.known_share(spent)
    reviewed = fold.Reviewed(reading.reviewed_commits, understood_lines(reader.connection, as_of_ms))
    return PeriodAudit(
        label=period.label,
        month=period.month,
        since=period.first.isoformat(),
        until=period.last.isoformat(),
        timezone=period.tz.key,
        as_of_ms=as_of_ms,
        algorithm=ALGORITHM,
        is_closed=False,
        known_share=known,
        share_of=measure,
        spend=spending,
        buckets=spent,
        waste=fold.waste(whole),
        lines=fold.count_lines(every, period.since_ms, period.until_ms, reviewed),
        projects=_projects(found, projects, members, measure, reviewed),
        unknown=fold.unknown(whole),
        provisional_share=_provisional(found),
        overrules=sum(len(found.words[session]) for session in found.turns if session in found.words),
        machine=fold.buckets(machine, measure),
        features=reading.figures,
        score=score(reading, spending, known),
    )


def _projects(
    found: Allocated,
    ledgers: dict[str, Ledger],
    members: dict[str, list[int]],
    measure: str,
    reviewed: fold.Reviewed,
) -> tuple[ProjectAudit, ...]:
    rows, names = [], project_names(ledgers)
    for name, ledger in ledgers.items():
        sessions = [found.judged[session] for session in members[name]]
        edits = [edit for session in sessions for edit in session.edits()]
        rows.append(
            ProjectAudit(
                repo=name,
                name=names[name],
                phase=_phase(found, sessions),
                tokens=ledger.total.tokens,
                cost_nano=ledger.total.cost_nano,
                buckets=fold.buckets(ledger, measure),
                waste=fold.waste(ledger),
                lines=fold.count_lines(edits, found.period.since_ms, found.period.until_ms, reviewed),
            )
        )
    rows.sort(key=lambda row: (-row.cost_nano, -row.tokens, row.repo))
    return tuple(rows)


def _phase(found: Allocated, sessions: list[SessionJudgement]) -> Phase:
    """A project's phase: its repository's own word, else what most of its sessions are."""
    for session in sessions:
        repo = found.repos.get(session.facts.repo_id) if session.facts.repo_id is not None else None
        if repo is not None and repo.phase:
            return Phase(repo.phase)
    phases = [session.phase for session in sessions]
    return max(Phase, key=phases.count)


def _provisional(found: Allocated) -> float:
    """Share of the shipped lines that landed less than 14 days before the as-of instant."""
    young = shipped = 0
    for session in found.turns:
        for edit in found.judged[session].edits():
            for line in edit.lines:
                verdict = line.machine or line.verdict
                if line.weight and verdict.bucket is Bucket.SHIPPED:
                    shipped += 1
                    young += verdict.is_provisional
    return young / shipped if shipped else 0.0


def months(reader: Reader, tz: ZoneInfo) -> list[str]:
    """Months with requests, oldest first, as ``yyyy-mm``."""
    return months_with_requests(reader.connection, tz)
