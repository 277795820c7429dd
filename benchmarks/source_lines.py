"""Made logs of the assistants that write lines, for the figures of their readers.

A turn is a prompt, a look at a file, a command, an edit and a last word. How long texts are was counted
in two long sessions of Pi that its authors published: half of the lines are shorter than 0.8 kB, a tenth
longer than 2.8 kB, the mean is 1.7 kB.
"""

from __future__ import annotations

import inspect
import json
import pydoc
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterator

Record = dict[str, Any]
BEGAN = datetime(2026, 6, 17, 10, 0, tzinfo=UTC)
SAID, ANSWERED = (5.2, 0.8), (6.6, 1.4)
"""Logarithmic mean and deviation of the letters that a model says, and that a tool answers."""


class Maker:
    """Texts and instants of one log; ``call`` and ``at`` go on with each use."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._code = inspect.getsource(pydoc)
        self._count = 0

    def text(self, size: tuple[float, float]) -> str:
        """A piece of a program, as long as such texts are."""
        length = min(40_000, int(self._rng.lognormvariate(*size)))
        start = self._rng.randrange(max(1, len(self._code) - length))
        return self._code[start : start + length]

    def edit(self) -> tuple[str, str]:
        """Some lines before and after an edit: most stay as they are."""
        before = self.text((5.8, 0.6)).splitlines() or [""]
        place = self._rng.randrange(len(before))
        after = [
            *before[:place],
            f"    total_{self._count} = {self._count}",
            *before[place + 1 :],
            "    # done",
        ]
        return "\n".join(before), "\n".join(after)

    def command(self) -> str:
        """A command line that was not run before."""
        name = f"part_{self._rng.randrange(10**6)}"
        return self._rng.choice(
            (
                f"pytest tests/{name} -q",
                f"grep -rn {name} src | head -20",
                f"git log --oneline -- {name}",
                f"ls {name}",
            )
        )

    def own(self) -> str:
        """A name of its own for a record."""
        self._count += 1
        return f"{self._rng.getrandbits(64):016x}-{self._count}"

    def at(self) -> str:
        """The next instant."""
        self._count += 1
        return (BEGAN + timedelta(milliseconds=1_371 * self._count)).strftime("%Y-%m-%dT%H:%M:%S.%f")[
            :-3
        ] + "Z"


Call = tuple[str, dict[str, Any], str]


def calls(make: Maker) -> list[Call]:
    """The calls of one turn: name, arguments, answer."""
    before, after = make.edit()
    path = f"/home/dev/src/part_{len(before) % 97}.py"
    return [
        ("read", {"path": path}, make.text(ANSWERED)),
        ("bash", {"command": make.command()}, make.text(ANSWERED)),
        ("edit", {"path": path, "oldText": before, "newText": after}, "edited"),
    ]


def pi(make: Maker) -> Iterator[Record]:
    """One turn of Pi."""

    def entry(message: Record) -> Record:
        return {
            "type": "message",
            "id": make.own(),
            "parentId": make.own(),
            "timestamp": make.at(),
            "message": message,
        }

    used: Record = {"input": 5, "output": 181, "cacheRead": 61_000, "cacheWrite": 812, "totalTokens": 61_998}
    used["cost"] = {"input": 0.1, "output": 0.2, "cacheRead": 0.1, "cacheWrite": 0.1, "total": 0.5}
    yield entry({"role": "user", "content": [{"type": "text", "text": make.text(SAID)}], "timestamp": 1})
    for name, arguments, answer in calls(make):
        own = make.own()
        said: list[Record] = [{"type": "text", "text": make.text(SAID)}]
        said.append({"type": "toolCall", "id": own, "name": name, "arguments": arguments})
        told = {"api": "a", "provider": "anthropic", "model": "claude-opus-4-5", "stopReason": "toolUse"}
        yield entry({"role": "assistant", "content": said, "usage": used} | told)
        result = {"role": "toolResult", "toolCallId": own, "toolName": name, "isError": False}
        yield entry(result | {"content": [{"type": "text", "text": answer}]})


def droid(make: Maker) -> Iterator[Record]:
    """One turn of Droid."""

    def entry(role: str, *blocks: Record) -> Record:
        message = {"role": role, "content": list(blocks)}
        return {
            "type": "message",
            "id": make.own(),
            "timestamp": make.at(),
            "parentId": make.own(),
            "message": message,
        }

    yield entry("user", {"type": "text", "text": make.text(SAID)})
    for name, arguments, answer in calls(make):
        own = make.own()
        use = {"type": "tool_use", "id": own, "name": name.title(), "input": arguments}
        yield entry("assistant", {"type": "text", "text": make.text(SAID)}, use)
        yield entry("user", {"type": "tool_result", "tool_use_id": own, "is_error": False, "content": answer})


def cursor(make: Maker) -> Iterator[Record]:
    """One turn of Cursor's transcripts, which tell no answers of tools."""
    typed = f"<user_query>\n{make.text(SAID)}\n</user_query>"
    yield {"role": "user", "message": {"content": [{"type": "text", "text": typed}]}}
    for name, arguments, _ in calls(make):
        use = {"type": "tool_use", "name": name.title(), "input": arguments}
        said = {"type": "text", "text": make.text((6.2, 0.9))}
        yield {"role": "assistant", "message": {"content": [said, use]}}


def kimi(make: Maker) -> Iterator[Record]:
    """One turn of Kimi Code."""

    def line(named: str, /, **fields: Any) -> Record:
        make.at()
        return {"type": named, "time": 1_781_690_400_000 + int(make.own().rpartition("-")[2])} | fields

    def event(named: str, /, **fields: Any) -> Record:
        return line("context.append_loop_event", event={"type": named, "uuid": make.own()} | fields)

    yield line("turn.prompt", input=[{"type": "text", "text": make.text(SAID)}], origin={"kind": "user"})
    for name, arguments, answer in calls(make):
        own = make.own()
        yield line("llm.request", kind="loop", model="kimi-k2", provider="kimi")
        yield event("content.part", part={"type": "think", "think": make.text(SAID)})
        yield event("tool.call", toolCallId=own, name=name.title(), args=arguments)
        yield event("tool.result", toolCallId=own, result={"output": answer})
        used = {"inputOther": 88, "output": 181, "inputCacheRead": 61_000, "inputCacheCreation": 0}
        yield line("usage.record", model="kimi-k2", usage=used, usageScope="turn")


def gemini(make: Maker) -> Iterator[Record]:
    """One turn of Gemini CLI, each of whose answers stands twice."""
    yield {"id": make.own(), "timestamp": make.at(), "type": "user", "content": [{"text": make.text(SAID)}]}
    for name, arguments, answer in calls(make):
        told = {"file_path": arguments.get("path", "")} if "path" in arguments else arguments
        told |= (
            {"old_string": arguments["oldText"], "new_string": arguments["newText"]} if name == "edit" else {}
        )
        named = {"read": "read_file", "bash": "run_shell_command", "edit": "replace"}[name]
        tokens = {
            "input": 61_043,
            "output": 181,
            "cached": 60_800,
            "thoughts": 20,
            "tool": 0,
            "total": 61_244,
        }
        first: Record = {
            "id": make.own(),
            "timestamp": make.at(),
            "type": "gemini",
            "content": make.text(SAID),
        }
        first |= {"thoughts": [], "tokens": tokens, "model": "gemini-2.5-pro"}
        yield first
        call = {"id": make.own(), "name": named, "args": told, "status": "success", "timestamp": make.at()}
        response = {"functionResponse": {"id": call["id"], "name": named, "response": {"output": answer}}}
        yield first | {"toolCalls": [call | {"result": [response], "resultDisplay": answer[:200]}]}


def qwen(make: Maker) -> Iterator[Record]:
    """One turn of Qwen Code."""

    def line(kind: str, **fields: Any) -> Record:
        told = {
            "uuid": make.own(),
            "parentUuid": make.own(),
            "sessionId": "s",
            "timestamp": make.at(),
            "type": kind,
        }
        return told | {"cwd": "/home/dev/src", "version": "0.15.10", "gitBranch": "main"} | fields

    yield line("user", message={"role": "user", "parts": [{"text": make.text(SAID)}]})
    for name, arguments, answer in calls(make):
        own = make.own()
        told = {"file_path": arguments["path"]} if "path" in arguments else dict(arguments)
        told |= (
            {"old_string": arguments["oldText"], "new_string": arguments["newText"]} if name == "edit" else {}
        )
        call = {
            "functionCall": {"id": own, "name": {"bash": "run_shell_command"}.get(name, name), "args": told}
        }
        used = {"promptTokenCount": 61_053, "candidatesTokenCount": 181, "thoughtsTokenCount": 20}
        used |= {"totalTokenCount": 61_234, "cachedContentTokenCount": 60_800}
        message = {"role": "model", "parts": [{"text": make.text(SAID)}, call]}
        yield line("assistant", model="qwen3-coder", message=message, usageMetadata=used)
        parts = [{"functionResponse": {"id": own, "name": name, "response": {"output": answer}}}]
        done = {"callId": own, "status": "success", "resultDisplay": answer[:200]}
        yield line("tool_result", message={"role": "user", "parts": parts}, toolCallResult=done)


def copilot(make: Maker) -> Iterator[Record]:
    """One turn of Copilot CLI."""

    def event(kind: str, **data: Any) -> Record:
        return {"type": kind, "data": data, "id": make.own(), "timestamp": make.at(), "parentId": make.own()}

    said = make.text(SAID)
    yield event("user.message", content=said, transformedContent=f"<now>\n{said}", attachments=[])
    for name, arguments, answer in calls(make):
        own, usage_id = make.own(), make.own()
        told = dict(arguments) | {"old_str": arguments.get("oldText"), "new_str": arguments.get("newText")}
        named = {"read": "view"}.get(name, name)
        yield event("assistant.turn_start", turnId=own)
        asked = [{"toolCallId": own, "name": named, "arguments": told, "type": "function"}]
        yield event("assistant.message", messageId=make.own(), content=make.text(SAID), toolRequests=asked)
        yield event("tool.execution_start", toolCallId=own, toolName=named, arguments=told)
        result = {"content": answer, "detailedContent": answer}
        yield event("tool.execution_complete", toolCallId=own, success=True, result=result, toolTelemetry={})
        used = {"model": "gpt-5.5", "inputTokens": 61_001, "outputTokens": 181, "cacheReadTokens": 60_800}
        used |= {"cacheWriteTokens": 0, "apiCallId": usage_id, "accounting": {"usageId": usage_id}}
        yield event("session.usage_record", usage=used)


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
TURNS: dict[str, Callable[[Maker], Iterator[Record]]] = {
    "gemini-cli": gemini, "qwen-code": qwen, "copilot-cli": copilot, "kimi": kimi, "droid": droid, "pi": pi,
    "cursor": cursor,
}  # fmt: skip


def log_of(source: str, rng: random.Random, size: int) -> bytes:
    """A log of about so many bytes."""
    make, turn = Maker(rng), TURNS[source]
    lines = [json.dumps(HEADS[source]).encode()] if source in HEADS else []
    total = 0
    while total < size:
        for record in turn(make):
            lines.append(json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode())
            total += len(lines[-1]) + 1
    return b"\n".join(lines) + b"\n"
