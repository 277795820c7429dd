"""The watcher beside the app: started where none runs, ended with the app, and no other."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tokencoach import clock
from tokencoach.tui.companion import Companion
from tokencoach.tui.ledger import LedgerBackend
from tui.driving import Driver, drive
from tui.made_values import MadeBackend

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def until_watching(backend: LedgerBackend) -> bool:
    """Wait for a watcher's first beat, at most ten seconds."""
    ends = time.monotonic() + 10
    while time.monotonic() < ends:
        if backend.pulse().freshness.is_watching:
            return True
        time.sleep(0.05)
    return False


def companions_of(home: Path) -> tuple[LedgerBackend, Companion, Companion]:
    """What an app on a home without logs shows, and the companions of two apps on it."""
    logs_home = home / "person"
    logs_home.mkdir()
    database = home / "tokencoach" / "tokencoach.db"
    backend = LedgerBackend(database, clock.zone("UTC"), logs_home=logs_home)
    return backend, Companion(database, logs_home, "UTC"), Companion(database, logs_home, "UTC")


def test_the_watcher_lives_as_long_as_the_app(home: Path) -> None:
    backend, companion, other = companions_of(home)
    companion.start()
    try:
        assert until_watching(backend)
        other.start()
        other.stop()
        assert other._child is None
        assert companion._child is not None
        assert companion._child.is_running
        companion.start()
    finally:
        companion.stop()
    assert not companion._child.is_running
    assert not backend.pulse().freshness.is_watching


def test_a_watcher_that_was_killed_is_begun_again_and_one_that_cannot_live_ever_more_seldom(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend, companion, _ = companions_of(home)
    companion.start()
    try:
        assert until_watching(backend)
        first = companion._child
        assert first is not None
        companion.keep(is_watching=True)
        assert companion._child is first
        first._process.kill()
        first._process.wait()
        companion.keep(is_watching=True)
        assert companion._thread is not None
        companion._thread.join()
        assert companion._child is not first
        assert companion._child is not None
        assert companion._child.is_running
    finally:
        companion.stop()
    starts: list[float] = []
    now = [time.monotonic() + 1000]
    monkeypatch.setattr("tokencoach.tui.companion.time.monotonic", lambda: now[0])
    monkeypatch.setattr(companion, "start", lambda: starts.append(now[0]))
    for _ in range(600):
        now[0] += 1
        companion.keep(is_watching=False)
    assert 7 < len(starts) < 13


def test_the_app_looks_after_its_watcher_at_every_beat(home: Path) -> None:
    asked: list[bool] = []

    class Noted(Companion):
        def keep(self, *, is_watching: bool) -> None:
            asked.append(is_watching)

    async def script(driver: Driver) -> None:
        driver.app.companion = Noted(home / "tokencoach.db", None, None)
        await driver.beat()

    drive(MadeBackend(), script)
    assert asked
    assert asked[0] == MadeBackend().pulse().freshness.is_watching


def test_a_companion_that_never_started_stops_quietly(home: Path) -> None:
    Companion(home / "tokencoach.db", None, None).stop()
