"""The doctor: what is wrong with its mend, and nothing that a person would not paste."""

from __future__ import annotations

import json
import os
import shlex
from typing import TYPE_CHECKING, Any

import pytest

from cli.machine import Machine, lines, requests
from sources import claude_records as claude
from tokencoach.comprehension.sandbox.kernel import REQUIRED

if TYPE_CHECKING:
    from pathlib import Path

SECTIONS = [
    "program",
    "settings",
    "logs",
    "database",
    "watcher",
    "repositories",
    "outside evidence",
    "hooks",
    "sandbox",
    "nudges",
    "clock",
]


def _items(said: dict[str, Any], section: str) -> dict[str, dict[str, Any]]:
    found = next(entry for entry in said["sections"] if entry["name"] == section)
    return {item["name"]: item for item in found["items"]}


def test_a_sound_computer_has_every_section_and_exit_0(machine: Machine) -> None:
    machine.log(requests(3))
    machine.ingest()
    said = machine.json("doctor")
    assert [section["name"] for section in said["sections"]] == SECTIONS
    assert all(section["ok"] for section in said["sections"])
    assert "1 file, 1 session, 3 requests" in _items(said, "logs")["claude-code"]["value"]
    assert _items(said, "database")["integrity"]["value"] == "ok"


def test_folders_that_are_not_here_are_told_in_the_verdict_with_the_command_that_mends_them(
    machine: Machine,
) -> None:
    assert machine.json("doctor")["verdict"] == ["All is well."]
    gone = "/home/a b/api"
    machine.log(lines([claude.user(1, "do it") | {"cwd": gone, "sessionId": "E"}]), "E.jsonl")
    machine.ingest()
    said = machine.json("doctor")
    assert said["ok"], "a folder may be gone for good"
    first, step = said["verdict"]
    assert first == "Nothing is broken, but 1 folder of the logs is not on this computer."
    assert f"tokencoach repos link {shlex.quote(gone)} NEW" in step
    assert f"\n\n{first}\nNext: " in machine.run("doctor").stdout.decode()
    machine.log(requests(1))
    machine.ingest()
    assert "but 2 folders of the logs are not" in machine.json("doctor")["verdict"][0]


def test_the_text_fits_80_columns_and_tells_places_from_the_home_that_was_read(
    machine: Machine, tmp_path: Path
) -> None:
    other = tmp_path / "a copy of the home folder of another machine"
    other.mkdir()
    said = machine.run("--logs-home", str(other), "doctor").stdout.decode()
    assert "gemini-cli: not found; looked in .gemini/tmp\n" in said
    assert "looked under: " in said
    long = [line for line in said.splitlines() if len(line) > 80]
    assert not long


def test_before_the_first_run_it_says_the_next_step(machine: Machine) -> None:
    machine.log(requests(3))
    said = machine.json("doctor")
    assert _items(said, "logs")["claude-code"]["mend"] == "tokencoach ingest"
    assert "looked in ~/.codex" in _items(said, "logs")["codex"]["value"]
    assert not machine.database.exists(), "looking makes nothing"


def test_where_no_logs_are_all_is_not_well_and_the_next_step_is_told(
    machine: Machine, tmp_path: Path
) -> None:
    (tmp_path / "bare").mkdir()
    first, step = machine.json("--logs-home", str(tmp_path / "bare"), "doctor")["verdict"]
    assert first == "Nothing is broken, but no assistant's logs were found."
    assert "--logs-home DIR" in step
    machine.log(requests(3))
    machine.ingest()
    assert not any("no assistant's logs" in line for line in machine.json("doctor")["verdict"])


def test_the_walls_of_the_sandbox_are_named_and_the_ways_out_tried_when_asked(machine: Machine) -> None:
    plain = _items(machine.json("doctor"), "sandbox")
    tried = _items(machine.json("doctor", "--sandbox"), "sandbox")
    if "code of a change" in plain:
        assert plain["code of a change"]["value"].startswith("not run: ")
        assert tried == plain
    else:
        assert {plain[name]["value"] for name in REQUIRED} == {"stands"}
        assert len([name for name in tried if name.startswith("code that ")]) == 20
        assert {item["value"] for name, item in tried.items() if name.startswith("code that ")} == {"held"}


def test_the_output_can_be_pasted(machine: Machine) -> None:
    record = claude.user(1, "a-word-of-the-person") | {"cwd": str(machine.home / "work")}
    machine.log(lines([record]) + requests(2, first=1) + b"{broken\n")
    machine.ingest()
    for flags in ([], ["--json"]):
        done = machine.run("doctor", *flags)
        assert done.returncode == 1
        assert str(machine.home) not in done.stdout.decode()
        assert "a-word-of-the-person" not in done.stdout.decode()
    assert "~/.claude/projects/-home-dev-demo/S1.jsonl at byte" in done.stdout.decode()


@pytest.mark.parametrize(
    ("setting", "value", "has_mend"),
    [(None, "30 days (its default)", True), (20, "20 days", True), (3650, "3650 days", False)],
)
def test_logs_that_their_assistant_will_delete_are_told_with_its_own_setting(
    machine: Machine, setting: int | None, value: str, *, has_mend: bool
) -> None:
    machine.log(requests(1))
    if setting is not None:
        (machine.home / ".claude" / "settings.json").write_text(json.dumps({"cleanupPeriodDays": setting}))
    item = _items(machine.json("doctor"), "logs")["claude-code keeps its logs"]
    assert value in item["value"]
    assert (item["mend"] is not None) == has_mend
    if has_mend:
        assert '"cleanupPeriodDays"' in item["mend"]
        assert "~/.claude/settings.json" in item["mend"]


def test_where_claude_code_is_configured_elsewhere_that_file_is_named(machine: Machine) -> None:
    elsewhere = machine.home / "config"
    (elsewhere / "projects").mkdir(parents=True)
    said = machine.json("doctor", extra={"CLAUDE_CONFIG_DIR": str(elsewhere)})
    assert "~/config/settings.json" in _items(said, "logs")["claude-code keeps its logs"]["mend"]


def test_a_database_that_others_can_read_is_told(machine: Machine) -> None:
    machine.log(requests(1))
    machine.ingest()
    machine.database.chmod(0o644)
    said = machine.json("doctor", code=1)
    assert _items(said, "database")["private"]["mend"] == "chmod 600 ~/tokencoach/tokencoach.db"
    assert os.stat(machine.database).st_mode & 0o077  # noqa: PTH116


def test_an_unreadable_settings_file_of_claude_code_stops_nothing(machine: Machine) -> None:
    machine.log(requests(1))
    (machine.home / ".claude" / "settings.json").write_bytes(b"\xff{broken")
    assert "30 days" in _items(machine.json("doctor"), "logs")["claude-code keeps its logs"]["value"]


@pytest.mark.parametrize(
    ("setting", "value", "has_mend"),
    [
        (None, "30 days (its default)", True),
        ({"maxAge": "2w"}, "14 days", True),
        ({"maxAge": "400d"}, "400 days", False),
        ({"enabled": False}, "for good", False),
        ("odd", "30 days (its default)", True),
    ],
)
def test_logs_that_gemini_will_delete_are_told_with_its_own_setting(
    machine: Machine, setting: Any, value: str, *, has_mend: bool
) -> None:
    (machine.home / ".gemini" / "tmp").mkdir(parents=True)
    if setting is not None:
        told = {"general": {"sessionRetention": setting}}
        (machine.home / ".gemini" / "settings.json").write_text(json.dumps(told))
    item = _items(machine.json("doctor"), "logs")["gemini-cli keeps its logs"]
    assert item["value"].startswith(value)
    assert (item["mend"] is not None) is has_mend


def test_the_ways_by_which_the_coach_reaches_you_are_told(machine: Machine) -> None:
    machine.log(requests(1))
    machine.run("statusline", "install", "--yes")
    machine.set("[ritual]\nnotify = true\n")
    done = machine.run("doctor", "--json", extra={"PATH": "/nowhere"})
    said = json.loads(done.stdout)
    found = {
        item["name"]: item
        for section in said["sections"]
        if section["name"] == "nudges"
        for item in section["items"]
    }
    assert found["status line"]["value"].startswith("installed (claude-code")
    assert "tokencoach coach nudge install" in found["assistant's hooks"]["value"]
    assert "is not found" in found["desktop notification"]["value"]
    assert done.returncode == 1


def test_another_home_that_begins_as_ones_own_is_not_taken_for_it(machine: Machine, tmp_path: Path) -> None:
    other = Machine(tmp_path / f"{machine.home.name}-of-another")
    other.log(requests(1))
    own = machine.home if other.home.parent == machine.home.parent else other.home.parent / machine.home.name
    extra = {"HOME": str(own), "TOKENCOACH_LOGS_HOME": str(other.home)}
    said = machine.run("doctor", extra=extra).stdout.decode()
    assert f"looked under: {other.home}" in " ".join(said.split())
    assert "~-of-another" not in said


def test_the_doctor_of_a_damaged_database_says_all_the_rest_too(machine: Machine) -> None:
    machine.log(requests(3))
    machine.ingest()
    with machine.database.open("r+b") as file:
        file.seek(4096)
        file.write(b"garbage!" * 4096)
    done = machine.run("doctor", "--json")
    assert done.returncode == 1
    sections = {section["name"]: section for section in json.loads(done.stdout)["sections"]}
    assert "is damaged" in sections["database"]["items"][0]["value"]
    assert {"program", "logs", "hooks", "clock"} <= set(sections)


@pytest.mark.parametrize("is_folder", [True, False])
def test_what_stands_in_the_databases_place_is_named_with_its_mend(
    machine: Machine, *, is_folder: bool
) -> None:
    if is_folder:
        machine.database.mkdir(parents=True)
    else:
        machine.state.write_text("a file", encoding="utf-8")
    told = machine.run("usage").stderr.decode()
    assert ("tokencoach.db is a folder" if is_folder else "a file stands where the folder") in told
    assert "move it away" in told
