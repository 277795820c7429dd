"""Aider: a Markdown chat history in each repository, told line by line.

Only the start of a chat has an instant, in local time without a zone; what follows is dated a
millisecond a line after it, which keeps the order. Tokens are rounded by the tool itself.
"""

from __future__ import annotations

import os
import re
import time
from collections import deque
from datetime import datetime
from typing import TYPE_CHECKING, Final

from tokencoach import regular_files
from tokencoach.sources.aider.clones import cloned_ms
from tokencoach.sources.aider.edits import Answer
from tokencoach.sources.aider.state import State, dump, load
from tokencoach.sources.base import LogFile, LogsHome
from tokencoach.sources.decoding import digest64
from tokencoach.sources.fields import model_name
from tokencoach.sources.file_tools import CallAt, tell_change, tell_result
from tokencoach.sources.gathering import Gathering
from tokencoach.sources.instants import ms_of
from tokencoach.usage.facts import PromptSeen, RequestSeen, ToolCallSeen
from tokencoach.usage.words import CallStatus, ErrorKind, ToolKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from tokencoach.usage.facts import Facts

HISTORY: Final = ".aider.chat.history.md"

_START: Final = re.compile(r"# aider chat started at (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)\s*$")
_TOKENS: Final = re.compile(r"> Tokens: .*\breceived\b")
_COUNTED: Final = re.compile(r"([\d.,]+)([kM]?) (sent|cache write|cache hit|received)\b")
_COST: Final = re.compile(r"Cost: \$([\d.]+) message")
_MODEL: Final = re.compile(r"> (?:Main model|Model): (\S+) with ")
_APPLIED: Final = re.compile(r"> Applied edit to (.+?)\s*$")
_COMMIT: Final = re.compile(r"> Commit ([0-9a-f]{7,40}) ")
_API_ERROR: Final = re.compile(r"> litellm\.(\w+):")
_VERSION: Final = re.compile(r"> Aider v(\S+)")
_UNMATCHED: Final = ("> The LLM did not conform", "> Only 3 reflections allowed")
_ASKING: Final = ("/ask ", "/code ", "/architect ", "/chat-mode ")
# How often each stands in what was sent.
_TIMES: Final = {"sent": 1, "cache write": 2, "cache hit": 1, "received": 0}
_SCALE: Final = {"": 1, "k": 1000, "M": 1_000_000}
# Less holds little but an instant, which two programs may share; it stays the same while a history grows.
_HEAD_BYTES: Final = 256
_SKIPPED: Final = frozenset({"node_modules", "Library", "AppData", "venv", "__pycache__", "snap"})
_DEEPEST, _MOST_FOLDERS, _KEPT_S = 5, 2000, 300.0


class Aider:
    """Aider in the terminal."""

    name = "aider"

    def __init__(self) -> None:
        self._found: dict[Path, tuple[float, dict[Path, tuple[str, int]]]] = {}

    def roots(self, home: LogsHome) -> list[Path]:
        """The home folder: each repository holds its own history."""
        return [home.folder]

    def watched(self, home: LogsHome) -> list[Path]:  # noqa: ARG002 - part of the protocol
        """None: a history lies in the middle of a repository."""
        return []

    def files(self, home: LogsHome) -> Iterator[LogFile]:
        """The histories in folders below the home folder, looked for every few minutes."""
        told = home.environment.get("AIDER_CHAT_HISTORY_FILE", "").strip()
        places = [home.folder.__class__(told)] if os.path.isabs(told) else []  # noqa: PTH117 - a text
        last, found = self._found.get(home.folder, (0.0, {}))
        if time.monotonic() - last > _KEPT_S or not last:
            names = _told_apart(_histories(home.folder))
            found = {path: (name, cloned_ms(path)) for path, name in names.items()}
            self._found[home.folder] = (time.monotonic(), found)
        for path in dict.fromkeys([*places, *found]):
            if path.is_file():
                name, since_ms = found.get(path) or (path.parent.name, cloned_ms(path))
                yield LogFile(path, None, name, cwd=str(path.parent), since_ms=since_ms)

    def read(
        self, chunk: bytes, state: bytes, file: LogFile, base_offset: int, *, with_edits: bool = True
    ) -> tuple[Facts, bytes]:
        """Facts of one chunk of whole lines, and the state for the next chunk."""
        carried = load(state)
        reading = _Reading(carried, file, with_edits=with_edits)
        offset = base_offset
        for line in chunk.splitlines(keepends=True):
            reading.line(line.decode("utf-8", "replace").rstrip("\r\n"), offset, len(line))
            offset += len(line)
        return reading.into.finish(), dump(carried)


def _histories(home: Path) -> Iterator[Path]:
    """Breadth first, so that a home of very many folders is looked at as far as it is worth."""
    waiting = deque([(str(home), 0)])
    for _ in range(_MOST_FOLDERS):
        if not waiting:
            return
        folder, depth = waiting.popleft()
        try:
            with os.scandir(folder) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except OSError:
            continue
        names = {entry.name for entry in entries}
        if HISTORY in names:
            yield home.__class__(folder) / HISTORY
        if depth >= _DEEPEST or ".git" in names:
            continue
        for entry in entries:
            if entry.name[0] != "." and entry.name not in _SKIPPED and entry.is_dir(follow_symlinks=False):
                waiting.append((entry.path, depth + 1))


def _told_apart(histories: Iterable[Path]) -> dict[Path, str]:
    """The name by which sessions of each history are told apart: its folder's, or of a copy that of the first.

    A folder that was copied, or cloned with its history, goes on under the name of what it began as.
    """
    begun: dict[bytes, str] = {}
    names = {}
    for path in histories:
        try:
            head = regular_files.head(path, _HEAD_BYTES)
        except OSError:
            continue
        is_told = len(head) == _HEAD_BYTES
        names[path] = begun.setdefault(head, path.parent.name) if is_told else path.parent.name
    return names


class _Reading:
    """Reads lines into facts; ``state`` is changed on the way."""

    def __init__(self, state: State, file: LogFile, *, with_edits: bool) -> None:
        self.into = Gathering(with_edits=with_edits)
        self._state = state
        self._folder = file.cwd or str(file.path.parent)
        self._named = file.name_hint or re.split(r"[\\/]", self._folder.rstrip("\\/"))[-1]
        self._since_ms = file.since_ms
        self._answer = Answer(state)

    def line(self, line: str, offset: int, length: int) -> None:
        """One line of the history."""
        state = self._state
        started = _START.match(line)
        if started:
            self._give_up()
            self._start(started[1])
            return
        if not state.session_id:
            return
        state.lines += 1
        # The model's own headings lack the two blanks that end every line of the program's.
        if line.startswith("#### ") and line.endswith("  "):
            self._prompt(line[5:].strip(), offset, length)
            return
        self._close_prompt()
        if line.startswith("> ") and (not self._answer.is_inside or _TOKENS.match(line)):
            self._said(line)
        else:
            self._answer.take(line)

    @property
    def _at_ms(self) -> int:
        return self._state.started_ms + self._state.lines

    def _start(self, told: str) -> None:
        state = self._state
        try:
            # Written without a zone, in that of the computer.
            started_ms = ms_of(datetime.strptime(told, "%Y-%m-%d %H:%M:%S").astimezone())
        except (ValueError, OverflowError, OSError):
            return
        if started_ms is None:
            return
        name = f"{self._named}@{told.replace(' ', 'T')}"
        if started_ms < self._since_ms:
            state.session_id = ""
            return
        state.again = state.again + 1 if name == state.name else 1
        state.name = name
        state.session_id = name if state.again == 1 else f"{name}#{state.again}"
        state.started_ms = started_ms
        state.lines = state.requests = state.prompts = state.edits = 0
        state.request_key = ""
        self.into.session(state.session_id, started_ms, cwd=self._folder)

    def _prompt(self, typed: str, offset: int, length: int) -> None:
        """A line of a prompt; lines that follow each other are one."""
        state = self._state
        if not state.prompt:
            self._give_up()
            state.prompt_at = (self._at_ms, offset, length)
        state.prompt = f"{state.prompt}\n{typed}" if state.prompt else typed or " "

    def _close_prompt(self) -> None:
        state = self._state
        if not state.prompt:
            return
        typed, (at_ms, offset, length) = state.prompt.strip(), state.prompt_at
        state.prompt = ""
        self.into.session(state.session_id, at_ms)
        if typed.startswith("/undo"):
            key = f"{state.session_id}:undo:{at_ms}"
            self.into.error(key, state.session_id, at_ms, ErrorKind.ROLLED_BACK, ("undo", ""))
        is_command = typed.startswith(("/", "!")) and not typed.startswith(_ASKING)
        if typed and not is_command:
            state.prompts += 1
            key = f"{state.session_id}:p{state.prompts}"
            self.into.prompt(PromptSeen(key, state.session_id, at_ms, typed, offset, length))

    def _said(self, line: str) -> None:
        """What the program itself says."""
        state = self._state
        if _TOKENS.match(line):
            self._request(line)
        elif found := _APPLIED.match(line):
            self._applied(found[1])
        elif found := _MODEL.match(line):
            state.model = model_name(found[1])
        elif found := _COMMIT.match(line):
            self.into.session(state.session_id, self._at_ms, git_commit=found[1])
        elif found := _VERSION.match(line):
            self.into.session(state.session_id, self._at_ms, version=found[1])
        elif line.startswith(_UNMATCHED):
            self._give_up()
        else:
            self._failure(line)

    def _failure(self, line: str) -> None:
        session, at_ms = self._state.session_id, self._at_ms
        key = f"{session}:{at_ms}"
        if found := _API_ERROR.match(line):
            about = (found[1], line[2:].strip())
            self.into.error(key, session, at_ms, ErrorKind.API_ERROR, about)
        elif line.startswith("> Retrying in "):
            self.into.error(key, session, at_ms, ErrorKind.RETRY, ("retry", line[2:].strip()))
        elif line.startswith(("> ^C", "> KeyboardInterrupt")):
            self.into.error(key, session, at_ms, ErrorKind.ABORTED, ("interrupted", ""))

    def _request(self, line: str) -> None:
        state = self._state
        counted = _COUNTED.findall(line)
        told = {name: _number(digits, scale) for digits, scale, name in counted}
        off = sum(_TIMES[name] * _rounded_by(digits, scale) for digits, scale, name in counted)
        read, written = told.get("cache hit", 0), told.get("cache write", 0)
        cost = _COST.search(line)
        self._answer.close()
        state.requests += 1
        state.request_key = f"{state.session_id}:r{state.requests}"
        self.into.session(state.session_id, self._at_ms)
        self.into.request(
            RequestSeen(
                key=state.request_key,
                session_id=state.session_id,
                at_ms=self._at_ms,
                model=state.model or "unknown",
                input=_fresh(told.get("sent", 0), read, written, off),
                cache_read=read,
                cache_write_5m=written,
                cache_write_1h=0,
                output=told.get("received", 0),
                reasoning=0,
                logged_cost_usd=float(cost[1]) if cost and cost[1].count(".") <= 1 else None,
            )
        )

    def _applied(self, path: str) -> None:
        file = self._answer.applied(path, self._folder)
        if file is None:
            return
        at = self._call(path)
        tell_result(self.into, at, CallStatus.OK)
        tell_change(self.into, at, [file])

    def _give_up(self) -> None:
        """What the model proposed and nothing said was applied."""
        self._answer.close()
        for file in self._answer.left(self._folder):
            at = self._call(file.path)
            tell_result(self.into, at, CallStatus.FAILED)
            tell_change(self.into, at, [file])

    def _call(self, path: str) -> CallAt:
        state = self._state
        state.edits += 1
        at = CallAt(
            f"{state.session_id}:e{state.edits}",
            state.session_id,
            self._at_ms,
            state.request_key or None,
            cwd=self._folder,
        )
        digest = digest64(f"{path}\0{at.key}".encode())
        self.into.call(
            ToolCallSeen(
                at.key,
                state.request_key,
                at.session_id,
                at.at_ms,
                "edit",
                digest,
                is_edit=True,
                kind=ToolKind.EDIT,
            )
        )
        return at


def _fresh(sent: int, read: int, written: int, off: float) -> int:
    """What of the tokens that were sent came from no cache and went into none; ``off`` is the rounding of all.

    Today what is written to a cache is a part of what the library below Aider counts, and Aider adds it once
    more; versions before counted it once, and the first of them left out what was read.
    """
    for times in (2, 1):
        if sent - times * written - read >= -off:
            return max(0, sent - times * written - read)
    return max(0, sent - written)


def _rounded_by(digits: str, scale: str) -> float:
    """By how much a rounded number may differ from what was counted."""
    return _SCALE[scale] / (20 if "." in digits else 2) if scale else 0


def _number(digits: str, scale: str) -> int:
    try:
        return round(float(digits.replace(",", "")) * _SCALE[scale])
    except (ValueError, OverflowError):
        return 0
