"""How a scripted answer is streamed in each protocol that assistants speak with a model."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

Step = tuple[str, dict[str, Any]]
CACHED, OUTPUT, REASONING = 800, 50, 20


def gemini(step: Step | None, sent: int) -> Iterator[dict[str, Any]]:
    """Gemini's, in one piece."""
    part: dict[str, Any] = {"text": "done"}
    if step is not None:
        part = {"functionCall": {"name": step[0], "args": step[1]}}
    counts = {
        "promptTokenCount": sent,
        "candidatesTokenCount": OUTPUT - REASONING,
        "thoughtsTokenCount": REASONING,
    }
    counts |= {"cachedContentTokenCount": CACHED, "totalTokenCount": sent + OUTPUT}
    content = {"role": "model", "parts": [part]}
    yield {"candidates": [{"content": content, "finishReason": "STOP", "index": 0}], "usageMetadata": counts}


def chat(step: Step | None, number: int, name: str) -> Iterator[dict[str, Any]]:
    """OpenAI's chat completions."""
    base = {"id": f"chatcmpl-{number}", "object": "chat.completion.chunk", "created": 1, "model": name}
    delta: dict[str, Any] = {"role": "assistant", "content": "" if step else "done"}
    if step is not None:
        function = {"name": step[0], "arguments": json.dumps(step[1])}
        delta["tool_calls"] = [{"index": 0, "id": f"call_{number}", "type": "function", "function": function}]
    ended = "tool_calls" if step else "stop"
    sent = 1000 + number
    counts = {
        "prompt_tokens": sent,
        "completion_tokens": OUTPUT,
        "total_tokens": sent + OUTPUT,
        "prompt_tokens_details": {"cached_tokens": CACHED},
        "completion_tokens_details": {"reasoning_tokens": REASONING},
    }
    yield base | {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]}
    yield base | {"choices": [{"index": 0, "delta": {}, "finish_reason": ended}]}
    yield base | {
        "choices": [{"index": 0, "message": delta, "delta": {}, "finish_reason": ended}],
        "usage": counts,
    }


def messages(step: Step | None, number: int, name: str) -> Iterator[dict[str, Any]]:
    """Anthropic's messages: what was read from its cache is no part of the input."""
    counts = {
        "input_tokens": 1000 + number - CACHED,
        "cache_read_input_tokens": CACHED,
        "cache_creation_input_tokens": 0,
        "output_tokens": 1,
    }
    message: dict[str, Any] = {
        "id": f"msg_{number}",
        "type": "message",
        "role": "assistant",
        "model": name,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": counts,
    }
    yield {"type": "message_start", "message": message}
    block: dict[str, Any] = {"type": "text", "text": ""}
    delta: dict[str, Any] = {"type": "text_delta", "text": "done"}
    if step is not None:
        block = {"type": "tool_use", "id": f"toolu_{number}", "name": step[0], "input": {}}
        delta = {"type": "input_json_delta", "partial_json": json.dumps(step[1])}
    yield {"type": "content_block_start", "index": 0, "content_block": block}
    yield {"type": "content_block_delta", "index": 0, "delta": delta}
    yield {"type": "content_block_stop", "index": 0}
    ended = {"stop_reason": "tool_use" if step else "end_turn", "stop_sequence": None}
    yield {"type": "message_delta", "delta": ended, "usage": counts | {"output_tokens": OUTPUT}}
    yield {"type": "message_stop"}


def responses(step: Step | None, number: int, name: str) -> Iterator[dict[str, Any]]:
    """OpenAI's responses; a step with a single text named ``input`` is a tool of free form."""
    item: dict[str, Any] = {
        "type": "message",
        "id": f"item_{number}",
        "role": "assistant",
        "content": [{"type": "output_text", "text": "done"}],
    }
    if step is not None and list(step[1]) == ["input"]:
        item = {
            "type": "custom_tool_call",
            "call_id": f"call_{number}",
            "name": step[0],
            "input": step[1]["input"],
        }
    elif step is not None:
        told = json.dumps(step[1])
        item = {"type": "function_call", "call_id": f"call_{number}", "name": step[0], "arguments": told}
    sent = 1000 + number
    counts = {
        "input_tokens": sent,
        "input_tokens_details": {"cached_tokens": CACHED},
        "output_tokens": OUTPUT,
        "output_tokens_details": {"reasoning_tokens": REASONING},
        "total_tokens": sent + OUTPUT,
    }
    own = f"resp_{number}"
    yield {"type": "response.created", "response": {"id": own, "model": name}}
    yield {"type": "response.output_item.done", "output_index": 0, "item": item}
    yield {
        "type": "response.completed",
        "response": {"id": own, "model": name, "output": [item], "usage": counts},
    }
