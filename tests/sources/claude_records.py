"""Builders of Claude Code's records, in the shapes of its generations."""

from __future__ import annotations

from typing import Any

SESSION = "S1"


def at(second: int) -> str:
    """An instant on a day in February 2026."""
    return f"2026-02-10T12:{second // 60:02d}:{second % 60:02d}.000Z"


def envelope(second: int, **fields: Any) -> dict[str, Any]:
    """What every record of a conversation carries."""
    return {
        "parentUuid": None,
        "isSidechain": False,
        "userType": "external",
        "cwd": "/home/dev/demo",
        "sessionId": SESSION,
        "version": "2.1.39",
        "gitBranch": "main",
        "uuid": f"u-{second}",
        "timestamp": at(second),
        **fields,
    }


def usage(output: int = 50, **fields: Any) -> dict[str, Any]:
    """Tokens of a response."""
    return {
        "input_tokens": 10,
        "cache_creation_input_tokens": 100,
        "cache_read_input_tokens": 1000,
        "output_tokens": output,
        "cache_creation": {"ephemeral_5m_input_tokens": 60, "ephemeral_1h_input_tokens": 40},
        "service_tier": "standard",
        **fields,
    }


def assistant(
    second: int,
    message_id: str | None = "msg_1",
    content: list[Any] | None = None,
    *,
    tokens: dict[str, Any] | None = None,
    stop: str | None = "end_turn",
    model: str = "claude-opus-4-6",
    **fields: Any,
) -> dict[str, Any]:
    """One line of a response."""
    message = {
        "id": message_id,
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": content if content is not None else [{"type": "text", "text": "done"}],
        "stop_reason": stop,
        "usage": usage() if tokens is None else tokens,
    }
    return envelope(second, type="assistant", message=message, requestId=f"req_{message_id}", **fields)


def user(second: int, content: Any, **fields: Any) -> dict[str, Any]:
    """A line in the person's name."""
    return envelope(second, type="user", message={"role": "user", "content": content}, **fields)


def tool_use(call: str, name: str, **arguments: Any) -> dict[str, Any]:
    """A block that calls a tool."""
    return {"type": "tool_use", "id": call, "name": name, "input": arguments}


def result(
    second: int,
    call: str,
    content: Any = "ok",
    detail: Any = None,
    *,
    is_error: bool | None = None,
    **fields: Any,
) -> dict[str, Any]:
    """A line that answers a call."""
    block = {"tool_use_id": call, "type": "tool_result", "content": content}
    if is_error is not None:
        block["is_error"] = is_error
    told = {} if detail is None else {"toolUseResult": detail}
    return user(second, [block], **told, **fields)


def edit_detail(old: str, new: str, patch: list[str] | None = None, **fields: Any) -> dict[str, Any]:
    """What the tool says of an edit."""
    hunks = [{"oldStart": 1, "oldLines": 1, "newStart": 1, "newLines": 1, "lines": patch}] if patch else []
    return {
        "filePath": "/home/dev/demo/a.py",
        "oldString": old,
        "newString": new,
        "originalFile": f"before\n{old}\nafter\n",
        "structuredPatch": hunks,
        "userModified": False,
        "replaceAll": False,
        **fields,
    }


def progress(
    second: int, inner: dict[str, Any], agent: str = "a1", call: str = "toolu_task"
) -> dict[str, Any]:
    """A sub-agent's record inside its parent's log."""
    kept = {key: inner[key] for key in ("type", "message", "uuid", "timestamp", "requestId") if key in inner}
    data = {"message": kept, "normalizedMessages": [], "type": "agent_progress", "agentId": agent}
    return envelope(second, type="progress", data=data, parentToolUseID=call, toolUseID="agent_msg_1")
