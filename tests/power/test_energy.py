"""Energy of requests on a simulated GPU: what is told, what is split, what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from power.machine import at
from power.simulated import INFO, Simulation, slot
from tokencoach.power.account import NOT_SEEN, TOO_SHORT, Account
from tokencoach.power.baseline import Baseline
from tokencoach.power.meters.nvidia import Computing
from tokencoach.power.reading import Quality, Span
from tokencoach.power.servers.rate import RequestServed
from tokencoach.power.share import Share, cpu_share, gpu_share, undivided_share, untold_gpu_share

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def simulation(tmp_path: Path) -> Simulation:
    return Simulation(tmp_path)


def test_a_request_alone_has_the_devices_whole_energy_and_joules_per_token(simulation: Simulation) -> None:
    simulation.idle()
    simulation.run(40)
    simulation.watts = 220.0
    simulation.work(slot(0, 7, decoded=1))
    simulation.run(11, tokens=40)
    simulation.watts = 20.0
    simulation.idle()
    simulation.run(2)
    (served,) = simulation.sampler.take().served
    assert (served.task, served.prompt, served.generated) == (7, 100, 1 + 11 * 40)
    energy = served.energy
    assert (energy.total_uj, energy.tokens, energy.quality) == (220_000_000 * 10, 400, Quality.SENSOR)
    assert energy.marginal_uj == 200_000_000 * 10
    assert simulation.sampler.live().servers[0].joules_per_token == pytest.approx(5.5)


def test_until_the_quiet_power_is_learned_only_the_total_is_told(simulation: Simulation) -> None:
    simulation.idle()
    simulation.run(5)
    simulation.work(slot(0, 1, decoded=1))
    simulation.run(5, tokens=10)
    simulation.idle()
    simulation.run(2)
    (served,) = simulation.sampler.take().served
    assert served.energy.total_uj is not None
    assert served.energy.marginal_uj is None


def test_reading_the_prompt_and_writing_the_answer_are_told_apart(simulation: Simulation) -> None:
    simulation.idle()
    simulation.run(2)
    simulation.watts = 300.0
    simulation.work(slot(0, 1))
    simulation.run(4)
    simulation.work(slot(0, 1, decoded=1))
    simulation.run(6, tokens=10)
    simulation.idle()
    simulation.run(2)
    (served,) = simulation.sampler.take().served
    assert served.energy.total_uj == 9 * 300_000_000
    assert served.energy.prefill_uj == 3 * 300_000_000


def test_two_requests_at_once_share_by_tokens_written(simulation: Simulation) -> None:
    simulation.idle()
    simulation.run(2)
    simulation.watts = 100.0
    simulation.work(slot(0, 1, decoded=10), slot(1, 2, decoded=10))
    simulation.run(1)
    for second in range(1, 7):
        simulation.work(slot(0, 1, decoded=10 + 30 * second), slot(1, 2, decoded=10 + 10 * second))
        simulation.run(1)
    simulation.idle()
    simulation.run(2)
    totals = {served.task: served.energy.total_uj for served in simulation.sampler.take().served}
    assert totals == {1: 6 * 75_000_000, 2: 6 * 25_000_000}


def test_a_failed_reading_leaves_the_requests_energy_known_and_the_time_a_gap(simulation: Simulation) -> None:
    simulation.idle()
    simulation.run(2)
    simulation.watts = 50.0
    simulation.work(slot(0, 1, decoded=1))
    simulation.run(2, tokens=5)
    simulation.why_not = "the card fell asleep"
    simulation.run(2, tokens=5)
    assert simulation.sampler.live().watts is None
    simulation.why_not = None
    simulation.run(2, tokens=5)
    simulation.idle()
    simulation.run(12)
    taken = simulation.sampler.take()
    assert taken.served[0].energy.total_uj == 5 * 50_000_000
    assert sum(bucket.gap_ms for _, buckets in taken.meters for bucket in buckets) == 3000


def test_buckets_add_up_to_what_the_device_counted(simulation: Simulation) -> None:
    began = simulation.energy_uj
    simulation.idle()
    simulation.run(37)
    simulation.run(8)
    counted = simulation.energy_uj
    simulation.run(15)
    stored = [bucket for _, buckets in simulation.sampler.take().meters for bucket in buckets]
    assert sum(bucket.energy_uj for bucket in stored if bucket.start_ms < stored[-1].start_ms) <= counted
    assert sum(bucket.energy_uj for bucket in stored) <= simulation.energy_uj - began


def test_what_a_waiting_model_costs_is_known_once_both_sides_were_seen(simulation: Simulation) -> None:
    simulation.run(40)
    simulation.watts = 50.0
    simulation.idle()
    simulation.run(45)
    hours = simulation.sampler.take().hours
    known = sum(hour.resident_known_ms for hour in hours)
    assert known > 0
    assert sum(hour.idle_ms for hour in hours) >= known
    assert sum(hour.resident_uj for hour in hours) == pytest.approx(30e6 * known / 1000, rel=0.001)


def test_two_servers_at_work_are_refused_a_share_of_an_undivided_meter(simulation: Simulation) -> None:
    simulation.idle(1)
    simulation.idle(2)
    simulation.run(2)
    simulation.work(slot(0, 1, decoded=1), pid=1)
    simulation.work(slot(0, 5, decoded=1), pid=2)
    simulation.run(4, tokens=5)
    simulation.idle(1)
    simulation.idle(2)
    simulation.run(2)
    for served in simulation.sampler.take().served:
        assert served.energy.total_uj is None
        assert served.energy.why_not is not None
        assert "several servers worked at once" in served.energy.why_not


def test_a_server_that_vanishes_has_its_last_request_closed(simulation: Simulation) -> None:
    simulation.idle()
    simulation.run(2)
    simulation.work(slot(0, 1, decoded=1))
    simulation.run(4, tokens=5)
    simulation.looks.clear()
    simulation.run(2)
    taken = simulation.sampler.take()
    assert [served.task for served in taken.served] == [1]
    assert sum(hour.processing_ms for hour in taken.hours) >= 3000


def request(start: float, end: float, task: int = 1) -> RequestServed:
    return RequestServed(0, task, start, end, 10, 0, 5, start)


def test_a_request_shorter_than_two_periods_of_the_meter_is_too_short() -> None:
    account = Account([INFO])
    account.worked(request(0, 0.001), 5, 0.001)
    account.ended(request(0, 0.001))
    account.spent(INFO, Span(at(0), at(1), 9_000_000), Share(1.0), None)
    ((_, energy),) = account.closed(1.0)
    assert (energy.total_uj, energy.why_not) == (None, TOO_SHORT)


def test_a_meter_that_never_answers_again_does_not_hold_a_request_open() -> None:
    account = Account([INFO])
    account.worked(request(0, 5), 5, 5.0)
    account.ended(request(0, 5))
    assert account.closed(10.0) == []
    ((_, energy),) = account.closed(40.0)
    assert (energy.total_uj, energy.why_not) == (None, NOT_SEEN)


@given(
    st.lists(st.tuples(st.integers(0, 50), st.floats(0, 5)), min_size=1, max_size=6), st.integers(0, 10**10)
)
def test_the_parts_of_a_span_add_up_to_it(work: list[tuple[int, float]], uj: int) -> None:
    account = Account([INFO])
    for task, (tokens, seconds) in enumerate(work):
        account.worked(request(0, 9, task), tokens, seconds)
        account.ended(request(0, 9, task))
    account.spent(INFO, Span(at(0), at(9), uj), Share(1.0), None)
    assert sum(energy.total_uj or 0 for _, energy in account.closed(9.0)) == uj


def test_shares_of_a_gpu() -> None:
    alone, other = Computing(7, None), Computing(9, None)
    assert gpu_share({7, 8}, [alone]) == Share(1.0)
    assert gpu_share({5}, [alone]) == Share(0.0)
    assert gpu_share({7}, [alone, other]).part is None
    assert gpu_share({7}, [Computing(7, None, 30), Computing(9, None, 10)]) == Share(0.75)
    assert gpu_share({7}, [Computing(7, None, 0), Computing(9, None, 0)]).part is None
    assert untold_gpu_share(1).assumes is not None
    assert untold_gpu_share(2).part is None


def test_shares_of_a_processor_and_of_what_tells_no_programs_apart() -> None:
    assert cpu_share(1.0, 4.0).part == 0.25
    assert cpu_share(1.0, 0.0).part is None
    assert undivided_share(1).assumes is not None
    assert undivided_share(2).part is None


def test_quiet_power_is_a_median_of_at_least_thirty_seconds() -> None:
    baseline = Baseline()
    for second in range(29):
        baseline.add(second, 1.0, 20.0 if second else 400.0)
    assert baseline.watts is None
    baseline.add(29, 1.0, 20.0)
    assert baseline.watts == 20.0
