"""List prices of models, resolved once per model into integer coefficients.

The table is the ``genai-prices`` package (offline); the person's settings win over it. A model
without a price is unpriced, never free. Coefficients are pico-dollars (1e-12 USD) per token, so
that every published price is an integer; money is nano-dollars, rounded half-even per request.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tokencoach.usage.model_names import FREE_SUFFIX, spellings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tokencoach.usage.tokens import TokenCounts

_PICO_PER_MILLION = Decimal(1_000_000)
KEPT: Final = "kept_prices.json"
_PROVIDERS = {"claude-code": "anthropic", "codex": "openai"}
_LONG: Final = re.compile(r"\[1m\]$", re.IGNORECASE)
_LONG_WINDOW: Final = 1_000_000
LOOKED_UP: Final = "2"
"""Which way of looking a model up its stored prices are from; another one looks them all up anew."""


class Tier(NamedTuple):
    """Coefficients that hold while the prompt has more than ``above`` tokens."""

    above: int
    input: int
    cache_read: int
    cache_write_5m: int
    cache_write_1h: int
    output: int


class Rate(NamedTuple):
    """Prices of one model from one instant on, tiers by rising threshold."""

    from_ms: int
    tiers: tuple[Tier, ...]


def cost_nano(rate: Rate, counts: TokenCounts) -> int:
    """Nano-dollars of one request, rounded half-even."""
    tier = tier_of(rate, counts)
    pico = (
        counts.input * tier.input
        + counts.cache_read * tier.cache_read
        + counts.cache_write_5m * tier.cache_write_5m
        + counts.cache_write_1h * tier.cache_write_1h
        + counts.output * tier.output
    )
    nano, rest = divmod(pico, 1000)
    if rest > 500 or (rest == 500 and nano % 2):
        nano += 1
    return nano


def tier_of(rate: Rate, counts: TokenCounts) -> Tier:
    """The coefficients that hold for a request, by the size of its prompt."""
    prompt = counts.input + counts.cache_read + counts.cache_write_5m + counts.cache_write_1h
    tier = rate.tiers[0]
    for other in rate.tiers[1:]:
        if prompt > other.above:
            tier = other
    return tier


def is_linear(rate: Rate, prompt: int) -> bool:
    """Whether requests with prompts of at most so many tokens cost together what their sum costs."""
    first, *others = rate.tiers
    return all(prompt <= other.above for other in others) and not any(price % 1000 for price in first[1:])


def rate_at(rates: Sequence[Rate], at_ms: int) -> Rate | None:
    """The rate that holds at an instant; the earliest one for anything before it."""
    found = None
    for rate in rates:
        if found is None or rate.from_ms <= at_ms:
            found = rate
    return found


class ModelInfo(NamedTuple):
    """What the table says of a model: rates by rising start, and the tokens it can take."""

    rates: list[Rate]
    context_window: int | None


#: A model that ran on this computer costs energy, not money; one that is offered for nothing costs nothing.
FREE: Final = (Rate(0, (Tier(0, 0, 0, 0, 0, 0),)),)


def look_up(
    model: str, source: str, overrides: Mapping[str, Mapping[str, float]], release: str = ""
) -> ModelInfo:
    """Rates of a model (none where it has no price) and its context window.

    Importing the price library takes a noticeable part of a second: call this where logs are
    written into the database, never where they are shown. ``release`` is that of the library
    installed; of the one whose prices are kept beside this file, common models need no import.
    """
    provider = _PROVIDERS.get(source)
    found = kept(model, provider, release) or from_library(model, provider, source)
    own = overrides.get(model)
    return found if own is None else found._replace(rates=[Rate(0, (_override(own),))])


def from_library(model: str, provider: str | None, source: str = "") -> ModelInfo:
    """What the price library says of a model: of this provider if it has it, else under another spelling."""
    from genai_prices.data_snapshot import get_snapshot  # noqa: PLC0415 - slow to import

    snapshot = get_snapshot()
    for name, own in spellings(model, provider, source):
        try:
            _, info = snapshot.find_provider_model(name, None, own, None)
        except LookupError:
            continue
        rates = list(FREE) if name.endswith(FREE_SUFFIX) else _rates_of(info)
        if rates:
            window = _LONG_WINDOW if _LONG.search(model) else info.context_window
            return ModelInfo(rates, window)
    return ModelInfo([], None)


def kept(model: str, provider: str | None, release: str) -> ModelInfo | None:
    """What the library says of a model as it is kept beside this file; None where that is not kept.

    ``scripts/prices`` writes the file, for one release of the library; it holds for no other.
    """
    if not release or provider is None:
        return None
    told = _kept_prices()
    found = told["models"].get(provider, {}).get(model) if told["release"] == release else None
    if found is None:
        return None
    window, rates = found
    return ModelInfo([Rate(start, tuple(Tier(*tier) for tier in tiers)) for start, tiers in rates], window)


@cache
def _kept_prices() -> dict[str, Any]:
    import json  # noqa: PLC0415 - only where logs are written into the database

    told: dict[str, Any] = json.loads(Path(__file__).with_name(KEPT).read_text(encoding="utf-8"))
    return told


def _override(said: Mapping[str, float]) -> Tier:
    def pico(name: str, default: float) -> int:
        return int(Decimal(str(said.get(name, default))) * _PICO_PER_MILLION)

    fresh = said.get("input", 0.0)
    write = said.get("cache_write_5m", fresh)
    return Tier(
        0,
        pico("input", 0.0),
        pico("cache_read", fresh),
        pico("cache_write_5m", fresh),
        pico("cache_write_1h", write),
        pico("output", 0.0),
    )


def _rates_of(info: Any) -> list[Rate]:
    starts = {date(1970, 1, 1)}
    if isinstance(info.prices, list):
        starts |= {
            item.constraint.start_date for item in info.prices if hasattr(item.constraint, "start_date")
        }
    rates = []
    for start in sorted(starts):
        moment = datetime(start.year, start.month, start.day, tzinfo=UTC)
        # Some prices change with the hour: at noon stands the one that holds for most of the day.
        tiers = _tiers_of(info.get_prices(moment.replace(hour=12)), is_claude="claude" in info.id)
        if tiers:
            rates.append(Rate(int(moment.timestamp() * 1000), tiers))
    return rates


def _tiers_of(prices: Any, *, is_claude: bool) -> tuple[Tier, ...]:
    fresh = prices.input_mtok
    if fresh is None or prices.output_mtok is None:
        return ()
    write = prices.cache_write_mtok
    long_write = getattr(prices, "cache_write_1h_mtok", None)
    is_doubled = is_claude and write is not None and long_write is None
    classes = (
        fresh,
        prices.cache_read_mtok if prices.cache_read_mtok is not None else fresh,
        write if write is not None else fresh,
        next((price for price in (long_write, write) if price is not None), fresh),
        prices.output_mtok,
    )
    steps = sorted({0} | {tier.start for price in classes for tier in getattr(price, "tiers", ())})
    tiers = [Tier(step, *(_pico(price, step) for price in classes)) for step in steps]
    # Resellers' lists leave out what an hour of Claude's cache costs: twice the input, wherever it is listed.
    return tuple(tier._replace(cache_write_1h=2 * tier.input) if is_doubled else tier for tier in tiers)


def _pico(price: Any, above: int) -> int:
    value = getattr(price, "base", price)
    for tier in getattr(price, "tiers", ()):
        if above >= tier.start:
            value = tier.price
    return int(value * _PICO_PER_MILLION)
