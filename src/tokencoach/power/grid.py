"""What a kilowatt-hour costs and emits: the person's own figures, else yearly means of their country.

The tables lie beside this file, each line with its year; where public tables disagree both ends are given.
Emissions are good to about a fifth. Without a tariff and without a country there is no price: none fits all.
"""

from __future__ import annotations

import functools
from importlib import resources
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from tokencoach.settings import PowerSettings

_ERROR: Final = 0.2
_WORLD: Final = "WLD"


class Emission(NamedTuple):
    """Grams of CO2 from and to, and where the factor comes from."""

    low_g: float
    high_g: float
    source: str


class Cost(NamedTuple):
    """Money, and where the price of a kilowatt-hour comes from."""

    amount: float
    currency: str
    source: str


class Worth(NamedTuple):
    """What some energy cost and emitted; ``cost`` is None where no price is known."""

    cost: Cost | None
    emission: Emission


def worth_of(wh: float, settings: PowerSettings) -> Worth:
    """Both of some watt-hours."""
    return Worth(cost_of(wh, settings), emission_of(wh, settings))


def cost_of(wh: float, settings: PowerSettings) -> Cost | None:
    """Money by the person's own tariff, else by what households of their country pay; None without either."""
    if settings.tariff is not None:
        return Cost(wh / 1000 * settings.tariff, settings.currency, "your own tariff")
    country = (settings.country or "").upper()
    found = _table("tariff.csv").get(country)
    if found is None:
        return None
    price, currency, when, source = found
    return Cost(wh / 1000 * float(price), currency, f"{country} households, {when}, {source}")


def emission_of(wh: float, settings: PowerSettings) -> Emission:
    """Grams of CO2 by the person's own factor, else by their country's yearly mean, else by the world's."""
    kwh = wh / 1000
    if settings.grid_g is not None:
        return Emission(kwh * settings.grid_g, kwh * settings.grid_g, "your own factor")
    country, table = (settings.country or "").upper(), _table("grid.csv")
    low, high, year = table.get(country) or table[_WORLD]
    unknown = f"world, as {country} is not in the table" if country else "world"
    whose = country if country in table else unknown
    source = f"{whose}, annual average {year}, to a fifth"
    return Emission(kwh * float(low) * (1 - _ERROR), kwh * float(high) * (1 + _ERROR), source)


@functools.cache
def _table(name: str) -> dict[str, tuple[str, ...]]:
    """A table beside this file: by country (ISO 3166 alpha-3), the other columns in order."""
    text = (resources.files("tokencoach.power") / name).read_text(encoding="utf-8")
    lines = [line.split(",") for line in text.splitlines() if not line.startswith("#")]
    return {country: tuple(rest) for country, *rest in lines[1:]}
