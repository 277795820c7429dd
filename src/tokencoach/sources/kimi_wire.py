"""One wire of Kimi into facts: messages of the older program, events of Kimi Code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from tokencoach.sources.blocks import TOOLS, texts_of
from tokencoach.sources.decoding import TolerantDecoder
from tokencoach.sources.fields import ANYTHING, count, decoded, model_name, moment_ms, record, text, word
from tokencoach.sources.file_tools import CallAt, tell_call, tell_result
from tokencoach.usage.facts import AgentSeen, CompactionSeen, PromptSeen, RequestSeen
from tokencoach.usage.words import CallStatus, ErrorKind

if TYPE_CHECKING:
    from tokencoach.sources.base import LogFile
    from tokencoach.sources.gathering import Gathering
    from tokencoach.sources.spans import Span

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
        *("ApprovalRequestResolved", "SubagentEvent", "step.begin", "step.end", "content.part"),
        *("full_compaction.cancel", "turn.start", "ApprovalResponse", "context.clear", "session.title"),
        *("agent.message.appended", "agent.turn.started", "agent.turn.ended", "prompt.completed"),
        *("token_counting.measured", "token_counting.turn_recorded"),
        *("token_counting.rebased", "token_counting.truncated", "context.update_token_count"),
        *("file_history.tracked", "file_history.checkpoint", "interruptionReminder.recorded"),
        *("cron.add", "cron.cursor", "cron.delete", "goal.clear", "goal.create", "goal.update"),
        *("interaction.request", "interaction.resolved", "mcp.tools_discovered", "micro_compaction.apply"),
        *(
            "plan_mode.cancel",
            "plan.revision",
            "prompt.accepted",
            "staleGuard.cleared",
            "staleGuard.recorded",
        ),
        *("swarm_mode.enter", "swarm_mode.exit", "tower_mode.enter", "tower_mode.exit"),
        *("task.started", "task.terminated", "task.waitDelivered", "tools.register_user_tool"),
        *("prompt.aborted", "prompt.steered", "turn.step.interrupted", "turn.step.retrying"),
        *("tools.reset_active_tools", "tools.unregister_user_tool", "tools.update_store"),
    }
)
_VERSION: Final = 1


class State(msgspec.Struct, array_like=True):
    """Carried from chunk to chunk of one wire: the last instant, request and model, and refused calls.

    ``alias`` is the name that the settings give to ``model``. ``forks`` counts how often what stands
    before was copied into a session of its own.
    """

    version: int = _VERSION
    last_ms: int = 0
    request_key: str | None = None
    model: str = ""
    refused: list[str] = msgspec.field(default_factory=list)
    alias: str = ""
    forks: int = 0


class Result(msgspec.Struct, frozen=True):
    """How a call of Kimi Code ended."""

    output: msgspec.Raw = msgspec.Raw(b"null")
    is_error: Any = msgspec.field(default=None, name="isError")
    failed: Any = msgspec.field(default=None, name="is_error")


class Event(msgspec.Struct, frozen=True):
    """What happened in an answer of Kimi Code."""

    type: Any = None
    name: Any = None
    args: msgspec.Raw = msgspec.Raw()
    result: Result | None = None
    call: Any = msgspec.field(default=None, name="toolCallId")


class Line(msgspec.Struct, frozen=True):
    """A line of either program, as far as it is read."""

    type: Any = None
    time: Any = None
    timestamp: Any = None
    message: msgspec.Raw = msgspec.Raw()
    event: Event | None = None
    usage: Any = None
    model: Any = None
    origin: Any = None
    input: Any = None
    result: Any = None
    attempt: Any = None
    alias: Any = msgspec.field(default=None, name="modelAlias")
    before: Any = msgspec.field(default=0, name="tokensBefore")
    after: Any = msgspec.field(default=0, name="tokensAfter")
    call: Any = msgspec.field(default=None, name="toolCallId")


_NO_EVENT: Final = Event()
_NO_RESULT: Final = Result()
LINES: Final[TolerantDecoder[Line]] = TolerantDecoder(Line)


class WireReading:
    """Reads the lines of one wire; ``state`` is changed on the way."""

    def __init__(self, into: Gathering, state: State, file: LogFile) -> None:
        self._into = into
        self._state = state
        own, _, agent = file.name_hint.partition("/")
        self._sessions = (*file.lineage, own)
        self._session = self._sessions[min(state.forks, len(self._sessions) - 1)]
        self._agent = (agent or file.path.parent.name) if file.is_agent else None
        self._cwd = file.cwd
        self._span: Span | None = None

    def line(self, value: Line, offset: int, length: int) -> None:
        """One line: of the older program its message, of Kimi Code the line itself."""
        state = self._state
        told_ms = value.timestamp if value.time is None else value.time
        at_ms = state.last_ms = moment_ms(told_ms) or state.last_ms
        if not at_ms:
            return
        if value.type == "forked":
            self._forked(at_ms)
            return
        span = self._span
        if span is None or at_ms < span.last_ms:
            self._span = self._into.session(self._session, at_ms, cwd=self._cwd)
        else:
            span.last_ms = at_ms
        if self._agent is not None:
            self._into.agent(AgentSeen(self._agent, self._session, at_ms))
        kind = value.type
        older = self._message(value) if kind is None and value.message else None
        event = value.event if kind == "context.append_loop_event" else None
        if word(older.get("type") if older else event.type if event else kind) in _KNOWN:
            # Most lines hold a part of an answer, of which nothing more is told.
            return
        key = f"{self._session}:{self._agent or 'main'}:{at_ms}"
        at = CallAt(key, self._session, at_ms, state.request_key, self._agent, self._cwd)
        if older:
            self._older(str(older.get("type")), record(older["payload"]), at, (offset, length))
        elif kind == "context.append_loop_event":
            self._event(event or _NO_EVENT, at)
        else:
            self._newer(str(kind), value, at, (offset, length))

    def _forked(self, at_ms: int) -> None:
        """What stands before was said in the session that this one was forked from."""
        state, parent = self._state, self._session
        state.forks += 1
        self._span = None
        self._session = self._sessions[min(state.forks, len(self._sessions) - 1)]
        if self._session != parent:
            self._into.session(self._session, at_ms, cwd=self._cwd, parent_session_id=parent)

    def _message(self, value: Line) -> dict[str, Any] | None:
        """The message of the older program; Kimi Code's hold what was said, and no payload."""
        message = record(ANYTHING.decode_or(value.message, None, self._into.odd, "message"))
        return message if "payload" in message else None

    def _newer(self, kind: str, value: Line, at: CallAt, place: tuple[int, int]) -> None:
        if kind == "usage.record":
            names = ("inputOther", "inputCacheRead", "inputCacheCreation", "output")
            self._request(record(value.usage), names, text(value.model), at)
        elif kind in ("turn.prompt", "turn.steer"):
            if record(value.origin).get("kind") in (None, "user"):
                self._prompt("\n".join(texts_of(value.input)), at, place)
        elif kind == "turn.cancel":
            self._into.error(at.key, at.session_id, at.at_ms, ErrorKind.ABORTED, ("interrupted", ""))
        elif kind == "context.undo":
            self._into.error(at.key, at.session_id, at.at_ms, ErrorKind.ROLLED_BACK, ("undo", ""))
        elif kind == "context.apply_compaction":
            before, after = count(value.before), count(value.after)
            self._into.compaction(CompactionSeen(at.key, at.session_id, at.at_ms, before, after))
        elif kind in ("permission.record_approval_result", "llm.request"):
            self._noted(value, at)
        else:
            self._into.unseen(kind)

    def _noted(self, value: Line, at: CallAt) -> None:
        """What later lines need: refused calls, the model; a request made again is a retry."""
        own = text(value.call)
        if own and record(value.result).get("decision") == "rejected":
            self._state.refused = [*self._state.refused[-16:], own]
        if model := text(value.model):
            self._state.model, self._state.alias = model, text(value.alias) or ""
        if value.attempt:
            self._into.error(at.key, at.session_id, at.at_ms, ErrorKind.RETRY, ("retry", value.attempt))

    def _event(self, event: Event, at: CallAt) -> None:
        kind, own = word(event.type), text(event.call)
        if kind == "tool.call" and own:
            told = ANYTHING.decode_or(event.args, None, self._into.odd, "args")
            raw = bytes(event.args) if isinstance(told, dict) else b""
            self._call(text(event.name), own, told, at, raw)
        elif kind == "tool.result" and own:
            result = event.result or _NO_RESULT
            is_error = result.is_error is True or result.failed is True
            self._result(own, at, result.output, is_error=is_error)
        elif kind not in ("tool.call", "tool.result"):
            self._into.unseen(f"event/{kind}")

    def _older(self, kind: str, payload: dict[str, Any], at: CallAt, place: tuple[int, int]) -> None:
        if kind == "StatusUpdate":
            names = ("input_other", "input_cache_read", "input_cache_creation", "output")
            own = text(payload.get("message_id"))
            at = at.keyed(f"{self._session}:{own}") if own else at
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
        if model and model == self._state.alias:
            # The settings' own name for it tells no price.
            model = self._state.model
        told = (model or self._state.model or "unknown").removeprefix("moonshot-ai/")
        self._into.request(
            RequestSeen(
                *(at.key, at.session_id, at.at_ms, model_name(told), fresh, read, written, 0, output, 0),
                agent=at.agent,
                is_sidechain=at.agent is not None,
            )
        )

    def _call(self, name: str | None, own: str, told: object, at: CallAt, raw: bytes = b"") -> None:
        if name is not None:
            # Usage follows the calls of a response, so that the call's turn is told by its instant.
            call = at.asked(self._key(own), None)
            tell_call(self._into, call, name, record(decoded(told, self._into.odd)), TOOLS, raw)

    def _result(self, own: str, at: CallAt, output: object, *, is_error: bool) -> None:
        status = CallStatus.FAILED if is_error else CallStatus.OK
        if own in self._state.refused or (is_error and "rejected" in _head(output)):
            status = CallStatus.REJECTED
        tell_result(self._into, at.keyed(self._key(own)), status, output)

    def _key(self, own: str) -> str:
        return f"{self._session}:{self._agent or 'main'}:{own}"


def _head(output: object) -> str:
    """The beginning of what a tool answered, in small letters."""
    if isinstance(output, msgspec.Raw):
        return bytes(output)[:300].decode("utf-8", "replace").lower()
    return str(output)[:300].lower()
