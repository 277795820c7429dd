"""Builders of the records of Gemini CLI and Qwen Code."""

from __future__ import annotations

from typing import Any

SESSION = "G1"
DEMO = "/home/dev/demo"
DIFF = "Index: a.py\n=====\n--- a.py\tCurrent\n+++ a.py\tProposed\n@@ -1,2 +1,3 @@\n x\n-old\n+new one\n+-- two\n"


def stamp(second: int) -> str:
    """An instant of the made session."""
    return f"2026-06-17T10:{second // 60:02d}:{second % 60:02d}.000Z"


def head(second: int = 0, **fields: Any) -> dict[str, Any]:
    """The first line of a session."""
    return {"sessionId": SESSION, "projectHash": "abc", "startTime": stamp(second), "kind": "main"} | fields


def user(second: int, content: Any, own: str | None = None) -> dict[str, Any]:
    """A prompt."""
    return {"id": own or f"u{second}", "timestamp": stamp(second), "type": "user", "content": content}


def answer(second: int, own: str | None = None, **fields: Any) -> dict[str, Any]:
    """A model's message with usage: 1043 in with 800 cached, 50 out, 20 thoughts, 5 of tools."""
    tokens = {"input": 1043, "output": 50, "cached": 800, "thoughts": 20, "tool": 5, "total": 1118}
    made = {"id": own or f"g{second}", "timestamp": stamp(second), "type": "gemini", "content": ""}
    return made | {"model": "gemini-2.5-pro", "tokens": tokens} | fields


def call(own: str, name: str, status: str | None = "success", **fields: Any) -> dict[str, Any]:
    """A tool call inside a message."""
    return {"id": own, "name": name, "status": status, "args": {}} | fields


def replaced(own: str = "replace_1", status: str = "success", user_lines: int = 0) -> dict[str, Any]:
    """A replacement that shows its difference."""
    stat = {"model_added_lines": 2, "user_added_lines": user_lines, "user_removed_lines": 0}
    arguments = {"file_path": f"{DEMO}/a.py", "old_string": "old", "new_string": "new one\n-- two"}
    shown = {"fileDiff": DIFF, "fileName": "a.py", "filePath": f"{DEMO}/a.py", "diffStat": stat}
    return call(own, "replace", status, args=arguments, resultDisplay=shown)


def qwen(second: int, kind: str, own: str | None = None, **fields: Any) -> dict[str, Any]:
    """A record of Qwen Code."""
    made = {"uuid": own or f"q{second}", "sessionId": "Q1", "timestamp": stamp(second), "type": kind}
    return made | {"cwd": DEMO, "version": "0.15.10", "gitBranch": "main"} | fields


def qwen_user(second: int, words: str, **fields: Any) -> dict[str, Any]:
    """A prompt to Qwen."""
    return qwen(second, "user", message={"role": "user", "parts": [{"text": words}]}, **fields)


def qwen_answer(second: int, *parts: Any, usage: Any = None, own: str | None = None) -> dict[str, Any]:
    """An answer of Qwen: 1053 in with 800 cached, 50 out of which 20 thoughts."""
    counted = {"promptTokenCount": 1053, "candidatesTokenCount": 50, "thoughtsTokenCount": 20}
    counted |= {"totalTokenCount": 1103, "cachedContentTokenCount": 800}
    message = {"role": "model", "parts": list(parts)}
    return qwen(
        second, "assistant", own, model="qwen3-coder", message=message, usageMetadata=usage or counted
    )


def qwen_call(own: str, name: str, **arguments: Any) -> dict[str, Any]:
    """A tool call of Qwen."""
    return {"functionCall": {"id": own, "name": name, "args": arguments}}


def qwen_result(second: int, own: str, status: str = "success", **display: Any) -> dict[str, Any]:
    """What a call of Qwen ended in."""
    told = {"callId": own, "status": status, "resultDisplay": display or "done"}
    parts = [{"functionResponse": {"id": own, "name": "x", "response": {"output": "ok"}}}]
    return qwen(second, "tool_result", message={"role": "user", "parts": parts}, toolCallResult=told)
