"""What detectors look at: the sessions of a period, step by step, each with what became of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

from tokencoach.audit.allocate import Ledger
from tokencoach.audit.judgement import SessionJudgement
from tokencoach.audit.month import Allocated
from tokencoach.coach.answers import Answer, answers
from tokencoach.coach.finding import Rate
from tokencoach.coach.landed import LandedCommit, landed_commits
from tokencoach.coach.tasks import Task, tasks_of
from tokencoach.store.threshold_rows import set_thresholds
from tokencoach.store.trace_rows import (
    CallStep,
    ChangeStep,
    CompactionStep,
    ErrorStep,
    PromptStep,
    RequestStep,
    call_steps,
    change_steps,
    compaction_steps,
    error_steps,
    inherited_steps,
    prompt_steps,
    request_steps,
)
from tokencoach.usage.prices import Tier, cost_nano, rate_at, tier_of
from tokencoach.usage.tokens import TokenCounts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tokencoach.audit.judgement import JudgedEdit
    from tokencoach.audit.period import Period
    from tokencoach.coach.finding import Threshold
    from tokencoach.settings import Settings
    from tokencoach.sources.base import LogsHome
    from tokencoach.store.audit_rows import SessionFacts
    from tokencoach.store.reader import Reader
    from tokencoach.store.rollup import RatesById
    from tokencoach.usage.words import Phase

Step = TypeVar("Step", RequestStep, CallStep, ChangeStep, PromptStep, ErrorStep, CompactionStep)


_RELATIVE: Final = Tier(0, 20, 2, 25, 40, 100)
"""Billing classes relative to each other, where a model has no price."""


class Spent(NamedTuple):
    """A request with its price. ``cost_nano`` and ``tier`` are None where its model has none."""

    step: RequestStep
    counts: TokenCounts
    cost_nano: int | None
    tier: Tier | None = None

    @property
    def context(self) -> int:
        """Tokens that the model was sent."""
        return self.counts.total - self.counts.output

    @property
    def fill(self) -> float | None:
        """The part of the model's window that the prompt took; None where the window is unknown."""
        return self.context / self.step.window if self.step.window else None

    @property
    def rates(self) -> Tier:
        """What its classes cost: in pico-dollars a token, else relative to each other."""
        return self.tier if self.tier is not None and any(self.tier[1:]) else _RELATIVE

    @property
    def write_price(self) -> float:
        """What a token that it wrote to the cache costs, in ``rates``; where it wrote none, one that was sent plainly."""
        counts, rates = self.counts, self.rates
        written = counts.cache_write_5m + counts.cache_write_1h
        if not written:
            return rates.input
        price = counts.cache_write_5m * rates.cache_write_5m + counts.cache_write_1h * rates.cache_write_1h
        return price / written

    def leading(self, tokens: float) -> float:
        """What the first tokens of its prompt cost, in ``rates``: read from the cache first, then written, then sent."""
        counts, rates = self.counts, self.rates
        price = 0.0
        classes = (
            (counts.cache_read, rates.cache_read),
            (counts.cache_write_1h, rates.cache_write_1h),
            (counts.cache_write_5m, rates.cache_write_5m),
            (counts.input, rates.input),
        )
        for held, rate in classes:
            taken = min(tokens, held)
            price += taken * rate
            tokens -= taken
        return price

    def part(self, weight: float) -> float:
        """The part of the request that some of its tokens are, each weighed by its price in ``rates``."""
        whole = sum(count * price for count, price in zip(self.counts[:5], self.rates[1:], strict=True))
        return min(1.0, max(0.0, weight / whole)) if whole else 0.0


@dataclass(frozen=True, slots=True)
class Trace:
    """One session with its requests of the period, and all that happened in it in that span, in time order.

    ``inherited`` is the last request of the conversation that it goes on with, where that is another
    session's: a fork, or one that was resumed under a new name. ``read_on`` says of such a request, by its
    row, how many tokens of its cache the session after it found.
    """

    judged: SessionJudgement
    project: str
    ledger: Ledger
    requests: tuple[Spent, ...]
    calls: tuple[CallStep, ...]
    changes: tuple[ChangeStep, ...]
    prompts: tuple[PromptStep, ...]
    errors: tuple[ErrorStep, ...]
    compactions: tuple[CompactionStep, ...]
    inherited: Spent | None = None
    read_on: Mapping[int, int] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def facts(self) -> SessionFacts:
        """The session and where it worked."""
        return self.judged.facts

    @property
    def phase(self) -> Phase:
        """How finished its work is meant to be."""
        return self.judged.phase

    @property
    def main(self) -> tuple[Spent, ...]:
        """Requests of the main thread, without those of sub-agents."""
        return tuple(spent for spent in self.requests if spent.step.agent is None)

    def edits(self) -> list[JudgedEdit]:
        """Its successful edits with the verdict of every line, in time order."""
        return sorted(self.judged.edits(), key=lambda item: (item.edit.at_ms, item.edit.edit_id))

    def written(self) -> defaultdict[str, list[int]]:
        """By file, the instants at which it was changed, in time order; nothing for a file that never was."""
        found: defaultdict[str, list[int]] = defaultdict(list)
        for change in self.changes:
            found[change.path].append(change.at_ms)
        return found


class Material:
    """A period as the detectors see it. Everything is read once, on first use.

    ``home`` is where assistants keep their settings; None where nothing but the database is looked at.
    """

    def __init__(self, found: Allocated, settings: Settings, home: LogsHome | None = None) -> None:
        self.found = found
        self.settings = settings
        self.home = home

    @classmethod
    def of_period(
        cls,
        reader: Reader,
        period: Period,
        as_of_ms: int,
        settings: Settings,
        repo: str | None = None,
        home: LogsHome | None = None,
    ) -> Material:
        """Every session with a request in the period; ``repo`` narrows it to one project."""
        return cls(Allocated.of_period(reader, period, as_of_ms, repo), settings, home)

    @classmethod
    def of_sessions(
        cls, reader: Reader, sessions: Sequence[int], period: Period, as_of_ms: int, settings: Settings
    ) -> Material:
        """Some sessions only, with all their requests: what runs now."""
        return cls(Allocated.of_sessions(reader, sessions, period, as_of_ms), settings)

    @property
    def reader(self) -> Reader:
        """Where it was read."""
        return self.found.reader

    @property
    def period(self) -> Period:
        """The days it covers."""
        return self.found.period

    @property
    def as_of_ms(self) -> int:
        """The instant as of which everything is judged."""
        return self.found.as_of_ms

    @cached_property
    def traces(self) -> tuple[Trace, ...]:
        """Every session, the earliest first."""
        connection, rates = self.reader.connection, self.reader.rates()
        sessions = sorted(self.found.turns, key=lambda row: self.found.judged[row].facts.first_ms)
        span = (self.period.since_ms, min(self.period.until_ms, self.as_of_ms + 1))
        requests = _by_session(request_steps(connection, sessions, *span))
        calls = _by_session(call_steps(connection, sessions, *span))
        changes = _by_session(change_steps(connection, sessions, *span))
        prompts = _by_session(prompt_steps(connection, sessions, *span))
        errors = _by_session(error_steps(connection, sessions, *span))
        compactions = _by_session(compaction_steps(connection, sessions, *span))
        inherited, read_on = _inherited(inherited_steps(connection, sessions), requests)
        return tuple(
            Trace(
                judged=self.found.judged[row],
                project=self.found.project(self.found.judged[row]),
                ledger=self.found.ledger(row),
                requests=tuple(priced(step, rates) for step in requests[row]),
                calls=tuple(calls[row]),
                changes=tuple(changes[row]),
                prompts=tuple(prompts[row]),
                errors=tuple(errors[row]),
                compactions=tuple(compactions[row]),
                inherited=priced(inherited[row], rates) if row in inherited else None,
                read_on=read_on,
            )
            for row in sessions
        )

    @cached_property
    def by_session(self) -> dict[int, Trace]:
        """The sessions of the period by their rows."""
        return {trace.facts.session: trace for trace in self.traces}

    @cached_property
    def tasks(self) -> tuple[Task, ...]:
        """Every task, the earliest first."""
        return tuple(tasks_of(self))

    @cached_property
    def answers(self) -> dict[int, list[Answer]]:
        """By session, what its calls were answered, with what that weighs in the prompts after it."""
        return {trace.facts.session: answers(trace) for trace in self.traces}

    @cached_property
    def landed(self) -> tuple[LandedCommit, ...]:
        """Every commit with lines of code of these sessions, the earliest first."""
        return tuple(landed_commits(self))

    @property
    def total(self) -> Ledger:
        """All spend of the period."""
        return self.found.whole

    @cached_property
    def _by_request(self) -> dict[int, Spent]:
        return {spent.step.request_id: spent for trace in self.traces for spent in trace.requests}

    @cached_property
    def _first_of_turn(self) -> dict[int | None, Spent]:
        found: dict[int | None, Spent] = {}
        for trace in self.traces:
            for spent in trace.main:
                found.setdefault(spent.step.turn, spent)
        return found

    def first_request(self, turn: int) -> Spent | None:
        """The first request of a turn's main thread, where the period has it."""
        return self._first_of_turn.get(turn)

    def session_id(self, session: int) -> str | None:
        """The log's own name of a session of the period."""
        judged = self.found.judged.get(session)
        return None if judged is None else judged.facts.session_id

    @cached_property
    def _limits(self) -> dict[str, float]:
        return set_thresholds(self.reader.connection, self.as_of_ms)

    def limit(self, threshold: Threshold) -> float:
        """The person's own number, else the one we start with."""
        return self._limits.get(threshold.name, threshold.value)

    def cost(self, parts: Mapping[int, float]) -> tuple[int, int]:
        """Nano-dollars and tokens that parts of requests come to; a request without a price costs tokens only."""
        nano = tokens = 0.0
        for request, part in parts.items():
            spent = self._by_request[request]
            nano += part * (spent.cost_nano or 0)
            tokens += part * spent.counts.total
        return round(nano), round(tokens)

    def share_of_spend(self, nano: int, tokens: int) -> Rate:
        """What a habit took of all that was spent; of tokens where nothing has a price."""
        whole = self.total.total
        priced = Rate(nano / 1e9, whole.cost_nano / 1e9, "dollars")
        return priced if whole.cost_nano else Rate(tokens, whole.tokens, "tokens")


def _by_session(steps: Iterable[Step]) -> defaultdict[int, list[Step]]:
    found: defaultdict[int, list[Step]] = defaultdict(list)
    for step in steps:
        found[step.session].append(step)
    return found


def _inherited(
    known: Mapping[int, tuple[int, RequestStep]], requests: Mapping[int, list[RequestStep]]
) -> tuple[dict[int, RequestStep], dict[int, int]]:
    """By session the request that it goes on from, and by request what was read of its cache."""
    begun: dict[int, RequestStep] = {}
    read: dict[int, int] = {}
    for session, (own_ms, step) in known.items():
        first = next((one for one in requests.get(session, ()) if one.agent is None), None)
        # Much less than what was there is a sub-agent's beginning, or a summary of it.
        if first is not None and first.at_ms == own_ms and 2 * _sent(first) >= _sent(step):
            begun[session] = step
            read[step.request_id] = max(first.cache_read, read.get(step.request_id, 0))
    return begun, read


def _sent(step: RequestStep) -> int:
    return step.input + step.cache_read + step.cache_write_5m + step.cache_write_1h


def priced(step: RequestStep, rates: RatesById) -> Spent:
    """A request with its price."""
    counts = TokenCounts(*step[8:14])
    rate = rate_at(rates.get(step.model_id, ()), step.at_ms)
    if rate is None:
        return Spent(step, counts, None)
    return Spent(step, counts, cost_nano(rate, counts), tier_of(rate, counts))
