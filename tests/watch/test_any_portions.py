"""However a log grows and whatever it holds, the database ends as if it had been read at once."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cli.machine import lines
from sources import claude_records as claude
from sources import codex_records as codex
from sources.made_logs import made_logs
from watch.reading_in import Database

PLACES = {
    "claude-code": ".claude/projects/-home-dev-demo/S1.jsonl",
    "codex": ".codex/sessions/2026/06/17/rollout-2026-06-17T10-00-00-T1.jsonl",
}
ODD: list[Any] = [
    None,
    True,
    -1,
    1.5,
    1 << 70,
    "x",
    "\ud800",
    "2026-99-99",
    [],
    {},
    [[]],
    {"a": [None]},
    "NaN",
    1e308,
]
EXAMPLES = settings(
    max_examples=10, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


@pytest.mark.parametrize("source", sorted(PLACES))
@EXAMPLES
@given(data=st.data())
def test_a_log_appended_in_any_portions_of_bytes_equals_one_reading(source: str, data: st.DataObject) -> None:
    content = data.draw(made_logs(source))
    cuts = sorted(data.draw(st.sets(st.integers(0, len(content)), max_size=5)))
    with tempfile.TemporaryDirectory() as folder:
        whole, grown = (_database(Path(folder) / name) for name in ("whole", "grown"))
        _log(whole, source).write_bytes(content)
        whole.ingest()
        log = _log(grown, source)
        start = 0
        for cut in [*cuts, len(content)]:
            with log.open("ab") as file:
                file.write(content[start:cut])
            start = cut
            grown.ingest()
        assert grown.contents() == whole.contents()


@pytest.mark.parametrize("source", sorted(PLACES))
@EXAMPLES
@given(data=st.data())
def test_a_wrong_type_in_any_field_stops_no_other_record(source: str, data: st.DataObject) -> None:
    records = _claude() if source == "claude-code" else _codex()
    number = data.draw(st.integers(0, len(records) - 1))
    record = records[number]
    for _ in range(data.draw(st.integers(1, 3))):
        _spoil(record, data)
    good = _claude("G1") if source == "claude-code" else _codex("G1")
    with tempfile.TemporaryDirectory() as folder:
        database = _database(Path(folder))
        log = _log(database, source)
        log.write_bytes(lines(records))
        log.with_name(log.name.replace("1.jsonl", "2.jsonl")).write_bytes(lines(good))
        database.ingest()
        sessions = {row[0] for row in database.rows("SELECT session_id FROM session")}
        assert "G1" in sessions
        kept = database.rows(
            "SELECT r.key FROM request r JOIN session s ON s.id = r.session_id WHERE s.session_id = 'G1'"
        )
        assert len(kept) == 2


def _database(folder: Path) -> Database:
    (folder / "home").mkdir(parents=True)
    return Database(folder, folder / "home")


def _log(database: Database, source: str) -> Path:
    log = database.home.folder / PLACES[source]
    log.parent.mkdir(parents=True, exist_ok=True)
    return log


def _claude(session: str = "S1") -> list[Any]:
    edit = claude.tool_use(f"t-{session}", "Edit", file_path="/a.py", old_string="a", new_string="b\nc")
    made = [
        claude.user(1, "please"),
        claude.assistant(2, f"m1-{session}", [edit]),
        claude.result(3, f"t-{session}", "ok", claude.edit_detail("a", "b\nc", ["-a", "+b", "+c"])),
        claude.assistant(4, f"m2-{session}"),
    ]
    return [{**record, "sessionId": session} for record in made]


def _codex(thread: str = "T1") -> list[Any]:
    return [
        codex.meta(0, thread),
        codex.turn(1),
        codex.event(2, "user_message", message="please"),
        codex.custom_call(3, f"c-{thread}", "apply_patch", "*** Begin Patch\n*** End Patch"),
        codex.output(4, f"c-{thread}", "Exit code: 0\nOutput:\nok"),
        codex.token_count(5, 100, 100),
        codex.token_count(6, 250, 150),
    ]


def _spoil(value: Any, data: st.DataObject) -> None:
    """Put something odd at a place chosen by chance, at any depth."""
    while True:
        keys = list(value) if isinstance(value, dict) else list(range(len(value)))
        if not keys:
            return
        key = data.draw(st.sampled_from(keys))
        inner = value[key]
        if isinstance(inner, (dict, list)) and inner and data.draw(st.booleans()):
            value = inner
            continue
        value[key] = json.loads(json.dumps(data.draw(st.sampled_from(ODD))))
        return
