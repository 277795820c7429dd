"""Ollama: its access lines tell when and how long, its child's timing lines how many tokens.

A timing line has no clock of its own. It belongs to the access line that follows it and took at
least as long, or that came just before it, while the child had not told yet that it was done. An access
line without one is a request of which the log tells no tokens.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import TYPE_CHECKING, Any, Final

import msgspec

from tokencoach.sources.base import LogFile
from tokencoach.sources.carried import Carrier
from tokencoach.sources.decoding import UnreadableLineError, digest64
from tokencoach.sources.discovery import files_below, modified_ms
from tokencoach.sources.fields import objects_of, record
from tokencoach.sources.gathering import Gathering
from tokencoach.sources.instants import instant_ms, ms_of
from tokencoach.sources.llama_timings import (
    Loaded,
    TimingState,
    file_model,
    has_timing,
    is_blob,
    lines_of,
    take,
)
from tokencoach.sources.server_runs import Served, named_logs, tell

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tokencoach.sources.base import LogsHome
    from tokencoach.sources.llama_timings import Work
    from tokencoach.usage.facts import Facts

_VERSION: Final = 1
_MOST_WAITING: Final = 32
_MOST_PASSED: Final = 4
_SLACK_MS: Final = 50
_LONGEST_WAIT_MS: Final = 5000
_EMBEDDING: Final = ("/api/embed", "/api/embeddings", "/v1/embeddings")
_PATHS: Final = frozenset(
    {
        *_EMBEDDING,
        "/api/generate",
        "/api/chat",
        "/v1/chat/completions",
        "/v1/completions",
        "/v1/responses",
        "/v1/messages",
    }
)
_ACCESS: Final = re.compile(
    rb"\[GIN\] (\d{4})/(\d\d)/(\d\d) - (\d\d):(\d\d):(\d\d) \|\s*(\d{3}) \|\s*(\S{1,40}) \|\s*\S{1,60} \|\s*"
    rb'(\w{1,10})\s+"([^"]{1,200})"'
)
_STAMP: Final = re.compile(rb"\btime=(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?)(Z|[+-]\d\d:\d\d)")
_STARTED: Final = re.compile(rb'msg="Listening on [^"]{1,120}\(version ([^)"]{1,40})\)"')
_MODEL: Final = re.compile(rb"--model[ =](\S{1,1000})")
_NAMED: Final = re.compile(
    rb'msg="template selection" model=(?:registry\.ollama\.ai/(?:library/)?)?([^\s"]{1,300})'
)
_LONGEST_NAME: Final = 120
_SPAN: Final = re.compile(r"(\d+(?:\.\d+)?)(h|ms|µs|us|ns|m|s)")
_UNIT_MS: Final = {
    "h": 3_600_000.0,
    "m": 60_000.0,
    "s": 1000.0,
    "ms": 1.0,
    "µs": 1e-3,
    "us": 1e-3,
    "ns": 1e-6,
}


class Waiting(msgspec.Struct, array_like=True):
    """A request that the child has done and no access line has closed yet; ``seen_ms`` is the next stamp."""

    key: str
    model: str
    fresh: int
    cached: int
    output: int
    prompt_ms: float
    output_ms: float
    passed: int = 0
    seen_ms: int = 0


class Early(msgspec.Struct, array_like=True):
    """An access line while the child was at ``tasks``, one of which may be its request."""

    key: str
    at_ms: int
    spent: float
    model: str
    tasks: list[str]
    passed: int = 0
    seen_ms: int = 0


class OllamaState(msgspec.Struct):
    """What is carried from chunk to chunk of one log. ``zone`` is that of its last full stamp, in minutes.

    ``last`` are the requests told last, with their instants: of some a little more is told afterwards.
    """

    version: int = 0
    timing: TimingState = msgspec.field(default_factory=TimingState)
    waiting: list[Waiting] = msgspec.field(default_factory=list)
    early: list[Early] = msgspec.field(default_factory=list)
    last: dict[str, int] = msgspec.field(default_factory=dict)
    run: str = ""
    release: str = ""
    clock_ms: int = 0
    zone: int | None = None


_CARRIER: Final = Carrier(OllamaState, _VERSION)


class Ollama:
    """Ollama's server, by its own log files and by exports of the system's journal."""

    name = "ollama"

    def roots(self, home: LogsHome) -> list[Path]:
        """Where its application writes on each system, and where package managers lead its output."""
        local = home.environment.get("LOCALAPPDATA", "").strip()
        folders = [home.folder / ".ollama" / "logs", home.folder / "AppData" / "Local" / "Ollama"]
        return [*folders, *([home.folder / local / "Ollama"] if local else [])]

    def files(self, home: LogsHome) -> Iterator[LogFile]:
        """The server's log and the ones rotated away, exports of the journal, those that the settings name."""
        seen = set()
        for path in [*named_logs(home, self.name), *files_below(self.roots(home), _is_log, depth=1)]:
            if path not in seen:
                seen.add(path)
                yield LogFile(path, None, path.stem, modified_ms=modified_ms(path))

    def read(
        self,
        chunk: bytes,
        state: bytes,
        file: LogFile,
        base_offset: int,
        *,
        with_edits: bool = True,
    ) -> tuple[Facts, bytes]:
        """Facts of whole lines of a log, or of a journal as JSON."""
        into, carried = Gathering(with_edits=with_edits), _CARRIER.load(state)
        carried.version = _VERSION
        reading = _Reading(into, carried, file)
        for line, offset in lines_of(chunk, base_offset):
            if line[:1] == b"{":
                reading.entry(line, offset)
            else:
                reading.line(line)
        return into.finish(), _CARRIER.dump(carried)


def _is_log(name: str) -> bool:
    return name.startswith(("server", "ollama")) and name.endswith((".log", ".json", ".jsonl"))


class _Reading:
    def __init__(self, into: Gathering, state: OllamaState, file: LogFile) -> None:
        self._into = into
        self._state = state
        self._file = file

    def entry(self, line: bytes, offset: int) -> None:
        """An entry of the journal: its message is a line of the log, its stamp the clock."""
        try:
            (value, *_) = objects_of(line, self._into.odd)
        except UnreadableLineError as error:
            self._into.unread(offset, len(line), error)
            return
        stamp = str(record(value).get("__REALTIME_TIMESTAMP"))
        if stamp.isdecimal() and len(stamp) <= 17:
            self._state.clock_ms = int(stamp) // 1000
        message = message_of(record(value).get("MESSAGE"))
        for part in message.split(b"\n"):
            self.line(part)

    def line(self, line: bytes) -> None:
        """One line of the log."""
        state = self._state
        if access := _ACCESS.search(line):
            self._access(access)
        elif stamp := _STAMP.search(line):
            self._stamp(stamp)
            if started := _STARTED.search(line):
                self._flush()
                state.run, state.release = "", started[1].decode("utf-8", "replace")
            elif named := _NAMED.search(line):
                state.timing.model = named[1].decode("utf-8", "replace")[:_LONGEST_NAME]
            elif b"starting" in line and (model := _MODEL.search(line)):
                path = model[1].decode("utf-8", "replace").strip("\"'\\")
                name = file_model(path)
                state.timing.open.clear()
                state.timing.model = name[:19] if is_blob(name) else name
        elif has_timing(line):
            self._timing(line)

    def _timing(self, line: bytes) -> None:
        state = self._state
        before, open_before = state.timing.model, dict(state.timing.open)
        told = take(state.timing, line)
        if isinstance(told, Loaded):
            # The child names the blob that it loads; its own name is told a little later.
            state.timing.model = told.model[:19] if is_blob(told.model) else told.model or before
        elif told is not None:
            work = Waiting(told.key, state.timing.model, *told[1:6])
            if told.key in state.last:
                self._tell(work, state.last[told.key])
                return
            for place, other in enumerate(state.waiting):
                if other.key == told.key:
                    state.waiting[place] = work
                    return
            slot = state.timing.last_slot
            asked = self._asked_before(_task(slot, open_before.get(slot)), work)
            if asked is not None:
                state.early.remove(asked)
                self._tell(work, asked.at_ms)
                return
            state.waiting.append(work)
            if len(state.waiting) > _MOST_WAITING:
                self._tell(state.waiting.pop(0), state.clock_ms)

    def _stamp(self, stamp: re.Match[bytes]) -> None:
        zone = stamp[2].decode()
        hours, minutes = (0, 0) if zone == "Z" else (int(zone[1:3]), int(zone[4:6]))
        self._state.zone = (-1 if zone[0] == "-" else 1) * (hours * 60 + minutes)
        self._state.clock_ms = instant_ms(stamp[1].decode() + zone) or self._state.clock_ms
        self._give_up_waiting()

    def _give_up_waiting(self) -> None:
        """Tell what no access line came for: a server's access lines may be led elsewhere than its others."""
        state = self._state
        halves: list[Waiting | Early] = [*state.waiting, *state.early]
        for one in halves:
            one.seen_ms = one.seen_ms or state.clock_ms
        for work in [one for one in state.waiting if state.clock_ms - one.seen_ms > _LONGEST_WAIT_MS]:
            state.waiting.remove(work)
            self._tell(work, work.seen_ms)
        for asked in [one for one in state.early if state.clock_ms - one.seen_ms > _LONGEST_WAIT_MS]:
            state.early.remove(asked)
            self._tell_uncounted(asked)

    def _asked_before(self, task: str, work: Waiting) -> Early | None:
        """The access line that came just before the child told that a task was done."""
        spent = work.prompt_ms + work.output_ms - _SLACK_MS
        fitting = (one for one in self._state.early if task in one.tasks and spent <= one.spent)
        return next(fitting, None)

    def _pass(self) -> None:
        """Whatever waits for its other half has waited for one more line."""
        state = self._state
        for work in list(state.waiting):
            work.passed += 1
            if work.passed > _MOST_PASSED:
                state.waiting.remove(work)
                self._tell(work, state.clock_ms)
        for asked in list(state.early):
            asked.passed += 1
            if asked.passed > _MOST_PASSED:
                state.early.remove(asked)
                self._tell_uncounted(asked)

    def _access(self, access: re.Match[bytes]) -> None:
        at_ms = _local_ms(access, self._state.zone)
        spent = _spent_ms(access[8].decode("utf-8", "replace"))
        if at_ms is None or spent is None:
            return
        state = self._state
        state.clock_ms = at_ms
        path = access[10].decode("utf-8", "replace").split("?")[0].rstrip("/")
        if access[9] != b"POST" or path not in _PATHS:
            return
        fitting = [one for one in state.waiting if one.prompt_ms + one.output_ms <= spent + _SLACK_MS]
        # One request for many embeddings is many tasks of the child.
        closed = fitting if path in _EMBEDDING else fitting[:1]
        if not closed and access[7] == b"200":
            key = f"{digest64(access[0]) & 0xFFFFFFFFFFFFFFFF:016x}"
            under_way = [_task(*one) for one in state.timing.open.items() if not one[1].is_done]
            asked = Early(key, at_ms, spent, state.timing.model, under_way)
            if under_way and path not in _EMBEDDING:
                state.early.append(asked)
            else:
                self._tell_uncounted(asked)
        for work in closed:
            state.waiting.remove(work)
            self._tell(work, at_ms)
        self._pass()

    def _tell_uncounted(self, asked: Early) -> None:
        state = self._state
        unknown = Served(
            asked.key, asked.at_ms, asked.model, prompt_ms=0.0, output_ms=asked.spent, has_counts=False
        )
        state.run = tell(self._into, state.run, unknown, state.release)

    def _flush(self) -> None:
        for work in self._state.waiting:
            self._tell(work, self._state.clock_ms)
        self._state.waiting.clear()
        for asked in self._state.early:
            self._tell_uncounted(asked)
        self._state.early.clear()

    def _tell(self, work: Waiting, at_ms: int) -> None:
        state = self._state
        at_ms = at_ms or self._file.modified_ms
        if at_ms:
            counts = (work.fresh, work.cached, work.output, work.prompt_ms, work.output_ms)
            served = Served(work.key, at_ms, work.model, *counts)
            state.run = tell(self._into, state.run, served, state.release)
            state.last[work.key] = at_ms
            if len(state.last) > _MOST_PASSED:
                state.last.pop(next(iter(state.last)))


def _task(slot: str, work: Work | None) -> str:
    return f"{slot}:{work.task}" if work else ""


def is_of_use(line: bytes) -> bool:
    """Whether a line may tell of a request, of a model or of a start, and not of what was asked."""
    return bool(
        _ACCESS.search(line)
        or (has_timing(line) and b'"' not in line)
        or (_STAMP.search(line) and (_STARTED.search(line) or _MODEL.search(line) or _NAMED.search(line)))
    )


def message_of(told: Any) -> bytes:
    """The text of an entry of the journal, which writes what is no text as a list of bytes."""
    if isinstance(told, list) and all(type(byte) is int and 0 <= byte < 256 for byte in told):
        return bytes(told)
    return told.encode("utf-8", "replace") if isinstance(told, str) else b""


def _local_ms(access: re.Match[bytes], zone: int | None) -> int | None:
    """The instant of an access line: in the zone of the log's other lines, else in this computer's."""
    parts = [int(access[number]) for number in range(1, 7)]
    try:
        moment = datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]
        known: tzinfo | None = None if zone is None else timezone(timedelta(minutes=zone))
        return ms_of(moment.replace(tzinfo=known).astimezone(UTC))
    except (ValueError, OverflowError, OSError):
        return None


def _spent_ms(text: str) -> float | None:
    """A duration as Go prints it, in milliseconds."""
    found = _SPAN.findall(text)
    if not found or "".join(f"{number}{unit}" for number, unit in found) != text:
        return None
    return sum(float(number) * _UNIT_MS[unit] for number, unit in found)
