"""Assistants that delete their logs: which days of use were gone before anything could read them."""

from __future__ import annotations

import json
import shutil
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from cli.machine import requests
from cli.test_drift import items

if TYPE_CHECKING:
    from cli.machine import Machine

CLAUDE, GEMINI = "claude-code keeps its logs", "gemini-cli keeps its logs"


def typed(*days: str) -> str:
    """Claude Code's list of prompts, one typed on each of the days."""
    told = [int(datetime.fromisoformat(f"{day}T12:00:00+00:00").timestamp() * 1000) for day in days]
    return "".join(json.dumps({"display": "a word", "timestamp": at, "project": "/x"}) + "\n" for at in told)


def test_days_of_use_without_a_log_are_told(machine: Machine) -> None:
    machine.log(requests(3))
    (machine.home / ".claude" / "history.jsonl").write_text(typed("2025-11-03", "2025-11-03", "2025-12-24"))
    machine.ingest()
    value = items(machine)[CLAUDE]["value"]
    assert value.endswith("lost before they were read: 2 days of use (2025-11-03 to 2025-12-24)")
    assert "a word" not in value


def test_days_that_were_read_are_not_lost_though_their_logs_are_gone(machine: Machine) -> None:
    log = machine.log(requests(3))
    machine.ingest()
    ((day,),) = machine.read("SELECT DISTINCT day FROM day_usage")
    log.unlink()
    (machine.home / ".claude" / "history.jsonl").write_text(
        typed(f"{day // 10000}-{day // 100 % 100:02}-{day % 100:02}")
    )
    machine.ingest()
    assert "lost" not in items(machine)[CLAUDE]["value"]


def test_counts_by_day_tell_of_use_too(machine: Machine) -> None:
    machine.log(requests(3))
    told = {"dailyActivity": [{"date": "2025-10-01", "messageCount": 4}]}
    (machine.home / ".claude" / "stats-cache.json").write_text(json.dumps(told))
    machine.ingest()
    assert "1 day of use (2025-10-01)" in items(machine)[CLAUDE]["value"]


def test_what_was_typed_today_is_not_lost_yet(machine: Machine) -> None:
    machine.log(requests(3))
    today = datetime.fromtimestamp(time.time(), UTC).date().isoformat()
    (machine.home / ".claude" / "history.jsonl").write_text(typed(today) + "{broken\n")
    machine.ingest()
    assert "lost" not in items(machine)[CLAUDE]["value"]


def test_gemini_lists_prompts_of_sessions_that_it_has_deleted(machine: Machine) -> None:
    machine.log(requests(3))
    place = machine.home / ".gemini" / "tmp" / "demo"
    place.mkdir(parents=True)
    (place / "logs.json").write_text(json.dumps([{"timestamp": "2025-10-05T10:00:00.000Z", "message": "hi"}]))
    machine.ingest()
    item = items(machine)[GEMINI]
    assert "1 day of use (2025-10-05)" in item["value"]
    assert '"sessionRetention": {"enabled": false}' in item["mend"]


@pytest.mark.parametrize(
    ("told", "shown"),
    [({"maxAge": "2w"}, "14 days, then"), ({"maxAge": "900d", "maxCount": 50}, "at most 50 sessions")],
)
def test_what_gemini_was_told_to_keep_is_said(machine: Machine, told: dict[str, object], shown: str) -> None:
    machine.log(requests(3))
    (machine.home / ".gemini" / "tmp").mkdir(parents=True)
    settings = {"general": {"sessionRetention": told}}
    (machine.home / ".gemini" / "settings.json").write_text(json.dumps(settings))
    assert shown in items(machine)[GEMINI]["value"]


def test_that_ollama_keeps_five_logs_is_said(machine: Machine) -> None:
    machine.log(requests(3))
    (machine.home / ".ollama" / "logs").mkdir(parents=True)
    assert "the 5 before" in items(machine)["ollama keeps its logs"]["value"]


def test_of_an_assistant_that_is_not_here_no_retention_is_told(machine: Machine) -> None:
    shutil.rmtree(machine.home / ".claude", ignore_errors=True)
    said = machine.json("doctor")
    (logs,) = [section for section in said["sections"] if section["name"] == "logs"]
    assert not [item["name"] for item in logs["items"] if "keeps its" in item["name"]]


def test_that_copilot_drops_its_traces_is_said(machine: Machine) -> None:
    machine.log(requests(3))
    place = machine.home / ".config" / "Code" / "User" / "globalStorage" / "github.copilot-chat"
    place.mkdir(parents=True)
    (place / "agent-traces.db").write_bytes(b"")
    assert "drops older ones" in items(machine)["copilot-chat keeps its traces"]["value"]
