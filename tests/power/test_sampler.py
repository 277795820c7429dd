"""The sampler over time: what it keeps of a device that goes and comes, and what it leaves at its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from power.machine import at
from power.simulated import Simulation, slot
from tokencoach.power.place import Place
from tokencoach.power.reading import Found, MeterInfo, Quality, Reading, Reads, Scope
from tokencoach.power.sampler import Sampler
from tokencoach.power.servers.observer import Observer
from tokencoach.power.servers.seen import Look, ServerKind, State
from tokencoach.power.servers.working import judged

if TYPE_CHECKING:
    from pathlib import Path

    from tokencoach.power.instant import Instant


@pytest.fixture
def made(tmp_path: Path) -> Simulation:
    return Simulation(tmp_path)


class Made:
    """A meter that answers as it is told."""

    def __init__(self, info: MeterInfo, *, power_mw: int | None) -> None:
        self.info = info
        self.power_mw = power_mw

    def read(self, now: Instant) -> Reading:
        """Its power, or nothing."""
        why = None if self.power_mw is not None else "gone"
        return Reading(now, power_mw=self.power_mw, why_not=why)


GAUGE = MeterInfo("system:BAT0", Scope.SYSTEM, Quality.SENSOR, Reads.GAUGE, "battery", "test")
WALL = msgspec.structs.replace(GAUGE, id="wall:plug", scope=Scope.WALL, name="plug")


class Room:
    """A sampler without servers, whose meters a test exchanges."""

    def __init__(self, root: Path, *meters: Made) -> None:
        self.meters = meters
        self.seconds = 0.0
        self.searched: list[bool] = []
        self.sampler = Sampler(
            Place(root, "linux"),
            observer=Observer(list),
            clock=lambda: at(self.seconds),
            search=self._search,
        )
        self.sampler.step()

    def _search(self, *_: object, with_gpu: bool, **__: object) -> Found:
        self.searched.append(with_gpu)
        return Found(self.meters)

    def run(self, seconds: int) -> None:
        """Let time pass, a second a step."""
        for _ in range(seconds):
            self.seconds += 1
            self.sampler.step()


def test_of_meters_of_the_whole_computer_the_one_that_answers_is_shown(tmp_path: Path) -> None:
    battery, plug = Made(GAUGE, power_mw=None), Made(WALL, power_mw=40_000)
    room = Room(tmp_path, battery, plug)
    room.run(3)
    assert (room.sampler.live().watts, room.sampler.live().scopes) == (40.0, ("wall",))
    plug.power_mw, battery.power_mw = None, 11_000
    room.run(3)
    assert (room.sampler.live().watts, room.sampler.live().scopes) == (11.0, ("system",))


def test_a_meter_whose_driver_was_loaded_again_is_taken_up_anew(tmp_path: Path) -> None:
    dead = Made(WALL, power_mw=40_000)
    room = Room(tmp_path, dead)
    room.run(5)
    dead.power_mw = None
    room.meters = (Made(WALL, power_mw=50_000),)
    room.run(3)
    assert room.sampler.live().watts is None
    room.run(60)
    assert room.sampler.live().watts == 50.0


def test_a_meter_that_was_not_asked_for_a_while_begins_anew_and_loses_nothing(tmp_path: Path) -> None:
    meter = Made(WALL, power_mw=10_000)
    room = Room(tmp_path, meter)
    room.run(25)
    room.meters = ()
    room.run(70)
    room.meters = (meter,)
    room.run(70)
    ((_, buckets),) = room.sampler.take(is_last=True).meters
    known_ms = sum(bucket.covered_ms for bucket in buckets)
    assert sum(bucket.energy_uj for bucket in buckets) == known_ms * 10_000
    assert sum(bucket.gap_ms for bucket in buckets) == 0
    assert 70_000 < known_ms < 165_000 - 60_000 + 1


def test_a_graphics_card_is_asked_for_a_minute_after_the_last_server_and_not_before_the_first(
    made: Simulation,
) -> None:
    asked: list[bool] = []

    def search(*_: object, with_gpu: bool, **__: object) -> Found:
        asked.append(with_gpu)
        return Found((made,)) if with_gpu else Found()

    made.sampler._search = search
    made.sampler._searched = None
    made.run(2)
    assert asked == [False]
    made.idle()
    made.run(40)
    made.looks.clear()
    made.watts = 12.0
    made.run(50)
    assert asked[-1] is True
    (meter,) = made.sampler.live().meters
    assert meter.idle_watts == 12.0
    made.run(20)
    assert asked[-1] is False
    assert made.sampler.live().meters == ()
    made.idle()
    made.watts = 20.0
    made.run(5)
    (meter,) = made.sampler.live().meters
    assert meter.idle_watts == 20.0
    made.run(30)
    (server,) = made.sampler.live().servers
    assert server.resident_wh == pytest.approx((20.0 - 12.0) * 30 / 3600, rel=0.2)


def test_the_last_taking_leaves_nothing_behind(made: Simulation) -> None:
    made.idle()
    made.run(40)
    made.work(slot(0, 1))
    made.watts = 100.0
    made.run(7, tokens=30)
    early = made.sampler.take()
    last = made.sampler.take(is_last=True)
    joules = sum(b.energy_uj for taken in (early, last) for _, buckets in taken.meters for b in buckets)
    assert joules == round(made.energy_uj - 5_000_000_000.0)
    (request,) = last.served
    assert request.energy.total_uj is not None


@pytest.mark.parametrize(
    ("share", "state"), [(0.0, State.IDLE), (0.05, State.UNKNOWN), (0.9, State.PROCESSING)]
)
def test_a_server_without_a_word_is_judged_by_its_processor_time(
    made: Simulation, share: float, state: State
) -> None:
    made.idle()
    model = made.looks[1].models
    look = Look(State.UNKNOWN, model, why_not="it tells no tokens")
    found = judged(ServerKind.MLX_LM, look, (10.0, 3.0), (15.0, 3.0 + 5 * share))
    assert found.state is state
    if state is not State.UNKNOWN:
        assert found.why_not == "it tells no tokens; working or waiting is told by its processor time"
    assert judged(ServerKind.LM_STUDIO, look, (10.0, 3.0), (15.0, 3.0)) is look
    assert judged(ServerKind.MLX_LM, look, None, (15.0, 3.0)) is look
    assert judged(ServerKind.MLX_LM, look, (15.0, 3.0), (15.1, 3.0)) is look
