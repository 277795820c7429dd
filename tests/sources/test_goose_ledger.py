"""Goose since its fifteenth schema: each request told by itself, and sums of older versions carried forward."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sources.agents import BEGAN, DEMO, counted
from sources.rows import create, put, read_rows
from tokencoach.sources.goose import Goose
from tokencoach.watch.whole import Marks

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator
    from pathlib import Path

SECONDS = BEGAN // 1000
SUMS = ", ".join(
    f"{prefix}{name}_tokens"
    for prefix in ("", "accumulated_")
    for name in ("input", "output", "total", "cache_read", "cache_write")
)
LEDGER = (
    "id INTEGER PRIMARY KEY AUTOINCREMENT, session_id, created_timestamp INTEGER, model, input_tokens, "
    "output_tokens, total_tokens, cache_read_tokens, cache_write_tokens, cost, cost_source, is_compaction"
)
ONE = {
    "input_tokens": 1000,
    "output_tokens": 50,
    "total_tokens": 1050,
    "cache_read_tokens": 800,
    "cache_write_tokens": 90,
}
ONE_COUNTED = (110, 800, 90, 50, 0)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "sessions.db"


@pytest.fixture
def owner(path: Path) -> Iterator[sqlite3.Connection]:
    connection = create(
        path,
        sessions=f"id TEXT PRIMARY KEY, name, working_dir, session_type, created_at, updated_at, {SUMS}, "
        "accumulated_cost, provider_name, model_config_json, parent_session_id",
        messages="id INTEGER PRIMARY KEY, message_id, session_id, role, content_json, created_timestamp, "
        "metadata_json",
        usage_ledger=LEDGER,
    )
    yield connection
    connection.close()


def session(owner: sqlite3.Connection, own: str = "20260617_1", times: int = 0, **fields: Any) -> None:
    """A session's row with the sums of so many requests."""
    sums = {f"accumulated_{name}": value * times for name, value in ONE.items()} if times else {}
    told = {"session_type": "user", "updated_at": f"2026-06-17 10:00:{times + 5:02}"} | fields
    settings = {"model_name": "claude-sonnet-4-5"}
    put(
        owner, "sessions", id=own, name="t", working_dir=DEMO, created_at="2026-06-17 10:00:00",
        model_config_json=settings, **sums, **told,
    )  # fmt: skip


def asked(owner: sqlite3.Connection, second: int, own: str = "20260617_1", **fields: Any) -> None:
    """A request in the ledger."""
    told = {"model": "claude-opus-4-5", "cost": 0.25, "cost_source": "provider_reported"} | ONE | fields
    put(owner, "usage_ledger", session_id=own, created_timestamp=SECONDS + second, **told)


def test_each_request_of_the_ledger_counts_with_its_cache_apart_and_the_sum_does_not(
    owner: sqlite3.Connection, path: Path
) -> None:
    session(owner, times=2)
    asked(owner, 1)
    asked(owner, 2, model="gpt-5", cost=None)
    merged = read_rows(Goose(), path)
    assert counted(merged) == [ONE_COUNTED, ONE_COUNTED]
    told = [(one.model, one.at_ms, one.logged_cost_usd, one.session_id) for one in merged.requests.values()]
    assert told == [
        ("claude-opus-4-5", BEGAN + 1000, 0.25, "20260617_1"),
        ("gpt-5", BEGAN + 2000, None, "20260617_1"),
    ]


def test_a_total_beside_the_cache_says_that_input_does_not_hold_it(
    owner: sqlite3.Connection, path: Path
) -> None:
    session(owner)
    asked(owner, 1, total_tokens=1940)
    assert counted(read_rows(Goose(), path)) == [(1000, 800, 90, 50, 0)]


def test_a_sum_that_was_read_before_is_not_counted_again_when_it_is_carried_forward(
    owner: sqlite3.Connection, path: Path
) -> None:
    marks = Marks()
    session(owner, times=3)
    before = read_rows(Goose(), path, marks)
    assert counted(before) == [(330, 2400, 270, 150, 0)]
    carried: dict[str, Any] = {name: value * 3 for name, value in ONE.items()}
    asked(owner, 8, **carried, model=None, cost=None, cost_source="carried_forward")
    asked(owner, 8)
    session(owner, times=4)
    after = read_rows(Goose(), path, marks)
    assert sorted(one.output for one in after.requests.values()) == [50, 150]
    assert after.requests["20260617_1:carried"].model == "claude-sonnet-4-5"
    assert set(before.requests) == {"20260617_1:sum"} == set(after.superseded)


def test_a_delegated_session_counts_its_own_requests_below_its_parent(
    owner: sqlite3.Connection, path: Path
) -> None:
    session(owner, times=1)
    session(owner, "20260617_2", times=1, session_type="sub_agent", parent_session_id="20260617_1")
    asked(owner, 1)
    asked(owner, 2, "20260617_2")
    merged = read_rows(Goose(), path)
    assert counted(merged) == [ONE_COUNTED, ONE_COUNTED]
    assert merged.sessions["20260617_2"].parent_session_id == "20260617_1"


@pytest.mark.parametrize(("name", "times"), [("msg_20260617_1_1", 1), ("msg_01XFDUDYJgAACzvnptvVoYEL", 2)])
def test_what_a_copy_of_a_session_repeats_is_told_once_unless_only_its_provider_named_it(
    owner: sqlite3.Connection, path: Path, name: str, times: int
) -> None:
    session(owner)
    asked(owner, 1)
    session(owner, "20260617_2")
    use = {"command": "str_replace", "path": "a.py", "old_str": "a", "new_str": "b"}
    value = {"name": "text_editor", "arguments": use}
    call = {"type": "toolRequest", "id": "toolu_01A09q90qw90lq917835", "toolCall": {"value": value}}
    said = ("msg_20260617_1_0", "user", {"type": "text", "text": "please"}), (name, "assistant", call)
    for number, copy in enumerate(("20260617_1", "20260617_2")):
        for at, (message_id, role, block) in enumerate(said):
            put(
                owner, "messages", id=number * 2 + at, message_id=message_id, session_id=copy, role=role,
                content_json=[block], created_timestamp=SECONDS + at,
            )  # fmt: skip
    merged = read_rows(Goose(), path)
    assert (len(merged.prompts), len(merged.edits), len(merged.calls)) == (1, times, times)
    assert counted(merged) == [ONE_COUNTED]


def message(owner: sqlite3.Connection, second: int, own: str = "20260617_1", **fields: Any) -> None:
    """A prompt, at an instant from the session's beginning on."""
    told = {"role": "user", "content_json": [{"type": "text", "text": f"at {second}"}]} | fields
    put(owner, "messages", message_id=None, session_id=own, created_timestamp=SECONDS + second, **told)


def test_what_a_session_took_over_from_another_assistants_log_is_not_counted_again(
    owner: sqlite3.Connection, path: Path
) -> None:
    session(owner, times=3, updated_at="2026-06-17 10:00:01")
    message(owner, -86_400)
    assert (read_rows(Goose(), path).requests, read_rows(Goose(), path).prompts) == ({}, {})
    asked(owner, 5, cost_source="carried_forward", model=None)
    asked(owner, 5)
    message(owner, 4)
    merged = read_rows(Goose(), path)
    assert counted(merged) == [ONE_COUNTED]
    assert [prompt.text for prompt in merged.prompts.values()] == ["at 4"]


def test_lines_of_the_older_program_count_though_their_session_began_when_they_were_taken_over(
    owner: sqlite3.Connection, path: Path
) -> None:
    session(owner, "20260617_100000", times=3, updated_at="2026-06-17 10:00:01")
    message(owner, -86_400, "20260617_100000")
    merged = read_rows(Goose(), path)
    assert (len(merged.requests), len(merged.prompts)) == (1, 1)


def test_what_goose_tells_the_model_alone_is_no_prompt(owner: sqlite3.Connection, path: Path) -> None:
    session(owner)
    message(owner, 1, metadata_json={"userVisible": False, "agentVisible": True})
    message(owner, 2, metadata_json={"userVisible": True, "agentVisible": False})
    assert [prompt.text for prompt in read_rows(Goose(), path).prompts.values()] == ["at 2"]
