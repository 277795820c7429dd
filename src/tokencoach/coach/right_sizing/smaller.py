"""What the same tokens cost one size smaller, by the price table at that instant."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.clock import day_of
from tokencoach.store.model_rows import model_uses
from tokencoach.store.rollup import get_fact
from tokencoach.usage.prices import Rate, cost_nano, look_up, rate_at
from tokencoach.usage.tiers import family, smaller_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tokencoach.coach.material import Material, Spent
    from tokencoach.usage.tokens import TokenCounts

STEP: Final = 0.7
_NEAR_MONTHS: Final = 3
_PROVIDER_OF: Final = {"anthropic": "claude-code", "openai": "codex"}


class Smaller(NamedTuple):
    """A model one size smaller. ``is_own``: the person used it around that time."""

    name: str
    rates: Sequence[Rate]
    is_own: bool


class Saving(NamedTuple):
    """What a smaller model would have saved of the price of some requests, request by request and in all."""

    parts: dict[int, float]
    nano: int
    smaller: Smaller


class SmallerModels:
    """For each model and month the next cheaper one of its family, as far as prices tell.

    It is the dearest of those that cost at most ``step`` of what the model costs: of the models that
    the person used within three months of then, else of the names a size down, where the price table
    has them. Models that cost nothing ran on this computer: they are another question.
    """

    def __init__(self, material: Material, step: float = STEP) -> None:
        self._material = material
        self._step = step
        self._found: dict[tuple[int, int], Smaller | None] = {}

    @cached_property
    def _uses(self) -> list[tuple[str, int, int, int]]:
        return [
            (use.name, use.model_id, _months(use.first_month), _months(use.last_month))
            for use in model_uses(self._material.reader.connection)
        ]

    def below(self, spent: Spent) -> Smaller | None:
        """The model one size smaller than that of a request, at its instant; None where none is known."""
        day = day_of(spent.step.at_ms, self._material.period.tz)
        key = (spent.step.model_id, day.year * 12 + day.month)
        if key not in self._found:
            self._found[key] = self._search(spent, key[1])
        return self._found[key]

    def saving(self, requests: Iterable[Spent], model: str, *, is_switched: bool) -> Saving | None:
        """What requests of a model would have saved one size smaller; None where nothing.

        ``is_switched``: the work before was done by the dear model, so the smaller one has nothing in its
        cache, and its first request writes what the dear one read.
        """
        paid = price = 0
        own: list[int] = []
        named = None
        for spent in requests:
            smaller = self.below(spent) if spent.step.model == model else None
            if smaller is None or spent.cost_nano is None:
                continue
            counts = _uncached(spent.counts) if is_switched and not own else spent.counts
            paid += spent.cost_nano
            price += self._price(smaller.rates, spent, counts) or 0
            own.append(spent.step.request_id)
            named = smaller
        if named is None or price >= paid:
            return None
        return Saving(dict.fromkeys(own, 1.0 - price / paid), paid - price, named)

    def _search(self, spent: Spent, month: int) -> Smaller | None:
        own = family(spent.step.model)
        if own is None or not spent.cost_nano:
            return None
        rates = self._material.reader.rates()
        used = [
            Smaller(name, rates.get(row, ()), is_own=True)
            for name, row, first, last in self._uses
            if family(name) == own and first - _NEAR_MONTHS <= month <= last + _NEAR_MONTHS
        ]
        return self._dearest(used, spent) or self._dearest(self._named(spent.step.model, own), spent)

    def _dearest(self, models: Iterable[Smaller], spent: Spent) -> Smaller | None:
        """The dearest that costs at most ``step`` of the request, and something."""
        most = self._step * (spent.cost_nano or 0)
        priced = [(self._price(model.rates, spent) or 0, model) for model in models]
        fitting = [(price, model) for price, model in priced if 0 < price <= most]
        return max(fitting, key=lambda item: (item[0], item[1].name))[1] if fitting else None

    def _named(self, model: str, own: str) -> list[Smaller]:
        release = (get_fact(self._material.reader.connection, "price_table") or "").partition(":")[0]
        prices, source = self._material.settings.prices, _PROVIDER_OF.get(own, "")
        return [
            Smaller(name, look_up(name, source, prices, release).rates, is_own=False)
            for name in smaller_names(model)
        ]

    def _price(self, rates: Sequence[Rate], spent: Spent, counts: TokenCounts | None = None) -> int | None:
        rate = rate_at(rates, spent.step.at_ms)
        return None if rate is None else cost_nano(rate, counts or spent.counts)


def _uncached(counts: TokenCounts) -> TokenCounts:
    """The same prompt where nothing of it is in the cache: what was read from there is written to it."""
    return counts._replace(cache_read=0, cache_write_5m=counts.cache_write_5m + counts.cache_read)


def _months(month: int) -> int:
    return month // 100 * 12 + month % 100
