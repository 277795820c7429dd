"""Made logs of the assistants that write lines, for the figures of their readers.

A turn is a prompt, and calls of tools with what was said around them, in each assistant's own records.
"""

from __future__ import annotations

import difflib
import json
from typing import TYPE_CHECKING, Any

from source_habits import COPILOT, PI, USUAL, Maker, Size

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterator

    from source_habits import Call, Habits

Record = dict[str, Any]


def pi(make: Maker) -> Iterator[Record]:
    """One turn of Pi."""

    def entry(message: Record) -> Record:
        told = {"type": "message", "id": make.own(), "parentId": make.own(), "timestamp": make.at()}
        return told | {"message": message}

    used: Record = {"input": 5, "output": 181, "cacheRead": 61_000, "cacheWrite": 812, "totalTokens": 61_998}
    used["cost"] = {"input": 0.1, "output": 0.2, "cacheRead": 0.1, "cacheWrite": 0.1, "total": 0.5}
    yield entry({"role": "user", "content": [{"type": "text", "text": make.said()}], "timestamp": 1})
    for call in make.calls():
        own, name = make.own(), "bash" if call.name in ("run", "search") else call.name
        arguments = (
            {"command": f"rg {call.arguments['pattern']}"} if call.name == "search" else call.arguments
        )
        said: list[Record] = [{"type": "text", "text": make.said()}]
        said.append({"type": "toolCall", "id": own, "name": name, "arguments": arguments})
        told: Record = {"api": "a", "provider": "anthropic", "model": "claude-opus-4-5", "usage": used}
        told |= {"stopReason": "toolUse", "timestamp": 1_781_690_400_000}
        yield entry({"role": "assistant", "content": said} | told)
        result: Record = {"role": "toolResult", "toolCallId": own, "toolName": name}
        result["content"] = [{"type": "text", "text": call.answer}]
        if call.name == "edit":
            result["details"] = {"diff": "\n".join(f"  87 {line}" for line in call.after.splitlines()[-12:])}
        yield entry(result | {"isError": False, "timestamp": 1_781_690_400_000})


def droid(make: Maker) -> Iterator[Record]:
    """One turn of Droid."""

    def entry(role: str, *blocks: Record) -> Record:
        told = {"type": "message", "id": make.own(), "timestamp": make.at()}
        return told | {"message": {"role": role, "content": list(blocks)}, "parentId": make.own()}

    yield entry("user", {"type": "text", "text": make.said()})
    names = {"read": "Read", "search": "Grep", "run": "Execute", "edit": "Edit"}
    for call in make.calls():
        own, arguments = make.own(), dict(call.arguments)
        if call.name == "edit":
            arguments = _edited(call)
        use = {"type": "tool_use", "id": own, "name": names[call.name], "input": arguments}
        yield entry("assistant", {"type": "text", "text": make.said()}, use)
        yield entry("user", {"type": "tool_result", "tool_use_id": own, "content": call.answer})


def cursor(make: Maker) -> Iterator[Record]:
    """One turn of Cursor's transcripts, which tell no answers of tools."""
    typed = f"<user_query>\n{make.said()}\n</user_query>"
    yield {"role": "user", "message": {"content": [{"type": "text", "text": typed}]}}
    names = {"read": "Read", "search": "Grep", "run": "Shell", "edit": "StrReplace"}
    for call in make.calls():
        arguments = _edited(call) if call.name == "edit" else call.arguments
        use = {"type": "tool_use", "name": names[call.name], "input": arguments}
        yield {"role": "assistant", "message": {"content": [{"type": "text", "text": make.said()}, use]}}


def kimi(make: Maker) -> Iterator[Record]:
    """One turn of Kimi Code."""

    def line(named: str, /, **fields: Any) -> Record:
        make.at()
        return {"type": named} | fields | {"time": 1_781_690_400_000 + int(make.own().rpartition("-")[2])}

    def event(named: str, /, **fields: Any) -> Record:
        return line("context.append_loop_event", event={"type": named, "uuid": make.own()} | fields)

    yield line("turn.prompt", input=[{"type": "text", "text": make.said()}], origin={"kind": "user"})
    names = {"read": "Read", "search": "Grep", "run": "Bash", "edit": "Edit"}
    for call in make.calls():
        own = make.own()
        arguments = _edited(call) if call.name == "edit" else call.arguments
        yield line("llm.request", kind="loop", model="kimi-k2", provider="kimi")
        yield event("content.part", part={"type": "think", "think": make.said()})
        yield event("tool.call", toolCallId=own, name=names[call.name], args=arguments)
        yield event("tool.result", toolCallId=own, result={"output": call.answer})
        used = {"inputOther": 88, "output": 181, "inputCacheRead": 61_000, "inputCacheCreation": 0}
        yield line("usage.record", model="kimi-k2", usage=used, usageScope="turn")


def gemini(make: Maker) -> Iterator[Record]:
    """One turn of Gemini CLI, each of whose answers stands twice."""
    yield {"id": make.own(), "timestamp": make.at(), "type": "user", "content": [{"text": make.said()}]}
    tokens = {"input": 61_043, "output": 181, "cached": 60_800, "thoughts": 20, "tool": 0, "total": 61_244}
    for call in make.calls():
        first: Record = {"id": make.own(), "timestamp": make.at(), "type": "gemini", "content": make.said()}
        first |= {"thoughts": [], "tokens": tokens, "model": "gemini-2.5-pro"}
        yield first
        own, name = make.own(), _GEMINI[call.name]
        arguments = _edited(call) if call.name == "edit" else call.arguments
        response = {"functionResponse": {"id": own, "name": name, "response": {"output": call.answer}}}
        done: Record = {"id": own, "name": name, "args": arguments, "result": [response], "status": "success"}
        done |= {"timestamp": make.at(), "resultDisplay": _shown(call)}
        yield first | {"toolCalls": [done]}


def qwen(make: Maker) -> Iterator[Record]:
    """One turn of Qwen Code."""

    def line(kind: str, **fields: Any) -> Record:
        told = {"uuid": make.own(), "parentUuid": make.own(), "sessionId": "s", "timestamp": make.at()}
        told |= {"type": kind, "cwd": "/home/dev/src", "version": "0.15.10", "gitBranch": "main"}
        return told | fields

    yield line("user", message={"role": "user", "parts": [{"text": make.said()}]})
    used = {"promptTokenCount": 61_053, "candidatesTokenCount": 181, "thoughtsTokenCount": 20}
    used |= {"totalTokenCount": 61_234, "cachedContentTokenCount": 60_800}
    for call in make.calls():
        own, name = make.own(), {**_GEMINI, "edit": "edit"}[call.name]
        arguments = _edited(call) if call.name == "edit" else call.arguments
        asked = {"functionCall": {"id": own, "name": name, "args": arguments}}
        message = {"role": "model", "parts": [{"text": make.said()}, asked]}
        yield line("assistant", model="qwen3-coder", message=message, usageMetadata=used)
        parts = [{"functionResponse": {"id": own, "name": name, "response": {"output": call.answer}}}]
        done = {"callId": own, "status": "success", "resultDisplay": _shown(call)}
        yield line("tool_result", message={"role": "user", "parts": parts}, toolCallResult=done)


def copilot(make: Maker) -> Iterator[Record]:
    """One turn of Copilot CLI."""

    def event(kind: str, **data: Any) -> Record:
        return {"type": kind, "data": data, "id": make.own(), "timestamp": make.at(), "parentId": make.own()}

    said = make.said()
    yield event("user.message", content=said, transformedContent=f"<now>\n{said}", attachments=[])
    yield event("system.message", role="system", content=make.text(Size(46_000, 46_000)))
    names = {"read": "view", "search": "grep", "run": "bash", "edit": "edit"}
    for call in make.calls():
        own, usage_id, told = make.own(), make.own(), dict(call.arguments)
        if call.name == "edit":
            told = {"path": told["path"], "old_str": told["oldText"], "new_str": told["newText"]}
        asked = [{"toolCallId": own, "name": names[call.name], "arguments": told, "type": "function"}]
        yield event("assistant.turn_start", turnId=own)
        yield event("assistant.message", messageId=make.own(), content=make.said(), toolRequests=asked)
        hook = {"input": {"toolArgs": told, "said": make.text(Size(2_000, 2_300))}, "hookType": "preToolUse"}
        yield event("hook.start", hookInvocationId=own, **hook)
        yield event("tool.execution_start", toolCallId=own, toolName=names[call.name], arguments=told)
        yield event("hook.end", hookInvocationId=own, hookType="preToolUse", success=True)
        diff = f"\ndiff --git a/x b/x\n{_diff(call)}" if call.name == "edit" else call.answer
        result = {"content": call.answer, "detailedContent": diff}
        yield event("tool.execution_complete", toolCallId=own, success=True, result=result, toolTelemetry={})
        used = {"model": "gpt-5.5", "inputTokens": 61_001, "outputTokens": 181, "cacheReadTokens": 60_800}
        used |= {"cacheWriteTokens": 0, "apiCallId": usage_id, "accounting": {"usageId": usage_id}}
        yield event("session.usage_record", usage=used)
        yield event("assistant.turn_end", turnId=own)


_GEMINI = {
    "read": "read_file", "search": "search_file_content", "run": "run_shell_command", "edit": "replace",
}  # fmt: skip


def _edited(call: Call) -> Record:
    told = call.arguments
    return {"file_path": told["path"], "old_string": told["oldText"], "new_string": told["newText"]}


def _shown(call: Call) -> str | Record:
    """What Gemini CLI and Qwen Code show of a call: of an edit its diff, and the file before and after."""
    if call.name != "edit":
        return call.answer[:200]
    path = call.arguments["path"]
    told = {"fileDiff": f"Index: {path}\n{_diff(call)}", "fileName": path.rpartition("/")[2]}
    return told | {"filePath": path, "originalContent": call.before, "newContent": call.after, "diffStat": {}}


def _diff(call: Call) -> str:
    old, new = (call.arguments[name].splitlines() for name in ("oldText", "newText"))
    return "\n".join(difflib.unified_diff(old, new, "a/x", "b/x", lineterm=""))


HEADS: dict[str, Record] = {
    "pi": {
        "type": "session",
        "version": 3,
        "id": "s",
        "timestamp": "2026-06-17T10:00:00.000Z",
        "cwd": "/home/dev/src",
    },
    "droid": {"type": "session_start", "id": "s", "title": "a", "cwd": "/home/dev/src"},
    "gemini-cli": {
        "sessionId": "s",
        "projectHash": "h",
        "startTime": "2026-06-17T10:00:00.000Z",
        "kind": "main",
    },
}
TURNS: dict[str, tuple[Callable[[Maker], Iterator[Record]], Habits]] = {
    "gemini-cli": (gemini, USUAL), "qwen-code": (qwen, USUAL), "copilot-cli": (copilot, COPILOT),
    "kimi": (kimi, USUAL), "droid": (droid, USUAL), "pi": (pi, PI), "cursor": (cursor, USUAL),
}  # fmt: skip


def log_of(source: str, rng: random.Random, size: int) -> Iterator[bytes]:
    """The lines of a log of about so many bytes."""
    turn, habits = TURNS[source]
    make, total = Maker(rng, habits), 0
    if source in HEADS:
        yield json.dumps(HEADS[source]).encode() + b"\n"
    while total < size:
        for record in turn(make):
            line = json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
            total += len(line)
            yield line
