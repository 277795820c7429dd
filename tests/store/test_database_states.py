"""A database that is locked, read-only, damaged, newer, somebody else's, or on a full disk."""

from __future__ import annotations

import resource
import sqlite3
import stat
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from cli.machine import SHORT_WAIT, Machine, requests, without_privilege

if TYPE_CHECKING:
    from pathlib import Path

TOKENS = 1160


@pytest.fixture
def filled(machine: Machine) -> Machine:
    """A machine whose database holds three requests; its log has grown by two since."""
    log = machine.log(requests(3))
    machine.ingest()
    with log.open("ab") as file:
        file.write(requests(2, first=3))
    return machine


def _refused(machine: Machine, *arguments: str, code: int, **options: Any) -> str:
    """What a verb says on stderr when it fails: a sentence with the file and a mend."""
    done = machine.run(*arguments, **options)
    said = done.stderr.decode()
    assert done.returncode == code, said
    assert done.stdout == b""
    assert "tokencoach.db" in said
    assert "mend: " in said
    return said


def _complete(machine: Machine) -> None:
    """Everything is there once, and the file is sound."""
    machine.ingest()
    assert machine.used() == (5, 5 * TOKENS)
    assert machine.read("PRAGMA integrity_check") == [("ok",)]


def test_the_database_and_its_folder_are_private(filled: Machine) -> None:
    modes = {stat.S_IMODE(file.stat().st_mode) for file in filled.state.iterdir()}
    assert modes == {0o600}
    assert stat.S_IMODE(filled.state.stat().st_mode) == 0o700


def test_a_locked_database_is_named_after_a_wait_and_nothing_is_lost(filled: Machine) -> None:
    other = sqlite3.connect(filled.database, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    said = _refused(filled, "ingest", "--json", code=1, constants=SHORT_WAIT)
    assert "locked by another program" in said
    other.execute("ROLLBACK")
    other.close()
    _complete(filled)


def test_a_database_locked_for_a_moment_is_waited_for(filled: Machine) -> None:
    other = sqlite3.connect(filled.database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    waiting = filled.start("ingest")
    with pytest.raises(subprocess.TimeoutExpired):
        waiting.wait(2.5)
    other.execute("COMMIT")
    other.close()
    assert waiting.wait(30) == 0
    _complete(filled)


def test_a_read_only_database_is_named(filled: Machine) -> None:
    filled.database.chmod(0o400)
    _refused(filled, "usage", code=1, **without_privilege())
    filled.database.chmod(0o600)
    _complete(filled)


def test_a_read_only_folder_is_named(machine: Machine) -> None:
    machine.log(requests(5))
    machine.state.mkdir()
    machine.state.chmod(0o500)
    done = machine.run("ingest", **without_privilege())
    assert done.returncode == 1
    assert "~/tokencoach" in done.stderr.decode()
    assert "mend: " in done.stderr.decode()
    machine.state.chmod(0o700)
    _complete(machine)


@pytest.mark.parametrize("content", [b"x" * 8192, b"SQLite format 3\0" + b"\xff" * 8192])
def test_a_file_that_is_no_database_is_never_overwritten(machine: Machine, content: bytes) -> None:
    machine.log(requests(5))
    machine.state.mkdir()
    machine.database.write_bytes(content)
    for verb in ("ingest", "usage", "audit", "sessions"):
        assert "damaged" in _refused(machine, verb, code=4)
    assert machine.run().returncode == 4
    assert machine.database.read_bytes() == content
    assert machine.run("doctor").returncode == 1
    machine.database.rename(machine.state / "tokencoach.db.damaged")
    _complete(machine)


def test_flipped_pages_are_met_without_a_traceback_and_the_logs_mend_it(machine: Machine) -> None:
    machine.log(requests(3000))
    machine.ingest()
    size = machine.database.stat().st_size
    with machine.database.open("r+b") as file:
        for place in range(8192, size - 8192, 8192):
            file.seek(place)
            file.write(b"\xa5" * 4096)
    for verb in ("usage", "audit", "sessions"):
        assert "damaged" in _refused(machine, verb, code=4)
    told = machine.run("doctor")
    assert told.returncode == 1
    assert "damaged" in told.stdout.decode() or "malformed" in told.stdout.decode()
    for part in machine.state.glob("tokencoach.db*"):
        part.rename(part.with_name("damaged-" + part.name))
    machine.ingest()
    assert machine.used() == (3000, 3000 * TOKENS)


def test_a_newer_database_is_refused_untouched(filled: Machine) -> None:
    connection = sqlite3.connect(filled.database)
    connection.execute("PRAGMA user_version=999")
    connection.close()
    before = filled.database.read_bytes()
    for verb in ("ingest", "usage", "audit", "sessions", "repos list"):
        assert "update tokencoach" in _refused(filled, *verb.split(), code=4)
    assert filled.run("doctor").returncode == 1
    assert filled.database.read_bytes() == before


def test_a_database_of_another_program_is_refused_untouched(machine: Machine) -> None:
    machine.log(requests(5))
    machine.state.mkdir()
    connection = sqlite3.connect(machine.database)
    connection.execute("CREATE TABLE theirs(x)")
    connection.close()
    before = machine.database.read_bytes()
    for verb in ("ingest", "usage"):
        assert "another program" in _refused(machine, verb, code=4)
    assert machine.database.read_bytes() == before


@pytest.mark.parametrize("killed_after", ["the file was made", "it was marked as ours"])
def test_a_database_killed_while_it_was_made_is_made_again(machine: Machine, killed_after: str) -> None:
    machine.log(requests(5))
    machine.state.mkdir()
    connection = sqlite3.connect(machine.database)
    if killed_after == "it was marked as ours":
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(f"PRAGMA application_id={0x746F6B63}")
    connection.close()
    machine.database.touch()
    _complete(machine)


@pytest.mark.parametrize("kilobytes", [24, 200, 600])
def test_a_full_disk_loses_nothing(machine: Machine, kilobytes: int) -> None:
    machine.log(requests(3000))

    def no_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (kilobytes << 10, kilobytes << 10))

    done = machine.run("ingest", preexec_fn=no_room)
    assert done.returncode == 1
    said = done.stderr.decode()
    assert "tokencoach.db" in said
    assert "mend: free space" in said
    machine.ingest()
    assert machine.used() == (3000, 3000 * TOKENS)
    assert machine.read("PRAGMA integrity_check") == [("ok",)]


def test_a_folder_on_a_full_disk_is_named(machine: Machine, tmp_path: Path) -> None:
    machine.log(requests(5))
    beside = tmp_path / "file"
    beside.write_text("no folder")
    done = machine.run("ingest", extra={"TOKENCOACH_HOME": str(beside / "inner")})
    assert done.returncode == 1
    assert str(beside) in done.stderr.decode()
    assert "mend: " in done.stderr.decode()
