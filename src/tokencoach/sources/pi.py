"""Pi: a file a session, whose entries are a tree; branches given up were billed all the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from tokencoach.sources.base import LogFile, LogsHome
from tokencoach.sources.blocks import status_of, tell_diff, tell_uses, texts_of
from tokencoach.sources.carried import Carrier
from tokencoach.sources.discovery import ending, moved, scan_logs
from tokencoach.sources.fields import amount, count, model_name, moment_ms, record, text, word
from tokencoach.sources.file_tools import CallAt, tell_result
from tokencoach.sources.gathering import Gathering
from tokencoach.sources.lines import objects
from tokencoach.usage.facts import CompactionSeen, PromptSeen, RequestSeen
from tokencoach.usage.words import CallStatus, ErrorKind

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tokencoach.usage.facts import Facts

_KNOWN: Final = frozenset(
    {
        *(
            "model_change",
            "thinking_level_change",
            "branch_summary",
            "branchSummary",
            "compactionSummary",
            "label",
        ),
        *("custom", "custom_message", "session_info", "system_prompt", "tools_change"),
    }
)
_MOST_OPEN: Final = 64
_VERSION: Final = 1


class State(msgspec.Struct, array_like=True):
    """Carried from chunk to chunk: the session, and the paths of edits without a result."""

    version: int = _VERSION
    session_id: str = ""
    cwd: str | None = None
    model: str = ""
    last_ms: int = 0
    open_paths: dict[str, str] = msgspec.field(default_factory=dict)


_CARRIER: Final = Carrier(State, _VERSION)


class Pi:
    """Pi in the terminal, and what is built on it."""

    name = "pi"

    def roots(self, home: LogsHome) -> list[Path]:
        """The folders of sessions of Pi and of its descendant."""
        told = home.environment.get("PI_AGENT_DIR", "").strip() or home.environment.get(
            "PI_CODING_AGENT_DIR", ""
        )
        name = "PI_AGENT_DIR" if home.environment.get("PI_AGENT_DIR", "").strip() else "PI_CODING_AGENT_DIR"
        agent = moved(home, name) if told else home.folder / ".pi" / "agent"
        return [agent / "sessions", home.folder / ".omp" / "agent" / "sessions"]

    def files(self, home: LogsHome) -> Iterator[LogFile]:
        """Every session's file."""
        for path, _ in scan_logs(self.roots(home)):
            place = home.folder.__class__(path)
            stem, compressed = ending(place.name)
            yield LogFile(place, compressed, (stem or place.stem).rsplit("_", 1)[-1])

    def read(
        self, chunk: bytes, state: bytes, file: LogFile, base_offset: int, *, with_edits: bool = True
    ) -> tuple[Facts, bytes]:
        """Facts of one chunk of whole lines, and the state for the next chunk."""
        carried = _CARRIER.load(state)
        reading = _Reading(carried, file, with_edits=with_edits)
        for value, offset, length in objects(reading.into, chunk, base_offset):
            reading.entry(value, offset, length)
        return reading.into.finish(), _CARRIER.dump(carried)


class _Reading:
    """Reads entries into facts; ``state`` is changed on the way."""

    def __init__(self, state: State, file: LogFile, *, with_edits: bool) -> None:
        self.into = Gathering(with_edits=with_edits)
        self._state = state
        state.session_id = state.session_id or file.name_hint

    def entry(self, value: dict[str, Any], offset: int, length: int) -> None:
        """One entry of the tree."""
        state, kind = self._state, word(value.get("type"))
        at_ms = state.last_ms = moment_ms(value.get("timestamp")) or state.last_ms
        if kind == "session":
            state.session_id = text(value.get("id")) or state.session_id
            state.cwd = text(value.get("cwd")) or state.cwd
        if not at_ms or not state.session_id:
            return
        self.into.session(state.session_id, at_ms, cwd=state.cwd, title=text(value.get("name")))
        # A branch copied into a file of its own keeps the entries' names and instants.
        own = f"{value.get('id')}:{at_ms}"
        at = CallAt(own, state.session_id, at_ms, None, None, state.cwd)
        if kind == "message":
            self._message(record(value.get("message")), at, offset, length)
        elif kind == "compaction":
            before = count(value.get("tokensBefore"))
            self.into.compaction(CompactionSeen(own, at.session_id, at_ms, before, 0))
        elif kind == "model_change":
            state.model = text(value.get("modelId")) or state.model
        elif kind not in _KNOWN and kind != "session":
            self.into.unseen(kind)

    def _message(self, message: dict[str, Any], at: CallAt, offset: int, length: int) -> None:
        role = message.get("role")
        if role == "user":
            typed = "\n".join(texts_of(message.get("content")))
            if typed:
                self.into.prompt(PromptSeen(at.key, at.session_id, at.at_ms, typed, offset, length))
        elif role == "assistant":
            self._answer(message, at)
        elif role == "toolResult":
            self._result(message, at)

    def _answer(self, message: dict[str, Any], at: CallAt) -> None:
        used = record(message.get("usage"))
        counts = [count(used.get(name)) for name in ("input", "cacheRead", "cacheWrite", "output")]
        if any(counts):
            model = text(message.get("model")) or self._state.model or "unknown"
            fresh, read, written, output = counts
            self.into.request(
                RequestSeen(
                    *(at.key, at.session_id, at.at_ms, model_name(model), fresh, read, written, 0, output),
                    min(output, count(used.get("reasoning"))),
                    logged_cost_usd=amount(record(used.get("cost")).get("total")) or None,
                )
            )
        if message.get("stopReason") in ("aborted", "error"):
            kind = ErrorKind.ABORTED if message["stopReason"] == "aborted" else ErrorKind.API_ERROR
            about = (message["stopReason"], message.get("errorMessage"))
            self.into.error(at.key, at.session_id, at.at_ms, kind, about)
        known = self._state.open_paths
        known.update(tell_uses(self.into, at, message.get("content")))
        while len(known) > _MOST_OPEN:
            del known[next(iter(known))]

    def _result(self, message: dict[str, Any], at: CallAt) -> None:
        own = text(message.get("toolCallId"))
        if own is None:
            return
        call, status = at.keyed(f"{at.session_id}:{own}"), CallStatus.OK
        if message.get("isError") is True:
            said = "\n".join(texts_of(message.get("content")))
            # A command that exits non-zero is told as an error here.
            is_error = message.get("toolName") != "bash" or "exited with code" not in said
            status = status_of(said, is_error=is_error)
        tell_result(self.into, call, status, message.get("content"))
        path = self._state.open_paths.pop(call.key, None)
        if status is CallStatus.OK:
            tell_diff(self.into, call, path, record(message.get("details")).get("diff"))
