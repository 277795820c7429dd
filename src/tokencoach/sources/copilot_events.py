"""Events of Copilot's sessions, in the terminal and in editors, into facts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import msgspec

from tokencoach.sources.carried import Carrier
from tokencoach.sources.copilot_usage import Booked, from_message, from_record, remainders
from tokencoach.sources.fields import count, decoded, first_text, moment_ms, record, records, text
from tokencoach.sources.file_tools import (
    CallAt,
    FileChange,
    ToolNames,
    diffed,
    tell_call,
    tell_change,
    tell_result,
)
from tokencoach.sources.logged_paths import resolve
from tokencoach.usage.facts import AgentSeen, CompactionSeen, PromptSeen
from tokencoach.usage.words import CallStatus, ErrorKind

if TYPE_CHECKING:
    from tokencoach.sources.gathering import Gathering

TOOLS: Final = ToolNames(
    edits=frozenset(
        {
            *("create", "edit", "str_replace_editor", "str_replace", "insert", "apply_patch", "create_file"),
            *("replace_string_in_file", "multi_replace_string_in_file", "insert_edit_into_file", "edit_file"),
            *("write_file", "edit_notebook_file"),
        }
    ),
    shells=frozenset({"bash", "powershell", "shell", "run_in_terminal"}),
)
_KNOWN: Final = frozenset(
    {
        *(
            "hook.start",
            "hook.end",
            "system.message",
            "assistant.turn_start",
            "assistant.turn_end",
            "session.info",
        ),
        *(
            "session.usage_checkpoint",
            "session.auto_mode_resolved",
            "assistant.reasoning",
            "system.notification",
        ),
        *(
            "subagent.completed",
            "subagent.started",
            "subagent.failed",
            "session.handoff",
            "session.import_legacy",
        ),
        *("assistant.intent", "assistant.usage", "tool.execution_partial_result", "session.compaction_start"),
        *(
            "tool.user_requested",
            "session.idle",
            "session.permissions_changed",
            "session.title_changed",
            "skill.invoked",
            "session.task_complete",
        ),
        *("session.mode_changed", "session.plan_changed", "session.context_changed", "session.warning"),
        *(
            "permission.requested",
            "permission.completed",
            "session.snapshot_rewind",
            "session.workspace_file_changed",
        ),
        *(
            "user_input.requested",
            "user_input.completed",
            "pending_messages.modified",
            "session.tools_updated",
        ),
        *("partner.used", "session.custom_agents_updated"),
    }
)
_REFUSED: Final = ("rejected", "denied", "user-rejected", "permission_denied")
_SECTION: Final = re.compile(r"(?m)^diff --git ")
_TARGET: Final = re.compile(r"(?m)^\+\+\+ (?:b/)?(.+?)\s*$")
_MOST_OPEN: Final = 64
_VERSION: Final = 1


class State(msgspec.Struct, array_like=True):
    """Carried from chunk to chunk: whose events they are, what is booked, which calls are open.

    ``open_calls`` holds name and path by call; ``is_told`` says that requests are told one by one.
    """

    version: int = _VERSION
    session_id: str = ""
    last_ms: int = 0
    cwd: str | None = None
    branch: str | None = None
    model: str = ""
    is_told: bool = False
    booked: dict[str, Booked] = msgspec.field(default_factory=dict)
    open_calls: dict[str, tuple[str, str, str | None]] = msgspec.field(default_factory=dict)
    request_key: str | None = None


_CARRIER: Final = Carrier(State, _VERSION)
load = _CARRIER.load
dump = _CARRIER.dump


class EventReading:
    """Reads events; ``state`` is changed on the way."""

    def __init__(self, into: Gathering, state: State, name_hint: str) -> None:
        self._into = into
        self._state = state
        if not state.session_id:
            state.session_id = name_hint

    def event(self, value: dict[str, Any], offset: int, length: int) -> None:
        """One event."""
        state, data, kind = self._state, record(value.get("data")), value.get("type")
        at_ms = state.last_ms = moment_ms(value.get("timestamp")) or state.last_ms
        if kind in ("session.start", "session.resume"):
            self._start(data)
        if not at_ms or not state.session_id:
            return
        self._into.session(state.session_id, at_ms, cwd=state.cwd, branch=state.branch)
        agent = first_text(data, "parentToolCallId", "agentId")
        own = text(value.get("id")) or f"{at_ms}:{offset}"
        at = CallAt(
            f"{state.session_id}:{own}",
            *(state.session_id, at_ms, state.request_key, agent, state.cwd, state.branch),
        )
        if agent is not None:
            call = f"{state.session_id}:{agent}" if "parentToolCallId" in data else None
            self._into.agent(AgentSeen(agent, state.session_id, at_ms, call))
        if kind == "user.message":
            self._prompt(data, at, offset, length)
        else:
            self._event(str(kind), data, at)

    def _event(self, kind: str, data: dict[str, Any], at: CallAt) -> None:
        if kind == "assistant.message":
            self._answer(data, at)
        elif kind == "session.usage_record":
            self._usage(record(data.get("usage")), at)
        elif kind == "tool.execution_start":
            name, arguments = text(data.get("toolName")), data.get("arguments")
            self._call(name, text(data.get("toolCallId")), arguments, at)
        elif kind == "tool.execution_complete":
            self._result(data, at)
        elif kind == "session.shutdown":
            metrics = record(data.get("modelMetrics"))
            for request in remainders(metrics, at, self._state.booked, is_told=self._state.is_told):
                self._into.request(request)
        else:
            self._lesser_event(kind, data, at)

    def _lesser_event(self, kind: str, data: dict[str, Any], at: CallAt) -> None:
        if kind == "session.model_change":
            self._state.model = text(data.get("newModel")) or self._state.model
        elif kind in ("session.compaction_complete", "session.truncation"):
            before = count(data.get("preCompactionTokens")) or count(
                data.get("preTruncationTokensInMessages")
            )
            after = count(data.get("postCompactionTokens")) or count(
                data.get("postTruncationTokensInMessages")
            )
            self._into.compaction(CompactionSeen(at.key, at.session_id, at.at_ms, before, after))
            if kind == "session.compaction_complete":
                self._state.booked = {}
        elif kind == "session.error":
            code = data.get("statusCode") or data.get("errorType")
            self._into.error(
                at.key, at.session_id, at.at_ms, ErrorKind.API_ERROR, (code, data.get("message"))
            )
        elif kind == "abort":
            about = ("interrupted", data.get("reason"))
            self._into.error(at.key, at.session_id, at.at_ms, ErrorKind.ABORTED, about)
        elif kind not in _KNOWN and kind not in ("session.start", "session.resume"):
            self._into.unseen(kind)

    def _start(self, data: dict[str, Any]) -> None:
        state, context = self._state, record(data.get("context"))
        state.session_id = text(data.get("sessionId")) or state.session_id
        state.model = text(data.get("selectedModel")) or state.model
        state.cwd = first_text(context, "cwd", "gitRoot") or state.cwd
        state.branch = text(context.get("branch")) or state.branch
        if state.session_id and state.last_ms:
            told = {
                "version": text(data.get("copilotVersion")),
                "git_commit": text(context.get("headCommit")),
            }
            self._into.session(state.session_id, state.last_ms, **told)

    def _prompt(self, data: dict[str, Any], at: CallAt, offset: int, length: int) -> None:
        typed = text(data.get("content"))
        is_own = at.agent is None and data.get("source") in (None, "user")
        if typed and is_own:
            self._into.prompt(PromptSeen(at.key, at.session_id, at.at_ms, typed, offset, length))

    def _usage(self, usage: dict[str, Any], at: CallAt) -> None:
        state = self._state
        state.is_told = True
        accounting = record(usage.get("accounting"))
        own = text(usage.get("apiCallId")) or text(accounting.get("usageId"))
        source = text(accounting.get("sourceSessionId")) or state.session_id
        key = f"{source}:{own}" if own else at.key
        agent = at.agent or ("sub-agent" if usage.get("initiator") == "sub-agent" else None)
        request = from_record(usage, at._replace(key=key, agent=agent), state.booked)
        if request is not None:
            if agent is not None:
                self._into.agent(AgentSeen(agent, state.session_id, at.at_ms))
            state.request_key = key
            self._into.request(request)

    def _answer(self, data: dict[str, Any], at: CallAt) -> None:
        state = self._state
        state.model = text(data.get("model")) or state.model
        own = first_text(data, "apiCallId", "messageId")
        key = f"{state.session_id}:{own}" if own else at.key
        if not state.is_told:
            state.request_key = key
            model = state.model or "unknown"
            request = from_message(data, model, at._replace(key=key), state.booked)
            if request is not None:
                self._into.request(request)
        for asked in records(data.get("toolRequests")):
            name, call = text(asked.get("name")), text(asked.get("toolCallId"))
            self._call(name, call, asked.get("arguments"), at._replace(request_key=state.request_key))

    def _call(self, name: str | None, own: str | None, told: object, at: CallAt) -> None:
        if name is None or own is None:
            return
        arguments = decoded(told, self._into.odd)
        if isinstance(told, str) and not isinstance(arguments, dict):
            arguments = {"input": told}
        known = self._state.open_calls
        at = at._replace(key=f"{at.session_id}:{own}", request_key=known.get(own, (0, 0, at.request_key))[2])
        tell_call(self._into, at, name, record(arguments), TOOLS)
        if len(known) >= _MOST_OPEN:
            del known[next(iter(known))]
        path = first_text(record(arguments), "path", "filePath", "file_path") or ""
        known[own] = (name, path, at.request_key)

    def _result(self, data: dict[str, Any], at: CallAt) -> None:
        own = text(data.get("toolCallId"))
        if own is None:
            return
        name, path, request_key = self._state.open_calls.pop(own, ("", "", None))
        at = at._replace(key=f"{at.session_id}:{own}", request_key=request_key)
        result = record(data.get("result"))
        status = _status(data)
        code = record(data.get("shellExecution")).get("exitCode")
        tell_result(self._into, at, status, result.get("content"), exit_code=code)
        diff = text(result.get("detailedContent"))
        if (
            status is CallStatus.OK
            and diff
            and "@@ -" in diff
            and (name in TOOLS.edits or data.get("fileEdits"))
        ):
            named = [found for edit in records(data.get("fileEdits")) if (found := text(edit.get("path")))]
            tell_change(self._into, at, _changes(diff, [*named, path] if path else named, at.cwd))


def _status(data: dict[str, Any]) -> CallStatus:
    if data.get("success") is not False:
        return CallStatus.OK
    error = record(data.get("error"))
    said = f"{error.get('code')} {error.get('message')}".lower()
    return CallStatus.REJECTED if any(word in said for word in _REFUSED) else CallStatus.FAILED


def _changes(diff: str, named: list[str], cwd: str | None) -> list[FileChange]:
    """The files of a git diff, by the paths that the tool itself names."""
    found = []
    sections = [part for part in _SECTION.split(diff) if "@@ -" in part]
    for section in sections:
        target = _TARGET.search(section)
        told = target[1] if target else ""
        whole = [path for path in named if path == told or path.endswith("/" + told.lstrip("/"))]
        path = whole[0] if whole else named[0] if named and len(sections) == 1 else told
        if path and path != "/dev/null":
            found.append(diffed(resolve(path, cwd), section))
    return found
