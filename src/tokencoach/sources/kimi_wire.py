"""One wire of Kimi into facts: messages of the older program, events of Kimi Code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from tokencoach.sources.blocks import TOOLS, texts_of
from tokencoach.sources.fields import count, decoded, model_name, moment_ms, record, text, word
from tokencoach.sources.file_tools import CallAt, tell_call, tell_result
from tokencoach.usage.facts import AgentSeen, CompactionSeen, PromptSeen, RequestSeen
from tokencoach.usage.words import CallStatus, ErrorKind

if TYPE_CHECKING:
    from tokencoach.sources.base import LogFile
    from tokencoach.sources.gathering import Gathering

_KNOWN: Final = frozenset(
    {
        *(
            "metadata",
            "config.update",
            "tools.set_active_tools",
            "llm.tools_snapshot",
            "context.append_message",
        ),
        *(
            "plan_mode.enter",
            "plan_mode.exit",
            "full_compaction.begin",
            "full_compaction.complete",
            "turn.ended",
        ),
        *("permission.set_mode", "profile.bind", "plugin.session_start", "runtime.set_binding", "StepBegin"),
        *("ContentPart", "ToolCallPart", "CompactionEnd", "CompactionBegin", "ApprovalRequest", "TurnEnd"),
        *("ApprovalRequestResolved", "SubagentEvent", "step.begin", "step.end", "content.part", "forked"),
        *("full_compaction.cancel", "turn.start", "ApprovalResponse", "context.clear", "session.title"),
    }
)
_VERSION: Final = 1


class State(msgspec.Struct, array_like=True):
    """Carried from chunk to chunk of one wire: the last instant, request and model, and refused calls."""

    version: int = _VERSION
    last_ms: int = 0
    request_key: str | None = None
    model: str = ""
    refused: list[str] = msgspec.field(default_factory=list)


class WireReading:
    """Reads the lines of one wire; ``state`` is changed on the way."""

    def __init__(self, into: Gathering, state: State, file: LogFile) -> None:
        self._into = into
        self._state = state
        self._session, _, agent = file.name_hint.partition("/")
        self._agent = (agent or file.path.parent.name) if file.is_agent else None
        self._cwd = file.cwd

    def line(self, value: dict[str, Any], offset: int, length: int) -> None:
        """One line: of the older program its message, of Kimi Code the line itself."""
        state = self._state
        at_ms = state.last_ms = moment_ms(value.get("time", value.get("timestamp"))) or state.last_ms
        if not at_ms:
            return
        self._into.session(self._session, at_ms, cwd=self._cwd)
        if self._agent is not None:
            self._into.agent(AgentSeen(self._agent, self._session, at_ms))
        message = record(value.get("message"))
        is_older, is_event = "payload" in message, value.get("type") == "context.append_loop_event"
        told = message if is_older else record(value.get("event")) if is_event else value
        if word(told.get("type")) in _KNOWN:
            # Most lines hold a part of an answer, of which nothing more is told.
            return
        key = f"{self._session}:{self._agent or 'main'}:{at_ms}"
        at = CallAt(key, self._session, at_ms, state.request_key, self._agent, self._cwd)
        if is_older:
            self._older(str(told.get("type")), record(told["payload"]), at, (offset, length))
        elif is_event:
            self._event(told, at)
        else:
            self._newer(str(told.get("type")), told, at, (offset, length))

    def _newer(self, kind: str, value: dict[str, Any], at: CallAt, place: tuple[int, int]) -> None:
        if kind == "usage.record":
            names = ("inputOther", "inputCacheRead", "inputCacheCreation", "output")
            self._request(record(value.get("usage")), names, text(value.get("model")), at)
        elif kind in ("turn.prompt", "turn.steer"):
            if record(value.get("origin")).get("kind") in (None, "user"):
                self._prompt("\n".join(texts_of(value.get("input"))), at, place)
        elif kind == "turn.cancel":
            self._into.error(at.key, at.session_id, at.at_ms, ErrorKind.ABORTED, ("interrupted", ""))
        elif kind == "context.apply_compaction":
            before, after = count(value.get("tokensBefore")), count(value.get("tokensAfter"))
            self._into.compaction(CompactionSeen(at.key, at.session_id, at.at_ms, before, after))
        elif kind in ("permission.record_approval_result", "llm.request"):
            self._noted(value, at)
        else:
            self._into.unseen(kind)

    def _noted(self, value: dict[str, Any], at: CallAt) -> None:
        """What later lines need: refused calls, the model; a request made again is a retry."""
        own = text(value.get("toolCallId"))
        if own and record(value.get("result")).get("decision") == "rejected":
            self._state.refused = [*self._state.refused[-16:], own]
        self._state.model = text(value.get("model")) or self._state.model
        if value.get("attempt"):
            self._into.error(at.key, at.session_id, at.at_ms, ErrorKind.RETRY, ("retry", value["attempt"]))

    def _event(self, event: dict[str, Any], at: CallAt) -> None:
        kind, own = word(event.get("type")), text(event.get("toolCallId"))
        if kind == "tool.call" and own:
            self._call(text(event.get("name")), own, event.get("args"), at)
        elif kind == "tool.result" and own:
            result = record(event.get("result"))
            is_error = result.get("isError") is True or result.get("is_error") is True
            self._result(own, at, result.get("output"), is_error=is_error)
        elif kind not in ("tool.call", "tool.result"):
            self._into.unseen(f"event/{kind}")

    def _older(self, kind: str, payload: dict[str, Any], at: CallAt, place: tuple[int, int]) -> None:
        if kind == "StatusUpdate":
            names = ("input_other", "input_cache_read", "input_cache_creation", "output")
            own = text(payload.get("message_id"))
            at = at._replace(key=f"{self._session}:{own}") if own else at
            self._request(record(payload.get("token_usage")), names, None, at)
        elif kind == "TurnBegin":
            told = payload.get("user_input")
            self._prompt("\n".join(texts_of(told)), at, place)
        elif kind == "ToolCall":
            function = record(payload.get("function"))
            own = text(payload.get("id"))
            if own:
                self._call(text(function.get("name")), own, function.get("arguments"), at)
        elif kind == "ToolResult":
            own = text(payload.get("tool_call_id"))
            told = record(payload.get("return_value")) or record(payload.get("result"))
            if own:
                self._result(own, at, told.get("output"), is_error=told.get("is_error") is True)
        elif kind == "StepInterrupted":
            self._into.error(at.key, at.session_id, at.at_ms, ErrorKind.ABORTED, ("interrupted", ""))
        else:
            self._into.unseen(kind)

    def _prompt(self, typed: str, at: CallAt, place: tuple[int, int]) -> None:
        if typed and self._agent is None:
            self._into.prompt(PromptSeen(at.key, at.session_id, at.at_ms, typed, *place))

    def _request(
        self, used: dict[str, Any], names: tuple[str, str, str, str], model: str | None, at: CallAt
    ) -> None:
        fresh, read, written, output = (count(used.get(name)) for name in names)
        if not (fresh or read or written or output):
            return
        self._state.request_key = at.key
        told = (model or self._state.model or "unknown").removeprefix("moonshot-ai/")
        self._into.request(
            RequestSeen(
                *(at.key, at.session_id, at.at_ms, model_name(told), fresh, read, written, 0, output, 0),
                agent=at.agent,
                is_sidechain=at.agent is not None,
            )
        )

    def _call(self, name: str | None, own: str, told: object, at: CallAt) -> None:
        if name is not None:
            # Usage follows the calls of a response, so that the call's turn is told by its instant.
            call = at._replace(key=self._key(own), request_key=None)
            tell_call(self._into, call, name, record(decoded(told, self._into.odd)), TOOLS)

    def _result(self, own: str, at: CallAt, output: object, *, is_error: bool) -> None:
        status = CallStatus.FAILED if is_error else CallStatus.OK
        if own in self._state.refused or (is_error and "rejected" in str(output)[:300].lower()):
            status = CallStatus.REJECTED
        tell_result(self._into, at.keyed(self._key(own)), status, output)

    def _key(self, own: str) -> str:
        return f"{self._session}:{self._agent or 'main'}:{own}"
