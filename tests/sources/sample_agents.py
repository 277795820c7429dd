"""Small logs of agents whose messages are made of blocks, and of those that keep databases."""

from __future__ import annotations

import json
from typing import Any, Final

from sources.agents import BEGAN, DEMO, DIFF, PATCH, stamp
from sources.samples import EDIT, Sample, document, lines, rows

USE: Final = {"type": "tool_use", "id": "t", "name": "edit_file", "input": EDIT}
DONE: Final = {"type": "tool_result", "tool_use_id": "t", "toolUseID": "t", "content": "ok"}


def _entries(*messages: dict[str, Any]) -> list[dict[str, Any]]:
    """Messages as lines of a session."""
    return [
        {"type": "message", "id": f"e{place}", "timestamp": stamp(place), "message": told}
        for place, told in enumerate(messages, 1)
    ]


def _pi() -> list[dict[str, Any]]:
    use = {"type": "toolCall", "id": "t", "name": "edit", "arguments": EDIT}
    used = {"input": 5, "output": 3, "cacheRead": 2, "cacheWrite": 1}
    return [
        {"type": "session", "id": "S1", "timestamp": stamp(0), "cwd": DEMO},
        *_entries(
            {"role": "user", "content": "please"},
            {"role": "assistant", "content": [use], "usage": used, "model": "m"},
            {"role": "toolResult", "toolCallId": "t", "details": {"diff": DIFF}},
        ),
    ]


def _amp() -> dict[str, Any]:
    usage = {"model": "m", "inputTokens": 5, "timestamp": stamp(1)}
    run = {"status": "done", "result": {"diff": DIFF}}
    return {
        "id": "S1",
        "created": BEGAN,
        "messages": [
            {"role": "assistant", "messageId": 1, "content": [USE], "usage": usage},
            {"role": "user", "messageId": 2, "content": [DONE | {"run": run}]},
        ],
    }


def _continue() -> dict[str, Any]:
    call = {"id": "t", "function": {"name": "edit", "arguments": json.dumps(EDIT)}}
    message = {"role": "assistant", "toolCalls": [call]}
    return {"history": [{"message": message, "toolCallStates": [{"toolCallId": "t", "status": "done"}]}]}


def agent_samples() -> list[Sample]:
    """Pi, Droid, Amp, Continue, and Cursor's transcripts."""
    droid = _entries({"role": "assistant", "content": [USE]}, {"role": "user", "content": [DONE]})
    patch = {"type": "tool_use", "name": "ApplyPatch", "input": {"patch": PATCH}}
    return [
        lines("pi", *_pi()),
        lines("droid", {"type": "session_start", "cwd": DEMO}, *droid),
        document("droid", {"model": "m", "tokenUsage": {"inputTokens": 5, "outputTokens": 3}}),
        document("amp", _amp()),
        document("continue", _continue()),
        lines(
            "cursor",
            {"role": "user", "message": {"content": [{"type": "text", "text": "please"}]}},
            {"role": "assistant", "message": {"content": [patch]}},
        ),
    ]


def _goose() -> Sample:
    call = {"value": {"name": "developer__text_editor", "arguments": EDIT}}
    block = json.dumps([{"type": "toolRequest", "id": "t", "toolCall": call}])
    message = {"session_id": "S1", "role": "assistant", "content_json": block, "created_timestamp": 1}
    session = {"id": "S1", "created_at": 1, "accumulated_input_tokens": 5}
    return rows("goose", ("sessions", session), ("messages", message))


def _crush() -> Sample:
    call = {"type": "tool_call", "data": {"id": "t", "name": "bash", "input": "{}"}}
    parts = json.dumps([call, {"type": "finish", "data": {"reason": "error"}}])
    file = {"session_id": "S1", "path": "a.py"}
    return rows(
        "crush",
        ("messages", {"id": "m", "session_id": "S1", "parts": parts, "created_at": 1}),
        ("files", {"id": "f", "content": "x", "created_at": 2, **file}),
        ("files", {"id": "g", "content": "y", "created_at": 3, **file}),
        ("sessions", {"id": "S1", "prompt_tokens": 5, "cost": 0.1, "created_at": 1}),
    )


def _zed() -> Sample:
    use = {"ToolUse": {"id": "t", "name": "edit_file", "input": EDIT}}
    result = {"tool_use_id": "t", "output": {"input_path": "a.py", "diff": DIFF}}
    thread = {
        "request_token_usage": {"u": {"input_tokens": 5}},
        "messages": [
            {"User": {"content": [{"Text": "please"}]}},
            {"Agent": {"content": [use], "tool_results": {"t": result}}},
        ],
    }
    row = {"id": "T", "updated_at": stamp(1), "data_type": "json", "data": json.dumps(thread)}
    return rows("zed", ("threads", row))


def table_samples() -> list[Sample]:
    """Goose, Crush, Zed, Cursor's database and Copilot's traces."""
    tool = {"name": "write", "rawArgs": json.dumps(EDIT), "status": "completed"}
    bubble = {"type": 2, "createdAt": stamp(1), "tokenCount": {"inputTokens": 5}, "toolFormerData": tool}
    span = {"span_id": "b", "operation_name": "chat", "chat_session_id": "S1", "input_tokens": 5}
    said = json.dumps({"content": "please", "copilot_chat.chat_session_id": "S1"})
    return [
        _goose(),
        _crush(),
        _zed(),
        rows("cursor", ("cursorDiskKV", {"key": "bubbleId:C:b", "value": json.dumps(bubble)})),
        rows(
            "copilot-chat",
            ("spans", span | {"start_time_ms": BEGAN}),
            ("span_events", {"name": "user_message", "timestamp_ms": BEGAN, "attributes": said}),
        ),
    ]
