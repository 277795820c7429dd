"""Factory Droid: a conversation's lines, and beside them settings that hold the session's tokens.

Tokens are told as one sum a session; the sum is kept as one request that grows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tokencoach.sources.base import LogFile, LogsHome, Shape
from tokencoach.sources.blocks import status_of, tell_results, tell_uses, texts_of
from tokencoach.sources.discovery import files_below, modified_ms, moved
from tokencoach.sources.fields import count, decoded, moment_ms, record, text, word
from tokencoach.sources.file_tools import CallAt, tell_result
from tokencoach.sources.gathering import Gathering
from tokencoach.sources.lines import objects, whole
from tokencoach.usage.facts import PromptSeen, RequestSeen
from tokencoach.usage.words import ErrorKind

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tokencoach.usage.facts import Facts

_SETTINGS: Final = ".settings.json"
_INJECTED: Final = "<system-reminder>"
_KNOWN: Final = frozenset({"todo_state", "compaction_state", "session_end", "agent_state", "settings_update"})


class Droid:
    """Droid in the terminal."""

    name = "droid"

    def roots(self, home: LogsHome) -> list[Path]:
        """The folder of sessions."""
        return [moved(home, "FACTORY_DIR", ".factory") / "sessions"]

    def files(self, home: LogsHome) -> Iterator[LogFile]:
        """Each session's conversation, and its settings."""
        for path in files_below(self.roots(home), lambda name: name.endswith((".jsonl", _SETTINGS))):
            if path.name.endswith(_SETTINGS):
                stem = path.name.removesuffix(_SETTINGS)
                yield LogFile(path, None, stem, shape=Shape.DOCUMENT, modified_ms=modified_ms(path))
            else:
                yield LogFile(path, None, path.stem)

    def read(
        self, chunk: bytes, state: bytes, file: LogFile, base_offset: int, *, with_edits: bool = True
    ) -> tuple[Facts, bytes]:
        """Facts of whole lines, or of a session's settings."""
        into = Gathering(with_edits=with_edits)
        if file.shape is Shape.DOCUMENT:
            _sum(into, record(whole(into, chunk)), file)
            return into.finish(), state
        cwd = state.decode("utf-8", "replace") or None
        for value, offset, length in objects(into, chunk, base_offset):
            if value.get("type") == "session_start":
                cwd = text(value.get("cwd")) or cwd
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


def _line(into: Gathering, value: dict[str, Any], name: str, cwd: str | None, place: tuple[int, int]) -> None:
    session = text(value.get("session_id")) or text(value.get("sessionId")) or name
    at_ms, kind = moment_ms(value.get("timestamp")), word(value.get("type"))
    if at_ms is None:
        if kind not in ("session_start", *_KNOWN):
            into.unseen(f"{kind} without an instant")
        return
    folder = text(value.get("cwd")) or cwd
    into.session(session, at_ms, cwd=folder, title=text(value.get("title")))
    at = CallAt(f"{session}:{value.get('id') or at_ms}", session, at_ms, None, None, folder)
    if kind == "message":
        # The stream of one run has its words at the top.
        message = record(value.get("message")) or {"role": value.get("role"), "content": value.get("text")}
        _message(into, message, at, place)
    elif kind in ("tool_call", "tool_result"):
        _streamed(into, value, at)
    elif kind == "completion":
        _completed(into, record(value.get("usage")), at)
    elif kind == "error":
        into.error(at.key, session, at_ms, ErrorKind.API_ERROR, (value.get("source"), value.get("message")))
    elif kind not in _KNOWN and kind not in ("session_start", "system"):
        into.unseen(kind)


def _message(into: Gathering, message: dict[str, Any], at: CallAt, place: tuple[int, int]) -> None:
    content = message.get("content")
    if message.get("role") == "assistant":
        # The sum alone tells tokens, so that calls belong to the turn by their instant.
        tell_uses(into, at.keyed(""), content)
        return
    tell_results(into, at, content)
    if message.get("role") != "user":
        return
    typed = [words.split("</system-reminder>")[-1].strip() for words in texts_of(content)]
    first = next((words for words in typed if words and not words.startswith(_INJECTED)), None)
    if first:
        into.prompt(PromptSeen(at.key, at.session_id, at.at_ms, first, *place))


def _streamed(into: Gathering, value: dict[str, Any], at: CallAt) -> None:
    own = text(value.get("toolCallId")) or text(value.get("id"))
    if own is None:
        return
    if value.get("type") == "tool_call":
        use = {"type": "tool_use", "id": own, "name": value.get("toolName"), "input": value.get("parameters")}
        tell_uses(into, at._replace(key=""), [use])
    else:
        said = (
            decoded(value.get("value"), into.odd)
            if isinstance(value.get("value"), dict)
            else value.get("value")
        )
        status = status_of(str(said), is_error=value.get("isError") is True)
        tell_result(into, at._replace(key=f"{at.session_id}:{own}"), status, said)


def _completed(into: Gathering, used: dict[str, Any], at: CallAt) -> None:
    names = ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens", "output_tokens")
    fresh, read, written, output = (count(used.get(name)) for name in names)
    if fresh or read or written or output:
        into.request(
            RequestSeen(
                f"{at.session_id}:sum", at.session_id, at.at_ms, "unknown", fresh, read, written, 0, output, 0
            )
        )
