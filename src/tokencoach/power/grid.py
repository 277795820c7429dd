"""What a kilowatt-hour costs and emits: the person's own tariff, and yearly means of a few grids.

Grams of CO2 equivalent a kWh, annual averages of 2022 and 2023, good to about a fifth: where public tables
disagree (Our World in Data by way of codecarbon; ADEME by way of EcoLogits) both ends are given.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from tokencoach.settings import PowerSettings

YEARS: Final = "2022 to 2023"
_GRAMS: Final[dict[str, tuple[float, float]]] = {
    "CHN": (582, 582),
    "DEU": (344, 381),
    "FRA": (44, 56),
    "GBR": (238, 238),
    "IND": (713, 713),
    "POL": (662, 662),
    "SWE": (41, 41),
    "USA": (369, 384),
}
WORLD: Final = (473.0, 475.0)
_ERROR: Final = 0.2


class Emission(NamedTuple):
    """Grams of CO2 from and to, and where the factor comes from."""

    low_g: float
    high_g: float
    source: str


def cost_of(wh: float, settings: PowerSettings) -> float | None:
    """Money in the person's currency; None where no tariff is set: there is no price of power that fits all."""
    return None if settings.tariff is None else wh / 1000 * settings.tariff


def emission_of(wh: float, settings: PowerSettings) -> Emission:
    """Grams of CO2 by the person's own factor, else by their country's yearly mean, else by the world's."""
    kwh = wh / 1000
    if settings.grid_g is not None:
        return Emission(kwh * settings.grid_g, kwh * settings.grid_g, "your own factor")
    country = (settings.country or "").upper()
    low, high = _GRAMS.get(country, WORLD)
    whose = country if country in _GRAMS else "world"
    return Emission(
        kwh * low * (1 - _ERROR), kwh * high * (1 + _ERROR), f"{whose}, annual average {YEARS}, to a fifth"
    )
