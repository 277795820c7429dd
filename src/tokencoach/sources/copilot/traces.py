"""Traces of Copilot in VS Code: spans of model calls and tools into facts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tokencoach.sources.copilot.events import TOOLS
from tokencoach.sources.copilot.journal import call_key, prompt_key
from tokencoach.sources.fields import count, decoded, first_text, moment_ms, record, text
from tokencoach.sources.file_tools import CallAt, tell_call, tell_result
from tokencoach.usage.facts import PromptSeen, RequestSeen
from tokencoach.usage.words import CallStatus, ErrorKind

if TYPE_CHECKING:
    from tokencoach.sources.gathering import Gathering

_FAILED: Final = 2


class SpanReading:
    """Reads rows of ``spans`` and ``span_events``."""

    def __init__(self, into: Gathering) -> None:
        self._into = into

    def row(self, table: object, row: dict[str, Any]) -> None:
        """One row."""
        if table == "span_events":
            self._event(row)
            return
        own, at_ms = text(row.get("span_id")), moment_ms(row.get("start_time_ms"))
        session = first_text(
            row, "chat_session_id", "parent.chat_session_id", "parent_session.value", "conversation_id"
        )
        kind = row.get("operation_name")
        if own is None or at_ms is None or session is None or kind not in ("chat", "execute_tool"):
            return
        at = CallAt(own, session, at_ms)
        self._into.session(session, at_ms)
        if kind == "chat":
            self._chat(row, at)
        else:
            self._tool(row, at)

    def _chat(self, row: dict[str, Any], at: CallAt) -> None:
        whole, output = count(row.get("input_tokens")), count(row.get("output_tokens"))
        # Input holds the cached tokens.
        read = min(whole, count(row.get("cached_tokens")))
        written = min(whole - read, count(_number(row.get("written.value"))))
        if whole or output:
            model = first_text(row, "response_model", "request_model") or "unknown"
            counts = (whole - read - written, read, written, 0, output)
            reasoning = min(output, count(row.get("reasoning_tokens")))
            self._into.request(RequestSeen(at.key, at.session_id, at.at_ms, model, *counts, reasoning))
        if row.get("status_code") == _FAILED:
            said = ("error", row.get("status_message"))
            self._into.error(at.key, at.session_id, at.at_ms, ErrorKind.API_ERROR, said)

    def _tool(self, row: dict[str, Any], at: CallAt) -> None:
        name, own = text(row.get("tool_name")), text(row.get("tool_call_id"))
        if name is None or own is None or name.startswith("vscode_"):
            return
        at = at.but(key=call_key(own))
        arguments = record(decoded(row.get("arguments.value"), self._into.odd))
        tell_call(self._into, at, name, arguments, TOOLS)
        status = CallStatus.FAILED if row.get("status_code") == _FAILED else CallStatus.OK
        ended = moment_ms(row.get("end_time_ms")) or at.at_ms
        tell_result(self._into, at.but(at_ms=ended), status)

    def _event(self, row: dict[str, Any]) -> None:
        if row.get("name") != "user_message":
            return
        told = record(decoded(row.get("attributes"), self._into.odd))
        session, typed = text(told.get("copilot_chat.chat_session_id")), text(told.get("content"))
        at_ms = moment_ms(row.get("timestamp_ms"))
        if session and typed and at_ms:
            self._into.session(session, at_ms)
            self._into.prompt(PromptSeen(prompt_key(session, typed), session, at_ms, typed, 0, 0))


def _number(value: object) -> object:
    return int(value) if isinstance(value, str) and value.isdecimal() and len(value) < 16 else value
