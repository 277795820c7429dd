"""Qwen Code: one file a session, one record a line, in an envelope like Claude Code's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from tokencoach.sources.base import LogFile, LogsHome
from tokencoach.sources.carried import Carrier
from tokencoach.sources.discovery import ending, folder_told, moved, scan_logs
from tokencoach.sources.fields import ANYTHING, count, first_text, moment_ms, record, text, word
from tokencoach.sources.file_tools import CallAt, tell_call, tell_change, tell_result
from tokencoach.sources.gathering import Gathering
from tokencoach.sources.gemini import tools as gemini_tools
from tokencoach.sources.gemini.records import QWEN_LINES, Ended, FunctionResponse
from tokencoach.sources.lines import typed
from tokencoach.usage.facts import AgentSeen, CompactionSeen, PromptSeen, RequestSeen
from tokencoach.usage.words import CallStatus, ErrorKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tokencoach.sources.gemini.records import Part, QwenLine
    from tokencoach.sources.spans import Span
    from tokencoach.usage.facts import Facts

_KNOWN_SUBTYPES: Final = frozenset(
    {
        "ui_telemetry",
        "slash_command",
        "attribution_snapshot",
        "session_artifact_snapshot",
        "file_history_snapshot",
        *("agent_bootstrap", "agent_launch_prompt", "agent_retry", "agent_session_ready"),
        *("background_task_completed", "branch_checkpoint", "goal_state", "goal_turn_end", "omni_recall"),
        *("session_artifact_event", "session_model", "session_source", "session_sources_snapshot"),
        *("turn_result", "user_text_elements"),
    }
)
_TYPED: Final = frozenset({"", "mid_turn_user_message", "realtime_message"})
_CONTEXT: Final = "<qwen:"
_NO_END: Final = Ended()
_NO_ANSWER: Final = FunctionResponse()
_MOST_OPEN: Final = 64
_VERSION: Final = 1


class State(msgspec.Struct, array_like=True):
    """Carried from chunk to chunk: the last instant, and keys, paths and requests of calls without a result.

    ``typed`` is the next prompt as the person typed it, whose record holds the files that it names.
    """

    version: int = _VERSION
    last_ms: int = 0
    last_request: str = ""
    open_paths: dict[str, tuple[str, str]] = msgspec.field(default_factory=dict)
    typed: str = ""
    open_calls: dict[str, tuple[str, str, str]] = msgspec.field(default_factory=dict)


_CARRIER: Final = Carrier(State, _VERSION)


class QwenCode:
    """Qwen in the terminal."""

    name = "qwen-code"

    def roots(self, home: LogsHome) -> list[Path]:
        """The folders of today's chats and of older versions'."""
        settled = moved(home, "QWEN_HOME", ".qwen")
        told = folder_told(home, settled / "settings.json", "advanced", "runtimeOutputDir")
        if home.environment.get("QWEN_RUNTIME_DIR", "").strip():
            told = moved(home, "QWEN_RUNTIME_DIR")
        base = told or settled
        return [base / "projects", base / "tmp"]

    def files(self, home: LogsHome) -> Iterator[LogFile]:
        """Every session's file, and those of its sub-agents."""
        for path, _ in scan_logs(self.roots(home)):
            place = home.folder.__class__(path)
            stem, compressed = ending(place.name)
            if "chats" in place.parts:
                yield LogFile(place, compressed, stem or place.stem)
            elif "subagents" in place.parts:
                yield LogFile(place, compressed, place.parent.name, is_agent=True)

    def read(
        self, chunk: bytes, state: bytes, file: LogFile, base_offset: int, *, with_edits: bool = True
    ) -> tuple[Facts, bytes]:
        """Facts of one chunk of whole lines, and the state for the next chunk."""
        carried = _CARRIER.load(state)
        reading = _Reading(carried, file, with_edits=with_edits)
        for value, offset, length in typed(reading.into, chunk, base_offset, QWEN_LINES):
            reading.take(value, offset, length)
        return reading.into.finish(), _CARRIER.dump(carried)


class _Reading:
    """Reads records into facts; ``state`` is changed on the way."""

    def __init__(self, state: State, file: LogFile, *, with_edits: bool) -> None:
        self.into = Gathering(with_edits=with_edits)
        self._state = state
        self._file = file
        self._told: tuple[Any, ...] = ()
        self._place: tuple[str, str | None, str | None, str | None, str | None] = ("", None, None, None, None)
        self._span: Span | None = None

    def take(self, value: QwenLine, offset: int, length: int) -> None:
        """One record."""
        state = self._state
        at_ms = state.last_ms = moment_ms(value.timestamp) or state.last_ms
        told = (value.session, value.agent, value.cwd, value.branch, value.version, value.forked)
        if told != self._told:
            self._learn(told)
        session, agent, cwd, branch, version = self._place
        if not at_ms or not session:
            return
        at = CallAt(text(value.uuid) or f"{session}:{offset}", session, at_ms, None, agent, cwd, branch)
        span = self._span
        if span is not None and at_ms >= span.last_ms:
            span.last_ms = at_ms
        else:
            self._span = self.into.session(session, at_ms, cwd=cwd, branch=branch, version=version)
        if agent:
            self.into.agent(AgentSeen(agent, session, at_ms))
        kind = value.type
        if kind == "assistant":
            self._answer(value, at)
        elif kind == "tool_result":
            self._result(value, at)
        elif kind == "user":
            self._prompt(value, at, offset, length)
        elif kind == "system":
            self._system(value, at)
        else:
            self.into.unseen(kind)

    def _learn(self, told: tuple[Any, ...]) -> None:
        """Whose record it is and where it was written, which most records tell as the one before did."""
        session, agent, cwd, branch, version = map(text, told[:-1])
        # A fork copies what was said in another session.
        session = text(record(told[-1]).get("sessionId")) or session
        branch = None if branch == "HEAD" else branch
        self._told, self._span = told, None
        self._place = (session or self._file.name_hint, agent, cwd, branch, version)

    def _payload(self, value: QwenLine) -> dict[str, Any]:
        return record(ANYTHING.decode_or(value.payload, None, self.into.odd, "systemPayload"))

    def _prompt(self, value: QwenLine, at: CallAt, offset: int, length: int) -> None:
        if word(value.subtype) not in _TYPED or at.agent or value.is_sidechain is True:
            return
        typed = first_text(self._payload(value), "displayText") or self._state.typed
        self._state.typed = ""
        if not typed:
            told = (ANYTHING.decode_or(part.text, None, self.into.odd, "text") for part in _parts(value))
            texts = (words for words in told if isinstance(words, str))
            typed = "\n".join(words for words in texts if words.strip() and not words.startswith(_CONTEXT))
        if typed:
            self.into.prompt(PromptSeen(at.key, at.session_id, at.at_ms, typed, offset, length))

    def _answer(self, value: QwenLine, at: CallAt) -> None:
        counted = gemini_tools.tokens(value.used) if value.used else None
        if counted is not None:
            model = text(value.model) or "unknown"
            is_side = at.agent is not None or value.is_sidechain is True
            self.into.request(
                RequestSeen(
                    at.key, at.session_id, at.at_ms, model, *counted, agent=at.agent, is_sidechain=is_side
                )
            )
        if not self.into.with_edits:
            return
        for part in _parts(value):
            call = part.asked
            if call is None or not isinstance(call.name, str) or not isinstance(call.id, str):
                continue
            # A copy of a record, in however many forks, keeps its name.
            key = f"{at.key}:{call.id}"
            arguments = record(ANYTHING.decode_or(call.args, None, self.into.odd, "args"))
            tell_call(self.into, at.called(key), call.name, arguments, gemini_tools.TOOLS)
            is_edit = call.name in gemini_tools.TOOLS.edits
            path = first_text(arguments, "file_path", "absolute_path", "path") if is_edit else None
            known = self._state.open_calls
            if len(known) >= _MOST_OPEN:
                del known[next(iter(known))]
            known[call.id] = (key, path or "", at.key)

    def _result(self, value: QwenLine, at: CallAt) -> None:
        if not self.into.with_edits:
            return
        told = value.ended or _NO_END
        answer = next((part.answered for part in _parts(value) if part.answered), _NO_ANSWER)
        own = text(told.call) or text(answer.id)
        status = gemini_tools.status_of(told.status)
        if own is None:
            return
        asked = self._state.open_calls.pop(own, None)
        key, path, request_key = asked or self._older(f"{at.session_id}:{own}")
        at = at.asked(key, request_key or None)
        code = None if path else gemini_tools.code_shown(told.shown, self.into.odd)
        tell_result(self.into, at, status or CallStatus.OK, answer.response, exit_code=code)
        if path and status is CallStatus.OK:
            files, is_human_modified = gemini_tools.changed(
                told.shown, at, {"file_path": path}, self.into.odd
            )
            tell_change(self.into, at, files, is_human_modified=is_human_modified)

    def _older(self, key: str) -> tuple[str, str, str]:
        """A call by the key that earlier versions of this program gave it."""
        return key, *self._state.open_paths.pop(key, ("", ""))

    def _system(self, value: QwenLine, at: CallAt) -> None:
        subtype, payload = word(value.subtype), self._payload(value)
        if subtype == "custom_title":
            self.into.session(at.session_id, at.at_ms, title=text(payload.get("customTitle")))
        elif subtype == "at_command":
            self._state.typed = (payload.get("status") == "success" and text(payload.get("userText"))) or ""
        elif subtype == "parent_session":
            parent = text(payload.get("parentSessionId"))
            self.into.session(at.session_id, at.at_ms, parent_session_id=parent)
        elif subtype == "rewind":
            about = ("rewind", "")
            self.into.error(at.key, at.session_id, at.at_ms, ErrorKind.ROLLED_BACK, about)
        elif subtype == "chat_compression":
            told = record(payload.get("info"))
            before, after = count(told.get("originalTokenCount")), count(told.get("newTokenCount"))
            self.into.compaction(CompactionSeen(at.key, at.session_id, at.at_ms, before, after))
        elif subtype == "ui_telemetry":
            # Tokens stand in the answers already; only failures stand here alone.
            event = record(payload.get("uiEvent"))
            if first_text(event, "error_message", "error_type") and "function_name" not in event:
                code = event.get("status_code") or event.get("error_type")
                said = (code, event.get("error_message"))
                self.into.error(at.key, at.session_id, at.at_ms, ErrorKind.API_ERROR, said)
        elif subtype not in _KNOWN_SUBTYPES:
            self.into.unseen(f"system/{subtype}")


def _parts(value: QwenLine) -> Sequence[Part]:
    """The parts of a record's message."""
    return (value.message.parts if value.message else None) or ()
