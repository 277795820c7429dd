"""Gemini CLI: one file a session, of messages that are written again as they fill."""

from __future__ import annotations

import contextlib
import os
import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Final

import msgspec

from tokencoach import regular_files
from tokencoach.sources.base import LogFile, LogsHome, Shape
from tokencoach.sources.carried import Carrier
from tokencoach.sources.discovery import ending, files_below, moved, scan_logs, told_in
from tokencoach.sources.fields import ANYTHING, first_text, items, moment_ms, record, records, text
from tokencoach.sources.file_tools import CallAt, tell_call, tell_change, tell_result
from tokencoach.sources.gathering import Gathering
from tokencoach.sources.gemini import tools as gemini_tools
from tokencoach.sources.gemini.records import LINES, Head
from tokencoach.sources.lines import objects_in, typed
from tokencoach.usage.facts import AgentSeen, CompactionSeen, PromptSeen, RequestSeen
from tokencoach.usage.words import CallStatus, ErrorKind

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tokencoach.sources.gemini.records import Call, Line, Message
    from tokencoach.sources.spans import Span
    from tokencoach.usage.facts import Facts

_INJECTED: Final = ("System: ", "<session_context>", "<hook_context>", "This is the Gemini CLI")
_WRITTEN: Final = re.compile(
    r"(?:wrote to new file|overwrote file|modified file): (/[^\n]+?)(?:\.(?=\s|$)| \()"
)
_SUMMARY: Final = "<state_snapshot>"
_VERSION: Final = 1


class State(msgspec.Struct, array_like=True):
    """Carried from chunk to chunk: whose file it is, the last instant in it and the tokens last sent.

    ``is_compacting`` holds from the summary of a compaction on, behind which the program writes anew what it keeps.
    """

    version: int = _VERSION
    session_id: str = ""
    agent: str | None = None
    last_ms: int = 0
    cwd: str | None = None
    is_compacting: bool = False
    last_sent: int = 0


_CARRIER: Final = Carrier(State, _VERSION)


class GeminiCli:
    """Gemini in the terminal."""

    name = "gemini-cli"

    def roots(self, home: LogsHome) -> list[Path]:
        """The folder of all projects' chats."""
        told = home.environment.get("GEMINI_CLI_HOME", "").strip()
        base = moved(home, "GEMINI_CLI_HOME") if told else home.folder
        return [base / ".gemini" / "tmp"]

    def files(self, home: LogsHome) -> Iterator[LogFile]:
        """Every session, and every sub-agent's; prompts alone (``logs.json``) are passed over."""
        for root in self.roots(home):
            folders = _folders_by_slug(root.parent)
            chats = [path / "chats" for path in _below(root)]
            for path, _ in scan_logs(chats):
                yield _log_file(root, path, folders, Shape.LINES)
            for found in files_below(chats, lambda name: name.endswith(".json")):
                yield _log_file(root, str(found), folders, Shape.DOCUMENT)

    def read(
        self, chunk: bytes, state: bytes, file: LogFile, base_offset: int, *, with_edits: bool = True
    ) -> tuple[Facts, bytes]:
        """Facts of whole lines, or of an older version's whole document."""
        carried = _CARRIER.load(state)
        reading = _Reading(carried, file, with_edits=with_edits)
        is_whole = file.shape is Shape.DOCUMENT
        start = 0 if is_whole else base_offset
        for value, offset, length in typed(reading.into, chunk, start, LINES, is_whole=is_whole):
            if not reading.take(value, offset, length):
                raw = chunk[offset - start : offset - start + length]
                for told, _, _ in objects_in(reading.into, raw, offset):
                    reading.into.unseen(",".join(sorted(told)[:3]))
        return reading.into.finish(), _CARRIER.dump(carried)


def _below(root: Path) -> list[Path]:
    try:
        with os.scandir(root) as listing:
            return sorted(root / entry.name for entry in listing)
    except OSError:
        return []


def _folders_by_slug(home: Path) -> dict[str, str]:
    """The projects' folders by the names of their chats' folders, as far as the tool notes them."""
    noted = told_in(home / "projects.json")
    pairs = record(record(noted).get("projects", noted))
    return {slug: folder for folder, slug in pairs.items() if isinstance(slug, str)}


def _log_file(root: Path, path: str, folders: dict[str, str], shape: Shape) -> LogFile:
    place = root.__class__(path)
    slug = place.relative_to(root).parts[0]
    cwd = folders.get(slug)
    with contextlib.suppress(OSError):
        cwd = regular_files.content(root / slug / ".project_root").decode("utf-8", "replace").strip() or cwd
    stem, compressed = ending(place.name)
    above = place.parent.name
    is_agent = above != "chats"
    return LogFile(place, compressed, above if is_agent else stem or place.stem, is_agent, shape, cwd)


class _Reading:
    """Reads messages into facts; ``state`` is changed on the way."""

    def __init__(self, state: State, file: LogFile, *, with_edits: bool) -> None:
        self.into = Gathering(with_edits=with_edits)
        self._state = state
        self._file = file
        self._last_told: tuple[object, ...] | None = None
        self._span: Span | None = None
        self._is_repeated = False
        state.cwd = state.cwd or file.cwd
        if not state.session_id:
            state.session_id = file.name_hint

    def take(self, value: Line, offset: int, length: int) -> bool:
        """One object: a message, a change of the head, a step back; whether it is one of them."""
        if (
            value.type is not msgspec.UNSET
            and value.change is value.rewound is value.session is msgspec.UNSET
        ):
            self._message(value, offset, length)
        elif value.change is not msgspec.UNSET:
            # A list that replaces the one before holds prompts that were told, and copies of them.
            self._is_repeated = True
            self._head(value.change or Head(), offset, length)
            self._state.is_compacting = self._is_repeated = False
        elif value.rewound is not msgspec.UNSET:
            self._rewound(value.rewound)
        elif value.session is not msgspec.UNSET or value.messages is not msgspec.UNSET:
            self._head(value, offset, length)
        else:
            return False
        return True

    def _rewound(self, target: object) -> None:
        """The person went back; what was said since was billed all the same."""
        state = self._state
        if self._touch(state.last_ms):
            key = f"{state.session_id}:rewind:{target}:{state.last_ms}"
            self.into.error(key, state.session_id, state.last_ms, ErrorKind.ROLLED_BACK, ("rewind", ""))

    def _head(self, value: Line | Head, offset: int, length: int) -> None:
        """What is said of the session, and all its messages in older files."""
        state = self._state
        own = text(value.session)
        if own and (self._file.is_agent or value.kind == "subagent"):
            state.agent = own
        elif own:
            state.session_id = own
        self._span = None
        for told in (value.began, value.updated):
            at_ms = moment_ms(told)
            if at_ms:
                state.last_ms = max(state.last_ms, at_ms)
                self._touch(at_ms, title=text(value.summary))
        for message in value.messages or ():
            self._message(message, offset, length)

    def _touch(self, at_ms: int, title: str | None = None) -> bool:
        state = self._state
        if not at_ms or not state.session_id:
            return False
        self._span = self.into.session(state.session_id, at_ms, cwd=state.cwd, title=title)
        if state.agent:
            self.into.agent(AgentSeen(state.agent, state.session_id, at_ms))
        return True

    def _message(self, value: Message, offset: int, length: int) -> None:
        state, key, span = self._state, value.id, self._span
        at_ms = state.last_ms = moment_ms(value.timestamp) or state.last_ms
        if span is not None and at_ms >= span.last_ms:
            span.last_ms = at_ms
        elif not self._touch(at_ms):
            return
        if not isinstance(key, str) or not key:
            return
        kind, key = value.type, f"{state.agent or state.session_id}:{key}"
        if kind == "gemini":
            self._answer(value, key, at_ms)
        elif kind == "user":
            self._prompt(value, key, at_ms, (offset, length))
        elif kind == "error":
            about = ("error", self._content(value))
            self.into.error(key, state.session_id, at_ms, ErrorKind.API_ERROR, about)
        elif kind == "info":
            if "request cancelled" in str(self._content(value)).lower():
                about = ("cancelled", "")
                self.into.error(key, state.session_id, at_ms, ErrorKind.ABORTED, about)
        elif kind not in ("warning", "model", "system"):
            self.into.unseen(f"message/{None if kind is msgspec.UNSET else kind}")

    def _content(self, value: Message) -> Any:
        return ANYTHING.decode_or(value.content, None, self.into.odd, "content")

    def _prompt(self, value: Message, key: str, at_ms: int, place: tuple[int, int]) -> None:
        state = self._state
        if state.agent or self._is_repeated:
            return
        content = ANYTHING.decode_or(value.typed, None, self.into.odd, "displayContent") or self._content(
            value
        )
        parts = [content] if isinstance(content, str) else [part.get("text") for part in records(content)]
        typed = "\n".join(part for part in parts if isinstance(part, str) and part.strip())
        if _SUMMARY in typed and not state.is_compacting:
            state.is_compacting = True
            self.into.compaction(CompactionSeen(key, state.session_id, at_ms, state.last_sent, 0))
        if typed and not state.is_compacting and not typed.startswith(_INJECTED):
            self.into.prompt(PromptSeen(key, state.session_id, at_ms, typed, *place))

    def _answer(self, value: Message, key: str, at_ms: int) -> None:
        state, told = self._state, (key, at_ms, value.model, value.tokens)
        # An answer is written again with its calls, and tells the same tokens.
        if told != self._last_told:
            self._last_told = told
            counted = gemini_tools.tokens(value.tokens) if value.tokens else None
            if counted is not None:
                model = text(value.model) or "unknown"
                agent, state.is_compacting = state.agent, False
                state.last_sent = counted.input + counted.cache_read
                self.into.request(
                    RequestSeen(
                        *(key, state.session_id, at_ms, model, *counted),
                        agent=agent,
                        is_sidechain=agent is not None,
                    )
                )
        for call in value.calls or ():
            self._call(call, key, at_ms)

    def _call(self, call: Call, request_key: str, asked_ms: int) -> None:
        state, into = self._state, self.into
        name, own = text(call.name), text(call.id)
        if name is None or own is None:
            return
        arguments = record(ANYTHING.decode_or(call.args, None, into.odd, "args"))
        self._learn_folder(call, arguments)
        if not into.with_edits:
            return
        key = f"{state.agent or state.session_id}:{own}"
        at = CallAt(key, state.session_id, asked_ms, request_key, state.agent, state.cwd)
        tell_call(into, at, name, arguments, gemini_tools.TOOLS)
        status = gemini_tools.status_of(call.status)
        if status is None:
            return
        is_shell = name in gemini_tools.TOOLS.shells
        code = gemini_tools.exit_code(call.result, into.odd) if is_shell else None
        done_ms = moment_ms(call.timestamp) or asked_ms
        ended = at if done_ms <= asked_ms else at.ended(done_ms)
        tell_result(into, ended, status, call.result, text(call.agent), exit_code=code)
        if name in gemini_tools.TOOLS.edits and status is CallStatus.OK:
            files, is_human_modified = gemini_tools.changed(call.shown, at, arguments, into.odd)
            tell_change(into, at, files, is_human_modified=is_human_modified)

    def _learn_folder(self, call: Call, arguments: dict[str, Any]) -> None:
        """The working folder, where the tool's answer names the whole path of a relative one."""
        if self._state.cwd:
            return
        asked = first_text(arguments, "file_path", "absolute_path", "path")
        if not asked or asked.startswith("/"):
            return
        for item in items(ANYTHING.decode_or(call.result, None, self.into.odd, "result")):
            answered = record(record(record(item).get("functionResponse")).get("response")).get("output")
            if not isinstance(answered, str) or f"/{asked}" not in answered:
                continue
            found = _WRITTEN.search(answered)
            if found and found[1].endswith("/" + asked):
                self._state.cwd = str(PurePosixPath(found[1][: -len(asked)]))
                self._span = None
                self.into.session(self._state.session_id, self._state.last_ms, cwd=self._state.cwd)
