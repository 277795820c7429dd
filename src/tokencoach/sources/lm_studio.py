"""LM Studio: its server's log, and the chats of its own window.

The server's log is prose with JSON over many lines in between. Only numbers and names at the outer
levels of an answer are looked at; what was asked and answered is passed over, and never carried on.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import msgspec

from tokencoach.sources.base import LogFile, Shape
from tokencoach.sources.carried import Carrier
from tokencoach.sources.decoding import digest64
from tokencoach.sources.discovery import files_below
from tokencoach.sources.fields import amount, count, decoded, first_text, moment_ms, record, records, text
from tokencoach.sources.gathering import Gathering
from tokencoach.sources.lines import whole
from tokencoach.sources.llama_timings import lines_of
from tokencoach.sources.server_runs import UNKNOWN_MODEL, Served, named_logs, tell
from tokencoach.usage.facts import RequestSeen

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tokencoach.sources.base import LogsHome
    from tokencoach.usage.facts import Facts

_VERSION: Final = 1
_HEAD: Final = re.compile(
    rb"\[(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)\]\[\s*[A-Z]+\s*\]\s*(?:\[([^\]]{1,200})\])?(.{0,120})"
)
_TAG: Final = re.compile(rb"\[([^\]]{1,200})\]\s*")
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
_INLINE: Final = re.compile(rb"\{.*\}\s*$")


class Answer(msgspec.Struct):
    """What is known of the answer being read."""

    numbers: dict[str, float] = msgspec.field(default_factory=dict)
    names: dict[str, str] = msgspec.field(default_factory=dict)
    is_open: bool = False


class ServerState(msgspec.Struct):
    """What is carried from chunk to chunk of one log. ``begun`` are requests of which no end was read."""

    version: int = 0
    at_ms: int = 0
    begun: int = 0
    begun_ms: int = 0
    number: int = 0
    run: str = ""
    model: str = ""
    answer: Answer = msgspec.field(default_factory=Answer)


_CARRIER: Final = Carrier(ServerState, _VERSION)


class LmStudio:
    """LM Studio, by the logs of its server and the chats of its window."""

    name = "lm-studio"

    def roots(self, home: LogsHome) -> list[Path]:
        """The folders of its logs and chats, at its old place too, or where its pointer file says."""
        bases = [home.folder / ".lmstudio", home.folder / ".cache" / "lm-studio"]
        try:
            told = (home.folder / ".lmstudio-home-pointer").read_text("utf-8", "replace").strip()
        except OSError:
            told = ""
        if told and "\0" not in told and (home.folder / told).is_relative_to(home.folder):
            bases.insert(0, home.folder / told)
        return [base / name for base in dict.fromkeys(bases) for name in ("server-logs", "conversations")]

    def files(self, home: LogsHome) -> Iterator[LogFile]:
        """Every server log and every chat."""
        roots = self.roots(home)
        logs = [*named_logs(home, self.name), *files_below(roots[::2], lambda name: name.endswith(".log"))]
        for path in dict.fromkeys(logs):
            yield LogFile(path, None, path.stem)
        for path in files_below(roots[1::2], lambda name: name.endswith(".conversation.json")):
            yield LogFile(path, None, path.name.removesuffix(".conversation.json"), shape=Shape.DOCUMENT)

    def read(
        self,
        chunk: bytes,
        state: bytes,
        file: LogFile,
        base_offset: int,
        *,
        with_edits: bool = True,
    ) -> tuple[Facts, bytes]:
        """Facts of whole lines of a server's log, or of one chat."""
        into = Gathering(with_edits=with_edits)
        if file.shape is Shape.DOCUMENT:
            _chat(into, whole(into, chunk), file)
            return into.finish(), state
        carried = _CARRIER.load(state)
        carried.version = _VERSION
        for line, _ in lines_of(chunk, base_offset):
            _line(into, carried, line)
        return into.finish(), _CARRIER.dump(carried)


def _line(into: Gathering, state: ServerState, line: bytes) -> None:
    head = _HEAD.match(line)
    if head is not None:
        _close(into, state)
        _head(into, state, head, line)
    elif state.answer.is_open:
        if line.rstrip() == b"}":
            _close(into, state)
        elif field := _FIELD.match(line):
            _note(state.answer, field[2].decode(), decoded(field[3].decode("utf-8", "replace"), into.odd))


def _head(into: Gathering, state: ServerState, head: re.Match[bytes], line: bytes) -> None:
    try:
        moment = datetime.fromisoformat(f"{head[1].decode()} {head[2].decode()}")
        # Written without a zone, in that of the computer.
        state.at_ms = int(moment.astimezone().timestamp() * 1000)
    except (ValueError, OverflowError, OSError):
        return
    tag = head[3].decode("utf-8", "replace") if head[3] else ""
    said = head[4].strip()
    if inner := _TAG.match(said):
        # Newer ones put the model behind the server's own tag.
        tag, said = inner[1].decode("utf-8", "replace"), said[inner.end() :]
    if tag and tag != _SERVER:
        state.model = tag
    if said.startswith((b"Running chat completion", b"Running completion", b"Running text completion")):
        state.begun, state.begun_ms = state.begun + 1, state.at_ms
    elif said.startswith((b"Generated prediction", b"Generated packet")):
        state.answer = Answer(is_open=True)
        if inline := _INLINE.search(line, head.start(4)):
            _note_whole(state.answer, record(decoded(inline[0].decode("utf-8", "replace"), into.odd)))
            _close(into, state)
    elif said.startswith((b"Finished streaming response", b"Finished response")) and state.begun:
        state.begun -= 1
        state.number += 1
        key = f"{digest64(line) & 0xFFFFFFFFFFFFFFFF:016x}-{state.begun_ms}-{state.number}"
        spent = float(max(0, state.at_ms - state.begun_ms))
        unknown = Served(key, state.at_ms, state.model, output_ms=spent, has_counts=False)
        state.run = tell(into, state.run, unknown)


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


def _close(into: Gathering, state: ServerState) -> None:
    """The end of an answer: where it told its tokens, it is a request."""
    answer, state.answer = state.answer, Answer()
    told = answer.numbers
    sent = count(told.get("prompt_tokens", told.get("input_tokens")))
    output = count(told.get("completion_tokens", told.get("output_tokens")))
    if not answer.is_open or not (sent or output) or not state.at_ms:
        return
    state.begun = max(0, state.begun - 1)
    cached = min(sent, count(told.get("cached_tokens")))
    first, spent = told.get("time_to_first_token", 0.0), told.get("generation_time", 0.0)
    name = answer.names.get("id") or f"{state.at_ms}"
    served = Served(
        f"{name}:{sent}:{output}",
        state.at_ms,
        answer.names.get("model") or state.model,
        sent - cached,
        cached,
        output,
        first * 1000,
        spent * 1000,
    )
    state.run = tell(into, state.run, served)


def _chat(into: Gathering, content: Any, file: LogFile) -> None:
    """A chat in the application's own window: its answers with their counts, nothing of what was said."""
    told = record(content)
    created = moment_ms(told.get("createdAt"))
    if created is None:
        into.unseen("chat without an instant")
        return
    session = file.name_hint
    last = moment_ms(told.get("assistantLastMessagedAt")) or created
    into.session(session, created, title=text(told.get("name")))
    for number, step in enumerate(_steps(told)):
        info = record(step.get("genInfo"))
        stats = record(info.get("stats"))
        sent, output = count(stats.get("promptTokensCount")), count(stats.get("predictedTokensCount"))
        if not (sent or output):
            continue
        stamp = str(step.get("stepIdentifier")).partition("-")[0]
        at_ms = moment_ms(stamp) if len(stamp) == 13 else None
        at_ms = at_ms or min(last, created + number)
        model = first_text(info, "identifier", "indexedModelIdentifier") or UNKNOWN_MODEL
        into.session(session, at_ms)
        into.request(
            RequestSeen(f"{session}:{number}", session, at_ms, model, sent, 0, 0, 0, output, 0)
        )  # fmt: skip


def _steps(told: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for message in records(told.get("messages")):
        for version in records(message.get("versions")):
            yield from records(version.get("steps"))
