"""Sessions that hold others' records: whichever log is read first, and however many at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from cli.machine import lines
from sources import claude_records as claude
from tokencoach.watch import ingest
from watch.reading_in import Database

if TYPE_CHECKING:
    from pathlib import Path

FIRST_MS = 1_770_724_801_000


def _original() -> list[Any]:
    edit = claude.tool_use("t1", "Edit", file_path="/home/dev/demo/a.py", old_string="a", new_string="b")
    return [
        claude.user(1, "please"),
        claude.assistant(2, "m1", [edit]),
        claude.result(3, "t1", "ok", claude.edit_detail("a", "b", ["-a", "+b"])),
        claude.assistant(4, "m2"),
    ]


def _copy() -> list[Any]:
    """What a resume writes: the records before it under its own id, each naming the session that made it."""
    copied = [{**record, "sessionId": "S2", "requestSessionId": "S1"} for record in _original()]
    own = [claude.user(60, "go on"), claude.assistant(61, "m3")]
    return [*copied, *({**record, "sessionId": "S2"} for record in own)]


def _database(folder: Path, logs: dict[str, list[Any]], *, one_by_one: bool = False) -> Database:
    """The logs read at once, or one after the other in their order."""
    database = Database(folder, folder / "home")
    place = folder / "home" / ".claude" / "projects" / "-home-dev-demo"
    place.mkdir(parents=True)
    for name, records in logs.items():
        (place / f"{name}.jsonl").write_bytes(lines(records))
        if one_by_one:
            database.ingest()
    database.ingest()
    return database


def _owners(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    place = "SELECT {0}.key, s.session_id FROM {0} JOIN session s ON s.id = {0}.session_id"
    return {table: database.rows(place.format(table)) for table in ("request", "turn", "tool_call", "edit")}


def test_a_copy_read_before_its_original_changes_nothing(tmp_path: Path) -> None:
    logs = {"S1": _original(), "S2": _copy()}
    (tmp_path / "whole").mkdir()
    whole = _database(tmp_path / "whole", logs)
    for order in (["S1", "S2"], ["S2", "S1"]):
        folder = tmp_path / "-".join(order)
        folder.mkdir()
        grown = _database(folder, {name: logs[name] for name in order}, one_by_one=True)
        assert _owners(grown) == _owners(whole)
        assert grown.rows("SELECT session_id, first_ms, last_ms FROM session") == whole.rows(
            "SELECT session_id, first_ms, last_ms FROM session"
        )
    assert {name for _, name in _owners(whole)["tool_call"]} == {"S1"}
    assert {name for _, name in _owners(whole)["edit"]} == {"S1"}


def test_a_session_known_from_a_copy_alone_begins_with_its_first_request(tmp_path: Path) -> None:
    database = _database(tmp_path, {"S2": _copy()})
    assert database.rows("SELECT session_id, first_ms, last_ms FROM session WHERE session_id='S1'") == [
        ("S1", FIRST_MS + 1000, FIRST_MS + 3000)
    ]


def test_logs_committed_together_give_what_logs_committed_one_by_one_give(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    logs = {"S1": _original(), "S2": _copy()}
    (tmp_path / "together").mkdir()
    (tmp_path / "apart").mkdir()
    together = _database(tmp_path / "together", logs)
    monkeypatch.setattr(ingest, "_COMMIT_BYTES", 1)
    apart = _database(tmp_path / "apart", logs)
    assert apart.contents() == together.contents()
    assert _owners(apart) == _owners(together)


@pytest.mark.parametrize("model", ["claude-sonnet-4-5-20250929", "claude-opus-4-6"])
def test_a_day_costs_what_its_requests_cost_one_by_one(tmp_path: Path, model: str) -> None:
    """Where a price rises with the prompt, the day's sum says nothing of it."""
    small = claude.usage(cache_read_input_tokens=150_000)
    large = claude.usage(cache_read_input_tokens=250_000)

    def cost(name: str, tokens: list[dict[str, Any]]) -> int:
        (tmp_path / name).mkdir()
        made = [claude.assistant(2 + n, f"m{n}", tokens=each, model=model) for n, each in enumerate(tokens)]
        database = _database(tmp_path / name, {"S1": made})
        return int(database.rows("SELECT sum(cost_nano) FROM day_usage")[0][0])

    one, other = cost("small", [small]), cost("large", [large])
    assert cost("smalls", [small, small, small]) == 3 * one
    assert cost("both", [small, large]) == one + other
