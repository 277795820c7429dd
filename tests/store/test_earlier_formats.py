"""A database of an earlier format learns what is read by now: kinds of calls, other paths of edits."""

from __future__ import annotations

import contextlib
import json
import signal
import sqlite3
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from sqlite_utils import Database

from cli.machine import Machine, lines
from sources import claude_records as claude
from store.earlier_format import to_format
from tokencoach.paths import watcher_lock
from tokencoach.store.formats import make, migrations
from tokencoach.watch.keying import key_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CALLS = "SELECT c.kind, p.name, c.exit_code FROM tool_call c LEFT JOIN path p ON p.id = c.path_id ORDER BY c.at_ms"
TOLD = [("read", "/home/dev/demo/a.py", None), ("test", None, 2), ("edit", None, None)]
COUNTED = (
    "session",
    "turn",
    "request",
    "tool_call",
    "edit",
    "sighting",
    "day_usage",
    "unseen",
    "quarantine",
    "log_file",
)


def _log(session: str) -> bytes:
    calls = [
        claude.tool_use(f"{session}-1", "Read", file_path="/home/dev/demo/a.py"),
        claude.tool_use(f"{session}-2", "Bash", command="pytest -q"),
        claude.tool_use(f"{session}-3", "Write", file_path="/home/dev/demo/b.py", content="x = 1"),
    ]
    said = [
        claude.assistant(
            number, f"m-{session}-{number}", content=[call], sessionId=session, uuid=f"{session}-a{number}"
        )
        for number, call in enumerate(calls, 1)
    ]
    ends = [
        claude.result(4, f"{session}-1", "1 x", sessionId=session),
        claude.result(5, f"{session}-2", "Exit code 2\nFAILED", is_error=True, sessionId=session),
        claude.result(6, f"{session}-3", "written", sessionId=session),
    ]
    odd = [{"type": "never-heard-of", "sessionId": session, "timestamp": "2026-07-01T10:00:07.000Z"}]
    return lines([claude.user(0, "do it", sessionId=session, uuid=f"{session}-u"), *said, *ends, *odd])


def _counts(machine: Machine) -> dict[str, int]:
    return {table: machine.read(f"SELECT count(*) FROM {table}")[0][0] for table in COUNTED}


def test_calls_are_kept_with_what_they_did(machine: Machine) -> None:
    machine.log(_log("S1"))
    machine.ingest()
    assert machine.read(CALLS) == TOLD


@pytest.mark.parametrize("is_gone", [False, True])
def test_a_database_of_format_8_learns_it_where_the_log_still_lies_there(
    machine: Machine, *, is_gone: bool
) -> None:
    log = machine.log(_log("S1"))
    machine.ingest()
    before, used = _counts(machine), machine.used()
    to_format(machine.database, 8, "m009_coach")
    if is_gone:
        log.unlink()
    machine.ingest()
    assert _counts(machine) == before
    assert machine.used() == used
    assert machine.read(CALLS) == ([(None, None, None)] * 3 if is_gone else TOLD)
    assert machine.read("SELECT sum(count) FROM unseen") == [(1,)]


@pytest.mark.parametrize("is_gone", [False, True])
def test_edits_in_a_database_of_format_9_are_told_anew_where_the_log_still_lies_there(
    machine: Machine, *, is_gone: bool
) -> None:
    log = machine.log(_log("S1"))
    machine.ingest()
    before = _counts(machine)
    to_format(machine.database, 9, "m010_truer_verdicts")
    with sqlite3.connect(machine.database) as connection:
        connection.execute("INSERT INTO path(name) VALUES('/home/dev/misread.py')")
        connection.execute("UPDATE edit SET path_id = (SELECT max(id) FROM path)")
    connection.close()
    if is_gone:
        log.unlink()
    machine.ingest()
    assert _counts(machine) == before
    path = "/home/dev/misread.py" if is_gone else "/home/dev/demo/b.py"
    assert machine.read("SELECT p.name FROM edit e JOIN path p ON p.id = e.path_id") == [(path,)]


@pytest.mark.parametrize("is_gone", [False, True])
@pytest.mark.parametrize(
    ("earlier", "migration"), [(11, "m012_programs"), (12, "m013_told_anew"), (13, "m014_scripts")]
)
def test_an_edit_that_its_call_no_longer_holds_is_dropped_where_the_log_still_lies_there(
    machine: Machine, earlier: int, migration: str, *, is_gone: bool
) -> None:
    log = machine.log(_log("S1"))
    machine.ingest()
    to_format(machine.database, earlier, migration)
    with sqlite3.connect(machine.database) as connection:
        columns = "call_key, request_key, session_id, at_ms, path_id, kind, rank, added, removed"
        connection.execute(f"INSERT INTO edit(key, {columns}) SELECT key + 1, {columns} FROM edit")
    connection.close()
    if is_gone:
        log.unlink()
    machine.ingest()
    assert machine.read("SELECT count(*) FROM edit") == [(2 if is_gone else 1,)]


@pytest.mark.parametrize("is_gone", [False, True])
def test_tokens_that_a_log_tells_now_replace_more_that_an_earlier_release_read_there(
    machine: Machine, *, is_gone: bool
) -> None:
    log = machine.log(_log("S1"))
    machine.ingest()
    told, days = machine.read("SELECT key, at_ms, output, flags FROM request ORDER BY key"), machine.used()
    to_format(machine.database, 13, "m014_scripts")
    with sqlite3.connect(machine.database) as connection:
        connection.execute("UPDATE request SET output = output + 1000, at_ms = at_ms - 86400000, flags = 0")
    connection.close()
    if is_gone:
        log.unlink()
    machine.ingest()
    found = machine.read("SELECT key, at_ms, output, flags FROM request ORDER BY key")
    if is_gone:
        assert found == [(key, at - 86_400_000, output + 1000, 0) for key, at, output, _ in told]
    else:
        assert (found, machine.used()) == (told, days)


def _cline_session(home: Path) -> Path:
    """A session of Cline's own program with one sub-agent, each with one answer; the sub-agent's file."""
    folder = home / ".cline" / "data" / "sessions" / "S1"
    folder.mkdir(parents=True)
    began = 1_781_690_400_000
    (folder / "S1.json").write_text(json.dumps({"cwd": str(home), "started_at": "2026-06-17T10:00:00Z"}))
    for number, name in enumerate(("S1", "agent_1")):
        call = {
            "type": "tool_use",
            "id": f"t{number}",
            "name": "editor",
            "input": {"path": "a.py", "new_text": "x = 1"},
        }
        end = {"type": "tool_result", "tool_use_id": f"t{number}", "content": '{"success":true}'}
        used = {"metrics": {"inputTokens": 10 + number, "outputTokens": 5}, "modelInfo": {"id": "m"}}
        told = [
            {"role": "user", "content": "please", "ts": began + number},
            {"role": "assistant", "content": [call], "ts": began + 10 + number, **used},
            {"role": "user", "content": [end], "ts": began + 20 + number},
        ]
        (folder / f"{name}.messages.json").write_text(json.dumps({"messages": told}))
    return folder / "agent_1.messages.json"


@pytest.mark.parametrize("is_gone", [False, True])
def test_a_sub_agent_that_an_earlier_release_took_for_a_session_counts_once(
    machine: Machine, *, is_gone: bool
) -> None:
    log = _cline_session(machine.home)
    machine.json("ingest")
    used, counted = machine.used(), machine.read("SELECT count(*) FROM edit") + machine.read(CALLS)
    to_format(machine.database, 13, "m014_scripts")
    names = {"agent_1:1": "request", "agent_1:t1": "call"}
    keys = {kind: key_of("cline", kind, name) for name, kind in names.items()}
    with sqlite3.connect(machine.database) as connection:
        connection.execute(
            "INSERT INTO session(source_id, session_id, first_ms, last_ms) "
            "SELECT source_id, 'agent_1', first_ms, last_ms FROM session"
        )
        (own,) = connection.execute("SELECT max(id) FROM session").fetchone()
        (call,) = connection.execute("SELECT key FROM tool_call WHERE agent_id IS NOT NULL").fetchone()
        moved = "session_id = ?, agent_id = NULL"
        connection.execute(
            f"UPDATE request SET key = ?, {moved} WHERE agent_id IS NOT NULL", (keys["request"], own)
        )
        connection.execute(
            f"UPDATE edit SET call_key = ?, {moved} WHERE call_key = ?", (keys["call"], own, call)
        )
        connection.execute(
            f"UPDATE tool_call SET key = ?, request_key = ?, {moved} WHERE key = ?",
            (keys["call"], keys["request"], own, call),
        )
    connection.close()
    if is_gone:
        log.unlink()
    machine.json("ingest")
    assert machine.used() == used
    assert machine.read("SELECT count(*) FROM edit") + machine.read(CALLS) == counted
    shown = [row["session_id"] for row in machine.json("sessions", "--since", "2026-06-01")["sessions"]]
    assert sorted(shown) == (["S1", "agent_1"] if is_gone else ["S1"])


def test_after_an_update_the_program_without_a_verb_just_works(machine: Machine) -> None:
    machine.log(_log("S1"))
    machine.ingest()
    to_format(machine.database, 9, "m010_truer_verdicts")
    assert "file: ~/tokencoach/tokencoach.db has an older format\n" in machine.run("doctor").stdout.decode()
    done = machine.run()
    assert done.returncode == 0, done.stderr.decode()
    assert "2026" in done.stdout.decode()
    assert "brought to today's format" in done.stderr.decode()
    assert machine.database.with_name("tokencoach.db.format9.bak").exists()
    assert machine.run().stderr == b""


WATCHER = """
import fcntl, os, sqlite3, sys, time
database, lock = sys.argv[1:3]
held = open(lock, "a")
fcntl.flock(held, fcntl.LOCK_EX)
connection = sqlite3.connect(database, isolation_level=None)
connection.execute("INSERT OR REPLACE INTO heartbeat VALUES(1,?,'0.9',?,0,0,?,'')", (os.getpid(), 1, 1))
print("watching", flush=True)
time.sleep(60)
"""


@contextlib.contextmanager
def _earlier_watcher(machine: Machine, *words: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process that holds the lock and beats, as the watcher of an earlier release does."""
    held = [str(machine.database), str(watcher_lock(machine.state))]
    with subprocess.Popen([sys.executable, "-c", WATCHER, *held, *words], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"watching\n"
        try:
            yield process
        finally:
            process.kill()


def test_a_watcher_of_an_earlier_release_is_named_with_how_to_end_it(machine: Machine) -> None:
    machine.log(_log("S1"))
    machine.ingest()
    to_format(machine.database, 9, "m010_truer_verdicts")
    with _earlier_watcher(machine, "tokencoach", "watch") as watcher:
        done = machine.run("audit")
        told = done.stderr.decode()
        assert done.returncode == 1, told
        assert f"a watcher of an earlier tokencoach (0.9, process {watcher.pid})" in told
        assert f"kill {watcher.pid}" in told
        assert watcher.poll() is None
    assert machine.run("audit", "--month", "2026-02").returncode == 0


def test_without_a_verb_the_program_ends_the_watcher_of_an_earlier_release_and_takes_over(
    machine: Machine,
) -> None:
    machine.log(_log("S1"))
    machine.ingest()
    to_format(machine.database, 9, "m010_truer_verdicts")
    with _earlier_watcher(machine, "tokencoach", "watch") as watcher:
        done = machine.run()
        assert done.returncode == 0, done.stderr.decode()
        assert watcher.wait(1) == -signal.SIGTERM
        assert f"(process {watcher.pid}) was ended" in done.stderr.decode()
    assert "brought to today's format" in done.stderr.decode()


def test_a_process_that_is_no_watcher_is_never_ended(machine: Machine) -> None:
    machine.log(_log("S1"))
    machine.ingest()
    to_format(machine.database, 9, "m010_truer_verdicts")
    with _earlier_watcher(machine, "another", "program") as other:
        done = machine.run()
        assert done.returncode == 1
        assert f"process {other.pid}" in done.stderr.decode()
        assert other.poll() is None


def test_the_format_of_a_database_is_the_number_of_its_migrations(machine: Machine) -> None:
    machine.log(_log("S1"))
    machine.ingest()
    applied = machine.read("SELECT count(*) FROM _sqlite_migrations")
    assert machine.read("PRAGMA user_version") == applied


def test_a_new_database_is_made_as_its_migrations_would_make_it(tmp_path: Path) -> None:
    made, migrated = (sqlite3.connect(tmp_path / name, isolation_level=None) for name in ("a.db", "b.db"))
    assert make(made)
    migrations().apply(Database(migrated))
    schema = "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY rowid"
    assert made.execute(schema).fetchall() == migrated.execute(schema).fetchall()
    applied = "SELECT id, migration_set, name FROM _sqlite_migrations"
    assert made.execute(applied).fetchall() == migrated.execute(applied).fetchall()
    assert not migrations().pending(Database(made))
    assert not make(made)
    made.close()
    migrated.close()


def test_a_database_half_made_by_an_earlier_release_is_made_whole(machine: Machine) -> None:
    machine.log(_log("s1"))
    machine.state.mkdir()
    connection = sqlite3.connect(machine.database, isolation_level=None)
    connection.execute(f"PRAGMA application_id={0x746F6B63}")
    migrations().apply(Database(connection), stop_before="m004_evidence")
    connection.close()
    machine.ingest()
    assert machine.read(CALLS) == TOLD
