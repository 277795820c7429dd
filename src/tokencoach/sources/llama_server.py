"""llama.cpp's ``llama-server``: what its log says of each request, finished or cancelled."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import msgspec

from tokencoach import regular_files
from tokencoach.sources.base import LogFile
from tokencoach.sources.carried import Carrier
from tokencoach.sources.discovery import modified_ms
from tokencoach.sources.gathering import Gathering
from tokencoach.sources.instants import instant_ms
from tokencoach.sources.llama_timings import (
    Loaded,
    TimingState,
    elapsed_ms,
    file_model,
    has_timing,
    lines_of,
    take,
)
from tokencoach.sources.server_runs import LedLogs, Served, tell

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tokencoach.sources.base import LogsHome
    from tokencoach.usage.facts import Facts

_VERSION: Final = 2
_TAIL_BYTES: Final = 16_384
_MOST_CHILDREN: Final = 32
# What a container or the system's journal puts before each line.
_STAMP: Final = re.compile(
    rb"(?:(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d)) |[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d )"
    rb"(?:\S{1,80} \S{1,60}\[\d{1,9}\]: ?)?"
)
_CHILD: Final = re.compile(rb"\[(\d{2,5})\] ?")
_PROXIED: Final = re.compile(rb"proxying request to model (\S{1,200}) on port (\d{2,5})")
_OWN: Final = (
    ".llama-server",
    ".llama.cpp",
    ".llama-runner",
    ".cache/llama.cpp",
    ".cache/llama-server",
    ".local/share/llama.cpp",
    ".local/share/llama-server",
    ".local/state/llama.cpp",
    ".local/state/llama-server",
    "Library/Logs/llama.cpp",
    "Library/Logs/llama-server",
    "AppData/Local/llama.cpp",
    "llama.cpp/logs",
)
_SHARED: Final = ("", "logs", ".logs", "llama.cpp", "Library/Logs")


class Serving(msgspec.Struct):
    """One server: its requests under way, its run, how long after the log's first it began (-1: not known)."""

    timing: TimingState = msgspec.field(default_factory=TimingState)
    run: str = ""
    later_ms: int = -1


class ServerState(msgspec.Struct):
    """What is carried from chunk to chunk of one log: its servers, of which a router has one a model.

    The servers' names are their ports; the router itself, and a server without one, has none.
    """

    version: int = 0
    servers: dict[str, Serving] = msgspec.field(default_factory=dict)
    since_ms: int = 0


_CARRIER: Final = Carrier(ServerState, _VERSION)


class LlamaServer(LedLogs):
    """llama-server, wherever its output was led: to a file of its own, or by a shell."""

    name = "llama-server"
    own = _OWN
    shared = _SHARED
    word = "llama"
    variables = ("LLAMA_LOG_FILE", "LLAMA_ARG_LOG_FILE")

    def files(self, home: LogsHome) -> Iterator[LogFile]:
        """Every log, those that the settings or its own variables name first."""
        for path in self.paths(home):
            written = modified_ms(path)
            yield LogFile(path, None, path.stem, modified_ms=written, began_ms=_began_ms(path, written))

    def read(
        self,
        chunk: bytes,
        state: bytes,
        file: LogFile,
        base_offset: int,
        *,
        with_edits: bool = True,
    ) -> tuple[Facts, bytes]:
        """Facts of whole lines; of a log without a clock all requests have the file's own time."""
        into, carried = Gathering(with_edits=with_edits), _CARRIER.load(state)
        carried.version = _VERSION
        for line, _ in lines_of(chunk, base_offset):
            if has_timing(line) or b"proxying request" in line:
                _line(into, carried, line, file)
        return into.finish(), _CARRIER.dump(carried)


def _line(into: Gathering, state: ServerState, line: bytes, file: LogFile) -> None:
    stamp, port, line = _bare(line)
    since = elapsed_ms(line)
    server = _server(state, port, since)
    if not port and since is not None:
        state.since_ms = since
    if proxied := _PROXIED.search(line):
        model = proxied[1].decode("utf-8", "replace")
        _server(state, proxied[2].decode(), None).timing.model = file_model(model)
        return
    told = take(server.timing, line)
    if isinstance(told, Loaded):
        server.run = ""
    elif told is not None:
        at_ms = stamp or _since_began(file, server, since)
        is_timed = bool(at_ms)
        if not (at_ms := at_ms or file.modified_ms):
            return
        counts = (told.fresh, told.cached, told.output, told.prompt_ms, told.output_ms)
        served = Served(told.key, at_ms, server.timing.model, *counts, is_timed=is_timed)
        server.run = tell(into, server.run, served, server.timing.build)


def _bare(line: bytes) -> tuple[int, str, bytes]:
    """The instant that stands before a line, the port of the server that a router had it from, and the line."""
    at_ms = 0
    if stamp := _STAMP.match(line):
        at_ms = instant_ms(stamp[1].decode()) or 0 if stamp[1] else 0
        line = line[stamp.end() :]
    if child := _CHILD.match(line):
        return at_ms, child[1].decode(), line[child.end() :]
    return at_ms, "", line


def _server(state: ServerState, port: str, since: int | None) -> Serving:
    """The server at a port; a new one began when its router was as old as the router's last line says."""
    server = state.servers.get(port)
    if server is None:
        while len(state.servers) >= _MOST_CHILDREN:
            del state.servers[next(iter(state.servers))]
        server = state.servers[port] = Serving()
    if server.later_ms < 0 and since is not None:
        server.later_ms = max(0, state.since_ms - since) if port else 0
    return server


def _since_began(file: LogFile, server: Serving, since: int | None) -> int:
    if since is None or not file.began_ms:
        return 0
    return min(file.began_ms + server.later_ms + since, file.modified_ms or 1 << 62)


def _began_ms(path: Path, written_ms: int) -> int:
    """When the server began: the log's last line was written at ``written_ms``, and says how long after."""
    try:
        with regular_files.opened(path) as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - _TAIL_BYTES))
            lines = file.read(_TAIL_BYTES).split(b"\n")
    except OSError:
        return 0
    told = [
        (port, found)
        for _, port, line in map(_bare, reversed(lines))
        if (found := elapsed_ms(line)) is not None
    ]
    # A router's servers count from when they were started themselves.
    since = next((found for port, found in told if not port), told[0][1] if told else None)
    return max(0, written_ms - since) if since is not None else 0
