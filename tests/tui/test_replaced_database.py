"""A database that is taken away or replaced while the app is open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.machine import Machine, requests
from tokencoach import clock
from tokencoach.tui.ledger import LedgerBackend
from tui.driving import Driver, drive

if TYPE_CHECKING:
    from pathlib import Path


def test_the_app_shows_the_file_that_is_there_and_not_the_one_it_once_opened(home: Path) -> None:
    machine = Machine(home)
    machine.log(requests(3))
    machine.ingest()
    backend = LedgerBackend(machine.database, clock.zone("UTC"), logs_home=home)

    async def script(driver: Driver) -> None:
        before = driver.text()
        assert "of $0.0077 became code" in before
        for file in machine.state.glob("tokencoach.db*"):
            file.unlink()
        await driver.beat()
        assert "no database at" in driver.text()
        assert "became code" not in driver.text()
        machine.log(requests(9))
        machine.ingest()
        await driver.beat()
        assert "of $0.02 became code" in driver.text()

    drive(backend, script)


def test_a_file_put_in_its_place_counts_as_written_by_another(home: Path) -> None:
    machine = Machine(home)
    machine.log(requests(1))
    machine.ingest()
    backend = LedgerBackend(machine.database, clock.zone("UTC"), logs_home=home)
    version, mark = backend.data_version(), backend.pulse().mark
    assert (backend.data_version(), backend.pulse().mark) == (version, mark)
    copy = machine.state / "copy.db"
    copy.write_bytes(machine.database.read_bytes())
    copy.replace(machine.database)
    assert backend.data_version() != version
    assert backend.pulse().mark != mark
    backend.release()
