"""Pi: a file a session, whose entries are a tree; branches given up were billed all the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from tokencoach.sources.base import LogFile, LogsHome
from tokencoach.sources.blocks import TOOLS, USES, Block, status_of, tell_diff, tell_use_in
from tokencoach.sources.call_names import Named, call_key, result_key
from tokencoach.sources.carried import Carrier
from tokencoach.sources.decoding import TolerantDecoder
from tokencoach.sources.discovery import ending, folder_told, moved, scan_logs
from tokencoach.sources.fields import ANYTHING, amount, count, model_name, moment_ms, record, text, word
from tokencoach.sources.file_tools import CallAt, tell_call, tell_change, tell_result
from tokencoach.sources.gathering import Gathering
from tokencoach.sources.lines import typed
from tokencoach.sources.pi_edits import DETAILS, changes
from tokencoach.usage.facts import AgentSeen, CompactionSeen, PromptSeen, RequestSeen
from tokencoach.usage.words import CallStatus, ErrorKind

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tokencoach.sources.spans import Span
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
        *("custom", "custom_message", "session_info", "system_prompt", "tools_change", "context_edit"),
        *("title", "title_change", "service_tier_change", "credential_pin", "session_init", "mode_change"),
        *("reset_boundary", "ttsr_injection"),
    }
)
_MOST_OPEN: Final = 64
_CODE: Final = b"Command exited with code "
_LAST: Final = 40
_VERSION: Final = 1


class State(msgspec.Struct, array_like=True):
    """Carried from chunk to chunk: the session, and the paths of edits without a result.

    ``parent`` is the session that this one is a branch of: what is older than ``began_ms`` was copied from it.
    """

    version: int = _VERSION
    session_id: str = ""
    cwd: str | None = None
    model: str = ""
    last_ms: int = 0
    open_paths: dict[str, str] = msgspec.field(default_factory=dict)
    calls: Named = msgspec.field(default_factory=dict)
    parent: str = ""
    began_ms: int = 0


_CARRIER: Final = Carrier(State, _VERSION)


class Usage(msgspec.Struct, frozen=True):
    """The tokens of an answer, and its price; what is kept for an hour is a part of what was written."""

    input: Any = 0
    output: Any = 0
    reasoning: Any = 0
    thought: Any = msgspec.field(default=0, name="reasoningTokens")
    cost: Any = None
    read: Any = msgspec.field(default=0, name="cacheRead")
    written: Any = msgspec.field(default=0, name="cacheWrite")
    for_an_hour: Any = msgspec.field(default=0, name="cacheWrite1h")


class Said(Block, frozen=True):
    """A block, whose text is decoded where it is read."""

    text: msgspec.Raw = msgspec.Raw()


class NestedCall(msgspec.Struct, frozen=True):
    """A call that a tool made of another, as a script of the model's does."""

    id: Any = None
    name: Any = None
    arguments: Any = None
    status: Any = None
    error: Any = None


class Nested(msgspec.Struct, frozen=True):
    """The calls that a tool made."""

    calls: list[NestedCall] | None = None


class Message(msgspec.Struct, frozen=True):
    """A prompt, an answer or a result."""

    role: Any = None
    content: list[Said] | str | None = None
    model: Any = None
    usage: Usage | None = None
    stop: Any = msgspec.field(default=None, name="stopReason")
    error: Any = msgspec.field(default=None, name="errorMessage")
    call: Any = msgspec.field(default=None, name="toolCallId")
    tool: Any = msgspec.field(default=None, name="toolName")
    is_error: Any = msgspec.field(default=None, name="isError")
    said_by: Any = msgspec.field(default=None, name="attribution")
    details: msgspec.Raw = msgspec.Raw(b"null")
    nested: Nested | None = msgspec.field(default=None, name="nestedCalls")


class Entry(msgspec.Struct, frozen=True):
    """One entry of the tree."""

    type: Any = None
    id: Any = None
    timestamp: Any = None
    cwd: Any = None
    name: Any = None
    message: Message | None = None
    model: Any = msgspec.field(default=None, name="modelId")
    usage: Usage | None = None
    used: Any = msgspec.field(default=None, name="model")
    before: Any = msgspec.field(default=0, name="tokensBefore")
    after: Any = msgspec.field(default=0, name="tokensAfter")
    title: Any = None
    parent: Any = msgspec.field(default=None, name="parentSession")


_ENTRIES: Final[TolerantDecoder[Entry]] = TolerantDecoder(Entry)


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
        descendant = moved(home, "PI_CONFIG_DIR", ".omp")
        return [
            agent / "sessions",
            *_sessions_elsewhere(home, agent),
            home.folder / descendant / "agent" / "sessions",
            *(profile / "agent" / "sessions" for profile in _profiles(home.folder / descendant)),
            *_shared(home),
        ]

    def files(self, home: LogsHome) -> Iterator[LogFile]:
        """Every session's file."""
        logs = [home.folder.__class__(path) for path, _ in scan_logs(self.roots(home))]
        stems = {place.with_name(ending(place.name)[0] or place.stem) for place in logs}
        for place in logs:
            stem, compressed = ending(place.name)
            above = _above(place, stems)
            session = (above or stem or place.stem).rsplit("_", 1)[-1]
            yield LogFile(place, compressed, f"{session}/{stem}" if above else session, bool(above))

    def read(
        self, chunk: bytes, state: bytes, file: LogFile, base_offset: int, *, with_edits: bool = True
    ) -> tuple[Facts, bytes]:
        """Facts of one chunk of whole lines, and the state for the next chunk."""
        carried = _CARRIER.load(state)
        reading = _Reading(carried, file, with_edits=with_edits)
        for value, offset, length in typed(reading.into, chunk, base_offset, _ENTRIES):
            reading.entry(value, offset, length)
        return reading.into.finish(), _CARRIER.dump(carried)


def _sessions_elsewhere(home: LogsHome, agent: Path) -> Iterator[Path]:
    """The folders of sessions that a variable or Pi's settings name; one that depends on where Pi ran is not known."""
    if home.environment.get("PI_CODING_AGENT_SESSION_DIR", "").strip():
        yield moved(home, "PI_CODING_AGENT_SESSION_DIR")
    told = folder_told(home, agent / "settings.json", "sessionDir")
    if told is not None:
        yield told


def _shared(home: LogsHome) -> Iterator[Path]:
    """The descendant's sessions where its person had its data moved to the desktop's folder."""
    if home.environment.get("XDG_DATA_HOME", "").strip():
        data = moved(home, "XDG_DATA_HOME") / "omp"
        yield data / "sessions"
        yield from (profile / "sessions" for profile in _profiles(data))


def _profiles(folder: Path) -> list[Path]:
    """The folders of the descendant's profiles."""
    try:
        return sorted((folder / "profiles").iterdir())
    except OSError:
        return []


def _above(place: Path, stems: set[Path]) -> str:
    """The session whose sub-agent a log is of: what a session makes lies in a folder named like its log."""
    found = ""
    for folder in place.parents:
        if folder not in stems:
            break
        found = folder.name
    return found


def _branched_from(log: object) -> str:
    """The session that a branch names by its log."""
    name = (text(log) or "").replace("\\", "/").rsplit("/", 1)[-1]
    return (ending(name)[0] or name).rsplit("_", 1)[-1]


def _exit_code(said: bytes) -> int | None:
    """The code that an answer of a shell ends with; nothing is said of a command that ended well."""
    at = said.rfind(_CODE, -_LAST)
    found = said[at + len(_CODE) :].rstrip(b'"') if at >= 0 else b""
    return int(found) if found.isdigit() and len(found) < _LAST - len(_CODE) else None


class _Reading:
    """Reads entries into facts; ``state`` is changed on the way."""

    def __init__(self, state: State, file: LogFile, *, with_edits: bool) -> None:
        self.into = Gathering(with_edits=with_edits)
        self._state = state
        self._span: Span | None = None
        self._agent: str | None = None
        if file.is_agent:
            state.session_id, _, self._agent = file.name_hint.partition("/")
        state.session_id = state.session_id or file.name_hint

    def entry(self, value: Entry, offset: int, length: int) -> None:
        """One entry of the tree."""
        state, kind = self._state, value.type
        at_ms = state.last_ms = moment_ms(value.timestamp) or state.last_ms
        if kind == "session":
            if self._agent is None:
                state.session_id = text(value.id) or state.session_id
                state.parent, state.began_ms = _branched_from(value.parent), at_ms
            state.cwd = text(value.cwd) or state.cwd
            self._span = None
        if not at_ms or not state.session_id:
            return
        self._touch(value, at_ms)
        # A branch copied into a file of its own keeps the entries' names and instants.
        own = f"{value.id}:{at_ms}"
        if kind == "message":
            if value.message is not None:
                self._message(value.message, own, at_ms, (offset, length))
        elif kind == "compaction":
            seen = CompactionSeen(own, state.session_id, at_ms, count(value.before), count(value.after))
            self.into.compaction(seen)
            self._counted(value.usage, None, own, at_ms)
        elif kind in ("branch_summary", "usage", "model_usage"):
            # What keeps a cache warm and what sums up a branch is billed, and stands in no answer.
            self._counted(value.usage, value.used, own, at_ms)
        elif kind == "model_change":
            state.model = text(value.model) or text(value.used) or state.model
        elif kind != "session" and word(kind) not in _KNOWN:
            self.into.unseen(word(kind))

    def _touch(self, value: Entry, at_ms: int) -> None:
        """The session, which a sub-agent's log is a part of, at the instant of an entry."""
        state = self._state
        span = self._span
        named = text(value.name) or text(value.title) if self._agent is None else None
        if span is None or named or at_ms < span.last_ms:
            self._span = self.into.session(state.session_id, at_ms, cwd=state.cwd, title=named)
        else:
            span.last_ms = at_ms
        if self._agent is not None:
            self.into.agent(AgentSeen(self._agent, state.session_id, at_ms))

    def _message(self, message: Message, own: str, at_ms: int, place: tuple[int, int]) -> None:
        role = message.role
        if role == "assistant":
            self._answer(message, own, at_ms)
        elif role == "toolResult":
            self._result(message, at_ms)
            if message.usage is not None:
                # Models that the tool itself asked; which, it does not say.
                self._counted(message.usage, "unknown", own, at_ms)
        elif role == "user" and self._agent is None and message.said_by != "agent":
            typed = self._texts(message.content)
            if typed:
                self.into.prompt(PromptSeen(own, self._state.session_id, at_ms, typed, *place))

    def _answer(self, message: Message, own: str, at_ms: int) -> None:
        self._counted(message.usage, message.model, own, at_ms)
        if message.stop in ("aborted", "error"):
            kind = ErrorKind.ABORTED if message.stop == "aborted" else ErrorKind.API_ERROR
            self.into.error(own, self._state.session_id, at_ms, kind, (message.stop, message.error))
        if self.into.with_edits and isinstance(message.content, list):
            self._uses(message.content, own, at_ms)

    def _counted(self, used: Usage | None, named: object, own: str, at_ms: int) -> None:
        """A request by its tokens."""
        if used is None:
            return
        fresh, read = count(used.input), count(used.read)
        written, output = count(used.written), count(used.output)
        if fresh or read or written or output:
            model = model_name(text(named) or self._state.model or "unknown")
            cost = amount(used.cost.get("total")) if type(used.cost) is dict else None
            for_an_hour = min(written, count(used.for_an_hour))
            self.into.request(
                RequestSeen(
                    own, self._state.session_id, at_ms, model, fresh, read, written - for_an_hour, for_an_hour,
                    output, min(output, count(used.reasoning) or count(used.thought)), self._agent,
                    is_sidechain=self._agent is not None, logged_cost_usd=cost or None,
                )
            )  # fmt: skip

    def _whose(self, at_ms: int) -> str:
        """The session that a call of that instant is named by: a branch keeps the instants of what it copied."""
        state = self._state
        return state.parent if state.parent and at_ms < state.began_ms else state.session_id

    def _uses(self, blocks: list[Said], request_key: str, at_ms: int) -> None:
        state, known = self._state, self._state.open_paths
        for block in blocks:
            if block.type not in USES:
                continue
            own = block.id or block.call
            if not isinstance(own, str):
                continue
            key = call_key(state.calls, self._whose(at_ms), request_key, own)
            at = CallAt(key, state.session_id, at_ms, request_key, self._agent, state.cwd)
            if path := tell_use_in(self.into, at, block):
                known[key] = path
        while len(known) > _MOST_OPEN:
            del known[next(iter(known))]

    def _result(self, message: Message, at_ms: int) -> None:
        state, own = self._state, text(message.call)
        if own is None or not self.into.with_edits:
            return
        key = result_key(state.calls, self._whose(at_ms), own)
        call = CallAt(key, state.session_id, at_ms, None, self._agent, state.cwd)
        status = CallStatus.OK
        if message.is_error is True:
            said = self._texts(message.content)
            # A command that exits non-zero is told as an error here.
            is_error = message.tool != "bash" or "exited with code" not in said
            status = status_of(said, is_error=is_error)
        told = message.content
        blocks = [bytes(block.text) for block in told] if isinstance(told, list) else []
        answer = msgspec.Raw(b"".join(blocks)) if blocks else told
        code = _exit_code(blocks[-1]) if blocks and message.tool == "bash" else None
        tell_result(self.into, call, status, answer, exit_code=code)
        path = state.open_paths.pop(call.key, None)
        if status is CallStatus.OK and (path or message.tool in TOOLS.edits):
            details = DETAILS.decode_or(message.details, None, self.into.odd, "details")
            if details is not None:
                tell_diff(self.into, call, path, details.diff)
                tell_change(self.into, call, changes(details, state.cwd))
        for nested in (message.nested.calls if message.nested else None) or ():
            self._nested(nested, call)

    def _nested(self, nested: NestedCall, caller: CallAt) -> None:
        """A call that a script made, and how it ended."""
        own, name = text(nested.id), text(nested.name)
        if own is None or name is None:
            return
        at = caller.keyed(f"{self._whose(caller.at_ms)}:{own}")
        tell_call(self.into, at, name, record(nested.arguments), TOOLS)
        is_over = nested.status != "unfinished"
        status = status_of(str(nested.error or ""), is_error=nested.status != "ok")
        tell_result(self.into, at, status if is_over else CallStatus.INTERRUPTED)

    def _texts(self, content: list[Said] | str | None) -> str:
        """What a message says."""
        if not isinstance(content, list):
            return content or ""
        told = (
            ANYTHING.decode_or(block.text, None, self.into.odd, "text")
            for block in content
            if block.type in (None, "text")
        )
        return "\n".join(words for words in told if isinstance(words, str) and words)
