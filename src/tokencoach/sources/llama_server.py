"""llama.cpp's ``llama-server``: what its log says of each request, finished or cancelled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from tokencoach.sources.base import LogFile
from tokencoach.sources.carried import Carrier
from tokencoach.sources.discovery import modified_ms
from tokencoach.sources.gathering import Gathering
from tokencoach.sources.llama_timings import Loaded, TimingState, elapsed_ms, has_timing, lines_of, take
from tokencoach.sources.server_runs import LedLogs, Served, tell

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tokencoach.sources.base import LogsHome
    from tokencoach.usage.facts import Facts

_VERSION: Final = 1
_TAIL_BYTES: Final = 4096
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


class ServerState(msgspec.Struct):
    """What is carried from chunk to chunk of one log."""

    version: int = 0
    timing: TimingState = msgspec.field(default_factory=TimingState)
    run: str = ""


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
            if has_timing(line):
                _line(into, carried, line, file)
        return into.finish(), _CARRIER.dump(carried)


def _line(into: Gathering, state: ServerState, line: bytes, file: LogFile) -> None:
    told = take(state.timing, line)
    if isinstance(told, Loaded):
        state.run = ""
    elif told is not None:
        since = elapsed_ms(line) if file.began_ms else None
        at_ms = file.modified_ms if since is None else file.began_ms + since
        if not at_ms:
            return
        served = Served(
            told.key,
            at_ms,
            state.timing.model,
            told.fresh,
            told.cached,
            told.output,
            told.prompt_ms,
            told.output_ms,
            is_timed=since is not None,
        )
        state.run = tell(into, state.run, served, state.timing.build)


def _began_ms(path: Path, written_ms: int) -> int:
    """When the server began: the log's last line was written at ``written_ms``, and says how long after."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - _TAIL_BYTES))
            lines = file.read(_TAIL_BYTES).split(b"\n")
    except OSError:
        return 0
    since = next((found for line in reversed(lines) if (found := elapsed_ms(line)) is not None), None)
    return max(0, written_ms - since) if since is not None else 0
