"""The contract of every verb: options, exit codes, one JSON object, nothing left behind."""

from __future__ import annotations

import json
import os
import pty
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cli.machine import Machine, lines, requests
from launching.launcher import SOURCE_ROOT
from sources import claude_records as claude
from tokencoach.cli.main import VERBS

DATA_VERBS = (
    "ingest",
    "usage",
    "audit",
    "sessions",
    "sessions overrules",
    "coach budget list",
    "coach plans",
    "repos list",
    "doctor",
    "config show",
)
READING_VERBS = ("ingest", "usage", "audit", "sessions", "repos list")


@pytest.fixture
def filled(machine: Machine) -> Machine:
    """A machine with two sessions in February 2026."""
    machine.log(requests(3))
    machine.log(requests(2, session="S2"), "S2.jsonl")
    return machine


def test_global_options_work_before_and_after_the_verb(machine: Machine, tmp_path: Path) -> None:
    other = Machine(tmp_path / "other")
    other.log(requests(4))
    where = ("--logs-home", str(other.home), "--tz", "Asia/Tokyo")
    before = machine.run(*where, "usage", "--json")
    after = machine.run("usage", *where, "--json")
    assert json.loads(before.stdout) == json.loads(after.stdout)
    assert json.loads(after.stdout)["timezone"] == "Asia/Tokyo"
    assert json.loads(after.stdout)["totals"]["requests"] == 4


def test_the_environment_names_another_home_and_its_assistants_variables_do_not_leak(
    machine: Machine, tmp_path: Path
) -> None:
    machine.log(requests(1))
    other = Machine(tmp_path / "other")
    other.log(requests(4))
    extra = {"TOKENCOACH_LOGS_HOME": str(other.home), "CLAUDE_CONFIG_DIR": str(machine.home / ".claude")}
    assert machine.json("usage", extra=extra)["totals"]["requests"] == 4
    own = {"CLAUDE_CONFIG_DIR": str(other.home / ".claude"), "TOKENCOACH_HOME": str(tmp_path / "state")}
    assert machine.json("usage", extra=own)["totals"]["requests"] == 4


@pytest.mark.parametrize("verb", DATA_VERBS)
def test_json_is_one_object_alone_on_stdout_with_logs_and_without(machine: Machine, verb: str) -> None:
    empty = machine.run(*verb.split(), "--json")
    assert empty.returncode == (0 if verb in ("config show", "doctor") else 3), empty.stderr
    assert isinstance(json.loads(empty.stdout), dict)
    machine.log(requests(3))
    full = machine.run_anew(*verb.split(), "--json")
    assert isinstance(json.loads(full.stdout), dict)
    assert full.stdout.count(b"\n") == 1


@pytest.mark.parametrize(
    "verb",
    [
        "sessions show S1",
        "coach",
        "coach sizes",
        "checklist",
        "checklist C5",
        "power",
        "power machine",
        "check --stats",
        "hook status",
        "repos link /old .",
    ],
)
def test_every_other_verb_starts_in_an_interpreter_that_imported_nothing_yet(
    filled: Machine, verb: str
) -> None:
    assert filled.run_anew(*verb.split()).returncode in (0, 1, 2, 3)


@pytest.mark.parametrize(
    "arguments",
    [
        "usage --since 2026-13-01",
        "usage --until yesterday",
        "usage --since 2026-03-02 --until 2026-03-01",
        "usage --by week",
        "usage --month 2026-13",
        "usage --month 2026-03 --since 2026-03-01",
        "usage --source nobody",
        "usage --tz Mars/Olympus",
        "audit --month 2026-00",
        "audit --month 02-2026",
        "audit --month 2026-02 --since 2026-02-01",
        "audit --as-of never",
        "audit --repo /no/such/place",
        "audit --until 9999-12-31 --since 10000-01-01",
        "audit --month 9999-12",
        "usage --until 9999-12-31",
        "usage --since 0001-01-01",
        "sessions --sort beauty",
        "sessions show no-such-session",
        "repos link /old /no/such/folder",
        "repos phase /no/such/place prototype",
        "repos ship /no/such/place tag",
        "repos phase . finished",
        "ingest --source nobody",
        "--logs-home /no/such/home usage",
        "--tz Nowhere audit",
        "unknown-verb",
        "usage --nonsense",
    ],
)
def test_wrong_use_exits_2_with_a_hint_and_prints_no_data(filled: Machine, arguments: str) -> None:
    done = filled.run(*arguments.split())
    said = done.stderr.decode()
    assert done.returncode == 2, said
    assert done.stdout == b""
    assert "mend: " in said or "Try 'tokencoach" in said or "choose from" in said.lower()


def test_a_month_without_requests_exits_3_and_says_where_to_look(filled: Machine) -> None:
    done = filled.run("audit", "--month", "2025-01", "--json")
    assert done.returncode == 3
    assert len(json.loads(done.stdout)["buckets"]) == 6
    assert "tokencoach audit --month 2026-" in done.stderr.decode()


def test_hooks_outside_of_any_repository_are_wrong_use(machine: Machine) -> None:
    done = machine.run("hook", "status", cwd=machine.home)
    assert done.returncode == 2
    assert "run it inside a repository, or use --global" in done.stderr.decode()


def test_damaged_settings_exit_4_with_the_file_named(machine: Machine) -> None:
    for text in ("timezone = [", "keep_promts = true\n", "text_days = 'x'\n"):
        machine.set(text)
        done = machine.run("usage")
        assert done.returncode == 4
        assert "settings.toml" in done.stderr.decode()
        assert "mend: " in done.stderr.decode()


@pytest.mark.parametrize("verb", sorted(set(VERBS) - {"blame"}))
def test_every_verb_explains_itself_with_an_example(machine: Machine, verb: str) -> None:
    done = machine.run(verb, "--help")
    assert done.returncode == 0
    said = done.stdout.decode()
    assert "Example: tokencoach" in said
    assert "``" not in said
    assert "..." not in said.removeprefix(said.splitlines()[0]), "no sentence ends in the middle"


def test_the_readme_names_only_verbs_that_there_are() -> None:
    text = (SOURCE_ROOT.parent / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(?:[^`]*\s)?tokencoach ([a-z]+)", text))
    assert named
    assert named <= set(VERBS)


def test_without_a_terminal_it_prints_the_audit_and_leaves_nothing_running(filled: Machine) -> None:
    done = filled.run()
    assert done.returncode == 0
    assert "February 2026" in done.stdout.decode()
    assert filled.read("SELECT count(*) FROM heartbeat") == [(0,)]


def test_without_any_log_it_says_where_it_looked_and_shows_the_demonstration(machine: Machine) -> None:
    done = machine.run(timeout_s=120)
    said = done.stdout.decode()
    assert done.returncode == 0
    assert "~/.claude/projects" in said
    assert "~/.codex/sessions" in said
    assert "DEMO" in said
    assert "became code that is still there" in said
    assert _left_running(machine) == []


def _left_running(machine: Machine) -> list[str]:
    """Command lines of processes that still name this test's home in their environment."""
    if sys.platform != "linux":
        return []
    mark = f"TOKENCOACH_HOME={machine.state}".encode()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if int(folder.name) != os.getpid() and mark in (folder / "environ").read_bytes().split(b"\0"):
                found.append((folder / "cmdline").read_bytes().decode())
        except OSError:
            continue
    return found


def test_a_reader_that_leaves_early_is_no_error(filled: Machine) -> None:
    for index in range(60):
        name = f"B{index}"
        filled.log(requests(1, session=name), f"{name}.jsonl")
    filled.ingest()
    for verb in (("sessions",), ("sessions", "--json"), ("usage", "--by", "session")):
        process = filled.start(*verb, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert process.stdout is not None
        process.stdout.close()
        _, told = process.communicate(timeout=30)
        assert told == b""


def test_a_full_disk_behind_stdout_is_told(filled: Machine) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("no /dev/full here")
    with full.open("wb") as sink:
        process = filled.start("usage", stdout=sink, stderr=subprocess.PIPE)
        _, told = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "No space left" in told.decode()
    assert "Traceback" not in told.decode()


@pytest.mark.parametrize("verb", ["--version", "repos list", "doctor", "config show"])
def test_a_reader_that_has_gone_or_a_full_disk_ends_a_verb_without_a_traceback(
    filled: Machine, verb: str
) -> None:
    for target in ("/dev/full", ""):
        reader, writer = os.pipe()
        os.close(reader)
        sink = os.open(target, os.O_WRONLY) if target else writer
        process = filled.start(*verb.split(), stdout=sink, stderr=subprocess.PIPE)
        _, told = process.communicate(timeout=30)
        for descriptor in {sink, writer}:
            os.close(descriptor)
        assert process.returncode == (1 if target or verb == "--version" else 141), told
        assert b"Traceback" not in told


def test_a_verb_whose_streams_are_closed_runs_to_its_end(filled: Machine) -> None:
    closed = "exec " + shlex.join(filled.command("usage")) + " <&- >&- 2>&-"
    assert subprocess.run(["/bin/sh", "-c", closed], env=filled.environment, check=False).returncode == 0


@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "latin-1"])
def test_output_fits_any_encoding_of_the_terminal(machine: Machine, encoding: str) -> None:
    title = {"type": "custom-title", "customTitle": "caf\u00e9 \U0001f600", "sessionId": "S1"}
    machine.log(requests(2) + lines([title]))
    extra = {"PYTHONIOENCODING": encoding}
    for verb in (("audit", "--month", "2026-02"), ("sessions",), ("doctor",)):
        assert machine.run(*verb, extra=extra).returncode in (0, 1)
    assert machine.json("sessions", extra=extra)["sessions"]


def test_no_colour_and_no_escape_without_a_terminal(filled: Machine) -> None:
    for verb in READING_VERBS:
        assert b"\x1b" not in filled.run(*verb.split()).stdout


def test_on_a_terminal_progress_is_cleared_away_and_data_stays_pure(filled: Machine) -> None:
    ours, theirs = pty.openpty()
    process = filled.start("usage", "--json", stdout=subprocess.PIPE, stderr=theirs, stdin=theirs)
    os.close(theirs)
    said, _ = process.communicate(timeout=30)
    drawn = os.read(ours, 1 << 16)
    os.close(ours)
    assert isinstance(json.loads(said), dict)
    assert drawn.endswith(b"\r\x1b[K")


def _at(instant: str, number: int) -> dict[str, Any]:
    return claude.assistant(number, f"m{number}") | {"timestamp": instant}


def test_days_and_months_begin_in_the_named_zone(machine: Machine) -> None:
    instants = [
        "2026-02-28T09:59:59Z",
        "2026-02-28T10:00:00Z",
        "2026-03-01T11:59:59Z",
        "2026-03-01T12:00:00Z",
    ]
    machine.log(lines(_at(instant, number) for number, instant in enumerate(instants)))
    for zone, wanted in (
        ("UTC", {"2026-02-28": 2, "2026-03-01": 2}),
        ("Pacific/Kiritimati", {"2026-02-28": 1, "2026-03-01": 1, "2026-03-02": 2}),
        ("Etc/GMT+12", {"2026-02-27": 2, "2026-02-28": 1, "2026-03-01": 1}),
    ):
        said = machine.json("usage", "--by", "day", "--tz", zone)["rows"]
        assert {row["day"]: row["requests"] for row in said} == wanted, zone
    for zone, wanted_months in (("UTC", (2, 2)), ("Pacific/Kiritimati", (1, 3)), ("Etc/GMT+12", (3, 1))):
        for month, count in zip(("2026-02", "2026-03"), wanted_months, strict=True):
            said = machine.json("audit", "--month", month, "--tz", zone)["spend"]
            assert said["tokens"] == count * 1160, (zone, month)


def test_the_days_of_a_clock_change_hold_23_and_25_hours(machine: Machine) -> None:
    # Berlin: 29 March 2026 has 23 hours, 25 October 2026 has 25.
    spring = [f"2026-03-{28 + (hour + 23) // 24}T{(hour + 23) % 24:02}:30:00Z" for hour in range(25)]
    autumn = [f"2026-10-{24 + (hour + 22) // 24}T{(hour + 22) % 24:02}:30:00Z" for hour in range(25)]
    machine.log(lines(_at(instant, number) for number, instant in enumerate([*spring, *autumn])))
    rows = machine.json("usage", "--by", "day", "--tz", "Europe/Berlin")["rows"]
    days = {row["day"]: row["requests"] for row in rows}
    assert (days["2026-03-29"], days["2026-10-25"]) == (23, 25)


def test_both_ends_of_a_span_are_included(machine: Machine) -> None:
    instants = [f"2026-02-{day:02}T{hour}:00:00Z" for day in range(1, 6) for hour in ("00", "23")]
    machine.log(lines(_at(instant, number) for number, instant in enumerate(instants)))
    span = ("--since", "2026-02-02", "--until", "2026-02-04", "--tz", "UTC")
    assert machine.json("usage", *span)["totals"]["requests"] == 6
    assert machine.json("audit", *span)["spend"]["tokens"] == 6 * 1160
    assert machine.json("sessions", *span)["sessions"][0]["requests"] == 6
    assert machine.json("usage", "--since", "2026-02-05", "--until", "2026-02-05")["totals"]["requests"] == 2


def test_an_audit_keeps_the_verdicts_that_the_first_screen_shows(filled: Machine) -> None:
    filled.run("audit")
    query = "SELECT count(*), min(judged_ms) > 0 FROM session_verdict"
    assert filled.read(query) == [(2, 1)]
    assert filled.read("SELECT count(*) FROM audit_cache") == [(2,)]
    made = filled.read("SELECT max(made_ms) FROM audit_cache")
    filled.run("audit")
    assert filled.read("SELECT max(made_ms) FROM audit_cache") == made, "nothing changed, nothing is judged"
    filled.log(requests(5, session="S2"), "S2.jsonl")
    filled.run("audit")
    assert filled.read("SELECT sum(tokens) FROM session_verdict") == [(8 * 1160,)]


@pytest.mark.parametrize("verb", [("audit",), ("sessions",), ("sessions", "show", "S1")])
def test_a_day_ahead_is_said_to_be_one(filled: Machine, verb: tuple[str, ...]) -> None:
    clock = {"TOKENCOACH_NOW": "2026-03-01T12:00:00Z"}
    filled.ingest(extra=clock)
    ahead = filled.run(*verb, "--as-of", "2026-03-02", extra=clock).stderr.decode()
    assert ahead.count("2026-03-02 lies ahead") == 1
    today = filled.run(*verb, "--as-of", "2026-03-01", extra=clock).stderr.decode()
    assert "lies ahead" not in today


def test_blame_outside_a_repository_names_the_option_that_mends_it(filled: Machine, tmp_path: Path) -> None:
    done = filled.run("blame", "--commit", "HEAD", cwd=tmp_path)
    assert done.returncode == 2
    assert b"--repo PATH" in done.stderr


@pytest.mark.parametrize(("typed", "meant"), [("useage", "usage"), ("adit", "audit"), ("zzz", None)])
def test_a_verb_with_a_slip_is_answered_with_the_one_that_was_meant(
    machine: Machine, typed: str, meant: str | None
) -> None:
    told = machine.run(typed).stderr.decode()
    assert f"No such command '{typed}'." in told
    assert (f"Did you mean '{meant}'?" in told) == (meant is not None)
