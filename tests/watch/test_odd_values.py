"""A value that no calendar, no sum and no column takes costs its own record alone, and stops no verb."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from cli.machine import Machine, lines, requests
from sources import claude_records as claude
from tokencoach.clock import LATEST_MS
from tokencoach.sources.fields import count, moment_ms
from tokencoach.sources.instants import instant_ms
from tokencoach.usage.facts import Facts, SessionSeen
from watch.reading_in import Database

if TYPE_CHECKING:
    from pathlib import Path

TOKENS = 1160
VERBS = (
    ("usage",),
    ("audit", "--month", "2026-02"),
    ("sessions",),
    ("coach", "--month", "2026-02"),
    ("doctor",),
)


def _odd(**fields: Any) -> bytes:
    return lines([claude.assistant(9, "msg_odd", sessionId="ODD") | fields])


@pytest.mark.parametrize(
    ("stamp", "zone"),
    [("9999-12-31T23:59:59.999Z", "Pacific/Kiritimati"), ("2200-01-01T00:00:00.000Z", "UTC")],
)
def test_a_record_of_the_last_day_of_all_calendars_stops_no_verb(
    machine: Machine, stamp: str, zone: str
) -> None:
    machine.log(requests(3) + _odd(timestamp=stamp) + requests(2, first=3))
    for verb in VERBS:
        assert machine.run("--tz", zone, *verb).returncode in (0, 1)
    assert machine.used() == (6, 6 * TOKENS), "it has the instant of the record before it"


def test_counts_and_costs_that_no_column_takes_are_damaged_fields(machine: Machine) -> None:
    tokens = claude.usage(output=10) | {"input_tokens": 10**15, "cache_read_input_tokens": 1 << 49}
    odd = [
        lines([claude.assistant(9, "msg_odd", tokens=tokens) | {"costUSD": cost}]) for cost in (1e15, 1e300)
    ]
    machine.log(requests(3) + b"".join(odd) + requests(2, first=3))
    for verb in VERBS:
        assert machine.run(*verb).returncode in (0, 1)
    rows = machine.json("usage", "--by", "session")["rows"]
    assert sum(row["requests"] for row in rows) == 6
    assert all(row["input_tokens"] < 10**10 for row in rows)
    assert machine.read("SELECT count(*) FROM quarantine") == [(0,)]


def test_a_file_of_no_real_time_is_read(machine: Machine) -> None:
    for place, at_s in enumerate((-(10**9), 10**10)):
        log = machine.home / f"llama-server-{place}.log"
        log.write_bytes(b"slot release\n")
        transcript = machine.home / ".cursor" / "projects" / "p" / "agent-transcripts" / f"a{place}.jsonl"
        transcript.parent.mkdir(parents=True, exist_ok=True)
        transcript.write_bytes(
            lines([{"role": "user", "message": {"content": [{"type": "text", "text": "hi"}]}}])
        )
        for file in (log, transcript):
            os.utime(file, (at_s, at_s))
    machine.log(requests(3))
    for verb in VERBS:
        assert machine.run(*verb).returncode in (0, 1)
    assert machine.used() == (3, 3 * TOKENS)


@pytest.mark.parametrize("value", [LATEST_MS, 10**13 - 1, 10**10 - 1, 10**19, 4.2e12 * 1.1])
def test_a_number_after_the_latest_instant_is_none(value: float) -> None:
    assert moment_ms(value) is None
    assert moment_ms("2026-02-01T00:00:00.000Z") == instant_ms("2026-02-01T00:00:00Z")


def test_more_tokens_than_any_session_has_are_no_count() -> None:
    assert count(10**9) == 10**9
    assert count(10**12) == 0


def test_a_plugged_in_source_that_tells_an_impossible_instant_loses_that_line_alone(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.log(requests(3))
    other = machine.project / "S2.jsonl"
    other.write_bytes(b"{}\n")
    sound = __import__("tokencoach.sources.claude_code.source", fromlist=["ClaudeCode"]).ClaudeCode

    def read(
        self: Any, chunk: bytes, state: bytes, file: Any, base: int, **options: Any
    ) -> tuple[Facts, bytes]:
        if file.path == other:
            return Facts(sessions=[SessionSeen("X", 5, 10**17)]), b""
        found: tuple[Facts, bytes] = plain(self, chunk, state, file, base, **options)
        return found

    plain = sound.read
    monkeypatch.setattr(sound, "read", read)
    database = Database(tmp_path, machine.home)
    database.ingest()
    assert database.rows("SELECT session_id FROM session") == [("S1",)]
    ((length, error),) = database.rows("SELECT length, error FROM quarantine")
    assert length == 3
    assert "out of range" in error
