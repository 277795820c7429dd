"""Meters that only the person's settings switch on: smart plugs, and two readings of their own."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from power.machine import at
from tokencoach.errors import DamagedInputError
from tokencoach.power.estimate import estimate, estimator
from tokencoach.power.meters import calibrated, plug
from tokencoach.power.place import Place
from tokencoach.power.reading import Found, Quality, Scope
from tokencoach.power.sampler import Sampler
from tokencoach.power.servers.observer import Observer
from tokencoach.settings import PowerSettings, read_settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ANSWERS = {
    "/rpc/Switch.GetStatus?id=0": {"apower": 41.25, "aenergy": {"total": 12.0}},
    "/cm?cmnd=Status%208": {"StatusSNS": {"ENERGY": {"Power": 80, "Total": 1.2}}},
    "/api/states/sensor.desk_power": {"state": "12.5"},
}


def connect(answers: dict[str, Any]) -> Callable[[str, int, str | None], Callable[[str], Any]]:
    return lambda _host, _port, _token: lambda path: answers[path]


@pytest.mark.parametrize(
    ("address", "milliwatts"),
    [
        ("shelly:127.0.0.1", 41_250),
        ("tasmota:127.0.0.1:8080", 80_000),
        ("home-assistant:127.0.0.1:8123/sensor.desk_power", 12_500),
    ],
)
def test_each_kind_of_plug_tells_the_walls_watts(address: str, milliwatts: int) -> None:
    (meter,) = plug.find([address], connect(ANSWERS)).meters
    assert (meter.info.scope, meter.info.quality) == (Scope.WALL, Quality.SENSOR)
    assert meter.read(at(0)).power_mw == milliwatts


def test_a_plug_is_asked_every_five_seconds_at_most_and_a_repeated_answer_is_no_new_reading() -> None:
    asked: list[str] = []

    def counting(_host: str, _port: int, _token: str | None) -> Callable[[str], Any]:
        def get(path: str) -> Any:
            asked.append(path)
            return ANSWERS[path]

        return get

    (meter,) = plug.find(["shelly:127.0.0.1"], counting).meters
    first = meter.read(at(0))
    assert meter.read(at(1)) is first
    assert meter.read(at(5)) is not first
    assert len(asked) == 2


@pytest.mark.parametrize("answer", [{}, {"apower": None}, {"apower": "warm"}, [], "no"])
def test_a_plug_that_answers_nonsense_is_a_reason(answer: Any) -> None:
    (meter,) = plug.find(["shelly:127.0.0.1"], connect({"/rpc/Switch.GetStatus?id=0": answer})).meters
    reading = meter.read(at(0))
    assert reading.power_mw is None
    assert reading.why_not is not None


def test_no_address_outside_a_private_network_is_asked() -> None:
    def refuse(*_: object) -> Callable[[str], Any]:
        raise AssertionError

    (refusal,) = plug.find(["shelly:203.0.113.9"], refuse).refusals
    assert "private network" in refusal.why


@pytest.mark.parametrize("address", ["http://plug", "shelly", "other:127.0.0.1", "home-assistant:127.0.0.1"])
def test_an_address_of_another_shape_says_the_shape(address: str) -> None:
    (refusal,) = plug.find([address], connect({})).refusals
    assert refusal.permit is not None


def test_two_readings_of_ones_own_are_joined_by_a_line() -> None:
    times = iter([(0.0, 0.0), (1.0, 4.0), (5.0, 8.0), (5.0, 8.0)])
    (meter,) = calibrated.find(PowerSettings(idle_watts=20, full_watts=100), lambda: next(times)).meters
    assert meter.info.quality is Quality.CALIBRATED
    assert meter.read(at(1)).power_mw == 40_000
    assert meter.read(at(2)).power_mw == 100_000
    assert meter.read(at(2)).why_not is not None
    assert not calibrated.find(PowerSettings(idle_watts=20)).meters


def test_the_processors_own_times_are_read() -> None:
    busy, whole = calibrated.processor_times()
    assert 0 < busy < whole


def settings(tmp_path: Path, text: str) -> PowerSettings:
    file = tmp_path / "settings.toml"
    file.write_text(text, encoding="utf-8")
    return read_settings(file).power


def test_settings_of_power_are_read(tmp_path: Path) -> None:
    said = settings(
        tmp_path,
        '[power]\ntariff = 0.3\ncurrency = "EUR"\nidle_watts = 20\nfull_watts = 90.5\nplugs = ["shelly:h"]\n',
    )
    assert (said.tariff, said.currency, said.full_watts, said.plugs) == (0.3, "EUR", 90.5, ("shelly:h",))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("tarif = 1", "did you mean 'tariff'"),
        ('tariff = "much"', "must be a float"),
        ("tariff = -1", "zero or more"),
        ("tariff = nan", "zero or more"),
        ("idle_watts = 50\nfull_watts = 40", "more than"),
        ("plugs = [1]", "list of texts"),
        ("sample = 1", "must be a bool"),
        ("estimate = true", "needs 'power.tdp_watts'"),
        ("tdp_watts = -5", "zero or more"),
    ],
)
def test_wrong_settings_of_power_are_named(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(DamagedInputError, match=says):
        settings(tmp_path, f"[power]\n{text}\n")


def test_an_estimate_is_a_range_that_holds_all_three_models_and_is_off_unless_asked_for() -> None:
    assert estimator(PowerSettings(tdp_watts=65), lambda: (0.0, 0.0)) is None
    # At half load of 65 W: 32 W by a line, 14 W by a cubic, 32 W at any load.
    assert estimate(0.5, 65) == (10.0, 40.0)
    assert estimate(0.0, 65) == (6.0, 40.0)
    times = iter([(0.0, 0.0), (4.0, 4.0), (4.0, 4.0)])
    asked = estimator(PowerSettings(estimate=True, tdp_watts=65), lambda: next(times))
    assert asked is not None
    assert asked.watts() == (30.0, 70.0)
    assert asked.watts() is None


@pytest.mark.parametrize(("guest", "has_estimate"), [(None, True), ("a virtual machine", False)])
def test_a_guest_has_no_estimate_and_what_measures_needs_none(
    tmp_path: Path, guest: str | None, *, has_estimate: bool
) -> None:
    wanted = PowerSettings(estimate=True, tdp_watts=65)
    sampler = Sampler(
        Place(tmp_path, "linux", guest),
        observer=Observer(list),
        search=lambda *_, **__: Found(),
        settings=wanted,
    )
    sampler.step()
    before = calibrated.processor_times()
    while calibrated.processor_times() == before:
        time.sleep(0.01)
    live = sampler.live()
    assert live.quality is Quality.NONE
    assert (live.estimate is not None) is has_estimate
