"""What energy costs and emits, and the band of tokens made elsewhere."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokencoach.power.cloud import SOURCES, cloud_band, one_digit
from tokencoach.power.grid import _table, cost_of, emission_of
from tokencoach.settings import PowerSettings
from tokencoach.usage.tokens import TokenCounts


def test_a_million_output_tokens_are_an_order_of_magnitude_and_not_a_figure() -> None:
    band = cloud_band(TokenCounts(output=1_000_000))
    assert band == (80.0, 5000.0)
    assert cloud_band(TokenCounts()) is None
    assert len(SOURCES) >= 3


def test_cached_tokens_may_cost_nothing() -> None:
    band = cloud_band(TokenCounts(cache_read=1_000_000))
    assert band is not None
    assert band.low_wh == 0.0 < band.high_wh


@given(st.floats(1e-6, 1e9))
def test_one_digit_is_rounded_outwards(value: float) -> None:
    low, high = one_digit(value, up=False), one_digit(value, up=True)
    assert low <= value * (1 + 1e-8)
    assert high >= value * (1 - 1e-8)
    for told in (low, high):
        assert f"{told:.0e}" == f"{float(f'{told:.0e}'):.0e}"


def test_without_a_tariff_or_a_country_there_is_no_price() -> None:
    assert cost_of(1390, PowerSettings()) is None
    assert cost_of(1390, PowerSettings(country="XYZ")) is None
    found = cost_of(1390, PowerSettings(tariff=0.30, currency="EUR", country="USA"))
    assert found is not None
    assert found.amount == pytest.approx(0.417)
    assert found[1:] == ("EUR", "your own tariff")


def test_a_country_gives_what_its_households_pay_with_the_time_and_the_source() -> None:
    found = cost_of(1000, PowerSettings(country="deu"))
    assert found == (0.3943, "EUR", "DEU households, second half of 2024, Eurostat")


@pytest.mark.parametrize("name", ["grid.csv", "tariff.csv"])
def test_every_line_of_a_table_has_a_year_and_a_sane_figure(name: str) -> None:
    table = _table(name)
    assert len(table) > 10
    for country, row in table.items():
        assert re.fullmatch(r"[A-Z]{3}", country)
        assert any(re.search(r"20[12]\d", cell) for cell in row)
        assert 0 < float(row[0]) < (1500 if name == "grid.csv" else 1)
        assert name == "tariff.csv" or float(row[0]) <= float(row[1]) < 1500


def test_grams_are_a_range_unless_the_person_knows_better() -> None:
    own = emission_of(1000, PowerSettings(grid_g=380, country="fra"))
    assert (own.low_g, own.high_g) == (380, 380)
    french = emission_of(1000, PowerSettings(country="fra"))
    assert french.low_g == pytest.approx(35.2)
    assert french.high_g == pytest.approx(67.2)
    assert "2023" in french.source
    assert emission_of(1000, PowerSettings(country="nor")).high_g < 60
    assert "XYZ is not in the table" in emission_of(1000, PowerSettings(country="XYZ")).source
    assert emission_of(1000, PowerSettings()).source.startswith("world, annual average")
