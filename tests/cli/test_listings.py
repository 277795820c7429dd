"""Text for people: columns that stand below each other, and words where nothing is known."""

from __future__ import annotations

import json

import pytest

from cli.machine import Machine, lines, requests
from sources import claude_records as claude
from tokencoach.audit.blame import BlamedLine
from tokencoach.audit.report import LoggedPrompt
from tokencoach.cli.blame import told_lines
from tokencoach.store.blame_rows import Author


@pytest.fixture
def elsewhere(machine: Machine) -> Machine:
    """A session with an edit in a folder of another computer."""
    call = claude.tool_use("e1", "Write", file_path="D:\\work\\api\\a.py", content="answer = forty_two()\n")
    said = [
        claude.user(0, "do it"),
        claude.assistant(20, "m1", [call]),
        claude.result(21, "e1", "ok", {"type": "create"}),
    ]
    folders = ("D:\\work\\api", "D:\\work\\api", "D:\\work\\api\\src")
    machine.log(
        lines({**record, "cwd": cwd, "sessionId": "E"} for record, cwd in zip(said, folders, strict=True)),
        "E.jsonl",
    )
    return machine


def test_usage_of_a_month_is_that_of_its_days(machine: Machine) -> None:
    machine.log(requests(3))
    (row,) = json.loads(machine.run("usage", "--by", "month", "--json").stdout)["rows"]
    named = json.loads(machine.run("usage", "--month", row["month"], "--by", "month", "--json").stdout)
    assert named["rows"] == [row]
    assert row["requests"] == 3
    assert machine.run("usage", "--month", "2020-01", "--json").returncode == 3


def test_sessions_are_a_table_in_the_time_of_the_zone(machine: Machine) -> None:
    machine.log(requests(3))
    machine.log(requests(1, session="a session\twith [red]\x1b[31m blanks"), "S2.jsonl")
    head, *rows, zone = machine.run("--tz", "Asia/Kolkata", "sessions").stdout.decode().splitlines()
    assert zone == "Times in Asia/Kolkata."
    assert max(map(len, (head, *rows))) <= 80
    assert len(rows) == 2
    assert len({row.index("neutral") for row in rows}) == 1
    assert head.index("verdict") == rows[0].index("·")
    assert all(row.startswith("2026-02-10 17:3") for row in rows)
    assert "\x1b" not in "".join(rows)


def test_what_a_session_was_about_has_the_cells_that_are_left(machine: Machine) -> None:
    machine.log(lines([claude.user(0, "please move the cache behind one door and test it")]) + requests(2))
    head, row, _zone = machine.run("sessions").stdout.decode().splitlines()
    assert "tool" not in head, "all sessions are of one"
    assert row[head.index("about") :].startswith("please move the")
    assert row.endswith("…")
    assert len(row) <= 80


def test_usage_fits_80_columns_whatever_a_folder_is_called(machine: Machine) -> None:
    folder = "/home/dev/src/a-rather-long-name-of-a-group/and-of-one-project-in-it"
    machine.log(lines({**record, "cwd": folder} for record in map(json.loads, requests(2).splitlines())))
    head, row, *_ = machine.run("usage", "--by", "project").stdout.decode().splitlines()
    assert max(len(head), len(row)) <= 80
    assert row.startswith("…")
    assert "one-project-in-it" in row
    _, row, *_ = machine.run("usage", "--by", "session", "--by", "project").stdout.decode().splitlines()
    assert len(row) <= 80


def test_lines_of_one_origin_are_blamed_as_a_range_and_broken_at_80_columns() -> None:
    wrote = Author("5f2c91a07777", "codex", 3, "ab" * 20, 0.97, "ordered", "a.py", 1, 1, 1)
    asked = LoggedPrompt("please move the cache behind one door and test it, then tell me what is left", "")
    nobody = "no assistant's edit in the logs wrote this line"
    lines: list[tuple[BlamedLine, LoggedPrompt | None]] = [
        (BlamedLine("a.py", number, wrote, evidence="confirmed"), asked) for number in (1, 2, 3, 7)
    ]
    lines.insert(3, (BlamedLine("a.py", 4, None, nobody, commit="cd" * 20), None))
    told = list(told_lines(lines))
    assert max(map(len, told)) <= 80
    assert [line.split()[0] for line in told if not line.startswith(" ")] == ["a.py:1-3", "a.py:4", "a.py:7"]
    whole = " ".join(" ".join(told).split())
    assert "codex 5f2c91a0 turn 3" in whole
    assert "sure 97 %, matched ordered; confirmed" in whole
    assert f"a.py:4 cdcdcdcdc {nobody}" in whole


def test_of_an_empty_month_nothing_but_that_is_said(machine: Machine) -> None:
    machine.log(requests(1))
    said = machine.run("audit", "--month", "2025-01").stdout.decode()
    assert said.rstrip().endswith("Nothing was spent in January 2025.")


def test_folders_of_another_computer_are_named_with_the_command_that_links_them(elsewhere: Machine) -> None:
    done = elsewhere.run("repos", "list")
    assert [line.split() for line in done.stdout.decode().splitlines()] == [["gone", "D:\\work\\api"]]
    assert "repos link 'D:\\work\\api' NEW" in done.stderr.decode()
    assert elsewhere.json("repos", "list", code=3)["gone_folders"] == ["D:\\work\\api"]
    told = elsewhere.run("doctor").stdout.decode()
    assert "not here: D:\\work\\api, named in logs" in told


def test_what_is_not_known_is_no_share_of_nothing(elsewhere: Machine) -> None:
    said = elsewhere.run("audit", "--month", "2026-02").stdout.decode()
    assert "is not known. Known for 0 % of spend." in said
    assert "the folder or its repository is gone" in said
    (project,) = [line for line in said.splitlines() if line.strip().startswith("api ")]
    assert project.endswith("—")


def test_an_assistant_that_is_not_there_deletes_nothing(machine: Machine) -> None:
    machine.project.rmdir()
    machine.projects.rmdir()
    machine.projects.parent.rmdir()
    assert "keeps its logs" not in machine.run("doctor").stdout.decode()


def test_one_is_no_plural(machine: Machine) -> None:
    machine.log(requests(1))
    said = machine.run("ingest").stdout.decode()
    assert "1 file  1 request (1 new)  1 session  0 edits" in said


@pytest.mark.parametrize("verb", ["audit", "coach", "checklist"])
def test_a_month_without_requests_names_the_newest_with_some(machine: Machine, verb: str) -> None:
    machine.log(requests(1))
    done = machine.run(verb, "--month", "2025-01")
    assert done.returncode == 3
    told = done.stderr.decode().strip().rpartition("\n")[2]
    assert told == (
        f"no request in January 2025; the newest month with requests: tokencoach {verb} --month 2026-02"
    )
