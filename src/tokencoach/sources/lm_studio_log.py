"""The log of LM Studio's server: prose with JSON over many lines, and what its engine measured.

Only numbers and names at the outer levels of an answer are looked at; what was asked and answered is
passed over, and never carried on. A streamed answer is logged without its tokens: they stand only in
the engine's own lines before its end, of which there were three kinds so far.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import msgspec

from tokencoach.sources.decoding import digest64
from tokencoach.sources.fields import amount, count, decoded, moment_ms, record, text
from tokencoach.sources.instants import ms_of
from tokencoach.sources.llama_timings import Done, TimingState, has_timing, take
from tokencoach.sources.server_runs import Served, tell

if TYPE_CHECKING:
    from tokencoach.sources.gathering import Gathering

# Files have brackets around the instant; what is copied from the window has none, and breaks behind the level.
_HEAD: Final = re.compile(
    rb"\[?(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)\]?\s{0,3}\[\s*[A-Z]{3,8}\s*\](.{0,400})", re.DOTALL
)
_SAID: Final = re.compile(rb"\s*((?:\[[^\]]{1,200}\]\s*){0,4})(.{0,200})", re.DOTALL)
_TAG: Final = re.compile(rb"\[([^\]]{1,200})\]")
_FIELD: Final = re.compile(rb'( {2}| {4}|\t{1,2})"(\w{1,40})": (.{1,300}?),?\s*$')
_NUMBERS: Final = frozenset(
    {
        "prompt_tokens",
        "completion_tokens",
        "input_tokens",
        "output_tokens",
        "cached_tokens",
        "generation_time",
        "time_to_first_token",
        "created",
    }
)
_NAMES: Final = frozenset({"id", "model"})
_SERVER: Final = "LM STUDIO SERVER"
_BEGINS: Final = (b"Running chat completion", b"Running completion", b"Running text completion")
_ENDS: Final = (b"Finished streaming response", b"Finished response")
_INLINE: Final = re.compile(rb"\{.*\}\s*$")
_DONE: Final = re.compile(
    rb"(?:\d\d:\d\d:\d\d )?Done \S{1,3} input ([\d,]{1,15}) \S{1,3} cached ([\d,]{1,15}) \S{1,3} "
    rb"output ([\d,]{1,15})(?:.*? TTFT ([\d.]{1,9})(ms|s)\b)?(?:.*? ([\d.]{1,9}) tok/s)?"
)
_TOTAL: Final = re.compile(rb"\s*(?:Total prompt tokens: |Cache reuse summary: \d{1,12}/)(\d{1,12})")
_RESTORED: Final = re.compile(
    rb"\s*Prompt cache restore: cached_tokens=(\d{1,12}) uncached_tokens=(\d{1,12})"
)
_MOST_KEPT: Final = 8
_STALE_MS: Final = 5_000


class Answer(msgspec.Struct):
    """What is known of the answer being read."""

    numbers: dict[str, float] = msgspec.field(default_factory=dict)
    names: dict[str, str] = msgspec.field(default_factory=dict)
    is_open: bool = False


class Measured(msgspec.Struct, array_like=True):
    """What the engine measured of a request whose end was not read yet."""

    key: str
    at_ms: int
    fresh: int
    cached: int
    output: int
    prompt_ms: float = 0.0
    output_ms: float = 0.0


class ServerState(msgspec.Struct):
    """What is carried from chunk to chunk of one log. ``begun`` are requests of which no end was read.

    ``prompt`` is the length of the prompt being read and what of it was in the cache (-1: not told).
    """

    version: int = 0
    at_ms: int = 0
    begun: int = 0
    begun_ms: int = 0
    number: int = 0
    run: str = ""
    model: str = ""
    is_headed: bool = False
    answer: Answer = msgspec.field(default_factory=Answer)
    timing: TimingState = msgspec.field(default_factory=TimingState)
    measured: list[Measured] = msgspec.field(default_factory=list)
    told: list[str] = msgspec.field(default_factory=list)
    prompt: tuple[int, int] = (-1, -1)


class LogReading:
    """Reads the lines of one log; ``state`` is changed on the way."""

    def __init__(self, into: Gathering, state: ServerState) -> None:
        self._into = into
        self._state = state

    def line(self, line: bytes) -> None:
        """One line: the head of an entry, or what stands below it."""
        state = self._state
        if head := _HEAD.match(line):
            self._close()
            self._instant(head)
            state.is_headed = not head[3].strip()
            self._entry(head[3], line)
        elif state.is_headed and line.strip():
            state.is_headed = False
            self._entry(line, line)
        elif state.answer.is_open:
            if line.rstrip() == b"}":
                self._close()
            elif field := _FIELD.match(line):
                value = decoded(field[3].decode("utf-8", "replace"), self._into.odd)
                _note(state.answer, field[2].decode(), value)
        else:
            self._engine(line)

    def _instant(self, head: re.Match[bytes]) -> None:
        try:
            # Written without a zone, in that of the computer.
            at_ms = ms_of(datetime.fromisoformat(f"{head[1].decode()} {head[2].decode()}").astimezone())
        except (ValueError, OverflowError, OSError):
            return
        self._state.at_ms = at_ms or self._state.at_ms

    def _entry(self, entry: bytes, line: bytes) -> None:
        """What an entry says, behind tags of which one may be the model's name."""
        state, parts = self._state, _SAID.match(entry)
        if parts is None or not state.at_ms:
            return
        tags, said = [tag.decode("utf-8", "replace") for tag in _TAG.findall(parts[1])], parts[2]
        model = next((tag for tag in tags if tag != _SERVER), "")
        if said.startswith(_BEGINS):
            self._stale()
            state.model = model or state.model
            state.begun, state.begun_ms = state.begun + 1, state.at_ms
        elif said.startswith((b"Generated prediction", b"Generated packet")):
            state.model = model or state.model
            self._answer(said, line)
        elif said.startswith(_ENDS):
            self._ended(model or state.model, line)
        elif not tags and (done := _DONE.match(said)):
            self._measured(_summed(done, line, state.at_ms))
        else:
            self._engine(said)

    def _answer(self, said: bytes, line: bytes) -> None:
        self._state.answer = Answer(is_open=True)
        if inline := _INLINE.search(line):
            _note_whole(
                self._state.answer, record(decoded(inline[0].decode("utf-8", "replace"), self._into.odd))
            )
            self._close()
        elif not line.rstrip().endswith(b"{"):
            # What was said is hidden by a setting.
            self._state.answer = Answer()
            if said.startswith(b"Generated prediction"):
                self._ended(self._state.model, line)

    def _engine(self, line: bytes) -> None:
        """A line of the engine itself."""
        state = self._state
        if told := _TOTAL.match(line):
            state.prompt = (int(told[1]), -1)
        elif told := _RESTORED.match(line):
            state.prompt = (int(told[1]) + int(told[2]), int(told[1]))
        elif has_timing(line) and isinstance(done := take(state.timing, line), Done):
            total = state.prompt[0]
            cached = done.cached or max(0, total - done.fresh)
            self._measured(Measured(done.key, state.at_ms, done.fresh, cached, *done[3:6]))

    def _measured(self, one: Measured) -> None:
        state = self._state
        if one.key in state.told:
            return
        state.measured = [other for other in state.measured if other.key != one.key][-_MOST_KEPT:]
        state.measured.append(one)

    def _stale(self) -> None:
        """Answers broken off leave no line of their end."""
        state = self._state
        for one in list(state.measured):
            if one.at_ms < state.at_ms - _STALE_MS:
                state.measured.remove(one)
                self._tell(one, one.at_ms, state.model)

    def _ended(self, model: str, line: bytes) -> None:
        """The end of an answer without its counts: the engine's are taken, where there are some."""
        state = self._state
        if state.measured:
            self._tell(state.measured.pop(), state.at_ms, model)
        elif state.begun:
            state.begun -= 1
            state.number += 1
            key = f"{digest64(line) & 0xFFFFFFFFFFFFFFFF:016x}-{state.begun_ms}-{state.number}"
            spent = float(max(0, state.at_ms - state.begun_ms))
            unknown = Served(key, state.at_ms, model, output_ms=spent, has_counts=False)
            state.run = tell(self._into, state.run, unknown)

    def _tell(self, one: Measured, at_ms: int, model: str) -> None:
        state = self._state
        state.begun, state.prompt = max(0, state.begun - 1), (-1, -1)
        state.told = [*state.told[1 - _MOST_KEPT :], one.key]
        counts = (one.fresh, one.cached, one.output, one.prompt_ms, one.output_ms)
        state.run = tell(self._into, state.run, Served(one.key, at_ms, model, *counts))

    def _close(self) -> None:
        """The end of an answer: where it told its tokens, it is a request."""
        state = self._state
        answer, state.answer = state.answer, Answer()
        told = answer.numbers
        sent = count(told.get("prompt_tokens", told.get("input_tokens")))
        output = count(told.get("completion_tokens", told.get("output_tokens")))
        if not answer.is_open or not (sent or output) or not state.at_ms:
            return
        engine = self._engine_of(sent, output)
        prompt_ms = told["time_to_first_token"] * 1000 if "time_to_first_token" in told else engine.prompt_ms
        output_ms = told["generation_time"] * 1000 if "generation_time" in told else engine.output_ms
        cached = min(sent, count(told["cached_tokens"]) if "cached_tokens" in told else engine.cached)
        name = answer.names.get("id") or f"{state.at_ms}"
        model = answer.names.get("model") or state.model
        counts = (sent - cached, cached, output, prompt_ms, output_ms)
        state.begun, state.prompt = max(0, state.begun - 1), (-1, -1)
        state.run = tell(
            self._into, state.run, Served(f"{name}:{sent}:{output}", state.at_ms, model, *counts)
        )

    def _engine_of(self, sent: int, output: int) -> Measured:
        """What the engine measured of the answer with these counts."""
        state = self._state
        for one in reversed(state.measured):
            if one.output == output or one.fresh + one.cached == sent:
                state.measured.remove(one)
                state.told = [*state.told[1 - _MOST_KEPT :], one.key]
                reused = max(0, sent - one.fresh)
                return Measured(one.key, 0, 0, reused, 0, one.prompt_ms, one.output_ms)
        cached = state.prompt[1] if state.prompt[0] == sent else 0
        return Measured("", 0, 0, max(0, cached), 0)


def _summed(done: re.Match[bytes], line: bytes, at_ms: int) -> Measured:
    """The one line in which the newest engine sums a request up."""
    sent, cached, output = (count(int(done[number].replace(b",", b"") or 0)) for number in (1, 2, 3))
    cached = min(sent, cached)
    first = _number(done[4]) * (1000 if done[5] == b"s" else 1)
    rate = _number(done[6])
    key = f"{digest64(line) & 0xFFFFFFFFFFFFFFFF:016x}-{at_ms}"
    return Measured(key, at_ms, sent - cached, cached, output, first, output / rate * 1000 if rate else 0.0)


def _number(digits: bytes | None) -> float:
    try:
        return float(digits or 0)
    except ValueError:
        return 0.0


def _note_whole(answer: Answer, told: dict[str, Any]) -> None:
    usage, stats = record(told.get("usage")), record(told.get("stats"))
    for key, value in {**told, **usage, **record(usage.get("prompt_tokens_details")), **stats}.items():
        _note(answer, key, value)


def _note(answer: Answer, key: str, value: Any) -> None:
    if key in _NUMBERS and (number := amount(value) if key != "created" else None) is not None:
        answer.numbers[key] = number
    elif key == "created" and isinstance(value, int) and not isinstance(value, bool):
        answer.numbers[key] = float(moment_ms(value) or 0)
    elif key in _NAMES and (name := text(value)):
        answer.names[key] = name[:200]
