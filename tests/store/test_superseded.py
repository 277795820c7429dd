"""A sum that was counted before the requests behind it were told counts no more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sources.rows import create, put

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path

    from cli.machine import Machine

SECONDS: Final = 1_781_690_400
COUNTS: Final = ("input_tokens", "output_tokens", "total_tokens", "cache_read_tokens", "cache_write_tokens")
TOKENS: Final = "SELECT sum(input), sum(output) FROM request"
DAYS: Final = "SELECT sum(input), sum(output) FROM day_usage"


def _goose(home: Path) -> sqlite3.Connection:
    path = home / ".local" / "share" / "goose" / "sessions" / "sessions.db"
    sums = ", ".join(f"{prefix}{name}" for prefix in ("", "accumulated_") for name in COUNTS)
    return create(
        path,
        sessions=f"id TEXT PRIMARY KEY, name, working_dir, session_type, created_at, updated_at, {sums}, "
        "accumulated_cost, provider_name, model_config_json, parent_session_id",
        messages="id INTEGER PRIMARY KEY, message_id, session_id, role, content_json, created_timestamp",
    )


def _session(owner: sqlite3.Connection, second: int, **sums: int) -> None:
    put(
        owner, "sessions", id="s1", name="t", working_dir="/home/dev/demo", session_type="user",
        created_at="2026-06-17 10:00:00", updated_at=f"2026-06-17 10:00:{second:02}",
        model_config_json={"model_name": "claude-sonnet-4-5"}, **sums,
    )  # fmt: skip


def _ledger(owner: sqlite3.Connection) -> None:
    owner.execute(
        f"CREATE TABLE usage_ledger(id INTEGER PRIMARY KEY AUTOINCREMENT, session_id, "
        f"created_timestamp INTEGER, model, {', '.join(COUNTS)}, cost, cost_source, is_compaction)"
    )


def _asked(owner: sqlite3.Connection, second: int, source: str, **counts: Any) -> None:
    put(
        owner, "usage_ledger", session_id="s1", created_timestamp=SECONDS + second, cost_source=source, **counts
    )  # fmt: skip


def test_a_tool_that_begins_to_tell_its_requests_is_not_counted_twice(machine: Machine) -> None:
    owner = _goose(machine.home)
    _session(
        owner, 5, accumulated_input_tokens=900, accumulated_output_tokens=90, accumulated_total_tokens=990
    )
    machine.json("ingest")
    assert machine.read(TOKENS) == machine.read(DAYS) == [(900, 90)]
    _ledger(owner)
    _asked(owner, 6, "carried_forward", input_tokens=900, output_tokens=90, total_tokens=990)
    _asked(owner, 7, "provider_reported", input_tokens=100, output_tokens=10, total_tokens=110)
    _session(
        owner, 8, accumulated_input_tokens=1000, accumulated_output_tokens=100, accumulated_total_tokens=1100
    )
    owner.close()
    machine.json("ingest")
    assert machine.read(TOKENS) == machine.read(DAYS) == [(1000, 100)]
    assert machine.read("SELECT count(*) FROM request_note") == [(0,)]
