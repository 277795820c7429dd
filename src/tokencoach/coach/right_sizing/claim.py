"""A claim about sizes, tested on the person's own tasks, kind by kind."""

from __future__ import annotations

from collections import Counter
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.audit.numbers import percent, signed_percent
from tokencoach.coach.interval import Interval, difference
from tokencoach.coach.right_sizing.smaller import STEP
from tokencoach.coach.right_sizing.survival import LEAST_TASKS, Survival, survival_of
from tokencoach.coach.tasks import Task, TaskKind
from tokencoach.usage.prices import cost_nano, rate_at
from tokencoach.usage.tokens import TokenCounts

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tokencoach.coach.material import Material

MARGIN: Final = 0.10
"""So much less survival still counts as well: one line in ten, which one would hardly notice."""


class Verdict(StrEnum):
    """What the person's own work says of a claim."""

    SUPPORTED = "supported"
    CONTRADICTED = "contradicted"
    NOT_ENOUGH = "not enough data"


class KindTest(NamedTuple):
    """Small against large within one kind of task; ``difference`` is small less large."""

    kind: TaskKind
    small: Survival
    large: Survival
    difference: Interval | None
    verdict: Verdict
    why: str


class Claim(NamedTuple):
    """``small`` says what counts as small. The verdict is that of the kinds with most tasks."""

    name: str
    small: str
    verdict: Verdict
    why: str
    kinds: tuple[KindTest, ...]


class Cheaper(NamedTuple):
    """The person's models that cost at most ``step`` of the dearest that does real work; and all with a price."""

    dearest: str | None
    names: frozenset[str]
    priced: frozenset[str]
    step: float = STEP


def cheaper_models(material: Material, tasks: Sequence[Task]) -> Cheaper:
    """Which models are small, by what each would charge for all of these tasks' tokens, at the last one's time.

    The dearest is one with enough tasks to compare with, where there is such a one.
    """
    rows = {spent.step.model: spent.step.model_id for task in tasks for spent in task.requests}
    counts = TokenCounts()
    for task in tasks:
        for spent in task.requests:
            counts = counts.plus(spent.counts)
    at_ms = max((task.at_ms for task in tasks), default=0)
    requests = max(1, sum(len(task.requests) for task in tasks))
    typical = TokenCounts(*(count // requests for count in counts))
    prices = {}
    for model, row in rows.items():
        rate = rate_at(material.reader.rates().get(row, ()), at_ms)
        if rate is not None:
            prices[model] = cost_nano(rate, typical)
    used = Counter(task.model for task in tasks)
    known = [model for model in prices if used[model] >= LEAST_TASKS] or list(prices)
    if not known:
        return Cheaper(None, frozenset(), frozenset())
    dearest = max(known, key=lambda model: (prices[model], model))
    names = frozenset(model for model, price in prices.items() if price <= STEP * prices[dearest])
    return Cheaper(dearest, names, frozenset(prices))


def claim_of(
    name: str, small: str, tasks: Sequence[Task], is_small: Callable[[Task], bool], as_of_ms: int
) -> Claim:
    """Test "small does as well for most tasks": at most ``MARGIN`` less survival, in kinds with most tasks."""
    tests = tuple(
        _test([task for task in tasks if task.kind is kind], is_small, kind, as_of_ms)
        for kind in TaskKind
        if kind is not TaskKind.QUESTION
    )
    weights: Counter[Verdict] = Counter()
    for test in tests:
        weights[test.verdict] += test.small.tasks + test.large.tasks
    whole = sum(weights.values())
    for verdict in (Verdict.SUPPORTED, Verdict.CONTRADICTED):
        if 2 * weights[verdict] > whole > 0:
            return Claim(
                name, small, verdict, f"{weights[verdict]} of {whole} tasks are of such kinds", tests
            )
    if not whole:
        return Claim(name, small, Verdict.NOT_ENOUGH, "no editing task whose lines have a known end", tests)
    told = weights[Verdict.SUPPORTED] + weights[Verdict.CONTRADICTED]
    why = f"{told} of {whole} tasks are of kinds that tell; it takes more than half"
    return Claim(name, small, Verdict.NOT_ENOUGH, why, tests)


def _test(tasks: Sequence[Task], is_small: Callable[[Task], bool], kind: TaskKind, as_of_ms: int) -> KindTest:
    small = survival_of((task for task in tasks if is_small(task)), as_of_ms)
    large = survival_of((task for task in tasks if not is_small(task)), as_of_ms)
    if small.survived is None or large.survived is None:
        why = (
            f"{small.tasks} small and {large.tasks} large tasks of known end; it takes {LEAST_TASKS} of each"
        )
        return KindTest(kind, small, large, None, Verdict.NOT_ENOUGH, why)
    gap = difference(small.survived, large.survived)
    return KindTest(kind, small, large, gap, *_judged(gap))


def _judged(gap: Interval) -> tuple[Verdict, str]:
    if gap.low >= -MARGIN:
        worst = (
            f"at most {percent(-gap.low)} fewer lines survive" if gap.low < 0 else "no fewer lines survive"
        )
        return Verdict.SUPPORTED, worst
    if gap.high < 0 and gap.value <= -MARGIN:
        return Verdict.CONTRADICTED, f"at least {percent(-gap.high)} fewer lines survive"
    return (
        Verdict.NOT_ENOUGH,
        f"the difference may be anything from {signed_percent(gap.low)} to {signed_percent(gap.high)}",
    )
