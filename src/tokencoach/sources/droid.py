"""Factory Droid: a conversation's lines, and beside them settings that hold the session's tokens.

Tokens are told as one sum a session; the sum is kept as one request that grows. The session that
goes on after a compaction begins with the sum of the one before it.
"""

from __future__ import annotations

import contextlib
import io
import re
from typing import TYPE_CHECKING, Any, Final

import msgspec

from tokencoach import regular_files
from tokencoach.sources.base import LogFile, LogsHome, Shape
from tokencoach.sources.blocks import USES, Block, status_of, tell_use_in, tell_uses, texts_in
from tokencoach.sources.decoding import TolerantDecoder
from tokencoach.sources.discovery import ending, files_below, modified_ms, moved, original, scan_logs
from tokencoach.sources.fields import ANYTHING, count, decoded, moment_ms, record, records, text, word
from tokencoach.sources.file_tools import CallAt, tell_result
from tokencoach.sources.gathering import Gathering
from tokencoach.sources.lines import typed, whole
from tokencoach.usage.facts import AgentSeen, CompactionSeen, PromptSeen, RequestSeen
from tokencoach.usage.words import CallStatus, ErrorKind

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tokencoach.usage.facts import Facts

_SETTINGS: Final = ".settings.json"
_AGENT: Final = "subagent"
_NULL: Final = msgspec.Raw(b"null")
_INJECTED: Final = "<system-reminder>"
_KNOWN: Final = frozenset(
    {"session_start", "todo_state", "session_end", "agent_state", "settings_update", "agent_turn_outcome"}
)
_WITHOUT_INSTANT: Final = _KNOWN | {"compaction_state"}
_LONGEST_START: Final = 1 << 14
_COMPACTED: Final = b'"compaction_state"'
_KIND_OF_LINE: Final = 64
_MOST_CALLERS: Final = 8
_EXIT_CODE: Final = re.compile(r"\[Process exited with code ([0-9]{1,9})\]\s*\Z")
_CLASSES: Final = ("inputTokens", "cacheReadTokens", "cacheCreationTokens", "outputTokens", "thinkingTokens")


class Droid:
    """Droid in the terminal."""

    name = "droid"

    def roots(self, home: LogsHome) -> list[Path]:
        """The folder of sessions."""
        if home.environment.get("FACTORY_HOME_OVERRIDE", "").strip():
            return [moved(home, "FACTORY_HOME_OVERRIDE") / ".factory" / "sessions"]
        return [moved(home, "FACTORY_DIR", ".factory") / "sessions"]

    def files(self, home: LogsHome) -> Iterator[LogFile]:
        """Each session's conversation, and its settings."""
        for name, _ in scan_logs(self.roots(home)):
            place = home.folder.__class__(name)
            stem, compressed = ending(place.name)
            start, _ = _started(place)
            lineage = (str(start.parent),) if start.forked_at and _is_beside(place, start.parent) else ()
            hint = _below(place, start, original(stem or place.stem))
            yield LogFile(place, compressed, hint, "/" in hint, lineage=lineage)
        for path in files_below(self.roots(home), lambda name: name.endswith(_SETTINGS)):
            session = original(path.name.removesuffix(_SETTINGS))
            start, carries_on = _started(path.with_name(f"{session}.jsonl"))
            carries_on = carries_on and not start.forked_at and _is_beside(path, start.parent)
            before = (path.with_name(f"{start.parent}{_SETTINGS}"),) if carries_on else ()
            hint, at_ms = _below(path, start, session), modified_ms(path)
            yield LogFile(path, None, hint, "/" in hint, Shape.DOCUMENT, beside=before, modified_ms=at_ms)

    def read(
        self, chunk: bytes, state: bytes, file: LogFile, base_offset: int, *, with_edits: bool = True
    ) -> tuple[Facts, bytes]:
        """Facts of whole lines, or of a session's settings."""
        into = Gathering(with_edits=with_edits)
        if file.shape is Shape.DOCUMENT:
            told = record(whole(into, chunk))
            before = record(told.get(file.beside[0].name)) if file.beside else {}
            _sum(into, record(told.get(file.path.name)) if file.beside else told, before, file)
            return into.finish(), state
        talk = _Talk(into, file, state)
        for value, offset, length in typed(into, chunk, base_offset, _LINES):
            talk.line(value, (offset, length))
        return into.finish(), talk.state()


class Start(msgspec.Struct, frozen=True):
    """What a conversation begins with: the session that it goes on from, or is a copy of up to a message.

    ``caller`` is the session, or the sub-agent, that called a sub-agent.
    """

    type: Any = None
    parent: Any = None
    caller: Any = msgspec.field(default=None, name="callingSessionId")
    forked_at: Any = msgspec.field(default=None, name="forkedAtMessageId")


_STARTS: Final = msgspec.json.Decoder(Start)
_NO_START: Final = Start()


def _started(conversation: Path) -> tuple[Start, bool]:
    """The first line of a conversation, and whether a compaction is what follows."""
    start = _NO_START
    with (
        contextlib.suppress(OSError, msgspec.MsgspecError, ValueError, RecursionError),
        io.BufferedReader(regular_files.opened(conversation)) as lines,
    ):
        start = _STARTS.decode(lines.readline(_LONGEST_START))
        if start.parent is not None:
            return start, _COMPACTED in lines.readline(_KIND_OF_LINE)
    return start, False


def _below(path: Path, start: Start, own: str) -> str:
    """A sub-agent's name behind that of the session at the top, where another sub-agent called it; else its name."""
    caller, found = _plain(start.caller), None
    for _ in range(_MOST_CALLERS):
        if caller is None or not _is_beside(path, caller):
            break
        caller = _plain(_started(path.with_name(f"{caller}.jsonl"))[0].caller)
        found = caller or found
    return f"{found}/{own}" if found and "/" not in found and found != own else own


def _is_beside(path: Path, session: object) -> bool:
    """Whether a session, of whatever name, has a conversation in the same folder."""
    name = text(session)
    return (
        name is not None and not {"/", "\\", "\0"} & set(name) and path.with_name(f"{name}.jsonl").is_file()
    )


def _sum(into: Gathering, told: dict[str, Any], before: dict[str, Any], file: LogFile) -> None:
    """The session's tokens so far, but for those of the session before it; thinking is a part of the output."""
    used, carried = record(told.get("tokenUsage")), record(before.get("tokenUsage"))
    counts = (max(0, count(used.get(name)) - count(carried.get(name))) for name in _CLASSES)
    fresh, read, written, output, thinking = counts
    at_ms = moment_ms(told.get("providerLockTimestamp")) or file.modified_ms
    if not at_ms or not (fresh or read or written or output):
        return
    tags = (record(tag.get("metadata")) for tag in records(told.get("tags")) if tag.get("name") == _AGENT)
    caller = next((found for tag in tags if (found := text(tag.get("callingSessionId")))), None)
    top, own = _named(file)
    session, agent = (top or caller, own) if caller else (own, None)
    into.session(session, at_ms)
    model = (text(told.get("model")) or "unknown").removeprefix("custom:")
    key = f"{own}:sum"
    into.request(
        RequestSeen(
            *(key, session, at_ms, model, fresh, read, written, 0, output, min(output, thinking)),
            agent=agent,
            is_sidechain=agent is not None,
        )
    )


class Said(Block, frozen=True):
    """A block: what was said, a call, or how a call ended."""

    text: msgspec.Raw = _NULL
    content: msgspec.Raw = _NULL
    is_error: Any = None
    own: Any = msgspec.field(default=None, name="tool_use_id")
    own_too: Any = msgspec.field(default=None, name="toolUseID")
    failed: Any = msgspec.field(default=None, name="isError")


class Message(msgspec.Struct, frozen=True):
    """A prompt with results, or an answer."""

    role: Any = None
    content: list[Said] | str | None = None
    visibility: Any = None


class Line(msgspec.Struct, frozen=True):
    """A line of a conversation, or of the stream of one run, which has its words at the top."""

    type: Any = None
    id: Any = None
    timestamp: Any = None
    cwd: Any = None
    title: Any = None
    forked_at: Any = msgspec.field(default=None, name="forkedAtMessageId")
    caller: Any = msgspec.field(default=None, name="callingSessionId")
    caller_use: Any = msgspec.field(default=None, name="callingToolUseId")
    summary_tokens: Any = msgspec.field(default=0, name="summaryTokens")
    message: Message | str | None = None
    session_id: Any = None
    session: Any = msgspec.field(default=None, name="sessionId")
    role: Any = None
    text: Any = None
    usage: Any = None
    source: Any = None
    value: Any = None
    parameters: Any = None
    call: Any = msgspec.field(default=None, name="toolCallId")
    tool: Any = msgspec.field(default=None, name="toolName")
    failed: Any = msgspec.field(default=None, name="isError")


_LINES: Final[TolerantDecoder[Line]] = TolerantDecoder(Line)


class _Talk:
    """Reads the lines of one conversation."""

    def __init__(self, into: Gathering, file: LogFile, state: bytes) -> None:
        self._into = into
        self._top, self._name = _named(file)
        self._is_copy_told = bool(file.lineage)
        told = [part or None for part in state.decode("utf-8", "replace").split("\0")]
        self._cwd, self._caller, self._use, self._copied_until = (*told, None, None, None)[:4]

    def state(self) -> bytes:
        """What the next chunk needs: the folder, who called and by which call, the last message of a copy."""
        told = (self._cwd, self._caller, self._use, self._copied_until)
        return "\0".join(part or "" for part in told).rstrip("\0").encode("utf-8", "replace")

    def line(self, value: Line, place: tuple[int, int]) -> None:
        """One line; what a fork copied is told in the conversation that it was copied from."""
        if value.type == "session_start":
            self._cwd = _plain(value.cwd) or self._cwd
            self._caller, self._use = _plain(value.caller), _plain(value.caller_use)
            # A side question is a fork of the session that asks it.
            is_told = self._is_copy_told or self._caller is not None
            self._copied_until = _plain(value.forked_at) if is_told else None
        if self._copied_until is None:
            self._told(value, place)
        elif value.id == self._copied_until:
            self._copied_until = None

    def _told(self, value: Line, place: tuple[int, int]) -> None:
        into, own = self._into, self._name
        if value.session_id is not None or value.session is not None:
            own = text(value.session_id) or text(value.session) or own
        at_ms, kind = moment_ms(value.timestamp), word(value.type)
        if at_ms is None:
            if kind not in _WITHOUT_INSTANT:
                into.unseen(f"{kind} without an instant")
            return
        folder, session, agent = text(value.cwd) or self._cwd, own, None
        if self._caller:
            session, agent = self._top or self._caller, own
            use = f"{self._caller}:{self._use}" if self._use else None
            into.agent(AgentSeen(agent, session, at_ms, use))
        into.session(session, at_ms, cwd=folder, title=None if agent else text(value.title))
        at = CallAt(f"{own}:{value.id or at_ms}", session, at_ms, None, agent, folder)
        _line(into, value, kind, at, place)


def _line(into: Gathering, value: Line, kind: str, at: CallAt, place: tuple[int, int]) -> None:
    if kind == "message":
        message = value.message if isinstance(value.message, Message) else None
        _message(into, message or Message(value.role, text(value.text)), at, place)
    elif kind in ("tool_call", "tool_result"):
        _streamed(into, value, at)
    elif kind == "completion":
        _completed(into, record(value.usage), at)
    elif kind == "compaction_state":
        into.compaction(CompactionSeen(at.key, at.session_id, at.at_ms, 0, count(value.summary_tokens)))
    elif kind == "error":
        into.error(at.key, at.session_id, at.at_ms, ErrorKind.API_ERROR, (value.source, value.message))
    elif kind not in _KNOWN and kind != "system":
        into.unseen(kind)


def _named(file: LogFile) -> tuple[str, str]:
    """The session at the top, where the file's name tells it, and the file's own."""
    top, _, own = file.name_hint.rpartition("/")
    return top, own


def _plain(told: object) -> str | None:
    """A text that can stand among others in the state."""
    found = text(told)
    return found if found and "\0" not in found else None


def _message(into: Gathering, message: Message, at: CallAt, place: tuple[int, int]) -> None:
    told = message.content
    blocks = told if isinstance(told, list) else []
    if into.with_edits:
        for block in blocks:
            _block(into, block, at, message.role)
    # What the program tells the person alone, or the model alone, stands under the person's name.
    if message.role != "user" or message.visibility in ("user_only", "llm_only") or at.agent:
        return
    words = [told] if isinstance(told, str) else _words(into, blocks)
    typed = (said.split("</system-reminder>")[-1].strip() for said in words)
    first = next((said for said in typed if said and not said.startswith(_INJECTED)), None)
    if first:
        into.prompt(PromptSeen(at.key, at.session_id, at.at_ms, first, *place))


def _words(into: Gathering, blocks: list[Said]) -> Iterator[str]:
    """What the blocks of a message say."""
    for block in blocks:
        if block.type in (None, "text"):
            words = ANYTHING.decode_or(block.text, None, into.odd, "text")
            if isinstance(words, str):
                yield words


def _block(into: Gathering, block: Said, at: CallAt, role: object) -> None:
    if role == "assistant":
        own = block.id or block.call
        if block.type in USES and isinstance(own, str):
            # The sum alone tells tokens, so that calls belong to the turn by their instant.
            tell_use_in(into, at.asked(_call(at, own), ""), block)
    elif block.type in ("tool_result", "toolResult"):
        _answered(into, block, at)


def _call(at: CallAt, own: str) -> str:
    return f"{at.agent or at.session_id}:{own}"


def _answered(into: Gathering, block: Said, at: CallAt) -> None:
    own = text(block.own) or text(block.own_too) or text(block.call)
    if own is None:
        return
    status, code = CallStatus.OK, None
    if block.is_error is True or block.failed is True:
        said = "\n".join(texts_in(block.content, into.odd))
        status, code = status_of(said, is_error=True), _EXIT_CODE.search(said)
    exit_code = int(code[1]) if code else None
    tell_result(into, at.keyed(_call(at, own)), status, block.content, exit_code=exit_code)


def _streamed(into: Gathering, value: Line, at: CallAt) -> None:
    own = text(value.call) or text(value.id)
    if own is None:
        return
    if value.type == "tool_call":
        use = {"type": "tool_use", "id": own, "name": value.tool, "input": value.parameters}
        tell_uses(into, at.but(key=""), [use])
    else:
        said = decoded(value.value, into.odd) if isinstance(value.value, dict) else value.value
        status = status_of(str(said), is_error=value.failed is True)
        tell_result(into, at.but(key=f"{at.session_id}:{own}"), status, said)


def _completed(into: Gathering, used: dict[str, Any], at: CallAt) -> None:
    names = ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens", "output_tokens")
    fresh, read, written, output = (count(used.get(name)) for name in names)
    if fresh or read or written or output:
        into.request(
            RequestSeen(
                f"{at.session_id}:sum", at.session_id, at.at_ms, "unknown", fresh, read, written, 0, output, 0
            )
        )
