"""What the calls of a record were asked to do, in the forms in which assistants log them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tokencoach.sources.asked import Asked, asked_in

RECORDS: list[tuple[dict[str, Any], Asked]] = [
    (
        {
            "message": {
                "id": "msg_1",
                "content": [{"type": "tool_use", "id": "toolu_1", "input": {"command": "make"}}],
            }
        },
        Asked("toolu_1", "make", is_command=True),
    ),
    (
        {
            "payload": {
                "type": "function_call",
                "call_id": "c1",
                "arguments": json.dumps({"cmd": ["bash", "-lc", "ls -l"]}),
            }
        },
        Asked("c1", "ls -l", is_command=True),
    ),
    (
        {"payload": {"type": "local_shell_call", "call_id": "c2", "action": {"command": ["rg", "a b"]}}},
        Asked("c2", "rg 'a b'", is_command=True),
    ),
    (
        {"payload": {"type": "custom_tool_call", "call_id": "c3", "input": "*** Begin Patch"}},
        Asked("c3", "*** Begin Patch", is_command=False),
    ),
    (
        {"tool_calls": [{"id": "c4", "function": {"name": "Shell", "arguments": '{"command": "pwd"}'}}]},
        Asked("c4", "pwd", is_command=True),
    ),
    (
        {"toolRequests": [{"toolCallId": "c5", "arguments": {"pattern": "retry.*", "path": "src"}}]},
        Asked("c5", "retry.*", is_command=False),
    ),
    (
        {"parts": [{"functionCall": {"id": "c6", "args": {"url": "https://x.example"}}}]},
        Asked("c6", "https://x.example", is_command=False),
    ),
]


@pytest.mark.parametrize(("record", "asked"), RECORDS)
def test_a_call_says_what_it_was_asked(record: dict[str, Any], asked: Asked) -> None:
    assert list(asked_in(record)) == [asked]


@pytest.mark.parametrize(
    "record",
    [
        None,
        "text",
        7,
        {"id": "a"},
        {"id": "a", "input": {}},
        {"id": "a", "input": {"command": 7}},
        {"id": 7, "input": {"command": "ls"}},
        {"id": "a", "arguments": "{broken"},
        {"id": "a", "input": {"todos": [{"content": "x"}]}},
    ],
)
def test_what_says_nothing_is_no_call(record: Any) -> None:
    assert [asked for asked in asked_in(record) if asked.text != "{broken"] == []


def test_a_record_nested_as_deep_as_it_may_be_is_walked() -> None:
    record: Any = {"id": "a", "input": {"command": "ls"}}
    for _ in range(5000):
        record = [record]
    assert [asked.text for asked in asked_in(record)] == ["ls"]


def test_a_command_of_a_megabyte_is_cut() -> None:
    (asked,) = asked_in({"id": "a", "input": {"command": "x" * 1_000_000}})
    assert len(asked.text) == 8_000
