"""Messages of OpenCode and their parts, whether rows of its database or older files, into facts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Self

import msgspec

from tokencoach.sources.decoding import digest64
from tokencoach.sources.fields import amount, count, first_text, moment_ms, record, records, text, word
from tokencoach.sources.file_tools import (
    CallAt,
    FileChange,
    ToolNames,
    diffed,
    imaged,
    tell_call,
    tell_change,
    tell_result,
)
from tokencoach.sources.logged_paths import resolve
from tokencoach.usage.facts import AgentSeen, CompactionSeen, PromptSeen, RequestSeen
from tokencoach.usage.words import CallStatus, ErrorKind

if TYPE_CHECKING:
    from tokencoach.sources.gathering import Gathering

_TOOLS: Final = ToolNames(
    edits=frozenset({"edit", "write", "multiedit", "patch", "apply_patch"}),
    shells=frozenset({"bash", "shell"}),
)
_KNOWN_PARTS: Final = frozenset(
    {
        *("text", "reasoning", "tool", "file", "step-start", "step-finish", "snapshot", "patch", "agent"),
        *("retry", "compaction", "subtask"),
    }
)


class Message(NamedTuple):
    """A message: its session (a child's parent), what it says, and the key of its request.

    A fork copies messages under new ids, so the key is made of what the copy keeps.
    """

    session_id: str
    agent: str | None
    told: dict[str, Any]
    at_ms: int
    key: str
    cwd: str | None

    @classmethod
    def of(
        cls, own: str, session_id: str, told: dict[str, Any], parent: str | None, folder: str | None
    ) -> Self | None:
        """The message; nothing where it has no instant."""
        at_ms = moment_ms(record(told.get("time")).get("created"))
        if at_ms is None:
            return None
        agent = session_id if parent else None
        path = told.get("path")
        cwd = text(record(path).get("cwd")) or (path if isinstance(path, str) else None) or folder
        # Children are not copied, and several of them may begin in one instant.
        key = f"{at_ms}:{_model(told)}:{told.get('role')}:{agent or ''}"
        if not _model(told):
            key = own
        return cls(parent or session_id, agent, told, at_ms, key, cwd)


class PartReading:
    """Reads messages and parts."""

    def __init__(self, into: Gathering) -> None:
        self._into = into

    def message(self, message: Message) -> None:
        """A message: of an assistant a request."""
        told = message.told
        self._touch(message)
        if told.get("role") != "assistant":
            return
        error = record(told.get("error"))
        if error:
            name = text(error.get("name")) or "error"
            kind = ErrorKind.ABORTED if name == "MessageAbortedError" else ErrorKind.API_ERROR
            said = (name, first_text(record(error.get("data")), "message") or "")
            self._into.error(message.key, message.session_id, message.at_ms, kind, said)
        tokens = record(told.get("tokens"))
        cache = record(tokens.get("cache"))
        fresh, output, reasoning = (count(tokens.get(name)) for name in ("input", "output", "reasoning"))
        read, written = count(cache.get("read")), count(cache.get("write"))
        if count(tokens.get("total")) != fresh + output + read + written:
            # But for the providers whose total says otherwise, thoughts stand beside the output.
            output += reasoning
        if fresh or output or read or written:
            cost = amount(told.get("cost"))
            self._into.request(
                RequestSeen(
                    *(message.key, message.session_id, message.at_ms, _model(told) or "unknown"),
                    *(fresh, read, written, 0, output, min(reasoning, output)),
                    agent=message.agent,
                    is_sidechain=message.agent is not None,
                    logged_cost_usd=cost or None,
                )
            )
        if told.get("summary") is True:
            seen = CompactionSeen(
                message.key, message.session_id, message.at_ms, fresh + read + written, output
            )
            self._into.compaction(seen)

    def part(self, message: Message, part: dict[str, Any]) -> None:
        """A part of a message: of a person's the prompt, of an assistant's a tool call."""
        self._touch(message)
        kind = word(part.get("type"))
        if message.told.get("role") == "user":
            if kind == "text" and message.agent is None and part.get("synthetic") is not True:
                self._prompt(message, part)
        elif kind == "tool":
            self._tool(message, part)
        elif kind == "retry":
            said = (record(part.get("error")).get("name"), record(part.get("error")).get("message"))
            key = f"{message.key}:retry:{part.get('attempt')}"
            self._into.error(key, message.session_id, message.at_ms, ErrorKind.RETRY, said)
        elif kind not in _KNOWN_PARTS:
            self._into.unseen(f"part/{kind}")

    def reverted(self, session: str, at_ms: int, told: object) -> None:
        """The person undid what the session did since a message."""
        digest = digest64(msgspec.json.encode(told))
        self._into.error(f"{session}:revert:{digest}", session, at_ms, ErrorKind.ROLLED_BACK, ("revert", ""))

    def _touch(self, message: Message) -> None:
        self._into.session(message.session_id, message.at_ms, cwd=message.cwd)
        if message.agent is not None:
            self._into.agent(AgentSeen(message.agent, message.session_id, message.at_ms))

    def _prompt(self, message: Message, part: dict[str, Any]) -> None:
        typed = text(part.get("text"))
        if not typed or part.get("ignored") is True:
            return
        if typed.startswith('"') and typed.endswith('"'):
            # One of its front ends hands the words over as JSON.
            try:
                unquoted = json.loads(typed)
            except ValueError:
                unquoted = None
            typed = unquoted if isinstance(unquoted, str) and unquoted else typed
        key = f"{message.at_ms}:{digest64(typed.encode('utf-8', 'surrogatepass'))}"
        self._into.prompt(PromptSeen(key, message.session_id, message.at_ms, typed, 0, 0))

    def _tool(self, message: Message, part: dict[str, Any]) -> None:
        state, name = record(part.get("state")), text(part.get("tool"))
        own = text(part.get("callID")) or text(part.get("id"))
        status = _status(state)
        if name is None or own is None or status is None:
            return
        times = record(state.get("time"))
        began = moment_ms(times.get("start")) or message.at_ms
        ended = moment_ms(times.get("end")) or began
        key = f"{own}:{began}"
        at = CallAt(key, message.session_id, began, message.key, message.agent, message.cwd)
        arguments = record(state.get("input"))
        told = record(state.get("metadata"))
        tell_call(self._into, at, name, arguments, _TOOLS)
        spawned = first_text(told, "sessionId", "sessionID") if name in ("task", "subagent") else None
        ended_at = at.but(at_ms=ended)
        tell_result(self._into, ended_at, status, state.get("output"), spawned, exit_code=told.get("exit"))
        if name in _TOOLS.edits and status is CallStatus.OK:
            tell_change(self._into, at, _changes(told, arguments, message.cwd))


def _status(state: dict[str, Any]) -> CallStatus | None:
    """How a call ended; nothing while it runs. A command that exits non-zero has not failed."""
    word = state.get("status")
    if word in ("completed", "success"):
        return CallStatus.OK
    if word != "error":
        return None
    said = str(state.get("error"))
    if "rejected permission" in said or "user dismissed" in said:
        return CallStatus.REJECTED
    return CallStatus.INTERRUPTED if "aborted" in said.lower() else CallStatus.FAILED


def _changes(told: dict[str, Any], arguments: dict[str, Any], cwd: str | None) -> list[FileChange]:
    """The exact lines that a call changed, where its result holds them."""
    found = []
    results = [record(result.get("filediff")) for result in records(told.get("results"))]
    for file in [record(told.get("filediff")), *results, *records(told.get("files"))]:
        path = first_text(file, "file", "filePath", "relativePath")
        if path is None:
            continue
        path = resolve(path, cwd)
        diff = first_text(file, "patch", "diff")
        target = first_text(file, "movePath")
        if diff is not None and "@@ " in diff:
            found.append(diffed(resolve(target, cwd) if target else path, diff, path if target else None))
        elif isinstance(file.get("before"), str) and isinstance(file.get("after"), str):
            found.append(imaged(path, file["before"], file["after"]))
    diff, path = first_text(told, "diff"), first_text(arguments, "filePath", "file_path")
    if not found and diff is not None and path is not None and "@@ " in diff:
        found.append(diffed(resolve(path, cwd), diff))
    by_path = {file.path: file for file in found}
    return list(by_path.values()) if len(by_path) == len(found) else _joined(found)


def _joined(files: list[FileChange]) -> list[FileChange]:
    """Several changes of one file by one call as one."""
    by_path: dict[str, FileChange] = {}
    for file in files:
        old = by_path.get(file.path)
        if old is not None:
            parts = ("\n".join(filter(None, pair)) for pair in zip(old.change, file.change, strict=True))
            file = file._replace(change=type(file.change)(*parts))  # noqa: PLW2901 - grows as it is met again
        by_path[file.path] = file
    return list(by_path.values())


def _model(told: dict[str, Any]) -> str | None:
    return text(told.get("modelID")) or first_text(record(told.get("model")), "modelID")
