"""One chunk of a Codex rollout: line by line into facts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tokencoach.sources.codex import identity, tokens
from tokencoach.sources.codex.calls import CallBook, Moment
from tokencoach.sources.codex.kinds import KNOWN_EVENTS, KNOWN_ITEMS, KNOWN_LINES, KNOWN_RESPONSES
from tokencoach.sources.codex.prompts import prompt_key, typed_text
from tokencoach.sources.codex.records import ANYTHING, LINES, PAYLOADS, Item, Line, Payload
from tokencoach.sources.decoding import UnreadableLineError, is_blank
from tokencoach.sources.fields import glued
from tokencoach.sources.instants import instant_ms
from tokencoach.sources.sightings import merged
from tokencoach.sources.spans import Spans
from tokencoach.usage.facts import (
    AgentSeen,
    CompactionSeen,
    ErrorSeen,
    Facts,
    PromptSeen,
    Quarantined,
    RequestSeen,
)
from tokencoach.usage.words import ErrorKind

if TYPE_CHECKING:
    import msgspec

    from tokencoach.sources.base import LogFile
    from tokencoach.sources.codex.state import State

_HEAD: Final = 160
# Thoughts are encrypted, and what was said stands in events besides: half the bytes hold nothing.
_SPARE: Final = (b'reasoning"', b'message"', b'agent_message"', b"agent_reasoning")
_PAYLOAD: Final = b'"payload":{"type":"'
_CALLS: Final = frozenset({"function_call", "custom_tool_call", "local_shell_call"})
_OUTPUTS: Final = frozenset({"function_call_output", "custom_tool_call_output"})
_FAILURES: Final = frozenset(
    {"turn_aborted", "thread_rolled_back", "task_complete", "turn_complete", "error", "stream_error"}
)
_ERROR_KINDS: Final = {
    "turn_aborted": ErrorKind.ABORTED,
    "thread_rolled_back": ErrorKind.ROLLED_BACK,
    "stream_error": ErrorKind.RETRY,
}
_MOST_MESSAGE: Final = 300


class Reading:
    """Reads the lines of one chunk; ``state`` is changed on the way."""

    def __init__(self, state: State, file: LogFile, *, with_edits: bool) -> None:
        self._state = state
        self._with_edits = with_edits
        self._name_hint = file.name_hint
        self._facts = Facts()
        self._odd = self._facts.unseen
        self._spans = Spans()
        self._calls = CallBook(state, self._odd)
        self._agents: dict[str, AgentSeen] = {}
        self._requests: dict[str, RequestSeen] = {}

    def lines(self, chunk: bytes, base_offset: int) -> None:
        """Every line of a chunk."""
        start, size = 0, len(chunk)
        while start < size:
            end = chunk.find(b"\n", start)
            if end < 0:
                end = size
            if end - start > 1 and not self._is_spare(chunk, start, end):
                self._line(chunk[start:end], base_offset + start)
            start = end + 1

    def finish(self) -> Facts:
        """The facts of all lines read."""
        facts = self._facts
        facts.sessions = self._spans.collect()
        facts.requests = list(self._requests.values())
        if self._with_edits:
            self._calls.collect_into(facts)
        facts.agents = list(self._agents.values())
        return facts

    def _is_spare(self, chunk: bytes, start: int, end: int) -> bool:
        """What the model thought and said, and calls when only usage is asked for."""
        until = min(end, start + _HEAD)
        kind = chunk.find(_PAYLOAD, start, until)
        if kind >= 0 and not chunk.startswith(_SPARE, kind + len(_PAYLOAD)):
            kind = -1
        if kind < 0 and not self._with_edits:
            kind = chunk.find(b'"type":"response_item"', start, until)
        # Where another object begins before it, the field may be that one's.
        return kind >= 0 and chunk.find(b"{", start + 1, kind) < 0

    def _line(self, raw: bytes, offset: int) -> None:
        try:
            line = LINES.decode(raw, self._odd)
            payload = line.payload or PAYLOADS.decode(raw, self._odd)
        except UnreadableLineError as error:
            parts = glued(raw)
            for part in parts:
                self._line(part, offset)
            if not parts and not is_blank(raw):
                self._facts.quarantined.append(Quarantined(offset, len(raw), str(error)[:200]))
            return
        at_ms = self._instant(line)
        if line.payload is None:
            self._bare_line(line, payload, Moment(at_ms, len(raw)), offset)
            return
        self._wrapped_line(line.type, payload, Moment(at_ms, len(raw)), offset)

    def _wrapped_line(self, kind: str, payload: Payload, moment: Moment, offset: int) -> None:
        at_ms = moment.at_ms
        if kind == "event_msg":
            self._event(payload, moment, offset)
        elif kind == "response_item":
            self._response(payload, moment)
        elif kind == "token_usage_record":
            self._request(tokens.from_record(payload, self._state, at_ms), at_ms)
        elif kind == "turn_context":
            identity.take_settings(payload, self._state)
            self._touch(at_ms)
        elif kind == "session_meta":
            self._meta(payload, at_ms)
        elif kind == "compacted":
            self._compacted(at_ms)
        elif kind not in KNOWN_LINES:
            self._count_unseen(kind)

    def _bare_line(self, line: Line, payload: Payload, moment: Moment, offset: int) -> None:
        """The oldest rollouts: no wrapper around what a line says."""
        if not payload.type and payload.id and not line.record_type:
            self._meta(payload, moment.at_ms)
        elif payload.type == "message" and payload.role == "user":
            self._prompt(payload.content, "message", moment, offset)
        elif payload.type in KNOWN_RESPONSES:
            self._response(payload, moment)
        elif not line.record_type:
            self._count_unseen(payload.type)

    def _instant(self, line: Line) -> int:
        at_ms = instant_ms(line.timestamp)
        if at_ms is None:
            return self._state.last_ms
        self._state.last_ms = at_ms
        return at_ms

    def _touch(self, at_ms: int) -> bool:
        """Widen the session's span; gives whether there is a session and an instant at all."""
        state = self._state
        if not state.thread_id and self._name_hint:
            state.thread_id = state.session_id = state.root_id = self._name_hint
        if not at_ms or not state.session_id:
            return False
        span = self._spans.touch(state.session_id, at_ms)
        if not state.is_agent:
            span.cwd = span.cwd or state.cwd
            span.branch = state.branch or span.branch
            span.parent_session_id = state.parent_id
        elif state.thread_id not in self._agents:
            self._agents[state.thread_id] = AgentSeen(state.thread_id, state.session_id, at_ms)
        return True

    def _meta(self, payload: Payload, at_ms: int) -> None:
        is_own = identity.take_meta(payload, self._state, self._odd)
        if self._touch(at_ms) and is_own and not self._state.is_agent:
            span = self._spans.touch(self._state.session_id, at_ms)
            span.version = payload.cli_version or span.version
            if payload.git is not None:
                span.git_commit = span.git_commit or payload.git.commit_hash
                span.git_remote = span.git_remote or payload.git.repository_url

    def _request(self, seen: RequestSeen | None, at_ms: int) -> None:
        if seen is None or not self._touch(at_ms):
            return
        known = self._requests.get(seen.key)
        self._requests[seen.key] = merged(known, seen) if known else seen
        self._calls.belong_to(seen.key)

    def _event(self, payload: Payload, moment: Moment, offset: int) -> None:
        kind, at_ms = payload.type, moment.at_ms
        if kind == "token_count":
            if self._touch(at_ms):
                self._request(tokens.from_event(payload, self._state, at_ms), at_ms)
        elif kind == "user_message":
            if payload.kind in (None, "plain"):
                self._prompt(payload.message, "event", moment, offset)
        elif kind == "item_completed" and payload.item is not None:
            self._item(payload.item, moment, offset)
        elif kind == "patch_apply_end":
            if self._with_edits and self._touch(at_ms):
                self._calls.add_patch_end(payload, moment)
        elif kind == "exec_command_end":
            if self._with_edits and self._touch(at_ms):
                self._calls.add_command_end(payload, moment)
        else:
            self._lesser_event(payload, at_ms)

    def _item(self, item: Item, moment: Moment, offset: int) -> None:
        if item.type not in KNOWN_ITEMS:
            self._count_unseen(f"item_completed/{item.type}")
        elif item.type == "UserMessage":
            self._prompt(item.content, "item", moment, offset)
        elif self._with_edits and self._touch(moment.at_ms):
            self._calls.add_item(item, moment)

    def _lesser_event(self, payload: Payload, at_ms: int) -> None:
        kind = payload.type
        if kind in _FAILURES:
            self._failure(payload, at_ms)
        elif kind in ("task_started", "turn_started"):
            self._state.turn_id = payload.turn_id
            self._touch(at_ms)
        elif kind == "thread_settings_applied":
            identity.take_settings(payload, self._state)
        elif kind == "thread_name_updated":
            if payload.thread_name and self._touch(at_ms) and not self._state.is_agent:
                self._spans.touch(self._state.session_id, at_ms).title = payload.thread_name[:200]
        elif kind == "collab_agent_spawn_end":
            if payload.new_thread_id and self._touch(at_ms):
                seen = AgentSeen(payload.new_thread_id, self._state.session_id, at_ms, payload.call_id)
                self._agents.setdefault(seen.agent, seen)
        elif kind not in KNOWN_EVENTS:
            self._count_unseen(f"event_msg/{kind}")

    def _response(self, payload: Payload, moment: Moment) -> None:
        kind = payload.type
        if kind not in KNOWN_RESPONSES:
            self._count_unseen(f"response_item/{kind}")
        elif kind in _CALLS or kind in _OUTPUTS:
            if not self._with_edits or not self._touch(moment.at_ms):
                return
            if kind in _CALLS:
                self._calls.add_call(payload, moment.at_ms)
            else:
                self._calls.add_output(payload, moment)

    def _prompt(self, raw: msgspec.Raw, way: str, moment: Moment, offset: int) -> None:
        if not self._touch(moment.at_ms) or self._state.is_agent:
            return
        text = typed_text(raw, self._odd)
        key = prompt_key(text, way, self._state) if text else None
        if text and key:
            session_id = self._state.session_id
            self._state.counted_since_prompt = self._state.called_since_prompt = False
            self._facts.prompts.append(PromptSeen(key, session_id, moment.at_ms, text, offset, moment.length))

    def _failure(self, payload: Payload, at_ms: int) -> None:
        """An aborted, undone or failed turn; a response that is tried again."""
        about = self._about(payload)
        kind = _ERROR_KINDS.get(payload.type, ErrorKind.API_ERROR)
        if not self._touch(at_ms) or (kind is ErrorKind.API_ERROR and not about):
            return
        found = about.get("codex_error_info")
        code = next(iter(found), None) if isinstance(found, dict) else found
        if kind is ErrorKind.ABORTED:
            code = payload.reason or "interrupted"
        elif kind is ErrorKind.ROLLED_BACK:
            code = payload.num_turns or 1
        # Several undos and retries of one turn are told apart by their instant.
        once = payload.turn_id if kind in (ErrorKind.ABORTED, ErrorKind.API_ERROR) else None
        key = f"{payload.type}:{self._state.root_id}:{once or at_ms}"
        message = about.get("message")
        text = message[:_MOST_MESSAGE] if isinstance(message, str) else ""
        self._facts.errors.append(
            ErrorSeen(key, self._state.session_id, at_ms, kind, str(code or "unknown")[:64], text)
        )

    def _about(self, payload: Payload) -> dict[str, Any]:
        error = ANYTHING.decode_or(payload.error, None, self._odd, "payload.error")
        if isinstance(error, dict):
            return error
        if payload.type in ("error", "stream_error"):
            message = ANYTHING.decode_or(payload.message, None, self._odd, "payload.message")
            code = ANYTHING.decode_or(payload.codex_error_info, None, self._odd, "payload.codex_error_info")
            return {"message": message, "codex_error_info": code}
        return {"message": error} if isinstance(error, str) else {}

    def _compacted(self, at_ms: int) -> None:
        if self._touch(at_ms):
            state = self._state
            before = state.last_usage[0] if state.last_usage else 0
            key = f"compaction:{state.root_id}:{at_ms}"
            self._facts.compactions.append(CompactionSeen(key, state.session_id, at_ms, before, 0))

    def _count_unseen(self, kind: str) -> None:
        printable = "".join(character if character.isprintable() else "?" for character in kind[:64])
        self._facts.unseen[printable or "(none)"] += 1
