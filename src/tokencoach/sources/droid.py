"""Factory Droid: a conversation's lines, and beside them settings that hold the session's tokens.

Tokens are told as one sum a session; the sum is kept as one request that grows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from tokencoach.sources.base import LogFile, LogsHome, Shape
from tokencoach.sources.blocks import USES, Block, status_of, tell_use_in, tell_uses, texts_in
from tokencoach.sources.decoding import TolerantDecoder
from tokencoach.sources.discovery import ending, files_below, modified_ms, moved, original, scan_logs
from tokencoach.sources.fields import ANYTHING, count, decoded, moment_ms, record, text, word
from tokencoach.sources.file_tools import CallAt, tell_result
from tokencoach.sources.gathering import Gathering
from tokencoach.sources.lines import typed, whole
from tokencoach.usage.facts import PromptSeen, RequestSeen
from tokencoach.usage.words import CallStatus, ErrorKind

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tokencoach.usage.facts import Facts

_SETTINGS: Final = ".settings.json"
_NULL: Final = msgspec.Raw(b"null")
_INJECTED: Final = "<system-reminder>"
_KNOWN: Final = frozenset(
    {"todo_state", "compaction_state", "session_end", "agent_state", "settings_update", "agent_turn_outcome"}
)


class Droid:
    """Droid in the terminal."""

    name = "droid"

    def roots(self, home: LogsHome) -> list[Path]:
        """The folder of sessions."""
        return [moved(home, "FACTORY_DIR", ".factory") / "sessions"]

    def files(self, home: LogsHome) -> Iterator[LogFile]:
        """Each session's conversation, and its settings."""
        for name, _ in scan_logs(self.roots(home)):
            place = home.folder.__class__(name)
            stem, compressed = ending(place.name)
            yield LogFile(place, compressed, original(stem or place.stem))
        for path in files_below(self.roots(home), lambda name: name.endswith(_SETTINGS)):
            session = original(path.name.removesuffix(_SETTINGS))
            yield LogFile(path, None, session, shape=Shape.DOCUMENT, modified_ms=modified_ms(path))

    def read(
        self, chunk: bytes, state: bytes, file: LogFile, base_offset: int, *, with_edits: bool = True
    ) -> tuple[Facts, bytes]:
        """Facts of whole lines, or of a session's settings."""
        into = Gathering(with_edits=with_edits)
        if file.shape is Shape.DOCUMENT:
            _sum(into, record(whole(into, chunk)), file)
            return into.finish(), state
        cwd = state.decode("utf-8", "replace") or None
        for value, offset, length in typed(into, chunk, base_offset, _LINES):
            if value.type == "session_start":
                cwd = text(value.cwd) or cwd
            _line(into, value, file.name_hint, cwd, (offset, length))
        return into.finish(), (cwd or "").encode("utf-8", "replace")


def _sum(into: Gathering, told: dict[str, Any], file: LogFile) -> None:
    """The session's tokens so far; thinking stands beside the output."""
    used = record(told.get("tokenUsage"))
    names = ("inputTokens", "cacheReadTokens", "cacheCreationTokens", "outputTokens", "thinkingTokens")
    fresh, read, written, output, thinking = (count(used.get(name)) for name in names)
    at_ms = moment_ms(told.get("providerLockTimestamp")) or file.modified_ms
    if not at_ms or not (fresh or read or written or output or thinking):
        return
    into.session(file.name_hint, at_ms)
    model = (text(told.get("model")) or "unknown").removeprefix("custom:")
    counts = (fresh, read, written, 0, output + thinking, thinking)
    into.request(RequestSeen(f"{file.name_hint}:sum", file.name_hint, at_ms, model, *counts))


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


def _line(into: Gathering, value: Line, name: str, cwd: str | None, place: tuple[int, int]) -> None:
    session = name
    if value.session_id is not None or value.session is not None:
        session = text(value.session_id) or text(value.session) or name
    at_ms, kind = moment_ms(value.timestamp), word(value.type)
    if at_ms is None:
        if kind not in ("session_start", *_KNOWN):
            into.unseen(f"{kind} without an instant")
        return
    folder = text(value.cwd) or cwd
    into.session(session, at_ms, cwd=folder, title=text(value.title))
    at = CallAt(f"{session}:{value.id or at_ms}", session, at_ms, None, None, folder)
    if kind == "message":
        message = value.message if isinstance(value.message, Message) else None
        _message(into, message or Message(value.role, text(value.text)), at, place)
    elif kind in ("tool_call", "tool_result"):
        _streamed(into, value, at)
    elif kind == "completion":
        _completed(into, record(value.usage), at)
    elif kind == "error":
        into.error(at.key, session, at_ms, ErrorKind.API_ERROR, (value.source, value.message))
    elif kind not in _KNOWN and kind not in ("session_start", "system"):
        into.unseen(kind)


def _message(into: Gathering, message: Message, at: CallAt, place: tuple[int, int]) -> None:
    told = message.content
    blocks = told if isinstance(told, list) else []
    if into.with_edits:
        for block in blocks:
            _block(into, block, at, message.role)
    # What the program tells the person alone, or the model alone, stands under the person's name.
    if message.role != "user" or message.visibility in ("user_only", "llm_only"):
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
            tell_use_in(into, at.asked(f"{at.session_id}:{own}", ""), block)
    elif block.type in ("tool_result", "toolResult"):
        _answered(into, block, at)


def _answered(into: Gathering, block: Said, at: CallAt) -> None:
    own = text(block.own) or text(block.own_too) or text(block.call)
    if own is None:
        return
    status = CallStatus.OK
    if block.is_error is True or block.failed is True:
        status = status_of("\n".join(texts_in(block.content, into.odd)), is_error=True)
    tell_result(into, at.keyed(f"{at.session_id}:{own}"), status, block.content)


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
