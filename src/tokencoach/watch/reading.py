"""One log file, from where it was left, into rows: the part that may run in another process."""

from __future__ import annotations

import os
from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec

from tokencoach.clock import LATEST_MS
from tokencoach.sources.base import LogFile, Shape
from tokencoach.sources.drift import unknown_fields
from tokencoach.sources.registry import Sources
from tokencoach.store.foreign import ForeignError
from tokencoach.store.keyed import FileCursor, KeyedFacts
from tokencoach.usage.redact import redacted
from tokencoach.watch.keying import Keying
from tokencoach.watch.tail import (
    Chunk,
    chunks,
    fingerprints,
    is_continued,
    marks_after,
    most_unpacked,
    open_log,
    stat_key,
)
from tokencoach.watch.whole import content_of, digest_of, load_marks, row_chunks, settled, state_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import IO

    from tokencoach.sources.base import Source
    from tokencoach.usage.facts import Facts


_LONGEST = 200


class ReadTask(msgspec.Struct, frozen=True):
    """What to read: a file of a source, how far it was read, and what may be kept of it."""

    source: str
    file: LogFile
    cursor: FileCursor | None
    with_edits: bool
    keep_prompts: bool
    keep_text: bool


class ReadPart(msgspec.Struct):
    """One chunk read. ``is_restart`` says that the file is read from its beginning (again)."""

    cursor: FileCursor
    facts: KeyedFacts
    bytes_read: int
    is_restart: bool = False


@lru_cache(maxsize=1)
def sources_by_name() -> Mapping[str, Source]:
    """Every source, built in or plugged in, by its name."""
    return Sources()


@lru_cache
def _keying(source: str, *, keep_prompts: bool, keep_text: bool) -> Keying:
    return Keying(source, keep_prompts=keep_prompts, keep_text=keep_text)


def read_log(task: ReadTask) -> Iterator[ReadPart]:
    """Everything new in one file, chunk by chunk. An unreadable file yields its problem, no exception."""
    if task.file.shape is not Shape.LINES:
        yield from _read_whole(task)
        return
    path = str(task.file.path)
    try:
        dev, inode, size, mtime_ns = stat_key(task.file.path)
        handle = open_log(task.file.path, task.file.compressed)
    except OSError as error:
        last = task.cursor or FileCursor(path, 0, 0, 0, 0)
        problem = f"cannot be read: {error.strerror or error}"
        yield ReadPart(msgspec.structs.replace(last, path=path, problem=problem), KeyedFacts(), 0)
        return
    now = FileCursor(path, dev, inode, size, mtime_ns, usage_only=not task.with_edits)
    last = task.cursor or now
    with handle:
        try:
            old = task.cursor
            goes_on = (
                old is not None
                and not (old.usage_only and task.with_edits)
                and is_continued(handle, old, size if task.file.compressed is None else old.offset)
            )
            if old is not None and goes_on:
                now.offset, now.head, now.tail, now.state = old.offset, old.head, old.tail, old.state
            last = now
            yield from _read_from(task, handle, now, is_restart=not goes_on)
        except OSError as error:
            # What was read before the disk or the network failed stays read.
            problem = f"cannot be read: {error.strerror or error}"
            yield ReadPart(msgspec.structs.replace(last, path=path, problem=problem), KeyedFacts(), 0)


def _read_from(task: ReadTask, handle: IO[bytes], now: FileCursor, *, is_restart: bool) -> Iterator[ReadPart]:
    reading = _Reading(task, now)
    is_untouched, is_whole = True, False
    for chunk in chunks(handle, now.offset):
        for facts, end in reading.read(chunk):
            length = end - now.offset
            now.offset = end
            is_all_of_it = length == chunk.end - chunk.base
            now.head, now.tail = (
                marks_after(handle, chunk, now.head) if is_all_of_it else fingerprints(handle, end)
            )
            is_whole = task.file.compressed is None and end == now.size
            # Without its size a file counts as changed: a process killed here leaves the rest to the next.
            cursor = msgspec.structs.replace(now, size=now.size if is_whole else -1)
            yield ReadPart(cursor, facts, length, is_restart and is_untouched)
            is_untouched = False
    if not is_whole:
        yield ReadPart(now, _beyond(task, handle, now), 0, is_restart and is_untouched)


def _beyond(task: ReadTask, handle: IO[bytes], now: FileCursor) -> KeyedFacts:
    """That an archive holds more than is unpacked of it."""
    most = most_unpacked(now.size)
    if task.file.compressed is None or handle.seek(0, os.SEEK_END) < most:
        return KeyedFacts()
    problem = f"the archive holds more than {most >> 20} MiB: the rest is not read"
    return KeyedFacts(quarantined=[(most, 0, problem)])


def _read_whole(task: ReadTask) -> Iterator[ReadPart]:
    """A document whose content is another than before, or the changed rows of a database."""
    path = str(task.file.path)
    old = task.cursor
    if old is not None and old.usage_only and task.with_edits:
        old = None
    try:
        now = FileCursor(path, *settled(state_of(task.file)), usage_only=not task.with_edits)
        if old is not None:
            now.offset, now.head, now.state = old.offset, old.head, old.state
        if task.file.shape is Shape.DOCUMENT:
            yield _read_document(task, now)
        else:
            yield from _read_rows(task, now)
    except (OSError, ForeignError) as error:
        last = task.cursor or FileCursor(path, 0, 0, 0, 0)
        reason = (error.strerror if isinstance(error, OSError) else None) or error
        cursor = msgspec.structs.replace(last, path=path, problem=f"cannot be read: {reason}")
        yield ReadPart(cursor, KeyedFacts(), 0)


def _read_document(task: ReadTask, now: FileCursor) -> ReadPart:
    content = content_of(task.file)
    digest = digest_of(content)
    if digest == now.head:
        return ReadPart(now, KeyedFacts(), 0)
    now.head, now.offset = digest, len(content)
    facts = _Reading(task, now).document(content)
    return ReadPart(now, facts, len(content), task.cursor is not None)


def _read_rows(task: ReadTask, now: FileCursor) -> Iterator[ReadPart]:
    is_restart = task.cursor is not None and not now.state
    marks = load_marks(now.state)
    reading = _Reading(task, now)
    for chunk in row_chunks(sources_by_name()[task.source], task.file, marks):
        now.state = marks.inner
        base = now.offset
        for facts, end in reading.read(Chunk(base, chunk, base + len(chunk))):
            length, now.offset = end - now.offset, end
            marks.inner = now.state
            # Without its size the database counts as changed until every row is read.
            state = msgspec.msgpack.encode(marks)
            cursor = msgspec.structs.replace(now, size=-1, state=state)
            yield ReadPart(cursor, facts, length, is_restart and base == 0)
    now.state = msgspec.msgpack.encode(marks)
    yield ReadPart(now, KeyedFacts(), 0)


class _Reading:
    """The source's state and keying of one file while its chunks are read."""

    def __init__(self, task: ReadTask, now: FileCursor) -> None:
        self._source = sources_by_name()[task.source]
        self._keying = _keying(task.source, keep_prompts=task.keep_prompts, keep_text=task.keep_text)
        self._task = task
        self._now = now

    def read(self, chunk: Chunk) -> Iterator[tuple[KeyedFacts, int]]:
        """Facts of a chunk and where it ends, in several parts where one line of it cannot be read."""
        if chunk.skipped is not None:
            skipped = chunk.skipped
            yield KeyedFacts(quarantined=[(skipped.offset, skipped.length, skipped.error)]), chunk.end
            return
        before = self._now.state
        try:
            facts, self._now.state = self._source.read(
                chunk.lines, before, self._task.file, chunk.base, with_edits=self._task.with_edits
            )
            keyed = self._keyed(facts, chunk.lines)
        except Exception as error:  # noqa: BLE001 - a source's fault must not stop the other lines and files
            self._now.state = before
            # The error's own words may quote the log.
            yield from self._narrowed(chunk, f"{type(error).__name__}: {redacted(str(error))[:_LONGEST]}")
            return
        yield keyed, chunk.end

    def _keyed(self, facts: Facts, content: bytes) -> KeyedFacts:
        for session in facts.sessions:
            # A session spans all its facts; no calendar, no sum of a day takes one that lies outside of it.
            if not 0 <= session.first_ms <= session.last_ms < LATEST_MS:
                raise ValueError(f"an instant out of range: {session.first_ms} to {session.last_ms}")
        keyed = self._keying.keyed(facts)
        is_document = self._task.file.shape is Shape.DOCUMENT
        keyed.fields = unknown_fields(self._task.source, content, is_document=is_document)
        return keyed

    def document(self, content: bytes) -> KeyedFacts:
        """Facts of a whole document; of one that the source chokes on, that it was not read."""
        before = self._now.state
        try:
            facts, self._now.state = self._source.read(
                content, before, self._task.file, 0, with_edits=self._task.with_edits
            )
            return self._keyed(facts, content)
        except Exception as error:  # noqa: BLE001 - a source's fault must not stop the other files
            self._now.state = before
            problem = f"{type(error).__name__}: {redacted(str(error))[:_LONGEST]}"
            return KeyedFacts(quarantined=[(0, len(content), problem)])

    def _narrowed(self, chunk: Chunk, problem: str) -> Iterator[tuple[KeyedFacts, int]]:
        """The halves of a chunk that met a fault, down to the one line that is to blame."""
        lines = chunk.lines
        cut = lines.find(b"\n", len(lines) // 2) + 1
        if cut in (0, len(lines)):
            cut = lines.rfind(b"\n", 0, len(lines) - 1) + 1
        if not cut:
            length = chunk.end - chunk.base
            yield KeyedFacts(quarantined=[(chunk.base, length, problem)]), chunk.end
            return
        middle = chunk.base + cut
        yield from self.read(Chunk(chunk.base, lines[:cut], middle))
        yield from self.read(Chunk(middle, lines[cut:], chunk.end))


def read_group(tasks: list[ReadTask]) -> list[list[ReadPart]]:
    """Several files at once, for a pool of processes."""
    return [list(read_log(task)) for task in tasks]
