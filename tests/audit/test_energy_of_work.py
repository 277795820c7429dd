"""Energy of a local model follows its requests' lines: by turn, session, bucket and feature, exactly."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from coach.made import AS_OF, Month
from tokencoach.audit.energy import energy_of
from tokencoach.audit.energy_ends import energy_ended
from tokencoach.audit.feature_text import text_lines
from tokencoach.audit.month import Allocated, audit_period
from tokencoach.audit.period import span_period
from tokencoach.audit.power_day import power_between, power_times
from tokencoach.audit.sessions import period_sessions
from tokencoach.cli.power_lines import ended_line
from tokencoach.power.account import Energy
from tokencoach.power.reading import Quality
from tokencoach.power.served import Served, ServerId, Taken
from tokencoach.power.servers.seen import ServerKind
from tokencoach.settings import PowerSettings
from tokencoach.store.connect import connect_writer
from tokencoach.store.power.join import join_power
from tokencoach.store.power.writer import put_power
from tokencoach.store.reader import open_reader
from tokencoach.usage.words import Bucket

if TYPE_CHECKING:
    from pathlib import Path

WH = 3_600_000_000
ZONE = ZoneInfo("UTC")
AS_OF_MS = int(AS_OF.timestamp() * 1000)
FEBRUARY = span_period("2026-02-01", "2026-02-28", ZONE, AS_OF_MS)


def measured(month: Month, uj: int) -> None:
    """Every request of the month was served here, and took so much."""
    month.read().close()
    with contextlib.closing(connect_writer(month.database)) as connection:
        rows = connection.execute(
            "SELECT r.at_ms, m.name FROM request r JOIN model m ON m.id = r.model_id ORDER BY r.at_ms"
        ).fetchall()
        server = ServerId(ServerKind.LLAMA_SERVER, 7, rows[0][0] - 60_000)
        served = tuple(
            Served(
                server,
                0,
                task,
                name,
                at_ms - 900,
                at_ms,
                None,
                100,
                0,
                60,
                Energy(uj, quality=Quality.SENSOR),
            )
            for task, (at_ms, name) in enumerate(rows)
        )
        put_power(connection, Taken((), served))
        assert join_power(connection) == len(rows)


@pytest.fixture
def month(tmp_path: Path) -> Month:
    """A session whose lines land, and one whose lines never do; each of two requests."""
    made = Month(tmp_path, ZONE)
    landed = made.session()
    landed.prompt("Add the table of harbours")
    landed.write("harbours.py", "".join(f"HARBOUR_{n} = 'harbour number {n}'\n" for n in range(10)))
    landed.say("There it is.")
    made.clock.advance(hours=1)
    made.repo.commit("feat: table of harbours")
    lost = made.session()
    lost.prompt("Add the table of winds")
    lost.write("winds.py", "".join(f"WIND_{n} = 'wind number {n}'\n" for n in range(10)))
    (made.repo.folder / "winds.py").unlink()
    lost.say("There it is.")
    measured(made, WH)
    return made


def test_each_bucket_has_the_energy_of_the_requests_that_ended_in_it(month: Month) -> None:
    with open_reader(month.database) as reader:
        audit = audit_period(reader, FEBRUARY, as_of_ms=AS_OF_MS)
    assert audit.spend.energy_wh == pytest.approx(4.0)
    assert audit.spend.energy_shipped_share == pytest.approx(0.5)
    assert audit.spend.energy_quality == "SENSOR"


def test_sessions_and_turns_add_up_to_the_month(month: Month) -> None:
    with open_reader(month.database) as reader:
        rows = period_sessions(reader, FEBRUARY, as_of_ms=AS_OF_MS)
        found = Allocated.of_period(reader, FEBRUARY, AS_OF_MS)
        turns = [energy_of(ledger).wh for turns in found.turns.values() for ledger in turns.values()]
    assert [row.energy_wh for row in rows] == [pytest.approx(2.0)] * 2
    assert sum(wh or 0.0 for wh in turns) == pytest.approx(4.0)


def test_a_feature_has_the_energy_of_its_lines(month: Month) -> None:
    with open_reader(month.database) as reader:
        audit = audit_period(reader, FEBRUARY, as_of_ms=AS_OF_MS)
    figures = audit.features
    assert figures is not None
    assert audit.score is not None
    said = "      2 Wh SENSOR of models on this computer, 720 J a line that is alive"
    assert said in text_lines(figures, audit.score)
    (feature,) = figures.items
    assert feature.energy_wh == pytest.approx(2.0)
    assert feature.wh_per_line == pytest.approx(0.2)
    assert feature.energy_quality == "SENSOR"
    assert figures.wh_per_feature == pytest.approx(2.0)


def test_without_a_meter_no_energy_is_told(tmp_path: Path) -> None:
    made = Month(tmp_path, ZONE)
    made.quiet_sessions(1)
    with made.read() as reader:
        audit = audit_period(reader, FEBRUARY, as_of_ms=AS_OF_MS)
        (row,) = period_sessions(reader, FEBRUARY, as_of_ms=AS_OF_MS)
    assert (audit.spend.energy_wh, row.energy_wh, row.energy_quality) == (None, None, "NONE")


def test_a_session_that_was_kept_is_judged_again_when_its_energy_is_found(month: Month) -> None:
    with contextlib.closing(connect_writer(month.database)) as connection:
        connection.execute("UPDATE session SET is_dirty = 0")
        assert join_power(connection) == 4
        assert connection.execute("SELECT sum(is_dirty) FROM session").fetchone() == (0,)
        connection.execute("UPDATE served_request SET request_key = NULL")
        join_power(connection)
        assert connection.execute("SELECT sum(is_dirty) FROM session").fetchone() == (2,)


def test_where_the_months_energy_ended_is_told_down_to_its_sessions(month: Month) -> None:
    with open_reader(month.database) as reader:
        ended = energy_ended(reader, FEBRUARY, AS_OF_MS)
        assert ended is not None
        whole = energy_of(Allocated.of_period(reader, FEBRUARY, AS_OF_MS).whole)
    assert ended.wh == pytest.approx(4.0)
    assert ended.quality is Quality.SENSOR
    assert ended.shipped_share == pytest.approx(whole.shipped_share)
    assert sum(one.wh for one in ended.sessions) == pytest.approx(ended.wh)
    assert dict(ended.buckets)[Bucket.SHIPPED] == pytest.approx(2.0)
    assert sorted(one.shipped_share or 0.0 for one in ended.sessions) == [0.0, 1.0]
    assert ended_line(ended).startswith("4.0 Wh SENSOR for requests, 50 % of it shipped (2.0 Wh, ")


def test_energy_that_no_session_asked_for_stands_apart(month: Month) -> None:
    with contextlib.closing(connect_writer(month.database)) as connection:
        (newest,) = connection.execute("SELECT max(end_ms) FROM served_request").fetchone()
        stray = Served(
            ServerId(ServerKind.LLAMA_SERVER, 9, newest),
            0,
            0,
            "a-model-nobody-asked",
            newest,
            newest + 900,
            None,
            9,
            0,
            9,
            Energy(3 * WH, quality=Quality.CALIBRATED),
        )
        put_power(connection, Taken((), (stray,)))
    with open_reader(month.database) as reader:
        ended = energy_ended(reader, FEBRUARY, AS_OF_MS)
    assert ended is not None
    assert ended.wh == pytest.approx(4.0)
    assert ended.unasked_wh == pytest.approx(3.0)
    assert ended.quality is Quality.CALIBRATED
    assert ended_line(ended).endswith("; of no known session 3.0")


def test_the_day_and_the_month_so_far_are_told_as_of_a_moment(month: Month) -> None:
    with open_reader(month.database) as reader:
        (first_ms,) = reader.connection.execute("SELECT min(start_ms) FROM served_request").fetchone()
        times = power_times(reader, ZONE, first_ms + 60_000, PowerSettings())
        assert times.month.ended is not None
        assert times.day.ended is not None
        assert times.day.ended.wh <= times.month.ended.wh
        assert times.worth is None
        nothing = power_between(reader, span_period("2025-01-01", "2025-01-31", ZONE, AS_OF_MS), AS_OF_MS)
    assert (nothing.ended, nothing.surviving_share, nothing.energy_wh) == (None, None, None)
