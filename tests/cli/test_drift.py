"""Formats that drift: unknown kinds and fields by version, and a log whose format changes on the way."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

from cli.machine import lines, requests
from sources import claude_records as claude
from sources.rows import create, put

if TYPE_CHECKING:
    from cli.machine import Machine

BEGAN = 1_781_690_400_000


def items(machine: Machine, *, code: int = 0) -> dict[str, dict[str, Any]]:
    """What the doctor says of logs."""
    said = machine.json("doctor", code=code)
    (found,) = [section["items"] for section in said["sections"] if section["name"] == "logs"]
    return {item["name"]: item for item in found}


def renamed(count: int, first: int = 1, version: str = "9.0.0") -> bytes:
    """Answers in a format that nobody knows yet: other names for kind, message and usage."""
    told = [claude.assistant(number % 60, f"n{number}") for number in range(first, first + count)]
    return lines(
        [{"kind": "turn.v9", "sid": one["sessionId"], "body": one["message"], "ver": version} for one in told]
    )


def test_kinds_and_fields_that_are_not_known_are_told_by_version(machine: Machine) -> None:
    message = {"role": "user", "content": "x", "costInTrees": 2}
    record = claude.user(5, "please") | {"version": "2.9.1", "brandNewField": 1, "message": message}
    odd = claude.user(6, "go on") | {"version": "2.9.1", "type": "brand-new-kind"}
    machine.log(requests(2) + lines([record, odd]))
    said = machine.json("ingest")["sources"][0]
    assert said["unseen_kinds"] == {"brand-new-kind": 1}
    assert said["unseen_fields"] == {"brandNewField": 1, "message.costInTrees": 1}
    told = items(machine)
    assert (
        told["claude-code 2.9.1: fields not known"]["value"] == "brandNewField (1), message.costInTrees (1)"
    )
    assert told["claude-code 2.9.1: record kinds not known"]["value"] == "brand-new-kind (1)"


def test_what_is_known_is_not_told(machine: Machine) -> None:
    machine.log(requests(5))
    machine.ingest()
    assert not [name for name in items(machine) if "not known" in name or "silent" in name]


def test_a_log_whose_format_changes_on_the_way_falls_silent(machine: Machine) -> None:
    machine.log(requests(5))
    machine.ingest()
    machine.log(requests(5) + renamed(40))
    machine.ingest()
    told = items(machine, code=1)["claude-code fell silent"]
    assert "update tokencoach" in told["mend"]
    assert "no request was found" in told["value"]
    assert "in 1 file" in told["value"]


def test_the_counters_are_kept_between_runs_and_add_up(machine: Machine) -> None:
    machine.log(requests(5))
    machine.ingest()
    for count in (4, 8, 12, 16):
        machine.log(requests(5) + renamed(count))
        machine.ingest()
    size = len(renamed(16))
    assert f"{size:,} bytes" in items(machine, code=1)["claude-code fell silent"]["value"]


def test_a_source_that_speaks_again_is_silent_no_more(machine: Machine) -> None:
    machine.log(requests(5))
    machine.ingest()
    machine.log(requests(5) + renamed(40))
    machine.ingest()
    machine.log(requests(5) + renamed(40) + requests(2, first=50))
    machine.ingest()
    assert "claude-code fell silent" not in items(machine)


def test_many_sessions_that_end_with_a_record_of_no_account_are_no_silence(machine: Machine) -> None:
    machine.log(requests(5))
    machine.ingest()
    for number in range(20):
        machine.log(renamed(1), f"S{number + 2}.jsonl")
    machine.ingest()
    assert len(renamed(1)) * 20 > 4096 > len(renamed(1))
    assert "claude-code fell silent" not in items(machine)


def test_a_database_whose_format_changes_on_the_way_falls_silent(machine: Machine) -> None:
    path = machine.home / ".local" / "share" / "opencode" / "opencode.db"
    columns = "id PRIMARY KEY, session_id, time_updated, data"
    with closing(create(path, session="id PRIMARY KEY, directory, time_updated", message=columns)) as owner:
        put(owner, "session", id="s1", directory="/home/dev/demo", time_updated=BEGAN)
        told = {"role": "assistant", "modelID": "gpt-5", "time": {"created": BEGAN}, "tokens": {"input": 9}}
        put(owner, "message", id="m0", session_id="s1", time_updated=BEGAN, data=told)
        machine.json("ingest")
        assert "opencode fell silent" not in items(machine)
        for number in range(1, 41):
            later = {"part_of_play": "model", "spent": {"in": 9}, "body": "x" * 200}
            put(owner, "message", id=f"m{number}", session_id="s1", time_updated=BEGAN + number, data=later)
        machine.json("ingest")
    mute = items(machine, code=1)["opencode fell silent"]
    assert "no request was found" in mute["value"]


def test_much_that_is_known_and_makes_no_request_is_no_silence(machine: Machine) -> None:
    machine.log(requests(5))
    machine.ingest()
    typed = lines([claude.user(10 + number % 40, "words " * 60, uuid=f"u{number}") for number in range(40)])
    machine.log(requests(5) + typed)
    machine.ingest()
    assert "claude-code fell silent" not in items(machine)


def test_a_copy_read_again_from_its_beginning_counts_nothing_twice(machine: Machine) -> None:
    odd = claude.user(2, "go on") | {"brandNewField": 1}
    machine.log(lines([odd]) + requests(2, first=3))
    machine.ingest()
    machine.log(requests(1, first=40) + lines([odd]) + requests(2, first=3))
    said = machine.json("ingest")["sources"][0]
    assert said["unseen_fields"] == {"brandNewField": 1}
