"""vLLM: its log tells a rate of tokens every few seconds, and each request it has answered.

No line tells the tokens of one request. What the rates of a stretch amount to is shared evenly
among the requests that ended in it, and marked as estimated.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

import msgspec

from tokencoach.sources.base import LogFile
from tokencoach.sources.carried import Carrier
from tokencoach.sources.decoding import digest64
from tokencoach.sources.discovery import modified_ms
from tokencoach.sources.gathering import Gathering
from tokencoach.sources.instants import ms_of
from tokencoach.sources.llama_timings import file_model, lines_of
from tokencoach.sources.server_runs import LedLogs, Served, tell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tokencoach.sources.base import LogsHome
    from tokencoach.usage.facts import Facts

_VERSION: Final = 2
_STAMP: Final = re.compile(rb"[A-Z]{4,8} (?:(\d{4})-)?(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)")
_RATES: Final = re.compile(
    rb"Avg prompt throughput: (\d{1,9}\.\d+) tokens/s, Avg generation throughput: (\d{1,9}\.\d+) tokens/s"
    rb"(?:, Running: (\d{1,6}) reqs)?"
)
_ACCESS: Final = re.compile(
    rb'"POST (?:/\w{1,40}){0,3}/v1/(?:chat/completions|completions|responses|messages|embeddings) HTTP/[\d.]+" '
    rb"(\d{3})"
)
_NAMED: Final = re.compile(rb"served_model_name='?([^',\s\]]{1,300})")
_MODEL: Final = re.compile(rb"(?:model='|Loading model (?:weights )?from )([^',\s\]]{1,300})")
_STARTED: Final = re.compile(rb"vLLM API server version (\S{1,40})")
_OLDER: Final = b"CPU KV cache usage"
_LONGEST_S: Final = 120
_USUAL_S: Final = 10


class VllmState(msgspec.Struct):
    """What is carried from chunk to chunk of one log: the tokens and requests since the last shared out.

    ``every_s`` is how often the server tells its rates; ``is_busy`` whether the last ones were above zero.
    """

    version: int = 0
    at_ms: int = 0
    rated_ms: int = 0
    every_s: float = _USUAL_S
    is_busy: bool = False
    prompt: float = 0.0
    output: float = 0.0
    ended: int = 0
    busy_ms: float = 0.0
    model: str = ""
    release: str = ""
    run: str = ""


_CARRIER: Final = Carrier(VllmState, _VERSION)


class Vllm(LedLogs):
    """vLLM's server, wherever a shell led its output."""

    name = "vllm"
    own = (".vllm/logs", ".cache/vllm/logs", ".local/state/vllm")
    shared = ("", "logs", ".logs")
    word = "vllm"

    def files(self, home: LogsHome) -> Iterator[LogFile]:
        """Every log, those that the settings name first."""
        for path in self.paths(home):
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
        """Facts of whole lines."""
        into, carried = Gathering(with_edits=with_edits), _CARRIER.load(state)
        carried.version = _VERSION
        for line, _ in lines_of(chunk, base_offset):
            _line(into, carried, line, file)
        return into.finish(), _CARRIER.dump(carried)


def _line(into: Gathering, state: VllmState, line: bytes, file: LogFile) -> None:
    if stamp := _STAMP.search(line, 0, 120):
        state.at_ms = _instant_ms(stamp, file.modified_ms) or state.at_ms
    if (access := _ACCESS.search(line)) and access[1] == b"200":
        state.ended += 1
    elif (rates := _RATES.search(line)) and state.at_ms:
        _rated(into, state, rates)
    elif started := _STARTED.search(line):
        fresh = VllmState(_VERSION, state.at_ms, release=started[1].decode("utf-8", "replace"))
        for name in state.__struct_fields__:
            setattr(state, name, getattr(fresh, name))
    elif not state.model and (model := _NAMED.search(line) or _MODEL.search(line)):
        state.model = file_model(model[1].decode("utf-8", "replace"))


def _rated(into: Gathering, state: VllmState, rates: re.Match[bytes]) -> None:
    """What a rate amounts to belongs to the requests that ended since the one before it."""
    spent_s = _spent_s(state, is_older=_OLDER in rates.string)
    prompt, output = float(rates[1]) * spent_s, float(rates[2]) * spent_s
    state.rated_ms, state.is_busy = state.at_ms, bool(prompt or output)
    state.prompt += prompt
    state.output += output
    state.busy_ms += spent_s * 1000 if prompt or output else 0.0
    # Of streamed answers the access line stands at their beginning.
    running = int(rates[3] or 0)
    ended = state.ended - running
    if ended <= 0:
        return
    sent, made = round(state.prompt), round(state.output)
    for number in range(ended):
        served = Served(
            f"{digest64(rates[0]) & 0xFFFFFFFFFFFFFFFF:016x}-{state.at_ms}-{number}",
            state.at_ms,
            state.model,
            _share(sent, number, ended),
            0,
            _share(made, number, ended),
            output_ms=state.busy_ms / ended,
            has_counts=bool(sent or made),
            is_estimated=True,
        )
        state.run = tell(into, state.run, served, state.release)
    state.prompt = state.output = state.busy_ms = 0.0
    state.ended = running


def _spent_s(state: VllmState, *, is_older: bool) -> float:
    """How long a rate holds: the time since the last look, not since the last line.

    A server without work looks as often as ever, and after one line of zeros says nothing. Older
    ones looked only when they wrote.
    """
    gap_s = (state.at_ms - state.rated_ms) / 1000 if state.rated_ms else 0.0
    if not 0 < gap_s <= _LONGEST_S:
        return state.every_s
    if is_older or gap_s <= state.every_s * 1.5:
        return gap_s
    if state.is_busy:
        state.every_s = gap_s
    return state.every_s


def _share(total: int, number: int, parts: int) -> int:
    return total * (number + 1) // parts - total * number // parts


def _instant_ms(stamp: re.Match[bytes], written_ms: int) -> int | None:
    """A line names no year and no zone: the latest year that is not after the file's last writing."""
    month, day, hour, minute, second = (int(stamp[number]) for number in range(2, 7))
    try:
        if stamp[1]:
            return ms_of(datetime(int(stamp[1]), month, day, hour, minute, second).astimezone())
        written = datetime.fromtimestamp(written_ms / 1000).astimezone() + timedelta(days=1)
        for year in range(written.year, written.year - 5, -1):
            try:
                moment = datetime(year, month, day, hour, minute, second).astimezone()
            except ValueError:
                continue
            if moment <= written:
                return ms_of(moment)
    except (ValueError, OverflowError, OSError):
        return None
    return None
