"""Power in the demonstration: simulated by its seed, said so everywhere, and never mixed with what is real."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from tokencoach.cli.power_figures import power_json
from tokencoach.cli.power_lines import power_lines
from tokencoach.demo.power import simulated_power
from tokencoach.power.reading import Quality
from tokencoach.settings import PowerSettings

UTC = ZoneInfo("UTC")
NOON = 1_790_078_400_000


def test_a_moment_of_a_seed_has_one_set_of_figures_and_another_seed_has_others() -> None:
    assert simulated_power("2026-11-22-7", UTC, NOON) == simulated_power("2026-11-22-7", UTC, NOON)
    assert simulated_power("2026-11-22-7", UTC, NOON) != simulated_power("2026-11-22-8", UTC, NOON)


def test_every_figure_wears_the_badge() -> None:
    made = simulated_power("2026-11-22-7", UTC, NOON)
    assert made.live is not None
    said = power_json(made.live, made.times, PowerSettings())
    assert said["simulated"] is True
    badges = {said["quality"], said["today"]["quality"], said["month"]["quality"]}
    badges |= {it["quality"] for it in said["meters"]} | {said["today"]["ended"]["quality"]}
    badges |= {it["joules_quality"] for it in said["servers"] if it["joules_per_token"] is not None}
    assert badges == {Quality.SIMULATED.value}
    lines = list(power_lines(made.live, made.times))
    assert lines[0].startswith("SIMULATED")
    assert "SIMULATED" in lines[1]


def test_the_figures_of_a_moment_agree_with_each_other() -> None:
    for minutes in range(0, 120, 7):
        made = simulated_power("2026-11-22-7", UTC, NOON + minutes * 60_000)
        live = made.live
        assert live is not None
        first = live.servers[0]
        assert first.generated_tokens == made.day.tokens
        assert live.watts is not None
        assert (first.state.value == "processing") == (live.watts > 100)
        assert live.history[-1].watts == live.watts
        assert len(live.history) == 600
        assert made.times.month.energy_wh is not None
        assert made.day.energy_wh is not None
        assert made.times.month.energy_wh > made.day.energy_wh > 0
        ended = made.times.month.ended
        assert ended is not None
        assert ended.wh == pytest.approx(made.times.month.energy_wh)


def test_the_first_minute_of_a_month_has_figures_too() -> None:
    made = simulated_power("2026-11-01-7", UTC, 1_793_491_230_000)
    assert made.day.energy_wh == 0.0
    assert made.day.surviving_share is None
