"""What feeds the Power screen: the watcher's file each time, the database seldom."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, NoReturn
from zoneinfo import ZoneInfo

from tokencoach.paths import database, power_figures
from tokencoach.power.live import publish
from tokencoach.store.connect import connect_writer
from tokencoach.store.reader import Reader, open_reader
from tokencoach.tui.power_source import PowerSource
from tui.made_power import live

if TYPE_CHECKING:
    from pathlib import Path

UTC = ZoneInfo("UTC")
NOON = 1_790_078_400_000


def test_the_file_is_read_each_time_and_the_database_once_in_a_while(tmp_path: Path) -> None:
    with contextlib.closing(connect_writer(database(tmp_path))):
        pass
    source = PowerSource(tmp_path, UTC, is_demo=False)
    opened: list[Reader] = []

    def reader() -> Reader:
        opened.append(open_reader(database(tmp_path)))
        return opened[-1]

    first = source.now(reader, NOON)
    assert first.live is None
    publish(live(NOON, has_sensor=True), power_figures(tmp_path))
    second = source.now(reader, NOON)
    assert second.live is not None
    assert second.times is first.times
    assert len(opened) == 1
    opened[0].close()


def test_a_demonstration_opens_neither(tmp_path: Path) -> None:
    publish(live(NOON, has_sensor=True), power_figures(tmp_path))

    def refuse() -> NoReturn:
        raise AssertionError

    shown = PowerSource(tmp_path, UTC, is_demo=True).now(refuse, NOON)
    assert shown.live is not None
    assert shown.live.is_simulated
    assert {it.model for it in shown.live.servers}.isdisjoint({"qwen-30b.gguf"})
