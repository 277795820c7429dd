"""One chunk of a Claude Code log: line by line into facts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tokencoach.sources.claude_code.outcomes import OutcomeBook
from tokencoach.sources.claude_code.prompts import INTERRUPTION, command_called, human_text
from tokencoach.sources.claude_code.records import (
    CONTENTS,
    LINES,
    REPLIES,
    TERSE_REPLIES,
    UNREAD_REPLIES,
    Block,
    Envelope,
    Line,
    Reply,
    TerseReply,
)
from tokencoach.sources.claude_code.requests import (
    IMPORTED,
    SYNTHETIC_MODEL,
    Caller,
    RequestBook,
    request_key,
)
from tokencoach.sources.claude_code.side_records import (
    KNOWN_KINDS,
    KNOWN_SUBTYPES,
    api_error,
    compaction,
    cost_records,
    message_error,
    titles,
)
from tokencoach.sources.claude_code.spare_records import HEAD, holds_no_usage, holds_nothing
from tokencoach.sources.decoding import STRICT_ERRORS, UnreadableLineError, is_blank
from tokencoach.sources.fields import glued
from tokencoach.sources.instants import instant_ms
from tokencoach.sources.spans import Spans
from tokencoach.usage.facts import AgentSeen, ArtifactUsed, ErrorSeen, Facts, PromptSeen, Quarantined
from tokencoach.usage.redact import redacted
from tokencoach.usage.words import ArtifactUse, ErrorKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from tokencoach.sources.base import LogFile
    from tokencoach.sources.claude_code.requests import Content, Told
    from tokencoach.sources.claude_code.state import State
    from tokencoach.sources.spans import Span

_TYPE: Final = b'"type":"'
#: How a response goes on behind the first type of its record, which is the message's own where that comes first.
_ASSISTANT: Final = (b'assistant"', b'message","role":"assistant"')
_REPLY: Final = tuple(_TYPE + kind for kind in _ASSISTANT)
_decode: Final = LINES.strict
_decode_reply: Final = REPLIES.strict
_decode_terse: Final = TERSE_REPLIES.strict
_decode_unread: Final = UNREAD_REPLIES.strict
_decode_content: Final = CONTENTS.strict
_MOST_ROOTS: Final = 64


class Reading:
    """Reads the lines of one chunk; ``state`` is changed on the way."""

    def __init__(self, state: State, file: LogFile, *, with_edits: bool) -> None:
        self._state = state
        self._with_edits = with_edits
        self._home_session = file.name_hint
        name = file.path.name.split(".")[0]
        self._file_agent = name.removeprefix("agent-") if name.startswith("agent-") else None
        self._facts = Facts()
        self._odd = self._facts.unseen
        self._spans = Spans()
        self._requests = RequestBook(state.open_requests, self._odd)
        self._outcomes = OutcomeBook(state.pending, self._odd)
        self._agents: dict[str, AgentSeen] = {}
        self._last_caller = Caller("", None, is_sidechain=False)
        self._last_said: tuple[object, ...] | None = None
        self._last_span: Span | None = None
        self._place = (0, 0)
        self._decode_reply: Callable[[bytes], TerseReply | Reply] = _decode_terse

    def lines(self, chunk: bytes, base_offset: int) -> None:
        """Every line of a chunk."""
        start, size, find, begins = 0, len(chunk), chunk.find, chunk.startswith
        is_spare = holds_nothing if self._with_edits else holds_no_usage
        reply = self._reply if self._with_edits else self._unread_reply
        # The records of a session begin alike, so a type mostly stands where the last one stood.
        usual = 0
        while start < size:
            end = find(b"\n", start)
            if end < 0:
                end = size
            if end - start > usual and begins(_REPLY, start + usual):
                self._place = (base_offset + start, end - start)
                reply(chunk[start:end])
            elif end - start > 1:
                kind = find(_TYPE, start, min(end, start + HEAD)) + len(_TYPE)
                self._place = (base_offset + start, end - start)
                if begins(_ASSISTANT, kind):
                    usual = kind - len(_TYPE) - start
                    reply(chunk[start:end])
                elif not is_spare(chunk, start, end, kind):
                    self._line(chunk[start:end])
            start = end + 1

    def finish(self) -> Facts:
        """The facts of all lines read."""
        facts, state = self._facts, self._state
        for session_id, (_weight, title) in state.titles.items():
            span = self._spans.get(session_id or state.session_id)
            if span is not None and (session_id or span.title is None):
                span.title = title
        facts.sessions = self._spans.collect()
        facts.requests = self._requests.collect()
        state.open_requests = self._requests.kept()
        self._outcomes.collect_into(facts)
        facts.agents = list(self._agents.values())
        return facts

    def _reply(self, raw: bytes) -> None:
        """A record of a response, which is most often as it should be."""
        line: TerseReply | Reply
        try:
            line = self._decode_reply(raw)
            message = line.message
            if message is not None and message.stop_reason is None and isinstance(line, TerseReply):
                # What an unfinished one says is measured; where there is one there mostly are more.
                self._decode_reply = _decode_reply
                line = _decode_reply(raw)
                message = line.message
        except STRICT_ERRORS:
            self._line(raw)
            return
        if message is None or line.type != "assistant" or line.is_api_error_message:
            self._line(raw)
            return
        at_ms = self._instant(line.timestamp)
        # As in ``_caller``; Python reads fields of one kind of record in one place twice as fast.
        said = (line.session_id, line.agent_id, line.is_sidechain, line.cwd, line.git_branch, line.version)
        span = self._last_span
        if said == self._last_said and span is not None and at_ms >= span.last_ms:
            span.last_ms, caller = at_ms, self._last_caller
        else:
            caller = self._caller(line, at_ms)
        self._response((line, message, caller), message.content, at_ms)

    def _unread_reply(self, raw: bytes) -> None:
        """A record of a response of which only the usage is wanted."""
        content = None
        try:
            line = _decode_unread(raw)
            message = line.message
            # Of a response that has ended nothing is asked but its usage.
            if message is not None and message.stop_reason is None:
                content = _decode_content(message.content)
        except STRICT_ERRORS:
            self._line(raw)
            return
        if message is None or line.type != "assistant" or line.is_api_error_message:
            self._line(raw)
            return
        at_ms = self._instant(line.timestamp)
        self._response((line, message, self._caller(line, at_ms)), content, at_ms)

    def _line(self, raw: bytes) -> None:
        try:
            line = _decode(raw)
        except STRICT_ERRORS:
            try:
                line = LINES.decode(raw, self._odd)
            except UnreadableLineError as error:
                parts = glued(raw)
                for part in parts:
                    self._line(part)
                if not parts and not is_blank(raw):
                    self._quarantine(str(error)[:200])
                return
        kind = line.type
        if kind == "assistant":
            self._assistant(line, self._instant(line.timestamp))
        elif kind == "user":
            self._user(line, self._instant(line.timestamp))
        elif kind == "progress":
            self._progress(line)
        elif kind == "system":
            self._system(line)
        elif kind == "attachment":
            self._attachment(line)
        else:
            self._side_record(line)

    def _quarantine(self, error: str) -> None:
        self._facts.quarantined.append(Quarantined(*self._place, error))

    def _instant(self, text: str | None) -> int:
        """The record's instant; one without takes that of the record before it."""
        at_ms = instant_ms(text)
        if at_ms is None:
            return self._state.last_ms
        # Kept over chunks, so that a record without an instant has the same one however they are cut.
        self._state.last_ms = at_ms
        return at_ms

    def _session(self, line: Line | Envelope, at_ms: int) -> str:
        self._last_said = None
        session_id = line.session_id
        if session_id is None:
            session_id = self._state.session_id or self._home_session or "unknown"
        # A conversation taken over from claude.ai is no session before it is continued here.
        if line.version == IMPORTED:
            return session_id
        self._state.session_id = session_id
        if at_ms:
            span = self._spans.touch(session_id, at_ms)
            if span.cwd is None:
                span.cwd = line.cwd
            branch = line.git_branch
            # Outside a repository and on a detached head the log says HEAD.
            if branch and branch != "HEAD":
                span.branch = branch
            if line.version:
                span.version = line.version
        return session_id

    def _caller(self, line: Line | Envelope, at_ms: int) -> Caller:
        # Most records say of their place what the one before said.
        said = (line.session_id, line.agent_id, line.is_sidechain, line.cwd, line.git_branch, line.version)
        last, span = self._last_caller, self._last_span
        if said == self._last_said and span is not None and at_ms >= span.last_ms:
            span.last_ms = at_ms
            return last
        caller = self._new_caller(line, at_ms)
        is_inline = line.is_sidechain and line.agent_id is None
        self._last_said = None if is_inline or not line.session_id or not at_ms else said
        self._last_span = self._spans.get(caller.session_id)
        return caller

    def _new_caller(self, line: Line | Envelope, at_ms: int) -> Caller:
        session_id = self._session(line, at_ms)
        agent = line.agent_id or self._file_agent
        is_sidechain = line.is_sidechain or False
        if agent is None and is_sidechain and line.uuid:
            agent = self._inline_agent(line.uuid, line.parent_uuid)
        if agent is not None and at_ms:
            known = self._agents.get(agent)
            if known is None or at_ms < known.first_ms:
                self._agent(AgentSeen(agent, session_id, at_ms))
        last = self._last_caller
        # One object a run of lines lets the request book compare callers by identity.
        if last.session_id != session_id or last.agent != agent or last.is_sidechain != is_sidechain:
            last = self._last_caller = Caller(session_id, agent, is_sidechain)
        return last

    def _inline_agent(self, uuid: str, parent: str | None) -> str:
        # Old logs name no agent, but the chain of parents leads back to the record that began it.
        roots = self._state.roots
        root = roots.get(parent, uuid) if parent else uuid
        roots[uuid] = root
        if len(roots) > _MOST_ROOTS:
            del roots[next(iter(roots))]
        return f"sidechain:{root}"

    def _agent(self, seen: AgentSeen) -> None:
        old = self._agents.get(seen.agent)
        if old is None:
            self._agents[seen.agent] = seen
        elif seen.first_ms < old.first_ms or (seen.call_key and not old.call_key):
            first = min(seen.first_ms, old.first_ms)
            self._agents[seen.agent] = AgentSeen(
                old.agent, old.session_id, first, old.call_key or seen.call_key
            )

    def _assistant(self, line: Line, at_ms: int) -> None:
        caller = self._caller(line, at_ms)
        message = line.message
        if message is None:
            return
        # What the program wrote in the model's place was never billed.
        if line.is_api_error_message:
            self._error(message_error(line, caller.session_id, at_ms, self._odd))
            return
        self._response((line, message, caller), message.content, at_ms)

    def _response(self, told: Told, content: Content, at_ms: int) -> None:
        line, message, caller = told
        if message.model == SYNTHETIC_MODEL or line.version == IMPORTED:
            return
        key = request_key(line, message)
        if key is None or not at_ms:
            if message.usage is not None:
                self._quarantine("a request without an id or an instant")
            return
        self._requests.add(key, told, at_ms, content)
        if self._with_edits and isinstance(content, list):
            self._outcomes.add_calls(content, line, caller, key, at_ms)

    def _user(self, line: Line, at_ms: int) -> None:
        caller = self._caller(line, at_ms)
        if line.version == IMPORTED:
            return
        content = (line.message.content if line.message else None) or ""
        # A line that answers a call may hold text beside the answer; it is no prompt either way.
        if not isinstance(content, str) and (results := _results(content)):
            if self._with_edits and at_ms:
                length = self._place[1]
                for seen in self._outcomes.add_results(results, line, caller, at_ms=at_ms, length=length):
                    self._agent(seen)
            return
        text = content if isinstance(content, str) else next((b.text for b in content if b.text), "")
        if text and text.startswith(INTERRUPTION):
            self._interrupted(line, caller, at_ms, text)
        else:
            self._prompt(line, content, caller, at_ms)

    def _attachment(self, line: Line) -> None:
        """A prompt typed while the model was at work comes as an attachment, not as the person's line."""
        attached = line.attachment
        if attached is not None and attached.type == "queued_command" and attached.command_mode == "prompt":
            at_ms = self._instant(line.timestamp)
            line.origin = attached.origin
            self._prompt(line, attached.prompt or "", self._caller(line, at_ms), at_ms)

    def _prompt(self, line: Line, content: str | list[Block], caller: Caller, at_ms: int) -> None:
        """What a person typed, if anybody did; what a sub-agent is told is no prompt."""
        if caller.agent is not None or caller.is_sidechain or not at_ms:
            return
        typed = human_text(line, content)
        if typed is not None:
            key = line.uuid or line.prompt_id or f"{caller.session_id}:{at_ms}"
            self._facts.prompts.append(PromptSeen(key, caller.session_id, at_ms, typed, *self._place))
        elif (called := command_called(content)) is not None:
            key = line.uuid or f"{caller.session_id}:{at_ms}"
            self._facts.uses.append(ArtifactUsed(key, caller.session_id, at_ms, ArtifactUse.COMMAND, called))

    def _interrupted(self, line: Line, caller: Caller, at_ms: int, text: str) -> None:
        if self._with_edits and "for tool use" in text:
            self._outcomes.interrupt(caller, at_ms)
        if line.uuid:
            key = f"interrupted:{line.uuid}"
            self._error(
                ErrorSeen(key, caller.session_id, at_ms, ErrorKind.ABORTED, "interrupted", text[:200])
            )

    def _progress(self, outer: Line) -> None:
        """A sub-agent's record inside the parent's log; where its own file is gone the only trace."""
        data = outer.data
        if data is None or data.message is None:
            return
        inner = data.message
        for name in ("session_id", "cwd", "git_branch", "version"):
            if getattr(inner, name) is None:
                setattr(inner, name, getattr(outer, name))
        inner.agent_id = data.agent_id or inner.agent_id or outer.agent_id
        # The sub-agent's own file may hold the same record: equal keys make the two one.
        inner.is_sidechain = True
        at_ms = self._instant(inner.timestamp or outer.timestamp)
        if inner.agent_id and outer.parent_tool_use_id and at_ms:
            session_id = self._session(outer, at_ms)
            self._agent(AgentSeen(inner.agent_id, session_id, at_ms, outer.parent_tool_use_id))
        if inner.type == "assistant":
            self._assistant(inner, at_ms)
        elif inner.type == "user":
            self._user(inner, at_ms)

    def _system(self, line: Line) -> None:
        if line.subtype in ("api_error", "error"):
            at_ms = self._instant(line.timestamp)
            self._error(api_error(line, self._session(line, at_ms), at_ms, self._odd))
        elif line.subtype == "compact_boundary":
            at_ms = self._instant(line.timestamp)
            seen = compaction(line, self._session(line, at_ms), at_ms)
            if seen is not None and at_ms:
                self._facts.compactions.append(seen)
        elif line.subtype not in KNOWN_SUBTYPES:
            self._count_unseen(f"system/{line.subtype}")

    def _error(self, seen: ErrorSeen | None) -> None:
        if seen is not None and seen.at_ms:
            self._facts.errors.append(seen)

    def _side_record(self, line: Line) -> None:
        if line.type == "cost-state":
            at_ms = self._instant(line.timestamp)
            session_id = line.session_id or self._state.session_id or self._home_session
            if session_id and at_ms:
                self._facts.costs.extend(cost_records(line, session_id, at_ms))
            return
        for session_id, (weight, title) in titles(line):
            # Kept from chunk to chunk with the state, so no secret may be in it.
            self._title(session_id, (weight, redacted(title)))
        if line.type not in KNOWN_KINDS:
            self._count_unseen(line.type)

    def _title(self, session_id: str, weighed: tuple[int, str]) -> None:
        state = self._state
        if weighed[0] < state.titles.get(session_id, (0, ""))[0]:
            return
        # A chunk may hold nothing but a title; its session must be told all the same.
        state.titles[session_id] = weighed
        if state.last_ms and state.session_id and session_id in ("", state.session_id):
            self._spans.touch(state.session_id, state.last_ms)

    def _count_unseen(self, kind: str) -> None:
        printable = "".join(character if character.isprintable() else "?" for character in kind[:64])
        self._facts.unseen[printable or "(none)"] += 1


def _results(blocks: list[Block]) -> list[Block]:
    # Nearly every answer comes in a record of its own.
    if len(blocks) == 1 and blocks[0].type == "tool_result":
        return blocks
    return [block for block in blocks if block.type == "tool_result"]
