"""Stored energy and inference: added up where it comes twice, counted once where it must."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import msgspec
import pytest

from tokencoach.audit.period import Period
from tokencoach.audit.power_day import counted_between
from tokencoach.clock import day_of
from tokencoach.power.account import Energy
from tokencoach.power.buckets import Bucket
from tokencoach.power.reading import MeterInfo, Quality, Reads, Scope
from tokencoach.power.served import Hour, Served, ServerId, Taken
from tokencoach.power.servers.seen import ServerKind
from tokencoach.store.connect import connect_writer
from tokencoach.store.power.rows import energies, server_times
from tokencoach.store.power.writer import put_power

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator
    from pathlib import Path

NOON = 1_790_078_400_000
UTC = ZoneInfo("UTC")
DAY = day_of(NOON, UTC)
NEXT_DAY = day_of(NOON + 86_400_000, UTC)
GPU = MeterInfo("gpu:0", Scope.GPU, Quality.SENSOR, Reads.COUNTER, "made up", "a test")
CPU = MeterInfo("cpu_pkg:0", Scope.CPU_PACKAGE, Quality.VENDOR_MODEL, Reads.COUNTER, "made up", "a test")
CORES = MeterInfo(
    "cpu_cores:0", Scope.CPU_CORES, Quality.SENSOR, Reads.COUNTER, "c", "a test", part_of="cpu_pkg:0"
)
WALL = MeterInfo("wall:plug", Scope.WALL, Quality.SENSOR, Reads.GAUGE, "plug", "a test")
SERVER = ServerId(ServerKind.LLAMA_SERVER, 7, NOON - 9000)
SERVED = Served(
    SERVER,
    0,
    3,
    "tiny.gguf",
    NOON,
    NOON + 5000,
    NOON + 500,
    100,
    20,
    400,
    Energy(3_600_000_000, 1_800_000_000, 0, Quality.SENSOR, ("gpu",), None, 400),
)


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with contextlib.closing(connect_writer(tmp_path / "tokencoach.db")) as made:
        yield made


def bucket(seconds: int, joules: float, gap_ms: int = 0) -> Bucket:
    return Bucket(NOON + seconds * 1000, round(joules * 1e6), 10_000 - gap_ms, gap_ms)


def test_a_bucket_that_comes_in_two_parts_adds_up(connection: sqlite3.Connection) -> None:
    put_power(connection, Taken(((GPU, (bucket(0, 100),)),)))
    put_power(connection, Taken(((GPU, (bucket(0, 20), bucket(10, 5))),)))
    (found,) = energies(connection, NOON, NOON + 60_000)
    assert (found.energy_uj, found.covered_ms) == (125_000_000, 30_000)


def test_a_request_that_is_stored_again_is_one(connection: sqlite3.Connection) -> None:
    for _ in range(2):
        put_power(connection, Taken((), (SERVED,)))
    day = counted_between(connection, Period(DAY, DAY, UTC))
    assert (day.requests.requests, day.requests.total_uj, day.requests.tokens) == (1, 3_600_000_000, 400)
    assert day.requests.qualities == {"SENSOR"}


def test_hours_of_a_server_add_up_and_say_what_waiting_cost(connection: sqlite3.Connection) -> None:
    hour = Hour(SERVER, "tiny.gguf", NOON, 1000, 60_000, 0, 0, 7_200_000_000, 50_000, 900, 10, 5, 40)
    put_power(connection, Taken((), (), (hour, msgspec.structs.replace(hour, generated=2))))
    (found,) = server_times(connection, NOON, NOON + 3_600_000)
    assert (found.idle_ms, found.generated, found.kind) == (120_000, 42, "llama-server")
    day = counted_between(connection, Period(DAY, DAY, UTC))
    assert (day.tokens, day.idle_s, day.resident_wh) == (42, 120.0, 4.0)


def test_the_day_adds_what_may_be_added_and_wears_the_worst_badge(connection: sqlite3.Connection) -> None:
    meters = (
        (GPU, (bucket(0, 3600),)),
        (CPU, (bucket(0, 1800, gap_ms=4000),)),
        (CORES, (bucket(0, 900),)),
        (WALL, (bucket(0, 9999),)),
    )
    put_power(connection, Taken(meters))
    day = counted_between(connection, Period(DAY, DAY, UTC))
    assert day.energy_wh == pytest.approx(1.5)
    assert day.quality is Quality.VENDOR_MODEL
    assert day.gap_share == pytest.approx(0.2)
    assert counted_between(connection, Period(NEXT_DAY, NEXT_DAY, UTC)).energy_wh is None


def test_one_meter_of_the_whole_computer_stands_where_there_is_no_other(
    connection: sqlite3.Connection,
) -> None:
    put_power(connection, Taken(((WALL, (bucket(0, 7200),)),)))
    assert counted_between(connection, Period(DAY, DAY, UTC)).energy_wh == pytest.approx(2.0)
