"""The watcher beside the app: started where none runs, ended with the app, and no other."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tokencoach import clock
from tokencoach.tui.companion import Companion
from tokencoach.tui.ledger import LedgerBackend

if TYPE_CHECKING:
    from pathlib import Path


def until_watching(backend: LedgerBackend) -> bool:
    """Wait for a watcher's first beat, at most ten seconds."""
    ends = time.monotonic() + 10
    while time.monotonic() < ends:
        if backend.pulse().freshness.is_watching:
            return True
        time.sleep(0.05)
    return False


def test_the_watcher_lives_as_long_as_the_app(home: Path) -> None:
    logs_home = home / "person"
    logs_home.mkdir()
    database = home / "tokencoach" / "tokencoach.db"
    backend = LedgerBackend(database, clock.zone("UTC"), logs_home=logs_home)
    companion = Companion(database, logs_home, "UTC")
    companion.start()
    try:
        assert until_watching(backend)
        other = Companion(database, logs_home, "UTC")
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


def test_a_companion_that_never_started_stops_quietly(home: Path) -> None:
    Companion(home / "tokencoach.db", None, None).stop()
