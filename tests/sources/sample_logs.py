"""One small log of each source in each shape, for tests of what must hold of all of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from sources import gemini_records as gemini
from sources.agents import BEGAN, DEMO, DIFF, stamp
from sources.sample_agents import agent_samples, table_samples
from sources.samples import EDIT, Sample, document, lines, rows
from sources.server_logs import chat, server_samples
from tokencoach.sources.base import LogFile
from tokencoach.sources.registry import built_in


def _gemini() -> list[Any]:
    answers = [gemini.answer(2, "m"), gemini.answer(2, "m", toolCalls=[gemini.replaced()])]
    return [gemini.head(), gemini.user(1, "please"), *answers, {"$rewindTo": "u1"}, gemini.answer(4)]


def _qwen() -> list[Any]:
    call = gemini.qwen_call("c", "edit", file_path="a.py", old_string="old", new_string="new")
    result = gemini.qwen_result(3, "c", fileDiff=gemini.DIFF)
    return [
        gemini.qwen_user(1, "please"),
        gemini.qwen_answer(2, call),
        result,
        gemini.qwen(4, "system", subtype="rewind"),
    ]


def _copilot() -> list[Any]:
    def event(second: int, kind: str, **data: Any) -> dict[str, Any]:
        return {"type": kind, "data": data, "id": f"e{second}", "timestamp": stamp(second)}

    counts = {"inputTokens": 100, "outputTokens": 9, "cacheReadTokens": 80, "cacheWriteTokens": 1}
    result = {"detailedContent": f"diff --git a/a.py b/a.py\n{DIFF}"}
    return [
        event(0, "session.start", sessionId="S1", context={"cwd": DEMO, "branch": "main"}, selectedModel="m"),
        event(1, "user.message", content="please"),
        event(
            2,
            "assistant.message",
            messageId="m",
            outputTokens=9,
            toolRequests=[{"toolCallId": "t", "name": "edit", "arguments": EDIT}],
        ),
        event(
            3,
            "tool.execution_complete",
            toolCallId="t",
            success=True,
            result=result,
            fileEdits=[{"path": "a.py"}],
        ),
        event(
            4,
            "session.usage_record",
            usage=counts | {"model": "m", "apiCallId": "c", "accounting": {"sourceSessionId": "S1"}},
        ),
        event(
            5,
            "session.shutdown",
            modelMetrics={"m": {"usage": {name: 2 * count for name, count in counts.items()}}},
        ),
    ]


def _aider() -> bytes:
    return (
        b"# aider chat started at 2026-06-17 10:00:00\n\n> Model: openai/gpt-4o with diff edit format  \n"
        b"#### please  \n\na.py\n```\n<<<<<<< SEARCH\nold\n=======\nnew\n>>>>>>> REPLACE\n```\n\n"
        b"> Tokens: 2.4k sent, 800 cache hit, 27 received. Cost: $0.01 message, $0.01 session.  \n"
        b"> Applied edit to a.py  \n> Commit 66aae53 done  \n#### again  \n"
    )


def _kimi() -> list[Any]:
    def event(second: int, kind: str, **fields: Any) -> dict[str, Any]:
        return {"type": kind, "time": BEGAN + second * 1000} | fields

    called = {"type": "tool.call", "toolCallId": "t", "name": "Edit", "args": EDIT}
    ended = {"type": "tool.result", "toolCallId": "t", "result": {"output": "ok"}}
    used = {"inputOther": 5, "output": 3, "inputCacheRead": 2, "inputCacheCreation": 1}
    older = {
        "type": "StatusUpdate",
        "payload": {"message_id": "m", "token_usage": {"input_other": 5, "output": 1}},
    }
    return [
        event(1, "turn.prompt", input=[{"type": "text", "text": "please"}], origin={"kind": "user"}),
        event(2, "context.append_loop_event", event=called),
        event(3, "permission.record_approval_result", toolCallId="t", result={"decision": "rejected"}),
        event(4, "context.append_loop_event", event=ended),
        event(5, "usage.record", model="m", usage=used),
        {"timestamp": BEGAN / 1000 + 6, "message": older},
    ]


def _cline() -> dict[str, Any]:
    counts = {"tokensIn": 10, "tokensOut": 5, "cacheReads": 3, "cacheWrites": 1, "apiProtocol": "openai"}
    told = [
        {"ts": BEGAN, "type": "say", "say": "task", "text": "please"},
        {"ts": BEGAN + 1, "type": "say", "say": "api_req_started", "text": json.dumps(counts)},
        {
            "ts": BEGAN + 2,
            "type": "say",
            "say": "tool",
            "text": json.dumps({"tool": "appliedDiff", "path": "a.py", "diff": DIFF}),
        },
        {"ts": BEGAN + 3, "type": "say", "say": "user_feedback_diff", "text": "{}"},
    ]
    talk = [
        {"role": "user", "content": [{"type": "text", "text": "[apply_diff for 'a.py'] Result:\n\nError"}]}
    ]
    used = {"model_usage": [{"ts": BEGAN, "model_id": "m"}]}
    return {"ui_messages.json": told, "api_conversation_history.json": talk, "task_metadata.json": used}


def _opencode() -> list[tuple[str, dict[str, Any]]]:
    tokens = {"input": 5, "output": 3, "reasoning": 1, "cache": {"read": 2, "write": 1}}
    told = {"role": "assistant", "modelID": "m", "time": {"created": BEGAN}, "tokens": tokens}
    asked = {"role": "user", "modelID": "m", "time": {"created": BEGAN}}
    state = {
        "status": "completed",
        "input": {"filePath": "a.py"},
        "metadata": {"filediff": {"file": "a.py", "patch": DIFF}},
    }
    part = {"type": "tool", "tool": "edit", "callID": "c", "state": state}

    def of(own: str, data: dict[str, Any]) -> dict[str, Any]:
        message = {"message.id": own, "message.session_id": "S1", "message.data": json.dumps(data)}
        return message | {"session.directory": DEMO, "session.parent_id": None}

    return [
        ("session", {"id": "S1", "directory": DEMO, "title": "t", "revert": "{}", "time_created": BEGAN}),
        ("message", {"id": "m1", "session_id": "S1", "data": json.dumps(told)}),
        ("part", {"id": "p1", "data": json.dumps({"type": "text", "text": "please"})} | of("u1", asked)),
        ("part", {"id": "p2", "data": json.dumps(part)} | of("m1", told)),
    ]


def _chat() -> dict[str, Any]:
    arguments = json.dumps({"filePath": "a.py", "oldString": "old", "newString": "new"})
    call = {"name": "replace_string_in_file", "id": "t", "arguments": arguments}
    turns = {"toolCallRounds": [{"toolCalls": [call]}], "toolCallResults": {"t": {}}}
    edits = [[{"text": "x", "range": {"startLineNumber": 1}}]]
    group = {"kind": "textEditGroup", "uri": {"path": "b.py"}, "edits": edits}
    request: dict[str, Any] = {"requestId": "r", "timestamp": BEGAN, "message": {"text": "please"}}
    request["result"] = {"metadata": {"promptTokens": 5, "outputTokens": 3, **turns}}
    return {"sessionId": "S1", "requests": [request | {"response": [group]}]}


def samples() -> list[Sample]:
    """A log of every source that is neither Claude Code nor Codex, which have tests of their own."""
    return [
        lines("gemini-cli", *_gemini()),
        document("gemini-cli", gemini.head() | {"messages": [gemini.user(1, "please"), gemini.answer(2)]}),
        lines("qwen-code", *_qwen()),
        lines("copilot-cli", *_copilot()),
        Sample("aider", LogFile(Path(".aider.chat.history.md"), cwd=DEMO), _aider()),
        lines("kimi", *_kimi()),
        *(document(name, _cline(), "ui_messages.json") for name in ("cline", "roo-code", "kilo-code")),
        rows("opencode", *_opencode()),
        document("copilot-chat", _chat()),
        *agent_samples(),
        *table_samples(),
        *server_samples(),
        document("lm-studio", chat(), "S1.conversation.json"),
    ]


SAMPLES: Final = samples()
BY_NAME: Final = {source.name: source for source in built_in()}
