"""Local models that wait in memory."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from coach.made import BEGIN
from tokencoach.coach.detectors.idle_model import DETECTOR
from tokencoach.power.served import Hour, ServerId, Taken
from tokencoach.power.servers.seen import ServerKind
from tokencoach.store.connect import connect_writer
from tokencoach.store.power.writer import put_power

if TYPE_CHECKING:
    from coach.made import Month

START = int(BEGIN.timestamp() * 1000)
SERVER = ServerId(ServerKind.OLLAMA, 7, START - 9000)
MINUTE = 60_000


def watched(month: Month, busy: int, idle: int, asleep: int = 0, uj: int = 0, known: int = 0) -> None:
    """Minutes of a model on one server."""
    month.read().close()
    hour = Hour(
        SERVER,
        "tiny",
        START,
        busy * MINUTE,
        idle * MINUTE,
        asleep * MINUTE,
        0,
        uj,
        known * MINUTE,
        9,
        8,
        7,
        6,
    )
    with contextlib.closing(connect_writer(month.database)) as connection:
        put_power(connection, Taken((), (), (hour,)))
        connection.commit()


def test_a_model_that_waits_most_of_its_time_is_told_with_its_energy(month: Month) -> None:
    watched(month, busy=30, idle=90, uj=18_000_000_000, known=90)
    said = month.found(DETECTOR)
    assert (said.cost_nano, said.tokens) == (0, 0)
    assert said.rate[:3] == (1.5, 2.0, "hours loaded")
    assert said.evidence[0].words == "ollama tiny: idle 1.5 of 2.0 hours, 5.0 Wh"
    assert "5.0 Wh measured" in said.title


def test_energy_that_no_meter_told_is_not_claimed(month: Month) -> None:
    watched(month, busy=30, idle=90)
    said = month.found(DETECTOR)
    assert "Wh" not in said.title
    assert "energy not measured" in said.evidence[0].words


def test_a_model_that_works_is_no_finding(month: Month) -> None:
    watched(month, busy=100, idle=25)
    said = month.quiet(DETECTOR)
    assert said.is_looked
    assert said.rate is not None
    assert said.rate.share is not None
    assert 0.19 < said.rate.share < 0.21


def test_a_model_that_its_server_unloaded_is_not_loaded(month: Month) -> None:
    watched(month, busy=60, idle=5, asleep=600)
    assert month.quiet(DETECTOR).is_looked


def test_without_power_rows_nothing_is_judged(month: Month) -> None:
    month.quiet_sessions(1)
    said = month.quiet(DETECTOR)
    assert not said.is_looked
    assert "tokencoach power" in said.why
