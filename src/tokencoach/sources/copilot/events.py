"""Events of Copilot's sessions, in the terminal and in editors, into facts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import msgspec

from tokencoach.sources.carried import Carrier
from tokencoach.sources.copilot.records import EVENTS, NO_DATA, NO_RESULT, RESULTS
from tokencoach.sources.copilot.usage import (
    UNKNOWN,
    Answer,
    Booked,
    from_message,
    from_record,
    from_tool,
    most_spoken,
    named,
    remainders,
)
from tokencoach.sources.fields import ANYTHING, count, decoded, first_text, moment_ms, record, records, text
from tokencoach.sources.file_tools import (
    CallAt,
    FileChange,
    ToolNames,
    diffed,
    tell_call,
    tell_change,
    tell_result,
)
from tokencoach.sources.lines import objects_in, typed
from tokencoach.sources.logged_paths import resolve
from tokencoach.usage.facts import AgentSeen, CompactionSeen, PromptSeen
from tokencoach.usage.words import CallStatus, ErrorKind

if TYPE_CHECKING:
    from tokencoach.sources.copilot.records import Data, Event
    from tokencoach.sources.gathering import Gathering
    from tokencoach.sources.spans import Span

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
        *(
            "partner.used",
            "session.custom_agents_updated",
            "session.context_cleared",
            "external_tool.requested",
        ),
        *(
            "skill.context_delivered",
            "skill.context_delivered_ref",
            "skill.invoked_ref",
            "tool_search.activated",
        ),
        *("subagent.configured", "subagent.selected", "subagent.deselected", "human_response.recorded"),
        *("session.autopilot_objective_changed", "session.binary_asset", "session.completion_receipt"),
        *("session.canvas.recorded", "session.canvas.removed", "session.permission_recovery"),
        *("session.mode_notice_delivered", "session.model_deselected", "session.session_limits_changed"),
        *("session.remote_steerable_changed", "session.request_body_compression_disabled"),
        *("session.schedule_cancelled", "session.schedule_created", "session.schedule_rearmed"),
        *(
            "mcp.oauth_recovery_completed",
            "session.fusion_change_checkpoint",
            "session.fusion_commit_started",
        ),
        *("session.fusion_completed", "session.fusion_handoff", "session.fusion_resolved"),
        *("session.fusion_route_failed", "assistant.fusion_phase_completed", "assistant.fusion_phase_failed"),
    }
)
_REFUSED: Final = ("rejected", "denied", "user-rejected", "permission_denied")
_SECTION: Final = re.compile(r"(?m)^diff --git ")
_TARGET: Final = re.compile(r"(?m)^\+\+\+ (?:b/)?(.+?)\s*$")
_MOST_OPEN: Final = 64
_VERSION: Final = 1


class State(msgspec.Struct, array_like=True):
    """Carried from chunk to chunk: whose events they are, what is booked, which calls are open.

    ``open_calls`` holds name and path by call; ``is_told`` says that requests are told one by one;
    ``agents`` holds the call that started a sub-agent by the name that its events have for it.
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
    unnamed: list[Answer] = msgspec.field(default_factory=list)
    agents: dict[str, str] = msgspec.field(default_factory=dict)


_CARRIER: Final = Carrier(State, _VERSION)
load = _CARRIER.load
dump = _CARRIER.dump


class EventReading:
    """Reads events; ``state`` is changed on the way."""

    def __init__(self, into: Gathering, state: State, name_hint: str) -> None:
        self._into = into
        self._state = state
        self._asked: dict[str, tuple[str, msgspec.Raw]] = {}
        self._chunk = (b"", 0)
        self._span: Span | None = None
        if not state.session_id:
            state.session_id = name_hint

    def lines(self, chunk: bytes, base_offset: int) -> None:
        """Each event of a chunk of whole lines."""
        self._chunk = (chunk, base_offset)
        for value, offset, length in typed(self._into, chunk, base_offset, EVENTS):
            self._event(value, offset, length)

    def _touch(self, at_ms: int) -> bool:
        """Tell of the session; whether it is known which session this is."""
        state = self._state
        if not at_ms or not state.session_id:
            return False
        self._span = self._into.session(state.session_id, at_ms, cwd=state.cwd, branch=state.branch)
        return True

    def _event(self, value: Event, offset: int, length: int) -> None:
        state, data, kind = self._state, value.data or NO_DATA, value.type
        at_ms = state.last_ms = moment_ms(value.timestamp) or state.last_ms
        if kind in ("session.start", "session.resume"):
            self._start(self._whole(offset, length))
        span = self._span
        if span is not None and at_ms >= span.last_ms:
            span.last_ms = at_ms
        elif not self._touch(at_ms):
            return
        doer = data.agent if value.agent is None else value.agent
        is_child = data.parent_call is not msgspec.UNSET
        agent = self._agent(doer, data, kind, at_ms) if is_child or doer is not None else None
        if isinstance(kind, str) and kind in _KNOWN:
            return
        own = text(value.id) or f"{at_ms}:{offset}"
        at = CallAt(
            f"{state.session_id}:{own}",
            *(state.session_id, at_ms, state.request_key, agent, state.cwd, state.branch),
        )
        if kind == "user.message":
            self._prompt(data, at, offset, length)
        elif kind == "assistant.message":
            self._answer(data, at)
        elif kind == "session.usage_record":
            self._usage(record(self._decoded(data.usage, "usage")), at)
        elif kind == "tool.execution_start":
            self._call(text(data.tool), text(data.call), data.arguments, at)
        elif kind == "tool.execution_complete":
            self._result(data, at)
        else:
            self._lesser_event(str(kind), self._whole(offset, length), at)

    def _agent(self, doer: object, data: Data, kind: object, at_ms: int) -> str | None:
        """The sub-agent that an event is of, by the call that started it where one is told."""
        state, own = self._state, text(doer)
        caller = text(data.call if kind == "subagent.started" else data.parent_call)
        if own and caller and caller != own and len(state.agents) < _MOST_OPEN:
            state.agents[own] = caller
        caller = caller or state.agents.get(own or "")
        agent = caller or own
        if agent is not None:
            call = f"{state.session_id}:{caller}" if caller else None
            self._into.agent(AgentSeen(agent, state.session_id, at_ms, call))
        return agent

    def _decoded(self, raw: msgspec.Raw, path: str) -> Any:
        return ANYTHING.decode_or(raw, None, self._into.odd, path)

    def _whole(self, offset: int, length: int) -> dict[str, Any]:
        """All that a rare event tells."""
        chunk, base_offset = self._chunk
        start = offset - base_offset
        found = objects_in(self._into, chunk[start : start + length], start)
        return next((record(value.get("data")) for value, _, _ in found), {})

    def _lesser_event(self, kind: str, data: dict[str, Any], at: CallAt) -> None:
        if kind == "session.shutdown":
            metrics = record(data.get("modelMetrics"))
            self._learn_model(most_spoken(metrics) if self._state.unnamed else None)
            for request in remainders(metrics, at, self._state.booked, is_told=self._state.is_told):
                self._into.request(request)
        elif kind == "session.model_change":
            self._learn_model(text(data.get("newModel")))
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
        elif kind not in ("session.start", "session.resume"):
            self._into.unseen(kind)

    def _start(self, data: dict[str, Any]) -> None:
        state, context = self._state, record(data.get("context"))
        state.session_id = text(data.get("sessionId")) or state.session_id
        self._learn_model(text(data.get("selectedModel")))
        state.cwd = first_text(context, "cwd", "gitRoot") or state.cwd
        state.branch = text(context.get("branch")) or state.branch
        self._span = None
        if state.session_id and state.last_ms:
            told = {
                "version": text(data.get("copilotVersion")),
                "git_commit": text(context.get("headCommit")),
            }
            self._into.session(state.session_id, state.last_ms, **told)

    def _prompt(self, data: Data, at: CallAt, offset: int, length: int) -> None:
        is_own = at.agent is None and data.source in (None, "user") and data.is_continued is not True
        typed = text(self._decoded(data.content, "content")) if is_own else None
        if typed:
            self._into.prompt(PromptSeen(at.key, at.session_id, at.at_ms, typed, offset, length))

    def _usage(self, usage: dict[str, Any], at: CallAt) -> None:
        state = self._state
        state.is_told = True
        accounting = record(usage.get("accounting"))
        own = text(usage.get("apiCallId")) or text(accounting.get("usageId"))
        source = text(accounting.get("sourceSessionId")) or state.session_id
        key = f"{source}:{own}" if own else at.key
        agent = at.agent or ("sub-agent" if usage.get("initiator") == "sub-agent" else None)
        request = from_record(usage, at.but(key=key, agent=agent), state.booked)
        if request is not None:
            if agent is not None:
                self._into.agent(AgentSeen(agent, state.session_id, at.at_ms))
            state.request_key = key
            self._into.request(request)

    def _answer(self, data: Data, at: CallAt) -> None:
        state = self._state
        self._learn_model(text(data.model))
        own = text(data.api_call) or text(data.message_id)
        key = f"{state.session_id}:{own}" if own else at.key
        if not state.is_told:
            state.request_key = key
            request = from_message(data.output, state.model or UNKNOWN, at.keyed(key), state.booked)
            if request is not None:
                self._into.request(request)
                if not state.model and len(state.unnamed) < _MOST_OPEN:
                    state.unnamed.append(Answer(key, at.at_ms, request.output, at.agent))
        for asked in data.asked or ():
            name, call = text(asked.name), text(asked.call)
            self._call(name, call, asked.arguments, at.asked(at.key, state.request_key))

    def _learn_model(self, model: str | None) -> None:
        """Which model answers; of answers before that did not say it, it was the same."""
        state = self._state
        if model is None:
            return
        state.model = model
        if state.unnamed:
            for request in named(state.unnamed, model, state.booked, state.session_id):
                self._into.request(request)
            state.unnamed = []

    def _call(self, name: str | None, own: str | None, given: msgspec.Raw, at: CallAt) -> None:
        if name is None or own is None or not self._into.with_edits:
            return
        known = self._state.open_calls
        if self._asked.get(own) == (name, given) and len(known) < _MOST_OPEN:
            # Asked for in the answer, it is told again when it begins.
            return
        self._asked[own] = (name, given)
        told = self._decoded(given, "arguments")
        arguments = decoded(told, self._into.odd)
        if isinstance(told, str) and not isinstance(arguments, dict):
            arguments = {"input": told}
        at = at.asked(f"{at.session_id}:{own}", known[own][2] if own in known else at.request_key)
        tell_call(self._into, at, name, record(arguments), TOOLS)
        if len(known) >= _MOST_OPEN:
            del known[next(iter(known))]
        path = first_text(record(arguments), "path", "filePath", "file_path") or ""
        known[own] = (name, path, at.request_key)

    def _result(self, data: Data, at: CallAt) -> None:
        own = text(data.call)
        self._learn_model(text(data.model) if self._state.unnamed else None)
        if data.metered is not None and (request := from_tool(record(data.metered), at, self._state.booked)):
            self._into.request(request)
        if own is None or not self._into.with_edits:
            return
        self._asked.pop(own, None)
        name, path, request_key = self._state.open_calls.pop(own, ("", "", None))
        at = at.asked(f"{at.session_id}:{own}", request_key)
        result = RESULTS.decode_or(data.result, None, self._into.odd, "result") or NO_RESULT
        status = self._status(data)
        code = record(self._decoded(data.ran, "shellExecution")).get("exitCode")
        tell_result(self._into, at, status, result.content, exit_code=code)
        edits = records(self._decoded(data.edits, "fileEdits"))
        if status is CallStatus.OK and b"@@ -" in bytes(result.detail) and (name in TOOLS.edits or edits):
            diff = text(self._decoded(result.detail, "detailedContent"))
            named = [found for edit in edits if (found := text(edit.get("path")))]
            if diff:
                tell_change(self._into, at, _changes(diff, [*named, path] if path else named, at.cwd))

    def _status(self, data: Data) -> CallStatus:
        if data.success is not False:
            return CallStatus.OK
        error = record(self._decoded(data.error, "error"))
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
