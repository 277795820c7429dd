"""Rows that no log of today makes: a database of an earlier release may hold instants and counts of any size."""

from __future__ import annotations

import os
import sqlite3
import time
from typing import TYPE_CHECKING

import pytest

from cli.machine import requests
from store.earlier_format import to_format

if TYPE_CHECKING:
    from pathlib import Path

    from cli.machine import Machine

YEAR_9999, FAR = 253_402_300_799_000, 10**18
ROWS = {
    "a request of the year 9999": f"UPDATE request SET at_ms = {YEAR_9999} WHERE id = 2",
    "a request of no calendar": f"UPDATE request SET at_ms = {FAR} WHERE id = 2",
    "a request before 1970": "UPDATE request SET at_ms = -5 WHERE id = 2",
    "a session until the year 9999": f"UPDATE session SET last_ms = {YEAR_9999}",
    "everything of no calendar": f"UPDATE session SET first_ms = {FAR}, last_ms = {FAR}",
    "counts that fit into no sum": f"UPDATE request SET output = {2**62}, input = {2**62}",
    "counts whose price fits into no column": f"UPDATE request SET output = {10**15}",
}
VERBS = (
    ("audit", "--month", "2026-02"),
    ("usage", "--by", "day"),
    ("sessions",),
    ("checklist",),
    ("doctor",),
    (),
)


@pytest.fixture
def counted(machine: Machine) -> tuple[Machine, tuple[int, int]]:
    """A database, and what is counted of its log."""
    machine.log(requests(4))
    machine.ingest()
    return machine, machine.used()


def _change(database: Path, statement: str) -> None:
    connection = sqlite3.connect(database)
    connection.execute(statement)
    connection.execute("INSERT OR IGNORE INTO dirty_day SELECT day FROM day_usage UNION SELECT 99991231")
    connection.execute("UPDATE session SET is_dirty = 1")
    connection.commit()
    connection.close()


@pytest.mark.parametrize("statement", ROWS.values(), ids=ROWS)
def test_an_earlier_format_with_impossible_rows_is_read_anew(
    counted: tuple[Machine, tuple[int, int]], statement: str
) -> None:
    machine, used = counted
    to_format(machine.database, 13, "m014_scripts")
    machine.database.chmod(0o600)
    _change(machine.database, statement)
    assert machine.used() == used
    for verb in VERBS:
        assert machine.run(*verb).returncode == 0, verb


@pytest.mark.parametrize("statement", ROWS.values(), ids=ROWS)
def test_impossible_rows_in_a_database_of_today_stop_no_verb(
    counted: tuple[Machine, tuple[int, int]], statement: str
) -> None:
    machine, used = counted
    _change(machine.database, statement)
    for verb in VERBS:
        assert machine.run(*verb).returncode == 0, verb
    # Sums met what no calendar takes, so every log is read once more.
    assert machine.used() == used


def test_what_a_killed_process_left_beside_a_file_goes_after_hours(machine: Machine) -> None:
    machine.log(requests(1))
    machine.ingest()
    left, fresh, own = (machine.state / f"tokencoach-words.db.{end}" for end in ("4711", "4712", "20261101"))
    for file in (left, fresh, own):
        file.write_bytes(b"half")
    for file in (left, own):
        os.utime(file, (time.time() - 86_400,) * 2)
    assert machine.run("coach", "budget", "set", "100").returncode == 0
    assert not left.exists()
    assert fresh.exists()
    assert own.exists(), "a copy that a person made"
