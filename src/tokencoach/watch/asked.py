"""What the calls of a turn were asked to do, read from the assistant's own log when someone looks; nothing is kept."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec

from tokencoach import paths
from tokencoach.sources.asked import asked_in
from tokencoach.sources.base import LogFile, Scanning, Shape
from tokencoach.store.log_rows import logs_of
from tokencoach.usage.redact import redacted
from tokencoach.watch.keying import key_of
from tokencoach.watch.reading import sources_by_name
from tokencoach.watch.tail import chunks, open_log

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tokencoach.store.log_rows import LogPlace
    from tokencoach.store.reader import Reader
    from tokencoach.store.trace_rows import CallStep

_SHAPES: Final = {".jsonl": Shape.LINES, ".json": Shape.DOCUMENT}
_BUDGET_S: Final = 1.0
_MOST_BYTES: Final = 32 << 20
_DOCUMENT_BYTES: Final = 16 << 20


class AskedOf(NamedTuple):
    """What a call was asked to do, without secrets: a command or the words it was about; ``where`` for people."""

    text: str
    where: str
    is_command: bool


def asked_of(reader: Reader, session: int, turn: int, calls: Sequence[CallStep]) -> dict[int, AskedOf]:
    """What some calls of a session's turn were asked to do, by their keys; none where no log tells it.

    Reading ends after a second, or 32 MiB of each log: what was not found until then is not told.
    """
    sought = {call.key for call in calls}
    agents = {call.agent for call in calls if call.agent is not None}
    found: dict[int, AskedOf] = {}
    deadline = time.monotonic() + _BUDGET_S
    for place in logs_of(reader.connection, session, turn, agents):
        where = paths.shown(place.path)
        try:
            for record in _records(place):
                for asked in asked_in(record):
                    key = key_of(place.source, "call", asked.call_id)
                    if key in sought:
                        found.setdefault(key, AskedOf(redacted(asked.text), where, asked.is_command))
                if len(found) == len(sought) or time.monotonic() > deadline:
                    return found
        except OSError:
            # A log that is gone tells nothing: the calls keep the names of their tools.
            continue
    return found


def _records(place: LogPlace) -> Iterator[Any]:
    """The decoded records of a log from a turn on; what holds no JSON has none, a damaged line is passed over."""
    file = _log_file(place.source, paths.on_disk(place.path))
    if file is None:
        return
    with open_log(file.path, file.compressed) as handle:
        if file.shape is Shape.DOCUMENT:
            yield from _decoded(handle.read(_DOCUMENT_BYTES))
            return
        for chunk in chunks(handle, place.offset):
            for line in chunk.lines.splitlines():
                yield from _decoded(line)
            if chunk.end - place.offset > _MOST_BYTES:
                return


def _log_file(source: str, path: str) -> LogFile | None:
    """How a log is opened; None of a database, or of a text that is no JSON."""
    known = sources_by_name().get(source)
    if isinstance(known, Scanning):
        return known.log_file(path)
    shape = _SHAPES.get(Path(path).suffix)
    return None if shape is None else LogFile(Path(path), shape=shape)


def _decoded(text: bytes) -> Iterator[Any]:
    try:
        yield msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return
