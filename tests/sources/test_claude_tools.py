"""Tool calls of Claude Code: told once each, and how they ended in every generation."""

from __future__ import annotations

from typing import Any

import pytest

from sources.claude_records import assistant, progress, result, tool_use, user
from sources.reading import read_all
from tokencoach.sources.claude_code import ClaudeCode
from tokencoach.usage.words import CallStatus

SOURCE = ClaudeCode()
REFUSED = "The user doesn't want to proceed with this tool use. The tool use was rejected"
STOPPED = "The user doesn't want to take this action right now. STOP what you are doing"


def status(content: Any = "ok", detail: Any = None, **fields: Any) -> CallStatus:
    (seen,) = read_all(SOURCE, [result(2, "t1", content, detail, **fields)]).results.values()
    return seen.status


def test_calls_on_different_lines_of_one_response_are_all_told() -> None:
    lines = [
        assistant(1, content=[tool_use("t1", "Write", file_path="/a", content="x")]),
        assistant(2, content=[tool_use("t2", "Bash", command="ls")]),
        assistant(3, content=[tool_use("t2", "Bash", command="ls")]),
    ]
    calls = read_all(SOURCE, lines).calls
    assert [(call.name, call.is_edit, call.is_shell) for call in calls.values()] == [
        ("Write", True, False),
        ("Bash", False, True),
    ]
    assert {call.request_key for call in calls.values()} == {"m:msg_1"}


def test_equal_inputs_have_equal_digests() -> None:
    blocks = [
        tool_use("t1", "Bash", command="make"),
        tool_use("t2", "Bash", command="make"),
        tool_use("t3", "Bash", command="make test"),
    ]
    first, second, third = read_all(SOURCE, [assistant(1, content=blocks)]).calls.values()
    assert first.input_digest == second.input_digest != third.input_digest
    assert -(1 << 63) <= first.input_digest < 1 << 63


def test_an_ordinary_result_is_ok_and_carries_its_digest_and_volume() -> None:
    lines = [result(1, "t1", "same"), result(2, "t2", "same"), result(3, "t3", "other")]
    first, second, third = read_all(SOURCE, lines).results.values()
    assert first.status is CallStatus.OK
    assert first.output_digest == second.output_digest != third.output_digest
    assert first.output_bytes > 100


def test_the_digest_of_a_long_output_is_not_taken() -> None:
    (seen,) = read_all(SOURCE, [result(1, "t1", "x" * 70_000)]).results.values()
    assert seen.output_digest == 0
    assert seen.output_bytes > 70_000


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"content": "Exit code 1", "detail": "Error: Exit code 1", "is_error": True}, CallStatus.FAILED),
        ({"content": "x", "detail": "Error: no such file"}, CallStatus.FAILED),
        ({"content": "x", "is_error": False}, CallStatus.OK),
        ({"content": REFUSED, "is_error": True}, CallStatus.REJECTED),
        ({"content": STOPPED, "is_error": True}, CallStatus.REJECTED),
        ({"content": [{"type": "text", "text": REFUSED}], "is_error": True}, CallStatus.REJECTED),
        ({"content": "no", "is_error": True, "toolDenialKind": "user-rejected"}, CallStatus.REJECTED),
        ({"content": "no", "is_error": True, "toolDenialKind": "automode-unavailable"}, CallStatus.REJECTED),
        (
            {
                "content": "no",
                "is_error": True,
                "permissionDecision": {"decision": "reject", "source": "config"},
            },
            CallStatus.REJECTED,
        ),
        ({"content": "[Request interrupted by user for tool use]", "is_error": True}, CallStatus.INTERRUPTED),
        ({"content": "[Request interrupted by user for tool use]"}, CallStatus.INTERRUPTED),
        ({"content": "part", "detail": {"stdout": "part", "interrupted": True}}, CallStatus.INTERRUPTED),
        ({"content": "all", "detail": {"stdout": "all", "interrupted": False}}, CallStatus.OK),
        ({"content": "a list", "detail": [{"type": "text", "text": "a list"}]}, CallStatus.OK),
    ],
)
def test_how_a_call_ended_is_read_in_every_generation(fields: dict[str, Any], expected: CallStatus) -> None:
    assert status(**fields) is expected


def test_an_edit_that_was_interrupted_before_any_result_is_interrupted() -> None:
    lines = [
        assistant(1, content=[tool_use("t1", "Edit", file_path="/a.py", old_string="a", new_string="b")]),
        user(2, [{"type": "text", "text": "[Request interrupted by user for tool use]"}]),
    ]
    merged = read_all(SOURCE, lines)
    assert merged.results["t1"].status is CallStatus.INTERRUPTED
    assert merged.edits["t1"].status is CallStatus.INTERRUPTED


def test_the_result_of_an_agent_call_names_the_agent_it_started() -> None:
    detail = {"isAsync": True, "status": "async_launched", "agentId": "a7"}
    merged = read_all(SOURCE, [result(1, "t1", "launched", detail)])
    assert merged.results["t1"].spawned_agent == "a7"
    assert merged.agents["a7"].call_key == "t1"


def test_results_inside_progress_records_count() -> None:
    inner = result(2, "t_in", "exit 1", is_error=True)
    assert read_all(SOURCE, [progress(2, inner)]).results["t_in"].status is CallStatus.FAILED
