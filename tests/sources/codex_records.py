"""Builders of Codex's records, in the shapes of its generations."""

from __future__ import annotations

import json
from typing import Any

THREAD = "T1"


def line(second: int, kind: str, /, **payload: Any) -> dict[str, Any]:
    """One wrapped record."""
    timestamp = f"2026-06-17T10:{second // 60:02d}:{second % 60:02d}.000Z"
    return {"timestamp": timestamp, "type": kind, "payload": payload}


def meta(second: int = 0, thread: str = THREAD, **fields: Any) -> dict[str, Any]:
    """The record that begins a rollout."""
    git = {"commit_hash": "c0ffee", "branch": "main", "repository_url": "https://example.org/demo.git"}
    payload = {"id": thread, "cwd": "/home/dev/demo", "cli_version": "0.140.0", "source": "cli", "git": git}
    return line(second, "session_meta", **payload | fields)


def turn(second: int, model: str | None = "gpt-5.5", **fields: Any) -> dict[str, Any]:
    """The settings of a turn."""
    return line(second, "turn_context", turn_id=f"U{second}", cwd="/home/dev/demo", model=model, **fields)


def event(second: int, kind: str, /, **fields: Any) -> dict[str, Any]:
    """An event."""
    return line(second, "event_msg", type=kind, **fields)


def tokens(
    whole: int, cached: int = 0, output: int = 50, reasoning: int = 20, written: int = 0
) -> dict[str, int]:
    """Usage as Codex writes it: input with the cached, output with the reasoning."""
    return {
        "input_tokens": whole,
        "cached_input_tokens": cached,
        "cache_write_input_tokens": written,
        "output_tokens": output,
        "reasoning_output_tokens": reasoning,
        "total_tokens": whole + output,
    }


def token_count(second: int, total: int, last: int | None) -> dict[str, Any]:
    """Tokens so far and of the last response (of input only, so that tests can add)."""
    info: dict[str, Any] = {"total_token_usage": tokens(total, output=0, reasoning=0)}
    if last is not None:
        info["last_token_usage"] = tokens(last, output=0, reasoning=0)
    return event(second, "token_count", info=info, rate_limits={"primary": None})


def usage_record(second: int, response: str, whole: int, output: int = 0) -> dict[str, Any]:
    """Tokens of one response (newer rollouts)."""
    usage = tokens(whole, output=output, reasoning=0)
    return line(second, "token_usage_record", thread_id=THREAD, response_id=response, usage=usage)


def function_call(second: int, call: str, name: str, **arguments: Any) -> dict[str, Any]:
    """A call whose arguments are a JSON text."""
    return line(
        second,
        "response_item",
        type="function_call",
        name=name,
        arguments=json.dumps(arguments),
        call_id=call,
    )


def custom_call(second: int, call: str, name: str, text: str) -> dict[str, Any]:
    """A call whose input is free text."""
    return line(second, "response_item", type="custom_tool_call", name=name, input=text, call_id=call)


def output(second: int, call: str, text: Any) -> dict[str, Any]:
    """What a call put out."""
    return line(second, "response_item", type="function_call_output", call_id=call, output=text)


def item(second: int, kind: str, /, **fields: Any) -> dict[str, Any]:
    """A finished item (newer rollouts)."""
    return event(second, "item_completed", thread_id=THREAD, turn_id="U1", item={"type": kind, **fields})
