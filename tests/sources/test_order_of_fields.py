"""Records are passed over by their beginnings: in whatever order fields stand, nothing that counts is lost."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from sources import claude_records as claude
from sources import codex_records as codex
from tokencoach.sources.base import LogFile
from tokencoach.sources.claude_code import ClaudeCode
from tokencoach.sources.codex import Codex

if TYPE_CHECKING:
    from tokencoach.sources.base import Source

LONG = "module of measured values, one of many\n" * 400
# What the beginnings of records that hold nothing look like, where it is a value of another record.
LOOK_ALIKES = (
    {"type": "progress", "data": {"type": "bash_progress"}},
    {"type": "attachment", "attachment": {"type": "environment"}},
    {"payload": {"type": "reasoning"}},
    {"type": "response_item"},
    {"isSidechain": False, "role": "user", "message": {"role": "user", "content": [{"tool_use_id": "x"}]}},
)
CLAUDE = (
    claude.user(1, "please " + LONG),
    claude.assistant(
        2, "m1", [claude.tool_use("t1", "Edit", file_path="/home/dev/demo/a.py", old_string="old")]
    ),
    claude.result(
        3, "t1", LONG, claude.edit_detail("old", "new", ["-old", "+new"], originalFile="old\n" + LONG)
    ),
    claude.assistant(4, "m2", [claude.tool_use("t2", "Bash", command="make")], stop=None),
    claude.result(5, "t2", LONG, {"stdout": LONG, "stderr": "", "interrupted": True}),
    claude.result(
        6, "t3", LONG, {"type": "text", "file": {"filePath": "/a.py", "content": LONG, "numLines": 900}}
    ),
    claude.progress(7, claude.assistant(7, "m3")),
    claude.envelope(8, type="progress", data={"type": "bash_progress", "output": LONG}),
    claude.envelope(9, type="attachment", attachment={"type": "environment", "content": LONG}),
    claude.assistant(10, "m4"),
)
CODEX = (
    codex.meta(0),
    codex.turn(1),
    codex.event(2, "user_message", message="please"),
    codex.line(3, "response_item", type="reasoning", encrypted_content=LONG),
    codex.token_count(4, 100, 100),
    codex.event(5, "agent_message", message=LONG),
    codex.usage_record(6, "r1", 100),
    codex.token_count(7, 300, 200),
)


def shuffled(value: Any, rng: random.Random) -> Any:
    if isinstance(value, list):
        return [shuffled(item, rng) for item in value]
    if not isinstance(value, dict):
        return value
    names = list(value)
    rng.shuffle(names)
    return {name: shuffled(value[name], rng) for name in names}


def facts(source: Source, records: list[Any], *, with_edits: bool) -> dict[str, Any]:
    chunk = b"".join(
        json.dumps(record, separators=(",", ":"), ensure_ascii=False).encode() + b"\n" for record in records
    )
    read, _ = source.read(chunk, b"", LogFile(Path("S1.jsonl"), None, "S1"), 0, with_edits=with_edits)
    told: dict[str, Any] = msgspec.to_builtins(read)
    # How far a session reaches is not asked of records that hold nothing, and what tells no kind is counted.
    del told["sessions"], told["unseen"]
    for kind in told.values():
        for fact in kind:
            # The order of an input's fields is a part of its fingerprint, that of records moves no offset by itself.
            fact.pop("input_digest", None)
            fact.pop("offset", None)
            fact.pop("length", None)
            fact.pop("output_bytes", None)
    return told


@pytest.mark.parametrize("with_edits", [True, False])
@pytest.mark.parametrize(("source", "records"), [(ClaudeCode(), CLAUDE), (Codex(), CODEX)])
def test_fields_in_another_order_say_the_same(
    source: Source, records: tuple[Any, ...], *, with_edits: bool
) -> None:
    expected = facts(source, list(records), with_edits=with_edits)
    assert expected["requests"]
    for seed in range(60):
        rng = random.Random(seed)
        found = facts(source, [shuffled(record, rng) for record in records], with_edits=with_edits)
        if not with_edits:
            # Which sub-agent answered a call is not asked where only usage is wanted.
            found["results"] = expected["results"]
        assert found == expected, seed


def test_what_a_tool_told_in_another_order_says_the_same() -> None:
    expected = facts(ClaudeCode(), list(CLAUDE), with_edits=True)
    assert expected["edits"][0]["path"] == "/home/dev/demo/a.py"
    for seed in range(60):
        rng = random.Random(seed)
        told = [
            {
                name: shuffled(value, rng) if name == "toolUseResult" else value
                for name, value in record.items()
            }
            for record in CLAUDE
        ]
        assert facts(ClaudeCode(), told, with_edits=True) == expected, seed


@pytest.mark.parametrize("with_edits", [True, False])
@pytest.mark.parametrize(("source", "records"), [(ClaudeCode(), CLAUDE), (Codex(), CODEX)])
@pytest.mark.parametrize("look_alike", LOOK_ALIKES)
def test_a_field_that_looks_like_a_record_without_content_hides_none(
    source: Source, records: tuple[Any, ...], look_alike: Any, *, with_edits: bool
) -> None:
    expected = facts(source, list(records), with_edits=with_edits)
    assert (
        facts(source, [{"extra": look_alike, **record} for record in records], with_edits=with_edits)
        == expected
    )


@pytest.mark.parametrize("with_edits", [True, False])
def test_a_spaced_record_is_not_judged_by_the_line_behind_it(*, with_edits: bool) -> None:
    spare = b'{"type":"progress","data":{"type":"bash_progress"},"isSidechain":false}'
    chunk = json.dumps(claude.user(1, "do it")).encode() + b"\n" + spare
    read, _ = ClaudeCode().read(chunk, b"", LogFile(Path("S1.jsonl"), None, "S1"), 0, with_edits=with_edits)
    assert [prompt.text for prompt in read.prompts] == ["do it"]


def test_the_second_of_two_results_in_one_record_is_read_however_long() -> None:
    calls = [claude.tool_use(key, "Bash", command="make") for key in ("t1", "t2")]
    blocks = [
        {"tool_use_id": key, "type": "tool_result", "content": LONG, "is_error": False}
        for key in ("t1", "t2")
    ]
    said = claude.user(2, blocks, toolUseResult={"stdout": LONG, "stderr": "", "interrupted": False})
    told = facts(ClaudeCode(), [claude.assistant(1, "m1", calls), said], with_edits=True)
    assert [result["key"] for result in told["results"]] == ["t1", "t2"]
