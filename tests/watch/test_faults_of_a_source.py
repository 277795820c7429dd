"""A fault of the program in one line costs that line, until an update reads the file again."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest

from cli.machine import Machine, lines, requests
from sources import claude_records as claude
from tokencoach.sources.claude_code.source import ClaudeCode
from tokencoach.store.keyed import FileCursor, KeyedFacts
from tokencoach.store.writer import Portion, Writer
from watch.reading_in import UTC, Database

if TYPE_CHECKING:
    from pathlib import Path

    from tokencoach.sources.base import LogFile
    from tokencoach.usage.facts import Facts

POISON = b"poisoned"


@pytest.fixture
def database(tmp_path: Path, machine: Machine) -> Database:
    return Database(tmp_path, machine.home)


def _poisoned_log(machine: Machine) -> tuple[int, int]:
    """Requests around one line that the source chokes on; that line's place."""
    before, bad = requests(40), lines([claude.assistant(50, "msg_poisoned")])
    machine.log(before + bad + requests(40, first=60))
    return len(before), len(bad)


def _choke(patch: pytest.MonkeyPatch) -> None:
    sound = ClaudeCode.read

    def read(
        self: ClaudeCode,
        chunk: bytes,
        state: bytes,
        file: LogFile,
        base_offset: int,
        *,
        with_edits: bool = True,
    ) -> tuple[Facts, bytes]:
        if POISON in chunk:
            raise KeyError("a fault")
        return sound(self, chunk, state, file, base_offset, with_edits=with_edits)

    patch.setattr(ClaudeCode, "read", read)


def test_only_the_line_that_a_source_chokes_on_is_quarantined(machine: Machine, database: Database) -> None:
    place = _poisoned_log(machine)
    with pytest.MonkeyPatch.context() as patch:
        _choke(patch)
        database.ingest()
    assert database.rows("SELECT offset, length FROM quarantine") == [place]
    assert database.rows("SELECT count(*) FROM request") == [(80,)]
    assert database.rows("SELECT sum(requests) FROM day_usage") == [(80,)]


def test_an_update_of_the_program_reads_files_with_unread_records_again(
    machine: Machine, database: Database
) -> None:
    _poisoned_log(machine)
    machine.log(requests(3, session="S2"), "S2.jsonl")
    with pytest.MonkeyPatch.context() as patch:
        _choke(patch)
        database.ingest()
    again = database.ingest()
    assert again.bytes_read == 0, "the same version does not try again"
    connection = sqlite3.connect(database.path)
    with connection:
        connection.execute("UPDATE fact SET value='0.0.1' WHERE name='reader_version'")
    connection.close()
    updated = database.ingest()
    assert updated.bytes_read == (machine.project / "S1.jsonl").stat().st_size
    assert updated.new_by_source["claude-code"] == 1
    assert database.rows("SELECT offset, length FROM quarantine") == []
    assert database.rows("SELECT sum(requests) FROM day_usage") == [(84,)]


def test_facts_that_no_table_takes_are_quarantined_and_the_rest_is_written(tmp_path: Path) -> None:
    good = ("S1", 1, 2, "/home/dev/demo", "main", "2.1", None, None, None, None)
    odd = (1, "S1", 1 << 70, "text", 0, 0)
    cursor = FileCursor("/log", 1, 2, 300, 4, offset=300)
    with Writer(tmp_path / "tokencoach.db", UTC) as writer:
        with writer.transaction():
            facts = KeyedFacts(sessions=[good], prompts=[odd])
            sound = KeyedFacts(sessions=[good])
            writer.put_all([Portion("s", cursor, facts, 200), Portion("s", cursor, sound, 0)])
        read = writer.connection.execute
        assert read("SELECT offset, length FROM quarantine").fetchall() == [(100, 200)]
        assert read("SELECT session_id FROM session").fetchall() == [("S1",)]
        assert read("SELECT offset FROM log_file").fetchall() == [(300,)]
