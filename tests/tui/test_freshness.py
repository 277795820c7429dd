"""How fresh: as of when, who watches, what is left to read."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from tokencoach.audit.freshness import read_freshness
from tokencoach.audit.report import Freshness
from tokencoach.store.reader import open_reader
from tokencoach.store.status import Heartbeat, beat
from tokencoach.store.writer import Writer
from tokencoach.tui.theme import UNICODE
from tokencoach.tui.widgets.freshness import Pace, freshness_line, read_share
from tui.made_names import NOW_MS

if TYPE_CHECKING:
    from pathlib import Path

UTC = ZoneInfo("UTC")


def line(fresh: Freshness, left_ms: int | None = None) -> str:
    return freshness_line(fresh, UTC, NOW_MS, left_ms, UNICODE).plain


def test_a_watched_database_is_as_of_now() -> None:
    assert line(Freshness(True, 7, NOW_MS - 4_000, 0, 100, NOW_MS)) == "as of 14:02 ● watching"


def test_an_unwatched_database_is_as_of_its_last_beat() -> None:
    assert line(Freshness(False, None, NOW_MS - 3_600_000, 0, 100, None)) == "as of 13:02 ○ not watching"
    assert (
        line(Freshness(False, None, NOW_MS - 86_400_000, 0, 100, None)) == "as of 21 Nov 14:02 ○ not watching"
    )
    assert line(Freshness(False, None, None, 0, 0, None)) == "○ not watching"


def test_a_beat_far_ahead_is_no_sign_of_life_as_the_clock_was_set_back_since(home: Path) -> None:
    database = home / "tokencoach" / "tokencoach.db"
    with Writer(database, UTC) as writer, writer.transaction() as connection:
        beat(connection, Heartbeat(7, "", NOW_MS, 0, 0, 0, ""))
    with open_reader(database) as reader:
        alive = [
            read_freshness(reader, NOW_MS + ms).is_watching for ms in (-3_600_000, -4_000, 4_000, 60_000)
        ]
    assert alive == [False, True, True, False]


def test_a_backlog_shows_its_share_and_what_is_left() -> None:
    fresh = Freshness(True, 7, NOW_MS, 380, 1_000, None)
    assert line(fresh, 120_000) == "reading 62 %, 2 min left ●"
    assert line(fresh) == "reading 62 % ●"


def test_a_backlog_never_claims_to_be_done() -> None:
    assert line(Freshness(True, 7, NOW_MS, 1, 1_000_000, None)) == "reading 99 % ●"


def test_the_pace_tells_what_is_left() -> None:
    pace = Pace()
    pace.add(0, 1_000)
    assert pace.left_ms() is None
    pace.add(1_000, 800)
    assert pace.left_ms() == 4_000
    pace.add(2_000, 900)
    assert pace.left_ms() is None


def test_nothing_to_read_is_all_read() -> None:
    assert read_share(Freshness(True, 7, NOW_MS, 0, 0, None)) == 1.0
    assert read_share(Freshness(True, 7, NOW_MS, 500, 100, None)) == 0.0
